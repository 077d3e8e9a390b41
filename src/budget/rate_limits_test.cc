#include "budget/rate_limits.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"

namespace budget {
namespace {

using namespace std::chrono_literals;
using base::MonoTime;

LimitTerms Requests(std::uint64_t most, std::chrono::nanoseconds per, std::uint64_t id = 1) {
  return {.id = id, .kind = LimitKind::kRequests, .most = most, .per = per};
}
LimitTerms Tokens(std::uint64_t most, std::chrono::nanoseconds per, std::uint64_t id = 2) {
  return {.id = id, .kind = LimitKind::kTokens, .most = most, .per = per};
}
LimitTerms InFlight(std::uint64_t most, std::uint64_t id = 3) {
  return {.id = id, .kind = LimitKind::kInFlight, .most = most};
}

LimitDemand Of(const LimitTerms& terms, std::uint64_t value, std::uint64_t amount = 1) {
  return {.key = {terms.id, value}, .terms = &terms, .value = "x", .amount = amount};
}

class RateLimitsTest : public testing::Test {
 protected:
  tl::expected<Pass, Limited> Enter(std::vector<LimitDemand> demands) { return limits_.Enter(demands, now_); }

  RateLimits limits_;
  MonoTime now_{1h};
};

TEST_F(RateLimitsTest, AsManyAsAreAllowedInAnyTimeOfThatLength) {
  const LimitTerms terms = Requests(3, 60s);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(Enter({Of(terms, 1)}));
    now_ += 10s;
  }
  const auto fourth = Enter({Of(terms, 1)});
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().used, 3u);
  EXPECT_EQ(fourth.error().retry_after, 30s);
  now_ += 30s - 1ns;
  EXPECT_FALSE(Enter({Of(terms, 1)}));
  now_ += 1ns;
  EXPECT_TRUE(Enter({Of(terms, 1)}));
  EXPECT_FALSE(Enter({Of(terms, 1)}));
}

// Two loops read the clock before they come to the account, and may come in the other order.
TEST_F(RateLimitsTest, WhoComesWithAnEarlierTimeThanTheLastWaitsNoLongerThanTheWindow) {
  const LimitTerms terms = Requests(1, 60s);
  EXPECT_TRUE(Enter({Of(terms, 1)}));
  now_ -= 2ms;
  const auto earlier = Enter({Of(terms, 1)});
  ASSERT_FALSE(earlier);
  EXPECT_EQ(earlier.error().retry_after, 60s);
}

TEST_F(RateLimitsTest, WhoIsRefusedIsNotCounted) {
  const LimitTerms terms = Requests(1, 60s);
  EXPECT_TRUE(Enter({Of(terms, 1)}));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Enter({Of(terms, 1)}));
  now_ += 60s;
  EXPECT_TRUE(Enter({Of(terms, 1)}));
}

TEST_F(RateLimitsTest, AnotherAccountHasItsOwn) {
  const LimitTerms terms = Requests(1, 60s);
  EXPECT_TRUE(Enter({Of(terms, 1)}));
  EXPECT_FALSE(Enter({Of(terms, 1)}));
  EXPECT_TRUE(Enter({Of(terms, 2)}));
}

TEST_F(RateLimitsTest, InFlightEndsWithThePass) {
  const LimitTerms terms = InFlight(2);
  auto first = Enter({Of(terms, 1)});
  auto second = Enter({Of(terms, 1)});
  const auto third = Enter({Of(terms, 1)});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().used, 2u);
  EXPECT_EQ(third.error().retry_after, 1s);
  first->Leave();
  EXPECT_FALSE(first->holds());
  auto fourth = Enter({Of(terms, 1)});
  EXPECT_TRUE(fourth);
  EXPECT_FALSE(Enter({Of(terms, 1)}));
  second = Pass();
  EXPECT_TRUE(Enter({Of(terms, 1)}));
}

TEST_F(RateLimitsTest, AllOrNothingIsTaken) {
  const LimitTerms requests = Requests(5, 60s);
  const LimitTerms in_flight = InFlight(1);
  const auto held = Enter({Of(in_flight, 1)});
  ASSERT_TRUE(held);
  for (int i = 0; i < 20; ++i) {
    const auto refused = Enter({Of(requests, 1), Of(in_flight, 1)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().demand, 1u);
  }
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Enter({Of(requests, 1)}));
  EXPECT_FALSE(Enter({Of(requests, 1)}));
}

TEST_F(RateLimitsTest, OfSeveralLimitsTheLongestWaitIsTold) {
  const LimitTerms minute = Requests(1, 60s, 1);
  const LimitTerms hour = Requests(1, 1h, 2);
  EXPECT_TRUE(Enter({Of(minute, 1), Of(hour, 1)}));
  const auto refused = Enter({Of(hour, 1), Of(minute, 1)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().demand, 0u);
  EXPECT_EQ(refused.error().retry_after, 1h);
  now_ += 1h;
  EXPECT_TRUE(Enter({Of(hour, 1), Of(minute, 1)}));
}

TEST_F(RateLimitsTest, TokensAreCorrectedWhenTheyAreKnown) {
  const LimitTerms terms = Tokens(100, 60s);
  auto first = Enter({Of(terms, 1, 80)});
  ASSERT_TRUE(first);
  EXPECT_FALSE(Enter({Of(terms, 1, 21)}));
  now_ += 5s;
  first->Settle(30);
  auto second = Enter({Of(terms, 1, 70)});
  ASSERT_TRUE(second);
  EXPECT_FALSE(Enter({Of(terms, 1, 1)}));
  second = Pass();  // was not made
  EXPECT_TRUE(Enter({Of(terms, 1, 70)}));
}

TEST_F(RateLimitsTest, ARequestLargerThanItsLimitWaitsForAnEmptyWindowAndNoLonger) {
  const LimitTerms terms = Tokens(100, 60s);
  auto small = Enter({Of(terms, 1, 1)});
  ASSERT_TRUE(small);
  small->Settle(1);
  now_ += 10s;
  const auto refused = Enter({Of(terms, 1, 5'000)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().retry_after, 50s);
  now_ += 50s;
  auto large = Enter({Of(terms, 1, 5'000)});
  ASSERT_TRUE(large);
  large->Settle(5'000);
  const auto after = Enter({Of(terms, 1, 1)});
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().used, 5'000u);
  EXPECT_EQ(after.error().retry_after, 60s);
}

TEST_F(RateLimitsTest, ALimitThatAReloadLowersCountsAtOnce) {
  EXPECT_TRUE(Enter({Of(Requests(3, 60s), 1)}));
  EXPECT_TRUE(Enter({Of(Requests(3, 60s), 1)}));
  const LimitTerms lower = Requests(1, 60s);
  const auto refused = Enter({Of(lower, 1)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().used, 2u);
}

TEST_F(RateLimitsTest, ManyAccountsAreALimitToo) {
  RateLimits few({.accounts_max = 100, .runs_max = 2'048, .runs_total = 1'000});
  const LimitTerms terms = Requests(1, 60s);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const LimitDemand demand = Of(terms, i << 40);
    ASSERT_TRUE(few.Enter(std::span(&demand, 1), now_));
  }
  const LimitDemand more = Of(terms, 12345);
  const auto refused = few.Enter(std::span(&more, 1), now_);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().too_many);
  EXPECT_EQ(few.counts().accounts, 100u);
  EXPECT_EQ(few.counts().too_many, 1u);
}

TEST_F(RateLimitsTest, AccountsThatCountNothingAreForgotten) {
  const LimitTerms terms = Requests(5, 1s);
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const LimitDemand demand = Of(terms, i * 0x9e3779b97f4a7c15);
    ASSERT_TRUE(limits_.Enter(std::span(&demand, 1), now_));
    now_ += 1ms;
  }
  EXPECT_LE(limits_.counts().accounts, 20'000u);
  EXPECT_LE(limits_.counts().runs, 40'000u);
}

TEST_F(RateLimitsTest, RoomForOneAccountIsNotMadeOfAnotherOfTheSameRequest) {
  RateLimits few({.accounts_max = 2, .runs_max = 2'048, .runs_total = 1'000});
  const LimitTerms terms = Requests(5, 1s);
  std::vector<LimitDemand> demands;  // of one part of the table, which is looked through as a whole
  for (std::uint64_t value = 0; demands.size() < 3; ++value) {
    const LimitDemand one = Of(terms, value);
    if ((AccountKeyHash()(one.key) >> 48) % 256 == 0) demands.push_back(one);
  }
  ASSERT_TRUE(few.Enter(std::span(demands).first(1), now_));
  now_ += 2s;
  ASSERT_TRUE(few.Enter(std::span(demands).last(2), now_));
  EXPECT_EQ(few.Used(demands[1], now_), 1u);
  EXPECT_EQ(few.Used(demands[2], now_), 1u);
  EXPECT_EQ(few.counts().accounts, 2u);
}

TEST_F(RateLimitsTest, EachAccountOfALimitIsListedWithWhatCounts) {
  const LimitTerms requests = Requests(10, 1s);
  const LimitTerms in_flight = InFlight(5);
  const auto listed = [&](const LimitTerms& terms) {
    std::map<std::string, std::uint64_t> found;
    limits_.List(terms, now_, [&](const RateLimits::Listed& one) { found.emplace(one.value, one.used); });
    return found;
  };
  const auto demand = [](const LimitTerms& terms, std::string_view name) {
    return LimitDemand{
        .key = {terms.id, std::hash<std::string_view>()(name)}, .terms = &terms, .value = name};
  };
  const auto ann = Enter({demand(requests, "ann"), demand(in_flight, "ann")});
  const auto again = Enter({demand(requests, "ann")});
  const auto bob = Enter({demand(requests, "bob"), demand(in_flight, "bob")});
  ASSERT_TRUE(ann && again && bob);
  using Found = std::map<std::string, std::uint64_t>;
  EXPECT_EQ(listed(requests), (Found{{"ann", 2}, {"bob", 1}}));
  EXPECT_EQ(listed(in_flight), (Found{{"ann", 1}, {"bob", 1}}));
  now_ += 1s;
  EXPECT_EQ(listed(requests), (Found{{"ann", 0}, {"bob", 0}}));
  EXPECT_EQ(limits_.Used(demand(requests, "carl"), now_), 0u);
}

TEST_F(RateLimitsTest, WhereMemoryIsShortAnAccountGrowsNoFurther) {
  RateLimits few({.accounts_max = 100, .runs_max = 2'048, .runs_total = 500});
  const LimitTerms terms = Requests(1'000'000, 60s);
  const LimitDemand demand = Of(terms, 1);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(few.Enter(std::span(&demand, 1), now_));
    now_ += 100us;
  }
  EXPECT_LE(few.counts().runs, 1'100u);
}

// Many accounts of four limits against lists of everything, with a clock that jumps about.
class Model {
 public:
  // How long a request must wait; 0: it is in.
  std::chrono::nanoseconds Wait(const LimitDemand& demand, MonoTime now) {
    const LimitTerms& terms = *demand.terms;
    std::vector<std::pair<MonoTime, std::uint64_t>>& all = came_[demand.key];
    const std::uint64_t asked = std::min(demand.amount, terms.most);
    for (MonoTime at = now;;) {
      std::uint64_t sum = 0;
      MonoTime next = MonoTime::max();
      for (const auto& [time, amount] : all) {
        if (time + terms.per <= at) continue;
        sum += amount;
        next = std::min(next, time + terms.per);
      }
      if (sum + asked <= terms.most) return at - now;
      at = next;
    }
  }
  void Add(const LimitDemand& demand, MonoTime now, std::uint64_t amount) {
    came_[demand.key].emplace_back(now, amount);
  }

 private:
  std::map<AccountKey, std::vector<std::pair<MonoTime, std::uint64_t>>> came_;
};

TEST_F(RateLimitsTest, DecidesAsAListOfEverythingWould) {
  for (std::uint64_t seed = 100; seed < 105; ++seed) {
    base::Random random(seed);
    RateLimits limits;
    Model model;
    const std::vector<LimitTerms> terms = {Requests(5, 1s, 1), Requests(40, 60s, 2), Tokens(500, 10s, 3),
                                           Tokens(90, 1s, 4)};
    MonoTime now{1h};
    int passed = 0, refused = 0;
    for (int i = 0; i < 4'000; ++i) {
      now += std::chrono::nanoseconds(random.Below(400'000'000));
      std::vector<LimitDemand> demands;
      const std::uint64_t amount = 1 + random.Below(120);
      for (const LimitTerms& one : terms) {
        if (random.Below(2) == 0) continue;
        demands.push_back(Of(one, random.Below(3), one.kind == LimitKind::kTokens ? amount : 1));
      }
      std::chrono::nanoseconds wait{0};
      for (const LimitDemand& demand : demands) wait = std::max(wait, model.Wait(demand, now));
      auto entered = limits.Enter(demands, now);
      ASSERT_EQ(entered.has_value(), wait.count() == 0) << "seed " << seed << " event " << i;
      if (!entered) {
        ++refused;
        ASSERT_EQ(entered.error().retry_after, wait) << "seed " << seed << " event " << i;
        continue;
      }
      ++passed;
      const std::uint64_t used = random.Below(amount + 1);
      for (const LimitDemand& demand : demands) {
        model.Add(demand, now, demand.terms->kind == LimitKind::kTokens ? used : 1);
      }
      if (entered->holds()) entered->Settle(used);
    }
    EXPECT_GT(passed, 500);
    EXPECT_GT(refused, 500);
  }
}

}  // namespace
}  // namespace budget
