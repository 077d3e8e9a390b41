#include "sim/pace.h"

#include <cmath>
#include <cstdint>
#include <numbers>

namespace sim {

Pacer::Pacer(const Pace& pace, base::Random& random) : pace_(pace), random_(random), gap_ns_(0) {
  if (pace_.tokens_per_second > 0) gap_ns_ = 1e9 / pace_.tokens_per_second * Draw();
}

double Pacer::Draw() {
  if (pace_.jitter <= 0) return 1;
  // Box and Muller 1958.
  const double radius = std::sqrt(-2 * std::log(1 - random_.Uniform()));
  return std::exp(pace_.jitter * radius * std::cos(2 * std::numbers::pi * random_.Uniform()));
}

std::chrono::nanoseconds Pacer::FirstToken() {
  if (pace_.first_token.count() <= 0) return {};
  return std::chrono::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(pace_.first_token.count()) * Draw()));
}

std::chrono::nanoseconds Pacer::Gap() {
  if (gap_ns_ <= 0) return {};
  return std::chrono::nanoseconds(static_cast<std::int64_t>(gap_ns_ * Draw()));
}

}  // namespace sim
