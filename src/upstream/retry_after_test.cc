#include "upstream/retry_after.h"

#include <gtest/gtest.h>

#include <string>

namespace upstream {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
constexpr base::WallTime kNow{784111777s};

std::optional<milliseconds> Parse(std::string_view value, base::WallTime now = kNow) {
  return ParseRetryAfter(value, now);
}

TEST(RetryAfterTest, SecondsMayHaveAFraction) {
  EXPECT_EQ(Parse("0"), 0ms);
  EXPECT_EQ(Parse("7"), 7s);
  EXPECT_EQ(Parse("007"), 7s);
  EXPECT_EQ(Parse("1.5"), 1500ms);
  EXPECT_EQ(Parse("0.25"), 250ms);
  EXPECT_EQ(Parse("0.002"), 2ms);
  EXPECT_EQ(Parse("2.0009"), 2s);
  EXPECT_EQ(Parse("3.14159265358979323846264338327950288"), 3141ms);
}

TEST(RetryAfterTest, NothingAsksForMoreThanADay) {
  EXPECT_EQ(Parse("86400"), 24h);
  EXPECT_EQ(Parse("86400.999"), 24h);
  EXPECT_EQ(Parse("86401"), 24h);
  EXPECT_EQ(Parse("1000000000000000"), 24h);
  EXPECT_EQ(Parse("Mon, 07 Nov 1994 08:49:38 GMT"), 24h);
  EXPECT_EQ(Parse("Fri, 31 Dec 9999 23:59:59 GMT"), 24h);
}

TEST(RetryAfterTest, DateIsCountedFromNow) {
  EXPECT_EQ(Parse("Sun, 06 Nov 1994 08:49:37 GMT"), 0ms);
  EXPECT_EQ(Parse("Sun, 06 Nov 1994 08:50:00 GMT"), 23s);
  EXPECT_EQ(Parse("Mon, 07 Nov 1994 08:49:36 GMT"), 24h - 1s);
  EXPECT_EQ(Parse("Sun, 06 Nov 1994 08:49:38 GMT", kNow + 250ms), 750ms);
  EXPECT_EQ(Parse("Sun, 06 Nov 1994 08:49:38 GMT", kNow + 1ns), 1000ms);  // rounded up, never early
}

TEST(RetryAfterTest, DateInThePastIsZero) {
  EXPECT_EQ(Parse("Sun, 06 Nov 1994 08:49:36 GMT"), 0ms);
  EXPECT_EQ(Parse("Sun, 06 Nov 1994 08:49:37 GMT", kNow + 1ns), 0ms);
  EXPECT_EQ(Parse("Thu, 01 Jan 1970 00:00:00 GMT"), 0ms);
  EXPECT_EQ(Parse("Mon, 01 Jan 0001 00:00:00 GMT"), 0ms);
}

TEST(RetryAfterTest, AnythingElseIsNothing) {
  for (const std::string_view value : {"",
                                       " ",
                                       "-1",
                                       "+1",
                                       "1e3",
                                       "1,5",
                                       "1.",
                                       ".5",
                                       "1.5.2",
                                       "1.5s",
                                       "0x10",
                                       "soon",
                                       "5 s",
                                       "infinity",
                                       "nan",
                                       "18446744073709551616",
                                       "Sun, 06 Nov 1994 08:49:37",
                                       "Sun, 06 Nov 1994 08:49:37 GMT+1",
                                       "Sun, 06 Nov 1994 25:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT",
                                       "1994-11-06T08:49:37Z"}) {
    EXPECT_EQ(Parse(value), std::nullopt) << value;
  }
  EXPECT_EQ(Parse(std::string("Sun, 06 Nov 1994 08:50:00 GMT\0x", 31)), std::nullopt);
}

}  // namespace
}  // namespace upstream
