#include "bench/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace bench {
namespace {

std::vector<Arrival> All(const LoadOptions& options) {
  auto schedule = Schedule::Make(options);
  EXPECT_TRUE(schedule);
  std::vector<Arrival> arrivals;
  while (schedule->Peek()) arrivals.push_back(schedule->Take());
  return arrivals;
}

LoadOptions Open(double rate, int seconds, std::uint64_t seed) {
  return {.mode = LoadOptions::Mode::kOpen,
          .rate = rate,
          .duration = std::chrono::seconds(seconds),
          .warmup = std::chrono::seconds(0),
          .seed = seed};
}

TEST(ScheduleTest, PoissonArrivalsHaveTheRateAndTheSpreadOfExponentialGaps) {
  const auto arrivals = All(Open(1'000, 100, 3));
  EXPECT_NEAR(static_cast<double>(arrivals.size()), 100'000, 1'500);
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    const double gap = static_cast<double>(arrivals[i].at_ns - arrivals[i - 1].at_ns) / 1e6;
    sum += gap;
    squares += gap * gap;
  }
  const double n = static_cast<double>(arrivals.size() - 1);
  const double mean = sum / n;
  EXPECT_NEAR(mean, 1.0, 0.02);
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean), 1.0, 0.03);
}

TEST(ScheduleTest, SameSeedSameArrivalsAnotherSeedOthers) {
  const auto a = All(Open(100, 2, 1));
  const auto b = All(Open(100, 2, 1));
  const auto c = All(Open(100, 2, 2));
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].at_ns, b[i].at_ns);
  EXPECT_NE(a.front().at_ns, c.front().at_ns);
}

TEST(ScheduleTest, ArrivalsStayWithinWarmUpAndDuration) {
  LoadOptions options = Open(1'000, 1, 1);
  options.warmup = std::chrono::milliseconds(500);
  const auto arrivals = All(options);
  EXPECT_LT(arrivals.back().at_ns, 1'500'000'000u);
  EXPECT_GT(arrivals.back().at_ns, 1'400'000'000u);
}

TEST(ScheduleTest, HeldStreamsAreOpenedEvenlyOverTheRamp) {
  const auto arrivals = All({.mode = LoadOptions::Mode::kHold,
                             .connections = 4,
                             .ramp = std::chrono::milliseconds(2'000),
                             .expect_chunks = 10});
  ASSERT_EQ(arrivals.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(arrivals[i].at_ns, i * 500'000'000);
    EXPECT_EQ(arrivals[i].index, i);
    EXPECT_EQ(arrivals[i].answer_chunks, 10u);
  }
}

TEST(ScheduleTest, ClosedLoopHasNoArrivals) {
  EXPECT_TRUE(All({.mode = LoadOptions::Mode::kClosed}).empty());
}

TEST(ScheduleTest, MissingPlanFileIsAnError) {
  const auto schedule = Schedule::Make({.mode = LoadOptions::Mode::kPlan, .plan = "/nonexistent/plan"});
  ASSERT_FALSE(schedule);
  EXPECT_EQ(schedule.error().code, base::Code::kNotFound);
}

TEST(ParsePlanTest, LinesBecomeArrivals) {
  const auto plan = ParsePlan("0 1496 44\n\n4314578 1584 109\n4314578 10 1");
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->size(), 3u);
  EXPECT_EQ((*plan)[1].at_ns, 4'314'578'000u);
  EXPECT_EQ((*plan)[1].prompt_bytes, 1'584u);
  EXPECT_EQ((*plan)[1].answer_chunks, 109u);
  EXPECT_EQ((*plan)[2].index, 2u);
}

TEST(ParsePlanTest, WrongLinesAreNamed) {
  for (const std::string_view text :
       {"0 1 1\n0 1\n", "0 1 1\n0 1 1 1\n", "0 1 1\nx 1 1\n", "5 1 1\n4 1 1\n", "0 1 1\n0 99999999999 1\n"}) {
    const auto plan = ParsePlan(text);
    ASSERT_FALSE(plan) << text;
    EXPECT_NE(plan.error().detail.find("line 2"), std::string::npos) << plan.error().detail;
  }
}

TEST(ParsePlanTest, EmptyPlanIsNoArrivals) {
  EXPECT_TRUE(ParsePlan("")->empty());
}

}  // namespace
}  // namespace bench
