#include "sim/fault.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

using namespace std::chrono_literals;

TEST(FaultTest, ItemsAreReadInAnyOrderAndSpacing) {
  const auto fault = ParseFault(" retry_after=2 ;status = 503;; delay=200ms; stall=100 ; reset=40 ");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->status, 503);
  EXPECT_EQ(fault->retry_after_seconds, 2);
  EXPECT_EQ(fault->delay, 200ms);
  EXPECT_EQ(fault->bytes_per_second, 100u);
  EXPECT_EQ(fault->reset, Fault::Reset::kBody);
  EXPECT_EQ(fault->reset_after, 40u);
}

TEST(FaultTest, EmptyTextIsNoFault) {
  const auto fault = ParseFault("");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->status, 0);
  EXPECT_FALSE(fault->MeddlesWithBytes());
}

TEST(FaultTest, EveryNameIsKnown) {
  for (const char* text :
       {"status=429",   "retry_after=0",  "delay=1.5s",   "keepalive=3",   "stall=1",     "truncate=0",
        "reset",        "reset=before",   "reset=head",   "length=short",  "length=long", "garbage",
        "not_json",     "empty",          "error_in_200", "error_event=0", "no_done",     "no_usage",
        "insufficient", "insufficient=3", "tokens=312"}) {
    EXPECT_TRUE(ParseFault(text)) << text;
  }
}

TEST(FaultTest, WhatIsNoFaultIsRefusedWithTheItem) {
  for (const char* text :
       {"status=99", "status=600", "status", "status=abc", "delay=5", "delay=-1s", "stall=0", "truncate=x",
        "truncate=", "reset=later", "length", "length=wrong", "garbage=1", "tokens=0", "tokens=1000001",
        "keepalive=99999999999", "explode", "=", "no_done=1"}) {
    const auto fault = ParseFault(text);
    ASSERT_FALSE(fault) << text;
    EXPECT_NE(fault.error().detail.find("'" + std::string(text) + "'"), std::string::npos) << text;
  }
}

TEST(FaultTest, DurationsHaveAUnitAndALimit) {
  EXPECT_EQ(ParseDuration("300us"), 300us);
  EXPECT_EQ(ParseDuration("0s"), 0ns);
  EXPECT_EQ(ParseDuration("2m"), 120s);
  EXPECT_EQ(ParseDuration("24h"), 24h);
  for (const char* text : {"", "s", "5", "1d", "-1s", "nan s", "25h", "1e99s", "1s "}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

}  // namespace
}  // namespace sim
