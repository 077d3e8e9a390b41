#include "sim/told_clock.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr base::WallTime kNewYear = std::chrono::sys_days{std::chrono::year{2027} / 1 / 1};

TEST(ToldClockTest, TellsTheTimeOfTheClockBelowUntilItIsToldAnother) {
  base::FakeClock below;
  ToldClock clock(below);
  EXPECT_EQ(clock.WallNow(), below.WallNow());
  EXPECT_EQ(clock.speed(), 1);
  clock.Tell(kNewYear, 1);
  EXPECT_EQ(clock.WallNow(), kNewYear);
  below.Advance(3s);
  EXPECT_EQ(clock.WallNow(), kNewYear + 3s);
  EXPECT_EQ(clock.Now(), below.Now());
}

TEST(ToldClockTest, RunsAsFastAsItIsTold) {
  base::FakeClock below;
  ToldClock clock(below);
  clock.Tell(kNewYear, 3600);
  below.Advance(2s);
  EXPECT_EQ(clock.WallNow(), kNewYear + 2h);
  clock.Tell(clock.WallNow(), 0);
  below.Advance(1h);
  EXPECT_EQ(clock.WallNow(), kNewYear + 2h);
}

TEST(ToldClockTest, StandsStillWhereTheCalendarEnds) {
  base::FakeClock below;
  ToldClock clock(below);
  clock.Tell(base::WallTime::max() - 5s, 2);
  below.Advance(2s);
  EXPECT_EQ(clock.WallNow(), base::WallTime::max() - 1s);
  below.Advance(1s);
  EXPECT_EQ(clock.WallNow(), base::WallTime::max());
}

}  // namespace
}  // namespace sim
