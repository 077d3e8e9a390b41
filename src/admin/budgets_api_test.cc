#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "admin/routes_internal.h"
#include "base/time_text.h"
#include "budget/books_for_test.h"
#include "store/directory_for_test.h"
#include "store/played_disk_for_test.h"

namespace admin {
namespace {

constexpr base::Int128 kUsd = base::kPico;

class BudgetsApiTest : public testing::Test {
 protected:
  BudgetsApiTest() {
    const auto started = played_.Start();
    EXPECT_TRUE(started) << started.error().detail;
    auto keys = store::KeyStore::Open(directory_.path(), clock_);
    EXPECT_TRUE(keys) << keys.error().detail;
    keys_ = std::move(*keys);
  }

  Budgets TheBudgets() {
    return {
        played_.books(), limits_, crossings_,
        [this] { return std::shared_ptr<const budget::Policy>(std::shared_ptr<void>(), &played_.policy()); },
        [this] { ++changes_; }};
  }
  Office MakeOffice() { return {.clock = clock_, .keys = *keys_, .budgets = TheBudgets()}; }
  Reply RaiseAs(const std::string& members) {
    Office office = MakeOffice();
    return RaiseBudget(office, {.body = R"({"scope":"team/support",)" + members + "}", .who = "api:test"});
  }
  Reply Raise(const std::string& by) {
    return RaiseAs(R"("until":"2026-12-01T00:00:00Z","by":")" + by + R"(")");
  }
  std::string List(Reply (*list)(Reports&, const Ask&), const std::string& query) {
    Reports reports{.clock = clock_, .budgets = TheBudgets(), .data = directory_.path(), .note = {}};
    return list(reports, {.query = query}).body;
  }
  Reply Settle(const std::string& id, const std::string& cost, const std::string& more = {}) {
    Office office = MakeOffice();
    return SettleLease(office,
                       {.id = id, .body = R"({"cost":")" + cost + R"(")" + more + "}", .who = "api:test"});
  }
  std::string Leases(const std::string& query) {
    Office office = MakeOffice();
    return ListLeases(office, {.query = query}).body;
  }
  // Calls that a crash leaves without an end.
  void Lose(std::initializer_list<std::string> ids) {
    std::vector<std::shared_ptr<budget::PlayedBooks::UnderWay>> calls;
    for (const std::string& id : ids) {
      budget::PlayedCall call;
      call.id = id;
      call.started = clock_.WallNow();
      call.worst.pico = 10 * kUsd;
      calls.push_back(played_.Begin(std::move(call)));
    }
    played_.Crash();
    ASSERT_TRUE(played_.Start());
  }
  std::int64_t Limit() { return static_cast<std::int64_t>(played_.Look(0, "support").limit / kUsd); }
  std::int64_t Settled() { return static_cast<std::int64_t>(played_.Look(0, "support").settled / kUsd); }
  std::size_t Entries() { return keys_->Audit({})->size(); }

  const store::TemporaryDirectory directory_;
  base::FakeClock clock_{base::ParseTime("2026-11-30T12:00:00Z").value()};
  store::PlayedDisk disk_;
  budget::PlayedBooks played_{directory_.path(), clock_, disk_,
                              "budgets: [{ scope: team/*, limit: 100 USD, window: day }]\n"};
  budget::RateLimits limits_;
  budget::Crossings crossings_{[](budget::Crossing) {}};
  std::unique_ptr<store::KeyStore> keys_;
  int changes_ = 0;  // how often it was told that accounts stand otherwise
};

std::size_t Count(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST_F(BudgetsApiTest, ARaiseThatCannotBeWrittenDownHoldsAndSaysSo) {
  ASSERT_EQ(Raise("50 USD").status, 200);
  disk_.write_error = ENOSPC;
  EXPECT_EQ(Raise("70 USD").status, 503);
  EXPECT_EQ(Limit(), 170) << "in place of the one before";
  EXPECT_EQ(Entries(), 2U);
  disk_.write_error = 0;
  EXPECT_EQ(Raise("80 USD").status, 200);
  played_.Crash();
  ASSERT_TRUE(played_.Start());
  EXPECT_EQ(Limit(), 180);
}

TEST_F(BudgetsApiTest, StepsHearOfARaiseWithoutARequest) {
  ASSERT_EQ(Raise("50 USD").status, 200);
  EXPECT_EQ(changes_, 1);
  EXPECT_EQ(Raise("-50 USD").status, 400);
  EXPECT_EQ(changes_, 1);
}

TEST_F(BudgetsApiTest, ARaiseSaysByHowMuchOrToHowMuch) {
  EXPECT_EQ(RaiseAs(R"("to":"130 USD","until":"2h")").status, 200);
  EXPECT_EQ(Limit(), 130);
  EXPECT_EQ(RaiseAs(R"("to":"150 USD","until":"2h")").status, 200);
  EXPECT_EQ(Limit(), 150) << "in place of the one before";
  EXPECT_EQ(RaiseAs(R"("to":"99 USD","until":"2h")").status, 400) << "only the config lowers a limit";
  EXPECT_EQ(RaiseAs(R"("to":"200 USD","by":"1 USD","until":"2h")").status, 400);
  EXPECT_EQ(RaiseAs(R"("until":"2h")").status, 400);
  EXPECT_EQ(RaiseAs(R"("by":"1 USD")").status, 400) << "a raise has an end";
  EXPECT_EQ(Limit(), 150);
  clock_.Advance(std::chrono::hours(2));
  EXPECT_EQ(Limit(), 100);
}

TEST_F(BudgetsApiTest, OfSeveralBudgetsOfAnAccountOneIsRaisedByItsWindow) {
  played_.SetBudgets(
      "budgets: [{ scope: team/*, limit: 100 USD, window: day }, { scope: team/support, limit: 500 USD,"
      " rolling: 24h }]\n");
  ASSERT_TRUE(played_.Reload());
  EXPECT_EQ(RaiseAs(R"("to":"600 USD","until":"2h")").status, 400) << "of which?";
  EXPECT_EQ(RaiseAs(R"("to":"600 USD","until":"2h","window":"rolling")").status, 200);
  EXPECT_EQ(Limit(), 100);
  EXPECT_EQ(RaiseAs(R"("by":"7 USD","until":"2h","window":"day UTC")").status, 200);
  EXPECT_EQ(Limit(), 107);
  EXPECT_EQ(RaiseAs(R"("by":"7 USD","until":"2h","window":"month")").status, 404);
  EXPECT_EQ(RaiseAs(R"("by":"9 USD","until":"2h")").status, 200);
  EXPECT_EQ(Limit(), 109) << "all of them";
}

TEST_F(BudgetsApiTest, OneAccountOrOneBudgetIsAskedForByItsScope) {
  Lose({"req_a"});
  const std::string one = List(ListBudgets, "scope=team/support");
  EXPECT_EQ(Count(one, R"("value":"support")"), 1U) << one;
  EXPECT_EQ(Count(one, R"("used":"10 USD","reserved":"0 USD","limit":"100 USD","left":"90 USD")"), 1U) << one;
  EXPECT_EQ(Count(List(ListBudgets, "scope=team/sales"), R"("left":"100 USD")"), 1U);
  EXPECT_EQ(Count(List(ListBudgets, "scope=team/*"), R"("value":"support")"), 1U);
  EXPECT_EQ(List(ListBudgets, "scope=user/ann"), R"({"budgets":[],"next":null})");
}

TEST_F(BudgetsApiTest, ABudgetShowsTheStepsThatItHasTakenAndWhatIsForeseen) {
  played_.SetBudgets(
      "models: { m: { ladder: [deepseek/deepseek-chat] } }\n"
      "budgets: [{ scope: team/*, limit: 100 USD, window: day, steps: [{ at: 10%, ladder_max: "
      "deepseek/deepseek-chat }, { at: 50%, block: true }, { forecast: 120%, block: true }] }]\n");
  ASSERT_TRUE(played_.Reload());
  Lose({"req_a"});
  const budget::AccountKey key{played_.policy().budgets()[0].terms.id, played_.hash()("support")};
  crossings_.SetForecasts({{key, 13'150}});
  const std::string one = List(ListBudgets, "scope=team/support");
  EXPECT_EQ(Count(one, R"("steps":[{"at":"10%","forecast":false,"does":"ladder_max deepseek/deepseek-chat"},)"
                       R"({"at":"120%","forecast":true,"does":"block"}],"forecast":"131.5%")"),
            1U)
      << one;
}

TEST_F(BudgetsApiTest, LimitsAreListedWithWhatCounts) {
  played_.SetBudgets(
      "limits: [{ scope: team/*, requests: 2/min, in_flight: 5 }, { scope: org, tokens: 1000/h }]\n"
      "budgets: [{ scope: team/*, limit: 1 USD, window: day, steps: [{ at: 90%, limits: { in_flight: 1 } }] "
      "}]\n");
  ASSERT_TRUE(played_.Reload());
  budget::Spender spender;
  spender.team = "support";
  base::BlockVector<budget::LimitDemand> demands;
  ASSERT_TRUE(played_.policy().MatchLimits(spender, budget::Part::kCaller, demands));
  auto pass = limits_.Enter(demands, clock_.Now());
  ASSERT_TRUE(pass);
  const std::string all = List(ListLimits, "");
  EXPECT_EQ(all,
            R"({"limits":[{"scope":"team/*","value":"support","counts":"requests","used":1,"limit":2,)"
            R"("left":1,"per":"1m","step":null},{"scope":"team/*","value":"support","counts":"in_flight",)"
            R"("used":1,"limit":5,"left":4,"per":null,"step":null},{"scope":"org","value":null,)"
            R"("counts":"tokens","used":0,"limit":1000,"left":1000,"per":"1h","step":null},)"
            R"({"scope":"team/*","value":null,"counts":"in_flight","used":0,"limit":1,"left":1,"per":null,)"
            R"("step":"90%"}],"next":null})");
  EXPECT_EQ(Count(List(ListLimits, "scope=team/support"), "\"used\":1"), 2U);
  EXPECT_EQ(Count(List(ListLimits, "scope=team/sales"), "\"used\":0"), 3U);
  const std::string first = List(ListLimits, "limit=2");
  const std::size_t at = first.find(R"("next":")") + 8;
  const std::string next = first.substr(at, first.find('"', at) - at);
  EXPECT_EQ(Count(List(ListLimits, "limit=2&after=" + next), R"("scope":"org")"), 1U) << next;
}

TEST_F(BudgetsApiTest, ARaiseInAnotherCurrencyIsExchanged) {
  EXPECT_EQ(Raise("100 CNY").status, 200);
  EXPECT_EQ(Limit(), 114);
  EXPECT_EQ(Raise("100 EUR").status, 400);
  EXPECT_EQ(Limit(), 114);
}

TEST_F(BudgetsApiTest, ARaiseOfNothingEndsTheOneThatHolds) {
  ASSERT_EQ(Raise("50 USD").status, 200);
  EXPECT_EQ(Raise("0 USD").status, 200);
  EXPECT_EQ(Limit(), 100);
}

TEST_F(BudgetsApiTest, TheCallsOfOneRequestStayOnOnePage) {
  Lose({"req_a", "req_a", "req_b"});
  const std::string first = Leases("limit=1");
  EXPECT_EQ(Count(first, R"("request_id":"req_a")"), 2U) << first;
  EXPECT_EQ(Count(first, R"("next":"req_a")"), 1U) << first;
  const std::string second = Leases("limit=2&after=req_a");
  EXPECT_EQ(Count(second, R"("request_id":"req_b")"), 1U) << second;
  EXPECT_EQ(Count(second, R"("next":null)"), 1U) << second;
}

TEST_F(BudgetsApiTest, ARequestIsSettledWithAllOfItsCalls) {
  Lose({"req_a", "req_a", "req_b"});
  EXPECT_EQ(Settled(), 30);
  EXPECT_EQ(Settle("req_a", "1 CNY").status, 400);
  EXPECT_EQ(Settle("req_a", "3 USD").status, 200);
  EXPECT_EQ(Settled(), 13);
  EXPECT_EQ(Settle("req_a", "3 USD").status, 404);
  EXPECT_EQ(Settle("req_b", "0").status, 200);
  EXPECT_EQ(Settled(), 3);
  EXPECT_EQ(Entries(), 2U);
}

TEST_F(BudgetsApiTest, MoreThanTheWorstCaseIsSettledOnlyWhereThatIsSaid) {
  Lose({"req_a", "req_a", "req_b"});
  const Reply refused = Settle("req_a", "20.01 USD");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(Count(refused.body, "20.01 USD is more than the 20 USD"), 1U) << refused.body;
  EXPECT_EQ(Settle("req_a", "20.01 USD", R"(,"above_worst_case":false)").status, 400);
  EXPECT_EQ(Settle("req_a", "20.01 USD", R"(,"above_worst_case":"yes")").status, 400);
  EXPECT_EQ(Settled(), 30);
  EXPECT_EQ(Entries(), 0U);
  EXPECT_EQ(changes_, 0);
  EXPECT_EQ(Settle("req_a", "20 USD").status, 200) << "just as much as was reserved";
  EXPECT_EQ(Settle("req_b", "50 USD", R"(,"above_worst_case":true)").status, 200);
  EXPECT_EQ(Settled(), 70);
  EXPECT_EQ(changes_, 2);
}

TEST_F(BudgetsApiTest, WhatCannotBeWrittenIsNotSettled) {
  Lose({"req_a"});
  disk_.write_error = ENOSPC;
  EXPECT_EQ(Settle("req_a", "3 USD").status, 503);
  EXPECT_EQ(Settled(), 10);
  EXPECT_EQ(Entries(), 0U);
  disk_.write_error = 0;
  EXPECT_EQ(Settle("req_a", "3 USD").status, 200);
  EXPECT_EQ(Settled(), 3);
}

}  // namespace
}  // namespace admin
