#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "bench/load_options.h"

namespace bench {

struct Arrival {
  std::uint64_t at_ns = 0;  // since the start of the run
  std::size_t index = 0;
  std::size_t prompt_bytes = 0;     // plan only
  std::uint64_t answer_chunks = 0;  // expected of a stream; 0: any number
};

// When requests are to be sent in the open modes, in order of time. Decided before the first answer is seen,
// so that a slow gateway cannot slow the questions down.
class Schedule {
 public:
  // Errors: kNotFound, kInvalid from the plan file.
  static base::Result<Schedule> Make(const LoadOptions& options);

  // The next arrival, nothing when there is none left. Peek does not take it.
  const std::optional<Arrival>& Peek() const { return next_; }
  Arrival Take();

 private:
  explicit Schedule(const LoadOptions& options);
  std::optional<Arrival> Draw();

  LoadOptions::Mode mode_;
  double gap_mean_ns_;
  double step_ns_;
  std::size_t count_;
  std::uint64_t end_ns_;
  std::uint64_t expect_chunks_;
  base::Random random_;
  double clock_ns_ = 0;
  std::size_t index_ = 0;
  std::vector<Arrival> plan_;
  std::optional<Arrival> next_;
};

// The arrivals of a plan file's text. Errors: kInvalid with the line.
base::Result<std::vector<Arrival>> ParsePlan(std::string_view text);

}  // namespace bench
