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

  Office MakeOffice() {
    return {.clock = clock_, .keys = *keys_, .budgets = {played_.books(), [this] {
                                                           return std::shared_ptr<const budget::Policy>(
                                                               std::shared_ptr<void>(), &played_.policy());
                                                         }}};
  }
  Reply Raise(const std::string& by) {
    Office office = MakeOffice();
    const std::string body =
        R"({"scope":"team/support","until":"2026-12-01T00:00:00Z","by":")" + by + R"("})";
    return RaiseBudget(office, {.body = body, .who = "api:test"});
  }
  Reply Settle(const std::string& id, const std::string& cost) {
    Office office = MakeOffice();
    return SettleLease(office, {.id = id, .body = R"({"cost":")" + cost + R"("})", .who = "api:test"});
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
  std::unique_ptr<store::KeyStore> keys_;
};

std::size_t Count(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST_F(BudgetsApiTest, ARaiseThatCannotBeKeptLeavesTheOneBefore) {
  ASSERT_EQ(Raise("50 USD").status, 200);
  disk_.write_error = ENOSPC;
  EXPECT_EQ(Raise("70 USD").status, 503);
  EXPECT_EQ(Limit(), 150);
  EXPECT_EQ(Entries(), 1U);
  disk_.write_error = 0;
  EXPECT_EQ(Raise("70 USD").status, 200);
  EXPECT_EQ(Limit(), 170) << "in place of the one before";
  EXPECT_EQ(Entries(), 2U);
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
