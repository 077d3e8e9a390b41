#include "insight/period.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace insight {
namespace {

// A Sunday evening in UTC, when it is Monday in Shanghai.
const base::WallTime kNow = base::ParseTime("2026-11-29T18:30:15Z").value();

std::string At(std::string_view text, const base::TimeZone& zone = {}) {
  const auto at = ParseInstant(text, zone, kNow);
  return at ? base::PrintTime(*at) : at.error().detail;
}

TEST(PeriodTest, WordsAreTheBeginningOfWhatTheyName) {
  EXPECT_EQ(At("now"), "2026-11-29T18:30:15Z");
  EXPECT_EQ(At("this-hour"), "2026-11-29T18:00:00Z");
  EXPECT_EQ(At("today"), "2026-11-29T00:00:00Z");
  EXPECT_EQ(At("yesterday"), "2026-11-28T00:00:00Z");
  EXPECT_EQ(At("tomorrow"), "2026-11-30T00:00:00Z");
  EXPECT_EQ(At("this-week"), "2026-11-23T00:00:00Z");
  EXPECT_EQ(At("last-week"), "2026-11-16T00:00:00Z");
  EXPECT_EQ(At("this-month"), "2026-11-01T00:00:00Z");
  EXPECT_EQ(At("last-month"), "2026-10-01T00:00:00Z");
  EXPECT_EQ(At("this-year"), "2026-01-01T00:00:00Z");
}

TEST(PeriodTest, DaysAreThoseOfThePersonsClock) {
  const base::TimeZone shanghai = base::TimeZone::Find("+08:00").value();
  EXPECT_EQ(At("today", shanghai), "2026-11-29T16:00:00Z");
  EXPECT_EQ(At("this-week", shanghai), "2026-11-29T16:00:00Z");
  EXPECT_EQ(At("2026-11-01", shanghai), "2026-10-31T16:00:00Z");
  EXPECT_EQ(At("2026-11-01T00:00:00Z", shanghai), "2026-11-01T00:00:00Z");
}

TEST(PeriodTest, DurationsAreHowLongAgo) {
  EXPECT_EQ(At("24h"), "2026-11-28T18:30:15Z");
  EXPECT_EQ(At("7d"), "2026-11-22T18:30:15Z");
}

TEST(PeriodTest, WhatIsNoTimeIsRefusedWithExamples) {
  for (const char* text : {"", "tody", "7", "2026-13-01", "last-decade"})
    EXPECT_NE(At(text).find("this-month"), std::string::npos) << text;
}

TEST(PeriodTest, APeriodMayBeOpenOrEmptyButNotBackwards) {
  EXPECT_EQ(ParsePeriod("", "", {}, kNow).value(), Period{});
  const Period day = ParsePeriod("yesterday", "today", {}, kNow).value();
  EXPECT_TRUE(day.Has(*day.from));
  EXPECT_FALSE(day.Has(*day.to));
  EXPECT_FALSE(ParsePeriod("today", "today", {}, kNow).value().Has(*day.to));
  EXPECT_FALSE(ParsePeriod("today", "yesterday", {}, kNow));
}

TEST(PeriodTest, LocalTimesNameTheirZone) {
  EXPECT_EQ(PrintLocal(kNow, base::TimeZone::Find("+08:00").value()), "2026-11-30 02:30:15 +08:00");
  EXPECT_EQ(PrintLocal(kNow + std::chrono::milliseconds(120), {}), "2026-11-29 18:30:15.12 UTC");
}

}  // namespace
}  // namespace insight
