#include "budget/window.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time_text.h"

namespace budget {
namespace {

using base::WallTime;
using Unit = Window::Unit;
using namespace std::chrono_literals;

constexpr Unit kUnits[] = {Unit::kHour, Unit::kDay, Unit::kWeek, Unit::kMonth, Unit::kQuarter};

WallTime At(std::string_view text) {
  return base::ParseTime(text).value();
}

base::TimeZone Zone(std::string_view name) {
  return base::TimeZone::Find(name).value();
}

Span Between(std::string_view start, std::string_view end) {
  return {At(start), At(end)};
}

TEST(WindowTest, AMonthIsOfTheClocksOfItsPlace) {
  const Window month = Window::Calendar(Unit::kMonth, Zone("Asia/Shanghai"));
  EXPECT_EQ(month.At(At("2026-11-30T15:59:59Z")), Between("2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z"));
  EXPECT_EQ(month.At(At("2026-11-30T16:00:00Z")), Between("2026-11-30T16:00:00Z", "2026-12-31T16:00:00Z"));
}

TEST(WindowTest, AWeekBeginsOnMonday) {
  const Window week = Window::Calendar(Unit::kWeek, {});
  EXPECT_EQ(week.At(At("2026-11-29T23:59:59Z")), Between("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"));
  EXPECT_EQ(week.At(At("2026-11-30T00:00:00Z")), Between("2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z"));
}

TEST(WindowTest, AQuarterHasThreeMonths) {
  const Window quarter = Window::Calendar(Unit::kQuarter, {});
  EXPECT_EQ(quarter.At(At("2026-12-31T23:59:59Z")), Between("2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z"));
  EXPECT_EQ(quarter.At(At("2026-05-31T00:00:00Z")), Between("2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z"));
}

TEST(WindowTest, ADayOnWhichClocksChangeIsAnHourShorterOrLonger) {
  const Window day = Window::Calendar(Unit::kDay, Zone("Europe/Berlin"));
  const Span spring = day.At(At("2026-03-29T12:00:00Z"));
  EXPECT_EQ(spring, Between("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"));
  const Span autumn = day.At(At("2026-10-25T12:00:00Z"));
  EXPECT_EQ(autumn, Between("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"));
}

TEST(WindowTest, AnHourThatClocksShowTwiceIsTwoHours) {
  const Window hour = Window::Calendar(Unit::kHour, Zone("Europe/Berlin"));
  EXPECT_EQ(hour.At(At("2026-10-25T00:30:00Z")), Between("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"));
  EXPECT_EQ(hour.At(At("2026-10-25T01:30:00Z")), Between("2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"));
}

TEST(WindowTest, AnHourEndsWhereClocksChangeInItsMiddle) {
  // Lord Howe Island changes by half an hour: at 02:00 the clocks are put back to 01:30.
  const Window hour = Window::Calendar(Unit::kHour, Zone("Australia/Lord_Howe"));
  const WallTime change = At("2026-04-04T15:00:00Z");
  EXPECT_EQ(hour.At(change - 1s), (Span{change - 1h, change}));
  EXPECT_EQ(hour.At(change + 1s), (Span{change, change + 30min}));
  EXPECT_EQ(hour.At(change + 40min), (Span{change + 30min, change + 90min}));
}

TEST(WindowTest, ADayThatBeginsTwiceBeginsTheFirstTime) {
  // In St. John's the clocks went back at 00:01 to 23:01 of the day before.
  const Window day = Window::Calendar(Unit::kDay, Zone("America/St_Johns"));
  const WallTime midnight = At("2010-11-07T02:30:00Z");
  EXPECT_EQ(day.At(midnight - 1s).end, midnight);
  EXPECT_EQ(day.At(midnight + 30s).start, midnight);
  EXPECT_EQ(day.At(midnight + 30min).start, midnight) << "it is yesterday again";
  EXPECT_EQ(day.At(midnight + 90min).start, midnight);
}

TEST(WindowTest, ADayThatIsLeftOutHasNoWindow) {
  // Samoa went from the 29th to the 31st.
  const Window day = Window::Calendar(Unit::kDay, Zone("Pacific/Apia"));
  const WallTime change = At("2011-12-30T10:00:00Z");
  EXPECT_EQ(day.At(change - 1s).end, change);
  EXPECT_EQ(day.At(change), (Span{change, change + 24h}));
}

TEST(WindowTest, EveryInstantIsInOneWindowAndWindowsFollowOnEachOther) {
  for (const std::string_view name :
       {"UTC", "+05:45", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns",
        "Pacific/Apia", "Asia/Shanghai", "Africa/Casablanca", "America/Havana", "Asia/Kathmandu"}) {
    const base::TimeZone zone = Zone(name);
    for (const Unit unit : kUnits) {
      SCOPED_TRACE(std::string(name) + " " + std::to_string(static_cast<int>(unit)));
      const Window window = Window::Calendar(unit, zone);
      base::Random random(static_cast<std::uint64_t>(unit) + 1);
      for (int i = 0; i < 300; ++i) {
        // 1990 to 2040, to the nanosecond.
        const WallTime at{631'152'000s + std::chrono::nanoseconds(static_cast<std::int64_t>(
                                             random.Below(1'577'836'800'000'000'000)))};
        const Span span = window.At(at);
        ASSERT_TRUE(span.Has(at)) << base::PrintTime(at);
        const std::int64_t within = static_cast<std::int64_t>(
            random.Below(static_cast<std::uint64_t>((span.end - span.start).count())));
        ASSERT_EQ(window.At(span.start + std::chrono::nanoseconds(within)), span) << base::PrintTime(at);
        ASSERT_EQ(window.At(span.end).start, span.end) << base::PrintTime(at);
        ASSERT_EQ(window.At(span.start - 1ns).end, span.start) << base::PrintTime(at);
      }
    }
  }
}

TEST(WindowTest, ASlotOfARollingWindowIsA64thOfIt) {
  const Window window = Window::Rolling(64min);
  const WallTime at = At("2026-11-30T12:00:30Z");
  const Span slot = window.At(at);
  EXPECT_TRUE(slot.Has(at));
  EXPECT_EQ(slot.end - slot.start, 1min);
  EXPECT_EQ(window.At(slot.end).start, slot.end);
  EXPECT_EQ(window.At(WallTime(-30s)), (Span{WallTime(-60s), WallTime(0s)}));
}

TEST(WindowTest, ASessionsWindowEndsWhenItHasBeenSilent) {
  const Window window = Window::Idle(30min);
  const WallTime at = At("2026-11-30T12:00:30Z");
  EXPECT_EQ(window.At(at), (Span{at, at + 30min}));
}

}  // namespace
}  // namespace budget
