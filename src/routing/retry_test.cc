#include "routing/retry.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace routing {
namespace {

using namespace std::chrono_literals;

TEST(RetryBudgetTest, TenExtraCallsAreAlwaysAllowedInAMinute) {
  base::FakeClock clock;
  RetryBudget budget(clock, {});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.TakeExtra());
  EXPECT_FALSE(budget.TakeExtra());
}

TEST(RetryBudgetTest, AFifthOfTheLastMinutesCallsMayBeExtra) {
  base::FakeClock clock;
  RetryBudget budget(clock, {});
  for (int i = 0; i < 100; ++i) budget.CountCall(clock.Now());
  int allowed = 0;
  while (budget.TakeExtra()) ++allowed;
  EXPECT_EQ(allowed, 20);
}

TEST(RetryBudgetTest, AMinuteLaterTheOldCallsNoLongerCount) {
  base::FakeClock clock;
  RetryBudget budget(clock, {});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.TakeExtra());
  clock.Advance(59s);
  EXPECT_FALSE(budget.TakeExtra());
  clock.Advance(1s);
  EXPECT_TRUE(budget.TakeExtra());
}

TEST(RetryBudgetTest, CallsOfDifferentSecondsCountTogetherAndGoOneByOne) {
  base::FakeClock clock;
  RetryBudget budget(clock, {.basis_points = 10'000, .extra_min = 0});
  for (int second = 0; second < 3; ++second) {
    budget.CountCall(clock.Now());
    clock.Advance(1s);
  }
  clock.Advance(57s);  // the first call is a minute old
  EXPECT_TRUE(budget.TakeExtra());
  EXPECT_TRUE(budget.TakeExtra());
  EXPECT_FALSE(budget.TakeExtra());
  budget.CountCall(clock.Now());
  EXPECT_TRUE(budget.TakeExtra());
  clock.Advance(60s);  // also the newest, which nobody counted since
  EXPECT_FALSE(budget.HasExtra());
}

TEST(RetryBudgetTest, AFirstCallAfterALongWhileForgetsNoExtraOne) {
  base::FakeClock clock;
  RetryBudget budget(clock, {.basis_points = 0, .extra_min = 2});
  budget.CountCall(clock.Now());
  clock.Advance(60s);  // whose place in the minute is that of the call
  EXPECT_TRUE(budget.TakeExtra());
  clock.Advance(1s);
  budget.CountCall(clock.Now());
  EXPECT_TRUE(budget.TakeExtra());
  EXPECT_FALSE(budget.HasExtra());
}

TEST(RetryBudgetTest, CallsThatManyThreadsCountAddUp) {
  base::FakeClock clock;
  RetryBudget budget(clock, {.basis_points = 100, .extra_min = 0});
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&budget, now = clock.Now()] {
        for (int i = 0; i < 1000; ++i) budget.CountCall(now);
      });
    }
  }
  int allowed = 0;
  while (budget.TakeExtra()) ++allowed;
  EXPECT_EQ(allowed, 40);
}

TEST(RetryBudgetTest, LookingTakesNothing) {
  base::FakeClock clock;
  RetryBudget budget(clock, {.basis_points = 0, .extra_min = 1});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.HasExtra());
  EXPECT_TRUE(budget.TakeExtra());
  EXPECT_FALSE(budget.HasExtra());
}

TEST(OutcomeTest, OnlyFailuresThatAnotherCanMendAreTriedAgain) {
  for (const int status : {408, 409, 425, 429, 500, 502, 503, 504, 529, 401, 402, 403}) {
    EXPECT_TRUE(WorthAnotherTry(OutcomeOf(status))) << status;
  }
  for (const int status : {200, 400, 404, 413, 422})
    EXPECT_FALSE(WorthAnotherTry(OutcomeOf(status))) << status;
}

TEST(OutcomeTest, ARedirectIsAFailureAndTheCallersMistakeAnAnswer) {
  for (const int status : {301, 302, 304, 307, 308, 500, 503, 529}) {
    EXPECT_EQ(OutcomeOf(status), Outcome::kServerError) << status;
  }
  for (const int status : {200, 201, 204, 400, 404, 413, 422}) {
    EXPECT_EQ(OutcomeOf(status), Outcome::kAnswered) << status;
  }
}

}  // namespace
}  // namespace routing
