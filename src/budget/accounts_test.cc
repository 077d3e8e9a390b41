#include "budget/accounts.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "budget/demands_for_test.h"
#include "budget/saved_account.h"

namespace budget {
namespace {

using base::Int128;
using base::WallTime;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ns;

const WallTime kNoon = base::ParseTime("2026-11-30T12:00:00Z").value();
const WallTime kMidnight = kNoon + 12h;

Window Day() {
  return Window::Calendar(Window::Unit::kDay, {});
}

class AccountsTest : public testing::Test {
 protected:
  tl::expected<Lease, Denied> Reserve(std::int64_t amount, WallTime now, std::string_view who = "support") {
    const Demand demand = MakeDemand(day_, who, amount);
    return accounts_.Reserve({&demand, 1}, now);
  }
  void Spend(std::int64_t amount, WallTime now, std::string_view who = "support") {
    auto lease = Reserve(amount, now, who);
    ASSERT_TRUE(lease);
    Settle(*lease, amount, now);
  }
  void SpendAll(const Demand& demand, WallTime now) {
    auto lease = accounts_.Reserve({&demand, 1}, now);
    ASSERT_TRUE(lease);
    lease->Settle({&demand.amount, 1}, now);
  }
  static void Settle(Lease& lease, std::int64_t cost, WallTime now) {
    const Int128 amount = cost;
    lease.Settle({&amount, 1}, now);
  }
  AccountView Look(const Terms& terms, WallTime now, std::string_view who = "support") {
    const Demand demand = MakeDemand(terms, who, 0);
    AccountView view;
    accounts_.Look({&demand, 1}, now, {&view, 1});
    return view;
  }

  base::FakeClock clock_{kNoon};
  const Terms day_ = MakeTerms(1, Day(), 100);
  Accounts accounts_{clock_, {.accounts_max = 1'000, .waiting_max = 10}};
};

TEST_F(AccountsTest, WhatIsReservedCountsUntilItComesBack) {
  auto first = Reserve(60, kNoon);
  ASSERT_TRUE(first);
  const auto second = Reserve(60, kNoon);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().why, DeniedWhy::kBusy);
  EXPECT_TRUE(second.error().account.room() == 40);
  EXPECT_TRUE(second.error().account.room_at_most() == 100);
  Settle(*first, 10, kNoon);
  EXPECT_FALSE(first->holds());
  EXPECT_TRUE(Reserve(90, kNoon));
}

TEST_F(AccountsTest, WhatIsSettledIsOverAndSaysWhenItOpens) {
  Spend(60, kNoon);
  const auto denied = Reserve(41, kNoon);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().why, DeniedWhy::kOver);
  EXPECT_EQ(denied.error().opens, kMidnight);
  EXPECT_TRUE(denied.error().account.settled == 60);
  EXPECT_TRUE(Reserve(40, kNoon)) << "the limit itself may be spent";
}

TEST_F(AccountsTest, WhatIsMoreThanTheLimitNeverOpens) {
  const auto denied = Reserve(101, kNoon);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().opens, WallTime::max());
}

TEST_F(AccountsTest, WhatARaiseWouldPayForOpensWithTheWindow) {
  ASSERT_TRUE(SetRaise(accounts_, MakeDemand(day_, "support", 0), {.by = 100, .until = kMidnight}, kNoon));
  Spend(150, kNoon);
  const auto denied = Reserve(120, kNoon);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().opens, kMidnight);
}

TEST_F(AccountsTest, AClockThatGoesBackForDaysAndComesAgainHarmsNoLease) {
  auto lease = Reserve(40, kNoon);
  ASSERT_TRUE(lease);
  EXPECT_TRUE(Reserve(1, kNoon - 72h)) << "the window that it says begins";
  EXPECT_TRUE(Reserve(1, kNoon)) << "and that of now begins anew";
  Settle(*lease, 30, kNoon);
  EXPECT_TRUE(Reserve(70, kNoon));
  EXPECT_FALSE(Reserve(71, kNoon)) << "what it cost counts";
}

TEST_F(AccountsTest, ADroppedLeaseGivesEverythingBack) {
  { const auto lease = Reserve(100, kNoon); }
  EXPECT_TRUE(Reserve(100, kNoon));
}

TEST_F(AccountsTest, ALeaseThatIsReplacedGivesBackWhatItHeld) {
  auto lease = Reserve(100, kNoon);
  ASSERT_TRUE(lease);
  *lease = Lease();
  EXPECT_TRUE(Reserve(100, kNoon));
}

TEST_F(AccountsTest, AllAccountsAreReservedOrNone) {
  const Terms small = MakeTerms(2, Day(), 10);
  const Demand both[] = {MakeDemand(day_, "support", 50), MakeDemand(small, "ann", 50)};
  const auto denied = accounts_.Reserve(both, kNoon);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().demand, 1U);
  EXPECT_TRUE(Look(day_, kNoon).reserved == 0);
}

TEST_F(AccountsTest, TheAccountThatIsOverIsNamedBeforeOneThatIsBusy) {
  const Terms other = MakeTerms(2, Day(), 10);
  const auto busy = Reserve(100, kNoon);
  const Demand both[] = {MakeDemand(day_, "support", 1), MakeDemand(other, "ann", 11)};
  const auto denied = accounts_.Reserve(both, kNoon);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().demand, 1U);
  EXPECT_EQ(denied.error().why, DeniedWhy::kOver);
}

TEST_F(AccountsTest, OneAccountAskedForTwiceMustHoldBoth) {
  const Demand twice[] = {MakeDemand(day_, "support", 60), MakeDemand(day_, "support", 60)};
  EXPECT_FALSE(accounts_.Reserve(twice, kNoon));
  EXPECT_TRUE(Look(day_, kNoon).reserved == 0);
}

TEST_F(AccountsTest, MakingRoomForOneAccountForgetsNoOtherOfTheSameRequest) {
  Accounts few(clock_, {.accounts_max = 1});
  const Demand first = MakeDemand(day_, "support", 60);
  std::string value = "a";
  while (AccountKeyHash()(MakeDemand(day_, value, 0).key) % 1024 != AccountKeyHash()(first.key) % 1024)
    value += 'a';  // until both lie in one part of the table
  const Demand both[] = {first, MakeDemand(day_, value, 60)};
  const auto denied = few.Reserve(both, kNoon);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().why, DeniedWhy::kTooMany);
  EXPECT_TRUE(few.Reserve({&first, 1}, kNoon));
}

TEST_F(AccountsTest, EachValueHasItsOwnAccount) {
  Spend(100, kNoon, "support");
  EXPECT_TRUE(Reserve(100, kNoon, "search"));
}

TEST_F(AccountsTest, ACostAboveItsReservationIsTakenAndCounted) {
  auto lease = Reserve(90, kNoon);
  ASSERT_TRUE(lease);
  Settle(*lease, 95, kNoon);
  EXPECT_EQ(accounts_.Counts().overshot, 0U) << "the limit was kept";
  lease = Reserve(5, kNoon);
  ASSERT_TRUE(lease);
  Settle(*lease, 12, kNoon);
  EXPECT_TRUE(Look(day_, kNoon).settled == 107);
  EXPECT_EQ(accounts_.Counts().overshot, 1U);
  EXPECT_TRUE(accounts_.Counts().overshot_pico == 7);
}

TEST_F(AccountsTest, SettlingTellsHowTheAccountsStand) {
  auto lease = Reserve(90, kNoon);
  ASSERT_TRUE(lease);
  const auto other = Reserve(10, kNoon);
  const Int128 cost = 30;
  AccountView after;
  lease->Settle({&cost, 1}, kNoon, {&after, 1});
  EXPECT_TRUE(after.settled == 30 && after.reserved == 10 && after.limit == 100);
  EXPECT_EQ(after.span.end, kMidnight);
}

TEST_F(AccountsTest, ANewWindowBeginsWithNothing) {
  Spend(100, kMidnight - 1ns);
  EXPECT_FALSE(Reserve(1, kMidnight - 1ns));
  EXPECT_TRUE(Reserve(100, kMidnight));
}

TEST_F(AccountsTest, ALeaseBelongsToTheWindowInWhichItWasReserved) {
  auto lease = Reserve(100, kMidnight - 1s);
  ASSERT_TRUE(lease);
  Spend(100, kMidnight);
  Settle(*lease, 100, kMidnight + 1s);
  EXPECT_TRUE(Look(day_, kMidnight + 1s).settled == 100);
}

TEST_F(AccountsTest, AClockThatGoesBackALittleDoesNotBringAWindowBack) {
  Spend(60, kMidnight);
  EXPECT_TRUE(Look(day_, kMidnight - 1s).settled == 60);
  EXPECT_TRUE(Look(day_, kMidnight).settled == 60);
}

TEST_F(AccountsTest, AClockThatWasFarAheadDoesNotKeepAWindowForEver) {
  Spend(100, kNoon + 24h * 365);
  EXPECT_TRUE(Reserve(100, kNoon));
}

TEST_F(AccountsTest, AChangedLimitKeepsWhatWasSpent) {
  Spend(60, kNoon);
  const Terms lower = MakeTerms(day_.id, Day(), 50);
  const Demand demand = MakeDemand(lower, "support", 1);
  EXPECT_EQ(accounts_.Reserve({&demand, 1}, kNoon).error().why, DeniedWhy::kOver);
  const Terms higher = MakeTerms(day_.id, Day(), 200);
  const Demand more = MakeDemand(higher, "support", 140);
  EXPECT_TRUE(accounts_.Reserve({&more, 1}, kNoon));
}

TEST_F(AccountsTest, ARaiseHoldsUntilItsEnd) {
  ASSERT_TRUE(SetRaise(accounts_, MakeDemand(day_, "support", 0), {.by = 50, .until = kNoon + 1h}, kNoon));
  EXPECT_TRUE(Reserve(150, kNoon));
  EXPECT_FALSE(Reserve(150, kNoon + 1h));
  EXPECT_FALSE(Reserve(150, kNoon, "search")) << "it is of one account";
}

TEST_F(AccountsTest, WhatAWindowLeavesMayBeCarriedOver) {
  const Terms carrying = MakeTerms(3, Day(), 100, 50);
  const auto room = [&](WallTime now) { return Look(carrying, now).room(); };
  const Demand demand = MakeDemand(carrying, "support", 70);
  EXPECT_TRUE(room(kNoon) == 100);
  auto lease = accounts_.Reserve({&demand, 1}, kNoon);
  ASSERT_TRUE(lease);
  EXPECT_TRUE(room(kMidnight) == 130) << "what is reserved may yet be spent";
  Settle(*lease, 60, kMidnight);
  EXPECT_TRUE(room(kMidnight) == 140) << "now it is known";
  EXPECT_TRUE(room(kMidnight + 24h) == 150) << "no more than the most";
}

TEST_F(AccountsTest, WhatIsCarriedOverIsNotForgottenAtNight) {
  const Terms carrying = MakeTerms(3, Day(), 100, 50);
  const Demand demand = MakeDemand(carrying, "support", 70);
  auto lease = accounts_.Reserve({&demand, 1}, kNoon);
  ASSERT_TRUE(lease);
  Settle(*lease, 70, kNoon);
  accounts_.Sweep(kMidnight);
  EXPECT_TRUE(Look(carrying, kMidnight + 8h).room() == 130) << "though nobody asked before";
}

TEST_F(AccountsTest, WhoNeverSpentAnythingIsForgottenThoughARestWouldBeCarriedOver) {
  const Terms carrying = MakeTerms(3, Day(), 100, 50);
  for (const char* const who : {"ann", "bob"}) {
    const Demand demand = MakeDemand(carrying, who, 70);
    EXPECT_TRUE(accounts_.Reserve({&demand, 1}, kNoon)) << "and gives it back at once";
  }
  EXPECT_EQ(accounts_.Counts().accounts, 2u);
  EXPECT_TRUE(Look(carrying, kMidnight, "bob").room() == 150);
  accounts_.Sweep(kMidnight + 1h);
  EXPECT_EQ(accounts_.Counts().accounts, 0u);
}

TEST_F(AccountsTest, WhoIsRefusedByOneBudgetLeavesNoTraceInTheOthers) {
  const Terms session = MakeTerms(5, Window::Idle(1h), 100);
  const Terms hour = MakeTerms(6, Window::Rolling(1h), 100);
  const auto ask = [&](std::int64_t amount, WallTime now) {
    const Demand demands[] = {MakeDemand(session, "s", amount), MakeDemand(hour, "ann", amount),
                              MakeDemand(day_, "support", amount)};
    return accounts_.Reserve(demands, now);
  };
  { const auto lease = ask(60, kNoon); }
  Spend(100, kNoon);
  Terms used = session;
  const Demand spent = MakeDemand(used, "s", 60);
  ASSERT_TRUE(accounts_.Apply({&spent, 1}, kNoon, kNoon));
  EXPECT_FALSE(ask(10, kNoon + 30min)) << "the day is used up";
  EXPECT_TRUE(Look(session, kNoon + 1h, "s").room() == 100) << "an hour after it was last used";
  EXPECT_FALSE(ask(10, kNoon + 2h));
  accounts_.Sweep(kNoon + 2h);
  EXPECT_TRUE(Look(hour, kNoon + 2h, "ann").room() == 100);
  EXPECT_EQ(accounts_.Counts().accounts, 1u) << "only that of the day has something to be kept";
}

TEST_F(AccountsTest, WhatIsSettledIsSeenAsTheWindowStandsThen) {
  const Terms hour = MakeTerms(4, Window::Rolling(1h), 100);
  const Demand demand = MakeDemand(hour, "support", 40);
  SpendAll(demand, kNoon);
  auto late = accounts_.Reserve({&demand, 1}, kNoon + 59min);
  ASSERT_TRUE(late);
  const Int128 cost = 40;
  AccountView after;
  late->Settle({&cost, 1}, kNoon + 65min, {&after, 1});
  EXPECT_TRUE(after.settled == 40) << "what has left the window meanwhile is not in it";
}

TEST_F(AccountsTest, AnEndBehindItsWindowIsSeenInTheNextOne) {
  auto lease = Reserve(60, kNoon);
  ASSERT_TRUE(lease);
  const Int128 cost = 60;
  AccountView after;
  lease->Settle({&cost, 1}, kMidnight, {&after, 1});
  EXPECT_TRUE(after.settled == 0);
  EXPECT_EQ(after.span.start, kMidnight);
}

TEST_F(AccountsTest, ARollingWindowLetsNothingGoEarlyAndAllOfItInTheEnd) {
  const Terms hour = MakeTerms(4, Window::Rolling(64min), 100);
  const Demand demand = MakeDemand(hour, "support", 60);
  auto lease = accounts_.Reserve({&demand, 1}, kNoon + 30s);
  ASSERT_TRUE(lease);
  Settle(*lease, 60, kNoon + 50s);
  const auto denied = accounts_.Reserve({&demand, 1}, kNoon + 64min);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().opens, kNoon + 65min) << "when its slot has left whole";
  EXPECT_FALSE(accounts_.Reserve({&demand, 1}, kNoon + 65min - 1ns));
  EXPECT_TRUE(accounts_.Reserve({&demand, 1}, kNoon + 65min));
}

TEST_F(AccountsTest, WhatARequestHoldsItselfLeavesARollingWindowWithItsSlot) {
  const Terms hour = MakeTerms(4, Window::Rolling(64min), 100);
  const auto reserve = [&](std::int64_t amount, WallTime now, std::span<const Lease> kept = {}) {
    const Demand demand = MakeDemand(hour, "support", amount);
    return accounts_.Reserve({&demand, 1}, now, kept);
  };
  const auto opens = [&](std::int64_t amount, std::span<const Lease> kept) {
    const auto denied = reserve(amount, kNoon + 11min, kept);
    return denied ? WallTime::min() : denied.error().opens;
  };
  auto spent = reserve(30, kNoon);
  ASSERT_TRUE(spent);
  Settle(*spent, 30, kNoon);
  auto held = reserve(50, kNoon + 10min);
  ASSERT_TRUE(held);
  const Lease kept[] = {std::move(*held)};
  EXPECT_EQ(opens(40, kept), kNoon + 65min) << "beside what is held, when what is settled has left";
  EXPECT_EQ(opens(60, kept), kNoon + 75min) << "not before what is held has left, too";
  EXPECT_EQ(opens(100, kept), kNoon + 75min);
  EXPECT_EQ(opens(101, kept), WallTime::max()) << "only this is more than all of it";
}

TEST_F(AccountsTest, ASessionThatFallsSilentBeginsAnew) {
  const Terms session = MakeTerms(5, Window::Idle(30min), 100);
  const Demand demand = MakeDemand(session, "run-7", 60);
  auto lease = accounts_.Reserve({&demand, 1}, kNoon);
  ASSERT_TRUE(lease);
  EXPECT_FALSE(accounts_.Reserve({&demand, 1}, kNoon + 2h)) << "a call is under way";
  Settle(*lease, 60, kNoon + 2h);
  EXPECT_FALSE(accounts_.Reserve({&demand, 1}, kNoon + 2h + 29min));
  EXPECT_TRUE(accounts_.Reserve({&demand, 1}, kNoon + 2h + 30min));
}

TEST_F(AccountsTest, LookingMakesNoAccount) {
  EXPECT_TRUE(Look(day_, kNoon).room() == 100);
  EXPECT_EQ(accounts_.Counts().accounts, 0U);
}

TEST_F(AccountsTest, AccountsOfWindowsThatAreOverAreForgotten) {
  Spend(1, kNoon, "ann");
  const auto held = Reserve(1, kNoon, "bob");
  ASSERT_TRUE(SetRaise(accounts_, MakeDemand(day_, "eve", 0), {.by = 1, .until = kMidnight + 1h}, kNoon));
  EXPECT_EQ(accounts_.Counts().accounts, 3U);
  accounts_.Sweep(kMidnight - 1ns);
  EXPECT_EQ(accounts_.Counts().accounts, 3U);
  accounts_.Sweep(kMidnight);
  EXPECT_EQ(accounts_.Counts().accounts, 2U) << "a lease and a raise are kept";
  EXPECT_TRUE(Look(day_, kMidnight, "eve").limit == 101);
}

TEST_F(AccountsTest, BeyondTheMostAccountsWhatNeedsAnotherIsDenied) {
  for (int i = 0; i < 1'000; ++i) Spend(1, kNoon, std::to_string(i));
  const auto denied = Reserve(1, kNoon, "one more");
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().why, DeniedWhy::kTooMany);
  EXPECT_EQ(accounts_.Counts().too_many, 1U);
  EXPECT_TRUE(Reserve(1, kNoon, "7")) << "those that are there go on";
  accounts_.Sweep(kMidnight);
  EXPECT_TRUE(Reserve(1, kMidnight, "one more"));
}

TEST_F(AccountsTest, WhatWasSpentBeforeCountsWhereItIsOfTheWindow) {
  const Demand demand = MakeDemand(day_, "support", 60);
  EXPECT_TRUE(accounts_.Apply({&demand, 1}, kNoon - 24h, kNoon));
  EXPECT_TRUE(Look(day_, kNoon).settled == 0);
  EXPECT_TRUE(accounts_.Apply({&demand, 1}, kNoon - 1h, kNoon));
  EXPECT_TRUE(Look(day_, kNoon).settled == 60);
}

TEST_F(AccountsTest, WhatHasNoEndCountsAsSpentUntilItHas) {
  const Demand worst = MakeDemand(day_, "support", 60);
  const Demand cost = MakeDemand(day_, "support", 20);
  EXPECT_TRUE(accounts_.ApplyUnsettled({&worst, 1}, kNoon, kNoon));
  EXPECT_EQ(Reserve(41, kNoon).error().why, DeniedWhy::kOver);
  accounts_.Resolve({&worst, 1}, {&cost, 1}, kNoon, kNoon);
  EXPECT_TRUE(Look(day_, kNoon).settled == 20);
}

std::map<std::string, SavedAccount> Cut(Accounts& accounts) {
  std::map<std::string, SavedAccount> saved;
  accounts.SaveCut([&](std::span<const SavedAccount> part) {
    for (const SavedAccount& account : part) saved[account.value] = account;
  });
  return saved;
}

TEST_F(AccountsTest, ACutHoldsWhatWasSettledBeforeItBegan) {
  Spend(60, kNoon, "ann");
  auto lease = Reserve(30, kNoon, "ann");
  ASSERT_TRUE(lease);
  Spend(5, kNoon, "bob");
  accounts_.StartCut();
  Settle(*lease, 20, kNoon);
  Spend(7, kNoon, "eve");
  auto saved = Cut(accounts_);
  EXPECT_EQ(saved.size(), 2U);
  EXPECT_TRUE(saved["ann"].settled == 60);
  EXPECT_TRUE(saved["bob"].settled == 5);
  accounts_.StartCut();
  saved = Cut(accounts_);
  EXPECT_EQ(saved.size(), 3U);
  EXPECT_TRUE(saved["ann"].settled == 80);
}

TEST_F(AccountsTest, ACutLacksWhatHasNoEnd) {
  const Demand worst = MakeDemand(day_, "support", 60);
  Spend(10, kNoon);
  EXPECT_TRUE(accounts_.ApplyUnsettled({&worst, 1}, kNoon, kNoon));
  accounts_.StartCut();
  EXPECT_TRUE(Cut(accounts_)["support"].settled == 10);
}

TEST_F(AccountsTest, WhatIsRestoredGoesOnWhereItWas) {
  const Terms hour = MakeTerms(4, Window::Rolling(64min), 100);
  const Demand demand = MakeDemand(hour, "support", 40);
  SpendAll(demand, kNoon);
  ASSERT_TRUE(SetRaise(accounts_, demand, {.by = 7, .until = kMidnight}, kNoon));
  accounts_.StartCut();
  const SavedAccount saved = Cut(accounts_)["support"];

  Accounts next(clock_, {.accounts_max = 10, .waiting_max = 10});
  ASSERT_TRUE(next.Restore(saved, demand.key, hour, kNoon + 1min));
  AccountView view;
  next.Look({&demand, 1}, kNoon + 1min, {&view, 1});
  EXPECT_TRUE(view.settled == 40 && view.limit == 107);
  next.Look({&demand, 1}, kNoon + 65min, {&view, 1});
  EXPECT_TRUE(view.settled == 0);
}

TEST_F(AccountsTest, AListHasTheAccountsOfOneBudget) {
  const Terms other = MakeTerms(2, Day(), 10);
  Spend(60, kNoon, "ann");
  Spend(5, kNoon, "bob");
  const Demand demand = MakeDemand(other, "eve", 1);
  const auto lease = accounts_.Reserve({&demand, 1}, kNoon);
  std::map<std::string, std::int64_t> listed;
  accounts_.List(day_, kNoon, [&](const Accounts::Listed& one) {
    listed[one.value] = static_cast<std::int64_t>(one.view.settled);
  });
  EXPECT_EQ(listed, (std::map<std::string, std::int64_t>{{"ann", 60}, {"bob", 5}}));
}

TEST_F(AccountsTest, RaisesAreMadeTogetherOrNotAtAll) {
  Accounts few(clock_, {.accounts_max = 1});
  const Demand first = MakeDemand(day_, "support", 0);
  const Demand second = MakeDemand(day_, "sales", 0);
  const AccountRaise both[] = {{first, {.by = 50, .until = kMidnight}},
                               {second, {.by = 50, .until = kMidnight}}};
  const auto limit = [&] {
    AccountView view;
    few.Look({&first, 1}, kNoon, {&view, 1});
    return view.limit;
  };
  const Int128 own = limit();
  ASSERT_TRUE(SetRaise(few, first, {.by = 7, .until = kMidnight}, kNoon));
  EXPECT_FALSE(few.SetRaises(both, kNoon)) << "there is no room for the second account";
  EXPECT_TRUE(limit() == own + 7) << "what the first one had is there again";
}

}  // namespace
}  // namespace budget
