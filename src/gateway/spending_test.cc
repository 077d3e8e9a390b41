#include "gateway/spending.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "budget/books_for_test.h"
#include "net/loop_thread_for_test.h"
#include "net/timer_wheel.h"
#include "pricing/book.h"
#include "store/directory_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using Verdict = Spending::Verdict;

constexpr std::int64_t kMilli = base::kPico / 1'000;  // of a dollar: what a token of an answer costs
constexpr std::string_view kDay = "budgets:\n  - { scope: org, limit: 1 USD, window: day, output_floor: 50";

base::Money Milli(std::int64_t amount, base::Currency currency = base::Currency::kUsd) {
  return {base::Int128{amount} * kMilli, currency};
}

class SpendingTest : public testing::Test {
 protected:
  // One request, which asks for so many tokens of answer, in the hands of the test.
  struct Played {
    Played(SpendingTest& one, std::string text)
        : test(one),
          body(std::move(text)),
          request(*wire::ParseRequest(chat::Operation::kChat, body)),
          wordings(request, test.settings_) {}
    ~Played() {
      test.thread_.Do([this] { cancel.Fire(base::Code::kCancelled); });
      if (waits) test.Await(*this);
      test.thread_.Do([this] { spending.reset(); });
    }

    SpendingTest& test;
    const std::string body;
    const wire::RequestView request;
    wire::LazyExtent extent{request};
    Wordings wordings;
    std::optional<Wording> wording;
    budget::Spender spender;
    RequestRecord record;
    net::Cancel cancel;
    std::optional<Spending> spending;
    bool waits = false;
    std::optional<Verdict> waited;
    std::optional<bool> promised;
  };

  // Budgets as in the config, and what deepseek/flash and chinese/flash cost: a thousandth of a dollar or
  // yuan for a token of an answer, nothing for a prompt.
  void Begin(const std::string& budgets) {
    played_.emplace(directory_.path(), clock_, disk_, budgets);
    const auto started = played_->Start();
    ASSERT_TRUE(started) << started.error().detail;
    settings_ = *budget::SettingsOf(budgets);
    for (const char* model : {"deepseek/flash", "chinese/flash"}) {
      config::PriceSettings& price = settings_.prices[model];
      price.currency = model[0] == 'd' ? base::Currency::kUsd : base::Currency::kCny;
      price.amounts[static_cast<std::size_t>(chat::Meter::kInput)] = 0;
      price.amounts[static_cast<std::size_t>(chat::Meter::kOutput)] = base::Int128{1'000} * base::kPico;
    }
    auto book = pricing::Book::Make({}, settings_);
    ASSERT_TRUE(book) << book.error().detail;
    prices_ = std::move(*book);
    promiser_.emplace(thread_.loop(), played_->books());
    thread_.Start();
  }
  ~SpendingTest() override { thread_.Join(); }

  std::unique_ptr<Played> Ask(std::int64_t tokens, std::optional<base::Money> max_cost = {}) {
    auto one =
        std::make_unique<Played>(*this, R"({"model":"m","messages":[{"role":"user","content":"Hello!"}],)"
                                        R"("max_tokens":)" +
                                            std::to_string(tokens) + "}");
    one->record.id = "req_" + std::to_string(++requests_);
    one->spender.team = "support";
    one->spender.key_id = "key_1";
    one->spender.asked_model = "m";
    thread_.Do([&] {
      one->spending.emplace(Spending::Parts{.loop = thread_.loop(),
                                            .settings = settings_,
                                            .prices = prices_,
                                            .rates = rates_,
                                            .extent = one->extent,
                                            .policy = &played_->policy(),
                                            .books = &played_->books(),
                                            .typical = &typical_,
                                            .promiser = &*promiser_,
                                            .max_cost = max_cost});
      EXPECT_TRUE(one->spending->Begin(one->spender).value());
    });
    return one;
  }
  Verdict Reserve(Played& one, const std::string& provider = "deepseek") {
    Verdict verdict = Verdict::kRefused;
    thread_.Do([&] {
      candidate_.target = {provider, "flash"};
      const config::ProviderSettings& settings = settings_.providers.at(provider);
      one.wording.emplace();
      ASSERT_TRUE(one.wordings.Find(candidate_.target, settings, *one.wording));
      verdict = one.spending->Reserve(candidate_, settings, *one.wording);
    });
    return verdict;
  }
  void Promise(Played& one) {
    thread_.Do([&] { net::Spawn(PromiseFor(one)); });
    thread_.Until([&] { return one.promised.has_value(); });
    EXPECT_TRUE(*std::exchange(one.promised, std::nullopt));
  }
  static net::Task<void> PromiseFor(Played& one) {
    one.promised = (co_await one.spending->Promise(one.record)).has_value();
  }
  // Reserves and is about to be called.
  std::unique_ptr<Played> Call(std::int64_t tokens) {
    auto one = Ask(tokens);
    EXPECT_EQ(Reserve(*one), Verdict::kGranted);
    Promise(*one);
    return one;
  }
  void Settle(Played& one, std::int64_t milli) {
    thread_.Do([&] {
      const base::Money cost = Milli(milli);
      one.record.price = {.currency = cost.currency, .cost = cost.pico};
      one.spending->Settle(one.record);
    });
  }
  // Its call has failed and cost so much.
  void Keep(Played& one, std::int64_t milli) {
    one.record.attempts.emplace_back().price = {.currency = base::Currency::kUsd, .cost = Milli(milli).pico};
    thread_.Do([&] { one.spending->Keep(one.record.attempts.size() - 1); });
  }
  // As somebody else who spends so much.
  void Spend(std::int64_t milli) { Settle(*Call(milli), milli); }

  // Begins to wait; what comes of it is in `waited` then.
  void Wait(Played& one) {
    one.waits = true;
    thread_.Do([&] { net::Spawn(WaitInto(one)); });
  }
  static net::Task<void> WaitInto(Played& one) {
    const Verdict verdict = co_await one.spending->Wait(one.cancel);
    one.waited = verdict;
  }
  Verdict Await(const Played& one) {
    thread_.Until([&] { return one.waited.has_value(); });
    return *one.waited;
  }
  // Lets what was posted and what is due happen.
  bool StillWaits(const Played& one) {
    thread_.Do([] {});
    thread_.Do([] {});
    return !one.waited.has_value();
  }
  // Timers are looked at each hundredth of a second, and never early.
  void Pass(std::chrono::nanoseconds time) {
    base::MonoTime then{};
    thread_.Do([&] {
      clock_.Advance(time);
      then = clock_.Now();
    });
    thread_.Until([&] {
      thread_.loop().timers().Advance();
      return thread_.loop().Now() >= then;  // which stands still for one turn of the loop
    });
  }

  // Thousandths of a dollar that the first budget has.
  std::int64_t Settled() { return static_cast<std::int64_t>(played_->Look(0, "").settled / kMilli); }
  std::int64_t Reserved() { return static_cast<std::int64_t>(played_->Look(0, "").reserved / kMilli); }
  static std::string Body(const Played& one) {
    std::string body;
    for (const std::string_view piece : one.wording->body()) body += piece;
    return body;
  }

  const store::TemporaryDirectory directory_;
  base::FakeClock clock_{base::ParseTime("2026-11-30T12:00:00Z").value()};
  store::SystemDisk disk_;
  std::optional<budget::PlayedBooks> played_;
  std::optional<Promiser> promiser_;
  config::Settings settings_;
  std::shared_ptr<const pricing::Book> prices_;
  DearestRates rates_;
  TypicalCost typical_;
  routing::Candidate candidate_;
  int requests_ = 0;
  net::LoopThread thread_{clock_};
};

TEST_F(SpendingTest, WhatACallMayCostIsHeldUntilItIsSettled) {
  Begin(std::string(kDay) + " }\n");
  const auto one = Call(400);
  EXPECT_EQ(Reserved(), 400);
  Settle(*one, 150);
  EXPECT_EQ(Reserved(), 0);
  EXPECT_EQ(Settled(), 150);
}

TEST_F(SpendingTest, ACallThatIsNotMadeHoldsNothing) {
  Begin(std::string(kDay) + " }\n");
  const auto one = Ask(400);
  ASSERT_EQ(Reserve(*one), Verdict::kGranted);
  EXPECT_EQ(Reserved(), 400);
  thread_.Do([&] { one->spending->Drop(); });
  EXPECT_EQ(Reserved(), 0);
}

TEST_F(SpendingTest, ACallIsSentWithTheOutputLimitThatIsPaidFor) {
  Begin(std::string(kDay) + " }\n");
  Spend(900);
  const auto one = Ask(400);
  ASSERT_EQ(Reserve(*one), Verdict::kGranted);
  EXPECT_EQ(one->spending->lowered_to(), 100);
  EXPECT_NE(Body(*one).find("\"max_tokens\":100"), std::string::npos) << Body(*one);
  EXPECT_EQ(Reserved(), 100);
}

TEST_F(SpendingTest, BelowAUsefulAnswerItIsRefusedByTheBudgetsNameAndHour) {
  Begin(std::string(kDay) + " }\n");
  Spend(951);
  const auto one = Ask(400);
  EXPECT_EQ(Reserve(*one), Verdict::kRefused);
  EXPECT_EQ(one->spending->why(),
            "the budget of org has 0.049 USD left of 1 USD, and it may cost 0.4 USD; it opens again at "
            "2026-12-01T00:00:00Z");
  const auto small = Ask(49);
  EXPECT_EQ(Reserve(*small), Verdict::kGranted) << "it asks for less than the floor itself";
}

TEST_F(SpendingTest, WhatOthersHaveReservedIsWaitedFor) {
  Begin(std::string(kDay) + " }\n");
  const auto first = Call(900);
  const auto second = Ask(400);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  EXPECT_TRUE(StillWaits(*second));
  Settle(*first, 100);
  EXPECT_EQ(Await(*second), Verdict::kGranted);
  EXPECT_EQ(second->spending->lowered_to(), 0);
  EXPECT_EQ(Reserved(), 400);
}

TEST_F(SpendingTest, WhoWaitsWhileOthersSpendTheRestNeedsLessOrIsRefused) {
  Begin(std::string(kDay) + " }\n");
  const auto first = Call(900);
  const auto second = Ask(400);
  const auto third = Ask(400);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  ASSERT_EQ(Reserve(*third), Verdict::kBusy);
  Wait(*third);
  Settle(*first, 800);
  EXPECT_EQ(Await(*second), Verdict::kGranted);
  EXPECT_EQ(second->spending->lowered_to(), 200);
  EXPECT_TRUE(StillWaits(*third)) << "the second may need less than it holds";
  Promise(*second);
  Settle(*second, 180);
  EXPECT_EQ(Await(*third), Verdict::kRefused);
  EXPECT_NE(third->spending->why().find("has 0.02 USD left of 1 USD"), std::string::npos)
      << third->spending->why();
}

TEST_F(SpendingTest, WhoNeedsLessKeepsItsPlaceInTheLine) {
  Begin(std::string(kDay) + " }\n");
  const auto first = Call(700);
  const auto other = Call(300);
  const auto second = Ask(600);
  const auto third = Ask(200);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  ASSERT_EQ(Reserve(*third), Verdict::kBusy);
  Wait(*third);
  Settle(*first, 450);
  EXPECT_TRUE(StillWaits(*second)) << "for 550, which the other call leaves it at most";
  EXPECT_TRUE(StillWaits(*third)) << "though only the line is in its way";
  Settle(*other, 0);
  EXPECT_EQ(Await(*second), Verdict::kGranted);
  EXPECT_EQ(second->spending->lowered_to(), 550);
  EXPECT_TRUE(StillWaits(*third));
}

TEST_F(SpendingTest, WhenNothingComesBackForAsLongAsTheBudgetSaysItIsRefused) {
  Begin(std::string(kDay) + ", reserve_wait: 3s }\n");
  const auto first = Call(1'000);
  const auto second = Ask(400);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  Pass(2'980ms);
  EXPECT_TRUE(StillWaits(*second));
  Pass(40ms);
  EXPECT_EQ(Await(*second), Verdict::kRefused);
  EXPECT_NE(second->spending->why().find("reserved by requests that are under way"), std::string::npos)
      << second->spending->why();
  ASSERT_EQ(Reserve(*second, "deepseek"), Verdict::kBusy);
  second->waited.reset();
  Wait(*second);
  EXPECT_EQ(Await(*second), Verdict::kRefused) << "it does not wait at every candidate";
}

TEST_F(SpendingTest, AsLongAsSomethingComesBackItWaitsOnAndNotForEver) {
  Begin("budgets:\n  - { scope: org, limit: 1 USD, window: day, output_floor: 200, reserve_wait: 3s }\n");
  const auto large = Call(850);
  std::vector<std::unique_ptr<Played>> small(14);
  for (auto& one : small) one = Call(10);
  const auto waits = Ask(400);
  ASSERT_EQ(Reserve(*waits), Verdict::kBusy);
  Wait(*waits);
  for (auto& one : small) {
    Pass(2s);
    Settle(*one, 0);
    ASSERT_TRUE(StillWaits(*waits));
  }
  Pass(1'980ms);
  EXPECT_TRUE(StillWaits(*waits));
  Pass(40ms);
  EXPECT_EQ(Await(*waits), Verdict::kRefused) << "ten times as long at most";
}

TEST_F(SpendingTest, AtTheEndOfItsWaitItTakesWhatThereIs) {
  Begin(std::string(kDay) + ", reserve_wait: 3s }\n");
  const auto first = Call(900);
  const auto second = Ask(400);
  const auto third = Ask(400);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  ASSERT_EQ(Reserve(*third), Verdict::kBusy);
  Wait(*third);
  Pass(3'020ms);
  EXPECT_EQ(Await(*second), Verdict::kGranted) << "though somebody waits behind it";
  EXPECT_EQ(second->spending->lowered_to(), 100);
  EXPECT_EQ(Await(*third), Verdict::kRefused);
  EXPECT_EQ(Reserved(), 1'000);
}

TEST_F(SpendingTest, WhoComesLaterDoesNotMakeTheFirstInLineWaitOn) {
  Begin(std::string(kDay) + ", reserve_wait: 3s }\n");
  const auto first = Call(900);
  const auto second = Ask(400);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  for (int i = 0; i < 3; ++i) {
    Pass(980ms);
    EXPECT_EQ(Reserve(*Ask(50)), Verdict::kBusy);
    ASSERT_TRUE(StillWaits(*second));
  }
  Pass(80ms);
  ASSERT_FALSE(StillWaits(*second));
  EXPECT_EQ(*second->waited, Verdict::kGranted);
  EXPECT_EQ(second->spending->lowered_to(), 100);
}

TEST_F(SpendingTest, WhoGoesOverToAnotherLineWaitsAsLongAsThatBudgetSays) {
  Begin(
      "budgets:\n"
      "  - { scope: org, limit: 1 USD, window: day, reserve_wait: 30s }\n"
      "  - { scope: team/*, limit: 1 USD, window: week, reserve_wait: 1s }\n");
  Pass(12h - 1s);
  const auto first = Call(1'000);
  const auto second = Ask(400);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  Pass(1'500ms);
  ASSERT_TRUE(StillWaits(*second));
  // A new day, in which only the week is in its way: whoever comes next finds that out.
  EXPECT_EQ(Reserve(*Ask(50)), Verdict::kBusy);
  ASSERT_TRUE(StillWaits(*second));
  Pass(980ms);
  EXPECT_TRUE(StillWaits(*second));
  Pass(40ms);
  ASSERT_FALSE(StillWaits(*second));
  EXPECT_EQ(*second->waited, Verdict::kRefused);
  EXPECT_NE(second->spending->why().find("the budget of team/support"), std::string::npos)
      << second->spending->why();
}

TEST_F(SpendingTest, ABudgetThatLetsNobodyWaitRefusesAtOnce) {
  Begin(std::string(kDay) + ", reserve_wait: 0s }\n");
  const auto first = Call(1'000);
  const auto second = Ask(400);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  EXPECT_EQ(Await(*second), Verdict::kRefused);
}

TEST_F(SpendingTest, WhoseClientGoesWaitsNoMore) {
  Begin(std::string(kDay) + " }\n");
  const auto first = Call(1'000);
  const auto second = Ask(400);
  ASSERT_EQ(Reserve(*second), Verdict::kBusy);
  Wait(*second);
  thread_.Do([&] { second->cancel.Fire(base::Code::kCancelled); });
  EXPECT_EQ(Await(*second), Verdict::kStopped);
  EXPECT_EQ(played_->books().accounts().Counts().waiting, 0U);
}

TEST_F(SpendingTest, AFailedCallThatCostSomethingKeepsItsPart) {
  Begin(std::string(kDay) + " }\n");
  const auto one = Call(400);
  Keep(*one, 300);
  ASSERT_EQ(Reserve(*one), Verdict::kGranted);
  Promise(*one);
  EXPECT_EQ(Reserved(), 800);
  Settle(*one, 100);
  EXPECT_EQ(Settled(), 400);
  EXPECT_EQ(Reserved(), 0);
}

TEST_F(SpendingTest, AFailedCallThatCostNothingHoldsNothing) {
  Begin(std::string(kDay) + " }\n");
  const auto one = Call(400);
  thread_.Do([&] { one->spending->GiveBack(); });
  EXPECT_EQ(Reserved(), 0);
  Settle(*one, 100);
  EXPECT_EQ(Settled(), 0) << "the row speaks of no call of it";
}

TEST_F(SpendingTest, ACallDoesNotWaitForWhatAnEarlierOneOfItsRequestMayHaveCost) {
  Begin(std::string(kDay) + " }\n");
  const auto one = Call(600);
  one->record.attempts.emplace_back();
  thread_.Do([&] { one->spending->Keep(0); });
  ASSERT_EQ(Reserve(*one), Verdict::kGranted) << "at once, with what is left";
  EXPECT_EQ(one->spending->lowered_to(), 400);
  Promise(*one);
  EXPECT_EQ(Reserved(), 1'000);
  Settle(*one, 100);
  EXPECT_EQ(Settled(), 700) << "nobody knows the price of the first one";
  EXPECT_EQ(Reserved(), 0);
}

TEST_F(SpendingTest, WhatNobodyKnowsThePriceOfCountsAsWhatWasHeld) {
  Begin(std::string(kDay) + " }\n");
  const auto one = Call(400);
  thread_.Do([&] { one->spending->Settle(one->record); });
  EXPECT_EQ(Settled(), 400);
}

TEST_F(SpendingTest, WhatIsPaidInAnotherCurrencyIsHeldInTheBudgets) {
  Begin(std::string(kDay) + " }\n");
  const auto one = Ask(400);
  ASSERT_EQ(Reserve(*one, "chinese"), Verdict::kGranted);
  EXPECT_EQ(Reserved(), 56);
  EXPECT_TRUE(one->spending->reserved().currency == base::Currency::kCny);
}

TEST_F(SpendingTest, ATypicalBudgetHoldsWhatSuchCallsHaveCost) {
  Begin(std::string(kDay) + ", mode: typical }\n");
  for (std::uint32_t i = 0; i < TypicalCost::kCallsMin; ++i) {
    const auto one = Call(320);
    EXPECT_EQ(Reserved(), 320) << i;
    Settle(*one, 5);
  }
  const auto one = Call(320);
  EXPECT_EQ(Reserved(), 5);
}

TEST_F(SpendingTest, ARequestsOwnLimitIsKeptOverAllOfItsCalls) {
  Begin(std::string(kDay) + " }\n");
  const auto one = Ask(400, Milli(500));
  ASSERT_EQ(Reserve(*one), Verdict::kGranted);
  Promise(*one);
  Keep(*one, 10);
  ASSERT_EQ(Reserve(*one), Verdict::kGranted);
  EXPECT_EQ(one->spending->lowered_to(), 100) << "what the first one may still turn out to have cost counts";
  EXPECT_EQ(Reserve(*one, "chinese"), Verdict::kRefused);
  EXPECT_NE(one->spending->why().find("which x-sluice-max-cost does not speak of"), std::string::npos);
}

TEST_F(SpendingTest, AStepThatBlocksRefusesWithWhenItOpens) {
  Begin(std::string(kDay) + ", steps: [{ at: 50%, block: true }] }\n");
  Spend(500);
  const auto one = Ask(100);
  routing::Plan plan;
  plan.candidates.push_back({{"deepseek", "flash"}, chat::Rung::kStrong, "as the test says", {}, {}});
  std::optional<RefusalText> refusal;
  thread_.Do([&] { refusal = one->spending->Restrict(plan); });
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->message,
            "org has used 50% of 1 USD: from 50% on nothing answers; it opens again at 2026-12-01T00:00:00Z");
}

}  // namespace
}  // namespace gateway
