#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bench {
namespace {

// Every power of two above kLinear is cut into kPerOctave equal buckets.
constexpr int kOctaveBits = 7;
constexpr std::uint64_t kPerOctave = std::uint64_t{1} << kOctaveBits;
constexpr std::uint64_t kLinear = 2 * kPerOctave;
constexpr std::size_t kBuckets = kLinear + (64 - kOctaveBits - 1) * kPerOctave;

std::size_t BucketOf(std::uint64_t value) {
  if (value < kLinear) return value;
  const int shift = static_cast<int>(std::bit_width(value)) - kOctaveBits - 1;
  return static_cast<std::size_t>(shift) * kPerOctave + (value >> shift);
}

std::uint64_t UpperEnd(std::size_t bucket) {
  if (bucket < kLinear) return bucket;
  const std::uint64_t shift = bucket / kPerOctave - 1;
  const std::uint64_t lead = bucket - shift * kPerOctave;
  return (lead << shift) + ((std::uint64_t{1} << shift) - 1);
}

}  // namespace

Histogram::Histogram() : buckets_(kBuckets) {}

void Histogram::Record(std::uint64_t value) {
  ++buckets_[BucketOf(value)];
  ++count_;
  sum_ += static_cast<long double>(value);
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::Merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::Quantile(double fraction) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_));
  const auto rank = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::clamp(UpperEnd(i), min_, max_);
  }
  return max_;
}

std::uint64_t Histogram::Mean() const {
  return count_ == 0 ? 0 : static_cast<std::uint64_t>(sum_ / static_cast<long double>(count_));
}

}  // namespace bench
