#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace budget {

// What was admitted in the last stretch of time of a given length, to the nanosecond: what came at `t` counts
// from then on and before t + length. The length is the same in every call. Not thread-safe.
//
// What was admitted is kept one by one as long as that is at most half of `runs_max`. Beyond, what comes
// within a `runs_max / 2`-th of the length is kept as one run, which leaves when the last of it does: so much
// too late, and never too early. At most runs_max + 1 are kept.
class SlidingWindow {
 public:
  // Names what was admitted, to correct it later.
  using Number = std::uint64_t;

  std::uint64_t sum() const { return sum_; }
  bool empty() const { return head_ == runs_.size(); }
  std::size_t runs_held() const { return runs_.capacity(); }  // memory is taken for so many

  // Forgets what no longer counts. A time before the last one is taken for that one.
  void Expire(base::MonoTime now, std::chrono::nanoseconds length);

  // Admits an amount. REQUIRES: expired at `now`; runs_max at least 4.
  Number Add(base::MonoTime now, std::uint64_t amount, std::chrono::nanoseconds length, std::size_t runs_max);

  // Makes what was admitted more or less; what has left stays as it was. REQUIRES: not below nothing.
  void Correct(Number number, std::int64_t by);

  // How long after the latest time that was said no more than `most` is left of what is in it now: above 0,
  // at most `length`. REQUIRES: it is more than that, and expired.
  std::chrono::nanoseconds FallsIn(std::uint64_t most, std::chrono::nanoseconds length) const;

 private:
  struct Run {
    base::MonoTime last;  // when the newest of it came
    std::uint64_t amount;
  };

  void Compact();

  std::vector<Run> runs_;  // by time; those before head_ have left
  std::size_t head_ = 0;
  Number first_ = 0;               // the number of runs_[0]
  base::MonoTime newest_since_{};  // when the oldest of the newest run came
  base::MonoTime now_{};           // the latest that anybody has said
  std::uint64_t sum_ = 0;
};

}  // namespace budget
