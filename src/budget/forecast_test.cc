#include "budget/forecast.h"

#include <gtest/gtest.h>

namespace budget {
namespace {

using namespace std::chrono;
using base::Int128;
using base::WallTime;

WallTime At(year_month_day day, hours hour = hours(0), minutes minute = minutes(0)) {
  return WallTime(sys_days(day)) + hour + minute;
}

const base::TimeZone kUtc;
constexpr year_month_day kMonday = 2026y / November / 2;  // four whole weeks before the 30th

// So much in each hour from 8 to 18 on working days.
HourlySpend OfficeHours(Int128 each, WallTime until) {
  HourlySpend past{.since = At(kMonday), .hours = {}};
  for (WallTime hour = past.since; hour < until; hour += hours(1)) {
    const auto day = floor<days>(hour);
    const unsigned weekday = std::chrono::weekday(day).iso_encoding();
    const auto of_day = (hour - day) / hours(1);
    if (weekday <= 5 && of_day >= 8 && of_day < 18) past.hours.emplace_back(hour, each);
  }
  return past;
}

TEST(ForecastTest, WhatIsLeftOfTheWindowCostsWhatItsHoursHave) {
  const WallTime now = At(2026y / November / 30);  // a Monday
  const HourlySpend past = OfficeHours(100, now);
  const auto spent = [&](WallTime end) {
    return SpentAtEnd(past, kUtc, {At(2026y / November / 1), end}, now, 5'000);
  };
  EXPECT_EQ(spent(now), 5'000);
  EXPECT_EQ(spent(now + hours(8)), 5'000) << "the night costs nothing";
  EXPECT_EQ(spent(now + hours(12)), 5'400);
  EXPECT_EQ(spent(now + hours(24)), 6'000);
  EXPECT_EQ(spent(now + days(5)), 10'000);
  EXPECT_EQ(spent(now + days(7)), 10'000) << "the weekend costs nothing";
}

TEST(ForecastTest, TheHourUnderWayCountsByWhatIsLeftOfIt) {
  const WallTime now = At(2026y / November / 30, hours(9), minutes(45));
  const HourlySpend past = OfficeHours(100, now);
  EXPECT_EQ(SpentAtEnd(past, kUtc, {now - days(1), At(2026y / November / 30, hours(11))}, now, 0), 125);
}

TEST(ForecastTest, TheClocksOfThePlaceTellTheHour) {
  const auto shanghai = base::TimeZone::Find("+08:00");
  ASSERT_TRUE(shanghai);
  const WallTime now = At(2026y / November / 30);
  const HourlySpend past = OfficeHours(100, now);
  // The sums are of hours of UTC; that they are looked at by other clocks changes nothing.
  EXPECT_EQ(SpentAtEnd(past, *shanghai, {now, now + days(1)}, now, 0), 1'000);
}

TEST(ForecastTest, ADayThatWasNotSeenYetIsLikeTheOthers) {
  const WallTime now = At(2026y / November / 4);  // two days are known
  const HourlySpend past = OfficeHours(100, now);
  EXPECT_EQ(SpentAtEnd(past, kUtc, {now, now + days(1)}, now, 0), 1'000);
}

TEST(ForecastTest, AnHourThatWasNotSeenYetIsLikeAny) {
  const HourlySpend past{.since = At(kMonday, hours(8)),
                         .hours = {{At(kMonday, hours(8)), 60}, {At(kMonday, hours(9)), 40}}};
  const WallTime now = At(kMonday, hours(10));
  EXPECT_EQ(SpentAtEnd(past, kUtc, {now, now + hours(4)}, now, 100), 300);
}

TEST(ForecastTest, NothingKnownMeansNothingMore) {
  const WallTime now = At(kMonday, hours(10));
  EXPECT_EQ(SpentAtEnd({.since = now, .hours = {}}, kUtc, {now, now + days(30)}, now, 7), 7);
  const HourlySpend ahead{.since = At(kMonday, hours(9)), .hours = {{At(kMonday, hours(11)), 1'000}}};
  EXPECT_EQ(SpentAtEnd(ahead, kUtc, {now, now + days(1)}, now, 7), 7) << "what is after now does not count";
}

}  // namespace
}  // namespace budget
