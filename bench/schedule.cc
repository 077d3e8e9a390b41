#include "bench/schedule.h"

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>

#include "base/bytes.h"
#include "base/check.h"
#include "base/encoding.h"

namespace bench {
namespace {

constexpr std::size_t kPromptBytesMax = 16 * base::MiB;

std::uint64_t Nanoseconds(std::chrono::milliseconds span) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(span).count());
}

}  // namespace

base::Result<std::vector<Arrival>> ParsePlan(std::string_view text) {
  std::vector<Arrival> plan;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty()) continue;
    std::array<std::uint64_t, 3> fields{};
    bool good = true;
    for (std::uint64_t& field : fields) {
      const std::size_t blank = line.find(' ');
      const std::optional<std::uint64_t> value = base::ParseDecimal(line.substr(0, blank));
      good = good && value;
      field = value.value_or(0);
      line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
    }
    const std::uint64_t at_ns = fields[0] * 1'000;
    good =
        good && line.empty() && fields[1] <= kPromptBytesMax && (plan.empty() || at_ns >= plan.back().at_ns);
    if (!good) {
      return base::Fail(base::Code::kInvalid,
                        "plan line " + std::to_string(number) +
                            ": wants 'at_us prompt_bytes answer_chunks', times not falling");
    }
    plan.push_back(
        {.at_ns = at_ns, .index = plan.size(), .prompt_bytes = fields[1], .answer_chunks = fields[2]});
  }
  return plan;
}

base::Result<Schedule> Schedule::Make(const LoadOptions& options) {
  Schedule schedule(options);
  if (options.mode == LoadOptions::Mode::kPlan) {
    std::ifstream file(options.plan, std::ios::binary);
    if (!file) return base::Fail(base::Code::kNotFound, "cannot read the plan '" + options.plan + "'");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    base::Result<std::vector<Arrival>> plan = ParsePlan(text);
    if (!plan) return base::Fail(plan.error());
    schedule.plan_ = std::move(*plan);
  }
  schedule.next_ = schedule.Draw();
  return schedule;
}

Schedule::Schedule(const LoadOptions& options)
    : mode_(options.mode),
      gap_mean_ns_(1e9 / options.rate),
      step_ns_(static_cast<double>(Nanoseconds(options.ramp)) / static_cast<double>(options.connections)),
      count_(options.connections),
      end_ns_(Nanoseconds(options.warmup) + Nanoseconds(options.duration)),
      expect_chunks_(options.expect_chunks),
      random_(options.seed) {}

Arrival Schedule::Take() {
  CHECK(next_.has_value());
  const Arrival taken = *next_;
  next_ = Draw();
  return taken;
}

std::optional<Arrival> Schedule::Draw() {
  const std::size_t index = index_++;
  switch (mode_) {
    case LoadOptions::Mode::kClosed:
      return std::nullopt;
    case LoadOptions::Mode::kPlan:
      return index < plan_.size() ? std::optional(plan_[index]) : std::nullopt;
    case LoadOptions::Mode::kHold:
      if (index >= count_) return std::nullopt;
      return Arrival{.at_ns = static_cast<std::uint64_t>(step_ns_ * static_cast<double>(index)),
                     .index = index,
                     .answer_chunks = expect_chunks_};
    case LoadOptions::Mode::kOpen:
      clock_ns_ -= std::log(1.0 - random_.Uniform()) * gap_mean_ns_;
      if (clock_ns_ >= static_cast<double>(end_ns_)) return std::nullopt;
      return Arrival{
          .at_ns = static_cast<std::uint64_t>(clock_ns_), .index = index, .answer_chunks = expect_chunks_};
  }
  return std::nullopt;
}

}  // namespace bench
