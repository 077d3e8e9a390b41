#include "base/time_text.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::chrono;

WallTime Start() {
  return sys_days(2026y / August / 16) + 16h;
}

TEST(TimeTextTest, OneInstantIsWrittenInManyWays) {
  for (const char* text :
       {"2026-08-16T16:00:00Z", "2026-08-16T16:00Z", "2026-08-16 16:00", "2026-08-17T00:00:00+08:00",
        "2026-08-16T16:00:00.000Z", "2026-08-16t16:00:00z", "2026-08-16T12:00:00-0400"}) {
    const auto time = ParseTime(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(*time, Start()) << text;
  }
}

TEST(TimeTextTest, ADayIsItsFirstInstantOnTheClockThatIsGiven) {
  const TimeZone beijing = TimeZone::Find("+08:00", "").value();
  EXPECT_EQ(ParseTime("2026-08-17", beijing).value(), Start());
  EXPECT_EQ(ParseTime("2026-08-17 00:00", beijing).value(), Start());
  EXPECT_EQ(ParseTime("2026-08-16T16:00Z", beijing).value(), Start());  // its own zone counts
}

TEST(TimeTextTest, FractionsGoToTheNanosecond) {
  EXPECT_EQ(ParseTime("2026-08-16T16:00:00.25Z").value(), Start() + 250ms);
  EXPECT_EQ(ParseTime("2026-08-16T16:00:00.0000000019Z").value(), Start() + 1ns);
}

TEST(TimeTextTest, WhatIsNoTimeIsRefused) {
  for (const char* text :
       {"", "now", "2026", "2026-8-16", "2026-02-30", "2026-08-16T", "2026-08-16T24:00Z",
        "2026-08-16T16:00:60Z", "2026-08-16T16:00:00.Z", "2026-08-16T16:00:00 Asia/Shanghai",
        "2026-08-16T16:00:00+8", "1969-12-31", "2026-08-16Z16:00"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

TEST(TimeTextTest, WhatIsPrintedIsReadBack) {
  EXPECT_EQ(PrintTime(Start()), "2026-08-16T16:00:00Z");
  EXPECT_EQ(PrintTime(Start() + 250ms), "2026-08-16T16:00:00.25Z");
  EXPECT_EQ(ParseTime(PrintTime(Start() + 1us)).value(), Start() + 1us);
}

}  // namespace
}  // namespace base
