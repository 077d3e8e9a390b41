#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/guarded.h"

namespace sim {

inline constexpr std::int64_t kClockSpeedMax = 1'000'000;

// A clock whose calendar can be told another time, and how fast it runs from there, so that a day of prices
// can be played in a minute. Until then it tells the time of the clock below it. Durations are always those
// of the clock below. Thread-safe if that one is.
class ToldClock final : public base::Clock {
 public:
  explicit ToldClock(const base::Clock& below) : below_(below) {}  // `below` outlives this

  base::MonoTime Now() const override { return below_.Now(); }
  base::WallTime WallNow() const override;

  // From now on it is `time`, and `speed` seconds pass in each; 0: it stands still. REQUIRES: 0 <= speed <=
  // kClockSpeedMax.
  void Tell(base::WallTime time, std::int64_t speed);
  std::int64_t speed() const;  // 1 until it is told another

 private:
  struct Told {
    base::WallTime wall;
    base::MonoTime since;
    std::int64_t speed = 1;
  };

  const base::Clock& below_;
  base::Guarded<std::optional<Told>> told_;
};

}  // namespace sim
