#include "bench/budget_replay_internal.h"

#include <gtest/gtest.h>

#include <vector>

namespace bench {
namespace {

// A request every 100 ms with a prompt of 500 tokens and an answer of 50 to 400.
std::vector<Arrival> Trace(std::size_t count) {
  base::Random random(7);
  std::vector<Arrival> arrivals;
  for (std::size_t i = 0; i < count; ++i) {
    arrivals.push_back({.at_ns = i * 100'000'000,
                        .index = i,
                        .prompt_bytes = 2'000,
                        .answer_chunks = 50 + random.Below(350)});
  }
  return arrivals;
}

BudgetReplayResult Play(const BudgetReplayOptions& options) {
  const std::vector<Arrival> arrivals = Trace(2'000);
  return BudgetReplay(options, arrivals).Run();
}

TEST(BudgetReplayTest, ABudgetForTwiceTheTraceRefusesNobody) {
  const BudgetReplayResult result = Play({.share_percent = 200});
  EXPECT_EQ(result.answered, 2'000U);
  EXPECT_EQ(result.refused, 0U);
  EXPECT_EQ(result.spent_end, 5'000);
}

TEST(BudgetReplayTest, AStrictBudgetIsNearlySpentAndNeverOvershot) {
  const BudgetReplayResult result = Play({.share_percent = 50});
  EXPECT_EQ(result.answered + result.refused, 2'000U);
  EXPECT_EQ(result.overshot, 0U);
  EXPECT_LE(result.spent_end, 10'000);
  EXPECT_GE(result.spent_end, 9'500);
  EXPECT_LE(result.spent_once, result.spent_end);
  EXPECT_TRUE(result.refused_at_s.has_value());
}

TEST(BudgetReplayTest, OneSeedIsOnePlay) {
  const BudgetReplayOptions options{.share_percent = 30, .typical = true, .seed = 5};
  EXPECT_EQ(Play(options).spent_end, Play(options).spent_end);
  EXPECT_EQ(Play(options).waited, Play(options).waited);
}

}  // namespace
}  // namespace bench
