#include "budget/books.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time_text.h"
#include "budget/books_for_test.h"
#include "store/directory_for_test.h"
#include "store/played_disk_for_test.h"
#include "store/turnstile_for_test.h"

namespace budget {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using UnderWay = std::shared_ptr<PlayedBooks::UnderWay>;

constexpr std::int64_t kUsd = base::kPico;

const std::string kBudgets =
    "budgets:\n"
    "  - { scope: team/*, limit: 100 USD, window: day }\n"
    "  - { scope: user/*, limit: 60 USD, rolling: 1h }\n"
    "  - { scope: org, limit: 1000 USD, window: month }\n";

class BooksTest : public testing::Test {
 protected:
  BooksTest() { Start(); }
  void Start() {
    const auto started = played_.Start(
        {.note = [this](std::string_view event, std::string_view) { told_.emplace_back(event); }});
    ASSERT_TRUE(started) << started.error().detail;
  }
  void Restart() {
    played_.Stop();
    Start();
  }
  void Crash() {
    played_.Crash();
    Start();
  }

  PlayedCall Call(std::int64_t worst) {
    PlayedCall call;
    call.id = "req_" + std::to_string(++calls_);
    call.started = clock_.WallNow();
    call.worst.pico = base::Int128{worst} * kUsd;
    return call;
  }
  UnderWay Begin(std::int64_t worst) { return played_.Begin(Call(worst)); }
  void End(const UnderWay& one, std::int64_t cost) { played_.End(*one, base::Int128{cost} * kUsd); }
  void Spend(std::int64_t cost) { End(Begin(cost), cost); }

  // Whole units: what is settled for the team, the user and all.
  using Sums = std::vector<std::int64_t>;
  Sums Settled() {
    Sums sums;
    const std::string_view values[] = {"support", "ann", ""};
    for (std::size_t i = 0; i < 3; ++i) {
      sums.push_back(static_cast<std::int64_t>(played_.Look(i, values[i]).settled / kUsd));
    }
    return sums;
  }
  std::int64_t Reserved() { return static_cast<std::int64_t>(played_.Look(0, "support").reserved / kUsd); }

  const store::TemporaryDirectory directory_;
  base::FakeClock clock_{base::ParseTime("2026-11-30T12:00:00Z").value()};
  store::PlayedDisk disk_;
  PlayedBooks played_{directory_.path(), clock_, disk_, kBudgets};
  std::vector<std::string> told_;
  int calls_ = 0;
};

TEST_F(BooksTest, ARestartGoesOnWithWhatWasSettled) {
  Spend(10);
  const UnderWay failed = Begin(20);
  failed->lease.Refund(clock_.WallNow());
  failed->promise.Release();
  Restart();
  EXPECT_EQ(Settled(), (Sums{10, 10, 10}));
  EXPECT_EQ(Reserved(), 0);
  EXPECT_TRUE(played_.books().ListUnsettled().empty());
}

TEST_F(BooksTest, ACrashForgetsNoRowBehindTheCheckpoint) {
  Spend(10);
  ASSERT_TRUE(played_.books().WriteCheckpoint());
  Spend(7);
  Crash();
  EXPECT_EQ(Settled(), (Sums{17, 17, 17}));
  Crash();
  EXPECT_EQ(Settled(), (Sums{17, 17, 17}));
  EXPECT_EQ(told_, std::vector<std::string>());
}

TEST_F(BooksTest, WithoutACheckpointTheWholeWindowsAreRead) {
  Spend(10);
  clock_.Advance(2h);
  Spend(7);
  played_.Stop();
  fs::remove(directory_.path() / "budgets.state");
  Start();
  EXPECT_EQ(Settled(), (Sums{17, 7, 17}));
}

TEST_F(BooksTest, WhatNobodyKnowsThePriceOfCountsAsWhatWasHeldAfterACrash) {
  const PlayedCall call = Call(20);
  const UnderWay failed = played_.Begin(call);
  const UnderWay last = played_.Begin(call);
  {
    const Books::Settling settling(played_.books());
    const PlayedBooks::Cost costs[] = {{&failed->call, failed->call.worst.pico, true},
                                       {&last->call, last->call.worst.pico, true}};
    played_.Append(costs);
    for (const UnderWay& one : {failed, last}) {
      const std::vector<base::Int128> held(one->demands.size(), one->call.worst.pico);
      one->lease.Settle(held, clock_.WallNow());
      one->promise.Close();
    }
  }
  EXPECT_EQ(Settled(), (Sums{40, 40, 40}));
  Crash();
  EXPECT_EQ(Settled(), (Sums{40, 40, 40}));
  EXPECT_TRUE(played_.books().ListUnsettled().empty());
  played_.Stop();
  fs::remove(directory_.path() / "budgets.state");
  Start();
  EXPECT_EQ(Settled(), (Sums{40, 40, 40}));
  played_.SetBudgets(kBudgets + "  - { scope: model/*, limit: 50 USD, rolling: 1h }\n");
  ASSERT_TRUE(played_.Reload());
  EXPECT_TRUE(played_.Look(3, "deepseek/flash").settled == base::Int128{40} * kUsd);
}

TEST_F(BooksTest, ASegmentThatWasMadeAheadDoesNotHideTheRowsBeforeIt) {
  clock_.Advance(48h);  // the next segment is older than the window
  Spend(10);
  played_.SetBudgets(kBudgets + "  - { scope: model/*, limit: 50 USD, rolling: 1h }\n");
  ASSERT_TRUE(played_.Reload());
  EXPECT_TRUE(played_.Look(3, "deepseek/flash").settled == base::Int128{10} * kUsd);
}

TEST_F(BooksTest, ACallCountsInTheWindowInWhichItWasSent) {
  PlayedCall first = Call(5);
  const UnderWay failed = played_.Begin(first);
  clock_.Advance(24h);  // another day and another month
  PlayedCall second = first;
  second.started = clock_.WallNow();
  const UnderWay answered = played_.Begin(second);
  const PlayedBooks::Ended calls[] = {{failed.get(), base::Int128{2} * kUsd},
                                      {answered.get(), base::Int128{3} * kUsd}};
  played_.End(calls);
  EXPECT_EQ(Settled(), (Sums{3, 3, 3}));
  played_.Stop();
  fs::remove(directory_.path() / "budgets.state");
  Start();
  EXPECT_EQ(Settled(), (Sums{3, 3, 3}));
}

TEST_F(BooksTest, ADamagedCheckpointIsToldAndTheLedgerIsReadInstead) {
  Spend(10);
  played_.Stop();
  const fs::path file = directory_.path() / "budgets.state";
  std::string bytes = store::ReadFile(file);
  for (const std::size_t at : {std::size_t{3}, bytes.size() / 2, bytes.size() - 1}) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    store::WriteFile(file, damaged);
    Start();
    EXPECT_EQ(Settled(), (Sums{10, 10, 10}));
    EXPECT_EQ(told_, std::vector<std::string>{"budgets_state_unread"});
    told_.clear();
    played_.Stop();
  }
  store::WriteFile(file, bytes.substr(0, 20));
  Start();
  EXPECT_EQ(Settled(), (Sums{10, 10, 10}));
}

TEST_F(BooksTest, ACallThatACrashCutOffCountsAsSpentUntilSomebodySaysWhatItCost) {
  Spend(10);
  const UnderWay cut_off = Begin(30);
  Crash();
  EXPECT_EQ(told_, std::vector<std::string>{"budgets_unsettled"});
  EXPECT_EQ(Settled(), (Sums{40, 40, 40}));
  const auto unsettled = played_.books().ListUnsettled();
  ASSERT_EQ(unsettled.size(), 1U);
  EXPECT_EQ(unsettled[0].request_id, cut_off->call.id);
  EXPECT_EQ(unsettled[0].team, "support");
  EXPECT_EQ(unsettled[0].model, "deepseek/flash");
  EXPECT_EQ(base::Print(unsettled[0].worst), "30 USD");

  Restart();
  EXPECT_EQ(Settled(), (Sums{40, 40, 40})) << "once, however often it starts";
  EXPECT_EQ(told_.size(), 1U) << "told once";

  ASSERT_TRUE(played_.books().SettleUnsettled(cut_off->call.id, base::Int128{4} * kUsd));
  EXPECT_EQ(Settled(), (Sums{14, 14, 14}));
  Crash();
  EXPECT_EQ(Settled(), (Sums{14, 14, 14})) << "its row is in the ledger";
  EXPECT_TRUE(played_.books().ListUnsettled().empty());
  EXPECT_EQ(played_.books().SettleUnsettled(cut_off->call.id, 0).error().code, base::Code::kNotFound);
}

TEST_F(BooksTest, ACallThatCostNothingIsLetGo) {
  const UnderWay cut_off = Begin(30);
  Crash();
  ASSERT_TRUE(played_.books().SettleUnsettled(cut_off->call.id, 0));
  EXPECT_EQ(Settled(), (Sums{0, 0, 0}));
  Crash();
  EXPECT_EQ(Settled(), (Sums{0, 0, 0}));
}

TEST_F(BooksTest, ARowThatWasWrittenJustBeforeTheCrashSettlesItsLease) {
  const UnderWay one = Begin(30);
  const PlayedBooks::Cost cost{&one->call, base::Int128{4} * kUsd};
  played_.Append({&cost, 1});  // and no more
  Crash();
  EXPECT_EQ(Settled(), (Sums{4, 4, 4}));
  EXPECT_TRUE(played_.books().ListUnsettled().empty());
}

TEST_F(BooksTest, TheCallsOfOneRequestAreSettledByItsOneRow) {
  const PlayedCall call = Call(10);
  const UnderWay first = played_.Begin(call);
  const UnderWay second = played_.Begin(call);
  Crash();
  EXPECT_EQ(Settled(), (Sums{20, 20, 20}));
  ASSERT_TRUE(played_.books().SettleUnsettled(call.id, base::Int128{3} * kUsd));
  EXPECT_EQ(Settled(), (Sums{3, 3, 3}));
  EXPECT_TRUE(played_.books().ListUnsettled().empty());
}

TEST_F(BooksTest, ALeaseOfAnEarlierWindowDoesNotCountInThisOne) {
  const UnderWay cut_off = Begin(30);
  clock_.Advance(24h);  // another day and another month
  Crash();
  EXPECT_EQ(Settled(), (Sums{0, 0, 0}));
  EXPECT_EQ(played_.books().ListUnsettled().size(), 1U);
}

TEST_F(BooksTest, ACrashCarriesNoMoreOverThanWasLeft) {
  played_.SetBudgets("budgets: [{ scope: team/*, limit: 100 USD, window: day, carry_over: 100% }]\n");
  Restart();
  Spend(10);
  ASSERT_TRUE(played_.books().WriteCheckpoint());
  Spend(20);
  const UnderWay cut_off = Begin(30);
  clock_.Advance(13h);  // past midnight
  Crash();
  const auto room = [this] { return played_.Look(0, "support").room() / kUsd; };
  EXPECT_EQ(room(), 140) << "neither rows behind the checkpoint nor what nobody knows is left";
  ASSERT_TRUE(played_.books().SettleUnsettled(cut_off->call.id, base::Int128{5} * kUsd));
  EXPECT_EQ(room(), 165);
  ASSERT_TRUE(played_.books().WriteCheckpoint());
  Crash();
  EXPECT_EQ(room(), 165);
}

TEST_F(BooksTest, ABudgetThatIsNewCountsWhatTheLedgerSays) {
  Spend(10);
  played_.SetBudgets(kBudgets + "  - { scope: model/*, limit: 5 USD, window: day }\n");
  ASSERT_TRUE(played_.Reload());
  EXPECT_TRUE(played_.Look(3, "deepseek/flash").settled == base::Int128{10} * kUsd);
  EXPECT_EQ(Settled(), (Sums{10, 10, 10})) << "the others are as they were";
  Crash();
  EXPECT_TRUE(played_.Look(3, "deepseek/flash").settled == base::Int128{10} * kUsd);
  EXPECT_EQ(Settled(), (Sums{10, 10, 10}));
}

TEST_F(BooksTest, ABudgetThatComesBackCountsWhatItMissed) {
  Spend(10);
  const UnderWay cut_off = Begin(20);
  Crash();
  const std::string all = kBudgets;
  played_.SetBudgets("budgets:\n  - { scope: org, limit: 1000 USD, window: month }\n");
  ASSERT_TRUE(played_.Reload());
  Spend(7);
  played_.SetBudgets(all);
  ASSERT_TRUE(played_.Reload());
  EXPECT_EQ(Settled(), (Sums{37, 37, 37}));
  ASSERT_TRUE(played_.books().SettleUnsettled(cut_off->call.id, 0));
  EXPECT_EQ(Settled(), (Sums{17, 17, 17}));
}

// Takes the ledger away and brings it back.
class HiddenLedger {
 public:
  explicit HiddenLedger(const fs::path& data) : ledger_(data / "ledger"), hidden_(data / "hidden") {
    fs::rename(ledger_, hidden_);
    std::ofstream(ledger_) << "no folder";
  }
  ~HiddenLedger() {
    fs::remove(ledger_);
    fs::rename(hidden_, ledger_);
  }
  HiddenLedger(const HiddenLedger&) = delete;
  HiddenLedger& operator=(const HiddenLedger&) = delete;

 private:
  const fs::path ledger_;
  const fs::path hidden_;
};

TEST_F(BooksTest, BudgetsThatCannotBeReadAreNotInForceAndAreWholeWhenTheyAreReadLater) {
  Spend(10);
  const UnderWay cut_off = Begin(20);
  Crash();
  const std::string more = kBudgets + "  - { scope: model/*, limit: 500 USD, window: day }\n";
  played_.SetBudgets(more);
  {
    const HiddenLedger hidden(directory_.path());
    const auto adopted = played_.Reload();
    ASSERT_FALSE(adopted);
    EXPECT_EQ(adopted.error().code, base::Code::kIo);
  }
  EXPECT_EQ(played_.books().policy()->budgets().size(), 3U);
  ASSERT_TRUE(played_.Reload());
  EXPECT_TRUE(played_.Look(3, "deepseek/flash").settled == base::Int128{30} * kUsd);
  EXPECT_EQ(Settled(), (Sums{30, 30, 30}));
}

TEST_F(BooksTest, ARestartAfterBudgetsThatCouldNotBeReadCountsThemWhole) {
  Spend(10);
  Crash();
  played_.SetBudgets(kBudgets + "  - { scope: model/*, limit: 500 USD, window: day }\n");
  {
    const HiddenLedger hidden(directory_.path());
    ASSERT_FALSE(played_.Reload());
  }
  ASSERT_TRUE(played_.books().WriteCheckpoint());
  Restart();
  EXPECT_TRUE(played_.Look(3, "deepseek/flash").settled == base::Int128{10} * kUsd);
  EXPECT_EQ(Settled(), (Sums{10, 10, 10}));
}

TEST_F(BooksTest, AnAmountOfAnotherCurrencyIsConvertedTheSameWayEachTime) {
  PlayedCall call = Call(0);
  call.model = "chinese/flash";
  call.worst = {.pico = 333, .currency = base::Currency::kCny};
  played_.End(*played_.Begin(call), 333);
  const base::Int128 settled = played_.Look(0, "support").settled;
  EXPECT_TRUE(settled == 47) << "rounded up";
  played_.Stop();
  fs::remove(directory_.path() / "budgets.state");
  Start();
  EXPECT_TRUE(played_.Look(0, "support").settled == settled);
}

TEST_F(BooksTest, ARaiseOutlivesARestart) {
  const Terms& terms = played_.policy().budgets()[0].terms;
  const Demand account{.key = {.rule = terms.id, .value = played_.hash()("support")},
                       .terms = &terms,
                       .value = "support",
                       .amount = 0};
  const AccountRaise raise{account, {.by = 50, .until = clock_.WallNow() + 1h}};
  ASSERT_TRUE(played_.books().SetRaises({&raise, 1}));
  ASSERT_TRUE(played_.books().WriteCheckpoint());
  Crash();
  EXPECT_TRUE(played_.Look(0, "support").limit == base::Int128{100} * kUsd + 50);
  clock_.Advance(1h);
  EXPECT_TRUE(played_.Look(0, "support").limit == base::Int128{100} * kUsd);
}

TEST_F(BooksTest, WhereNothingHappenedNoCheckpointIsWritten) {
  played_.Stop();
  store::Turnstile turnstile;
  ASSERT_TRUE(played_.Start({.checkpoint_every = 0s, .wait = turnstile.Wait()}));
  const fs::path file = directory_.path() / "budgets.state";
  const auto is_written = [&] {
    fs::remove(file);
    turnstile.Turn();
    return fs::exists(file);
  };
  EXPECT_FALSE(is_written()) << "the one of the start holds it all";
  const UnderWay one = Begin(10);
  EXPECT_TRUE(is_written()) << "a lease is open";
  End(one, 3);
  EXPECT_TRUE(is_written()) << "a row is there";
  EXPECT_FALSE(is_written());
  const Terms& terms = played_.policy().budgets()[0].terms;
  const AccountRaise raise{
      {.key = {terms.id, played_.hash()("support")}, .terms = &terms, .value = "support", .amount = 0},
      {.by = 50, .until = clock_.WallNow() + 1h}};
  ASSERT_TRUE(played_.books().SetRaises({&raise, 1}));
  EXPECT_TRUE(is_written()) << "a raise holds";
  EXPECT_FALSE(is_written());
  played_.SetBudgets("");
  ASSERT_TRUE(played_.Reload());
  EXPECT_TRUE(is_written()) << "there are other budgets";
  const PlayedCall call = Call(1);
  const PlayedBooks::Cost cost{&call, kUsd};
  played_.Append({&cost, 1});
  EXPECT_FALSE(is_written()) << "no budget heeds the row";
  played_.SetBudgets(kBudgets);
  ASSERT_TRUE(played_.Reload());
  EXPECT_EQ(Settled(), (Sums{4, 4, 4}));
  played_.Stop();
}

TEST_F(BooksTest, AFullDiskKeepsACallFromBeingMade) {
  disk_.write_error = ENOSPC;
  PromiseGroup group;
  Promise promise;
  group.Add(Call(1).AsSpend(1), promise);
  const auto refused = played_.books().Write(group);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::kIo);
  EXPECT_FALSE(promise.holds());
  EXPECT_FALSE(played_.books().WriteCheckpoint());
  disk_.write_error = 0;
  group.Add(Call(1).AsSpend(1), promise);
  EXPECT_TRUE(played_.books().Write(group));
  EXPECT_TRUE(promise.holds());
}

TEST_F(BooksTest, OldSegmentsOfLeasesGoWithTheCheckpoints) {
  for (int i = 0; i < 5'000; ++i) {
    const UnderWay one = played_.Begin(Call(0));
    played_.End(*one, 0);
  }
  EXPECT_GT(played_.books().leases().segments, 5U);
  ASSERT_TRUE(played_.books().WriteCheckpoint());
  EXPECT_EQ(played_.books().leases().segments, 1U);
}

TEST_F(BooksTest, ACheckpointBetweenThreadsThatSettleHasEachRowOnce) {
  constexpr int kThreads = 3;
  constexpr int kEach = 1'500;
  std::atomic<int> checkpoints{0};
  std::atomic<bool> done{false};
  {
    std::jthread keeper([&] {
      while (!done) {
        EXPECT_TRUE(played_.books().WriteCheckpoint());
        ++checkpoints;
      }
    });
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          PlayedCall call;
          call.id = std::to_string(t) + "_" + std::to_string(i);
          call.started = clock_.WallNow();
          call.worst.pico = 10;
          played_.End(*played_.Begin(call), 3);
        }
      });
    }
    threads.clear();
    done = true;
  }
  EXPECT_GT(checkpoints, 0);
  Crash();
  EXPECT_TRUE(played_.Look(0, "support").settled == 3 * kThreads * kEach);
  EXPECT_TRUE(played_.books().ListUnsettled().empty());
}

}  // namespace
}  // namespace budget
