#include "sim/told_clock.h"

#include <algorithm>

#include "base/check.h"

namespace sim {

base::WallTime ToldClock::WallNow() const {
  const std::optional<Told> told = told_.With([](const std::optional<Told>& now) { return now; });
  if (!told) return below_.WallNow();
  const std::chrono::nanoseconds passed = below_.Now() - told->since;
  // Where the calendar of nanoseconds would end it stands still.
  const std::chrono::nanoseconds most = base::WallTime::max() - told->wall;
  if (told->speed > 0 && passed > most / told->speed) return base::WallTime::max();
  return told->wall + passed * told->speed;
}

void ToldClock::Tell(base::WallTime time, std::int64_t speed) {
  CHECK(speed >= 0 && speed <= kClockSpeedMax);
  const Told told{.wall = time, .since = below_.Now(), .speed = speed};
  told_.With([&told](std::optional<Told>& now) { now = told; });
}

std::int64_t ToldClock::speed() const {
  return told_.With([](const std::optional<Told>& now) { return now ? now->speed : std::int64_t{1}; });
}

}  // namespace sim
