#include "budget/waiter.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "budget/accounts.h"
#include "budget/demands_for_test.h"

namespace budget {
namespace {

using base::Int128;
using base::WallTime;
using std::chrono_literals::operator""h;

const WallTime kNoon = base::ParseTime("2026-11-30T12:00:00Z").value();

class WaiterTest : public testing::Test {
 protected:
  struct Waiting {
    std::vector<Demand> demands;
    std::unique_ptr<Waiter> waiter;
    bool in_line = false;
  };

  Waiting Wait(std::string name, std::vector<Demand> demands) {
    Waiting waiting;
    waiting.demands = std::move(demands);
    waiting.waiter = std::make_unique<Waiter>(accounts_, [this, name] { told_.push_back(name); });
    waiting.in_line = accounts_.Wait(waiting.demands, kNoon, *waiting.waiter);
    return waiting;
  }
  Lease Take(std::int64_t amount, const Terms& terms) {
    const Demand demand = MakeDemand(terms, "support", amount);
    return std::move(accounts_.Reserve({&demand, 1}, kNoon).value());
  }
  Demand A(std::int64_t amount) const { return MakeDemand(a_, "support", amount); }
  Demand B(std::int64_t amount) const { return MakeDemand(b_, "support", amount); }

  base::FakeClock clock_{kNoon};
  const Terms a_ = MakeTerms(1, Window::Calendar(Window::Unit::kDay, {}), 100);
  const Terms b_ = MakeTerms(2, Window::Calendar(Window::Unit::kDay, {}), 100);
  Accounts accounts_{clock_, {.accounts_max = 100, .waiting_max = 3}};
  std::vector<std::string> told_;
};

using Names = std::vector<std::string>;

TEST_F(WaiterTest, WhatFitsNeedNotWait) {
  const Waiting waiting = Wait("first", {A(100)});
  EXPECT_FALSE(waiting.in_line);
  EXPECT_TRUE(std::holds_alternative<Lease>(waiting.waiter->Take()));
  EXPECT_EQ(told_, Names{});
}

TEST_F(WaiterTest, WhatIsOverNeedNotWait) {
  const Waiting waiting = Wait("first", {A(101)});
  EXPECT_FALSE(waiting.in_line);
  EXPECT_EQ(std::get<Denied>(waiting.waiter->Take()).why, DeniedWhy::kOver);
}

TEST_F(WaiterTest, TheFirstInLineIsServedWhenSomethingComesBack) {
  Lease lease = Take(100, a_);
  const Waiting first = Wait("first", {A(50)});
  const Waiting second = Wait("second", {A(50)});
  const Waiting third = Wait("third", {A(50)});
  EXPECT_TRUE(first.in_line && second.in_line && third.in_line);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(first.waiter->Take()));
  lease.Refund(kNoon);
  EXPECT_EQ(told_, (Names{"first", "second"}));
  EXPECT_EQ(accounts_.Counts().waiting, 1U);
  { const auto dropped = first.waiter->Take(); }
  EXPECT_EQ(told_, (Names{"first", "second", "third"}));
}

TEST_F(WaiterTest, ASmallDemandDoesNotPassTheLine) {
  Lease lease = Take(60, a_);
  const Waiting large = Wait("large", {A(50)});
  const Demand small = A(10);
  const auto denied = accounts_.Reserve({&small, 1}, kNoon);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().why, DeniedWhy::kBusy);
  const Waiting waiting = Wait("small", {A(10)});
  EXPECT_TRUE(waiting.in_line);
  lease.Refund(kNoon);
  EXPECT_EQ(told_, (Names{"large", "small"}));
}

TEST_F(WaiterTest, WhoCannotBeServedAnyMoreIsToldAndTheLineWaitsForWhatItDoes) {
  Lease lease = Take(100, a_);
  Waiting large = Wait("large", {A(60)});
  const Waiting small = Wait("small", {A(40)});
  const Int128 cost = 50;
  lease.Settle({&cost, 1}, kNoon);
  EXPECT_EQ(told_, Names{"large"});
  EXPECT_EQ(std::get<Denied>(large.waiter->Take()).why, DeniedWhy::kOver);
  large.waiter.reset();
  EXPECT_EQ(told_, (Names{"large", "small"}));
  EXPECT_TRUE(std::holds_alternative<Lease>(small.waiter->Take()));
}

TEST_F(WaiterTest, WhoAsksForLessKeepsItsPlace) {
  Lease lease = Take(60, a_);
  const Lease other = Take(40, a_);
  Waiting large = Wait("large", {A(60)});
  const Waiting small = Wait("small", {A(10)});
  const Int128 cost = 50;
  lease.Settle({&cost, 1}, kNoon);
  EXPECT_TRUE(std::holds_alternative<Denied>(large.waiter->Take()));
  const Demand late = A(1);
  EXPECT_FALSE(accounts_.Reserve({&late, 1}, kNoon)) << "nobody passes meanwhile";
  large.demands = {A(10)};
  EXPECT_FALSE(accounts_.Wait(large.demands, kNoon, *large.waiter));
  const Waiter::Outcome taken = large.waiter->Take();
  EXPECT_TRUE(std::holds_alternative<Lease>(taken));
  EXPECT_EQ(told_, Names{"large"}) << "nothing is left for the next one now";
  EXPECT_EQ(accounts_.Counts().waiting, 1U);
}

TEST_F(WaiterTest, WhoIsToldAgainKeepsItsPlaceAgain) {
  Lease lease = Take(100, a_);
  Waiting large = Wait("large", {A(60)});
  const Waiting small = Wait("small", {A(50)});
  const Int128 cost = 50;
  lease.Settle({&cost, 1}, kNoon);
  (void)large.waiter->Take();
  large.demands = {A(55)};
  EXPECT_FALSE(accounts_.Wait(large.demands, kNoon, *large.waiter));
  EXPECT_TRUE(std::holds_alternative<Denied>(large.waiter->Take()));
  EXPECT_EQ(told_, Names{"large"});
  large.demands = {A(50)};
  EXPECT_FALSE(accounts_.Wait(large.demands, kNoon, *large.waiter));
  EXPECT_TRUE(std::holds_alternative<Lease>(large.waiter->Take()));
}

TEST_F(WaiterTest, WhoHasHadItsTurnMeanwhileIsGivenThat) {
  Lease lease = Take(100, a_);
  Waiting one = Wait("one", {A(60)});
  lease.Refund(kNoon);
  const std::vector<Demand> less{A(10)};
  EXPECT_FALSE(accounts_.Wait(less, kNoon, *one.waiter));
  EXPECT_TRUE(std::holds_alternative<Lease>(one.waiter->Take()));
}

TEST_F(WaiterTest, ItIsKnownWhenSomethingLastCameBack) {
  Lease first = Take(40, a_);
  const Lease second = Take(60, a_);
  const base::MonoTime begun = clock_.Now();
  const Waiting one = Wait("one", {A(60)});
  clock_.Advance(1h);
  const Waiting other = Wait("other", {A(1)});
  EXPECT_EQ(one.waiter->InTheWay()->idle_since, begun);
  EXPECT_EQ(other.waiter->InTheWay()->idle_since, clock_.Now()) << "it has waited for no longer";
  clock_.Advance(1h);
  first.Refund(kNoon);
  EXPECT_EQ(one.waiter->InTheWay()->idle_since, clock_.Now());
  EXPECT_EQ(other.waiter->InTheWay()->idle_since, clock_.Now());
}

TEST_F(WaiterTest, WhoComesLaterAndWhatIsSpentBringNothingBack) {
  Lease first = Take(40, a_);
  const Lease second = Take(40, a_);
  const base::MonoTime begun = clock_.Now();
  const Waiting one = Wait("one", {A(50)});
  clock_.Advance(1h);
  const Demand small = A(10);
  EXPECT_FALSE(accounts_.Reserve({&small, 1}, kNoon)) << "though there is room for it";
  EXPECT_EQ(one.waiter->InTheWay()->idle_since, begun);
  const Int128 cost = 40;
  first.Settle({&cost, 1}, kNoon);
  EXPECT_EQ(one.waiter->InTheWay()->idle_since, begun);
}

TEST_F(WaiterTest, ThatSomebodyWasServedIsKnownToThoseBehind) {
  const Lease lease = Take(60, a_);
  Waiting large = Wait("large", {A(50)});
  const Waiting small = Wait("small", {A(30)});
  const Waiting other = Wait("other", {A(30)});
  clock_.Advance(1h);
  large.waiter.reset();
  EXPECT_EQ(told_, Names{"small"});
  EXPECT_EQ(other.waiter->InTheWay()->idle_since, clock_.Now());
}

TEST_F(WaiterTest, NobodyWaitsForWhatItHoldsItself) {
  const Lease kept[] = {Take(60, a_)};
  const Lease other = Take(20, a_);
  const Demand fits = A(20);
  EXPECT_TRUE(accounts_.Reserve({&fits, 1}, kNoon, kept));
  const Demand busy = A(40);
  const auto waits = accounts_.Reserve({&busy, 1}, kNoon, kept);
  ASSERT_FALSE(waits);
  EXPECT_EQ(waits.error().why, DeniedWhy::kBusy);
  EXPECT_TRUE(waits.error().account.settled == 60 && waits.error().account.reserved == 20);
  const Demand more = A(41);
  EXPECT_EQ(accounts_.Reserve({&more, 1}, kNoon).error().why, DeniedWhy::kBusy);
  EXPECT_EQ(accounts_.Reserve({&more, 1}, kNoon, kept).error().why, DeniedWhy::kOver);
}

TEST_F(WaiterTest, WhoLeavesLetsTheNextOneTry) {
  Lease lease = Take(60, a_);
  Waiting large = Wait("large", {A(50)});
  const Waiting small = Wait("small", {A(40)});
  large.waiter.reset();
  EXPECT_EQ(told_, Names{"small"});
}

TEST_F(WaiterTest, WhatWasReservedForOneWhoIsGoneComesBack) {
  Lease lease = Take(100, a_);
  Waiting gone = Wait("gone", {A(100)});
  const Waiting next = Wait("next", {A(100)});
  lease.Refund(kNoon);
  EXPECT_EQ(told_, Names{"gone"});
  gone.waiter.reset();
  EXPECT_EQ(told_, (Names{"gone", "next"}));
}

TEST_F(WaiterTest, WhoNeedsTwoAccountsWaitsForBoth) {
  Lease a = Take(100, a_);
  Lease b = Take(100, b_);
  const Waiting both = Wait("both", {A(10), B(10)});
  a.Refund(kNoon);
  EXPECT_EQ(told_, Names{"both"}) << "it has gone over to the other line";
  EXPECT_TRUE(std::holds_alternative<std::monostate>(both.waiter->Take()));
  EXPECT_EQ(both.waiter->InTheWay()->demand, 1U);
  const Demand other = A(90);
  EXPECT_TRUE(accounts_.Reserve({&other, 1}, kNoon)) << "and keeps nobody waiting in the first";
  b.Refund(kNoon);
  EXPECT_EQ(told_, (Names{"both", "both"}));
  EXPECT_FALSE(both.waiter->InTheWay());
}

TEST_F(WaiterTest, InASecondLineTheOneWhoCameFirstStandsFirst) {
  Lease a = Take(100, a_);
  Lease b = Take(100, b_);
  const Waiting both = Wait("both", {A(10), B(100)});
  const Waiting later = Wait("later", {B(100)});
  a.Refund(kNoon);
  b.Refund(kNoon);
  EXPECT_EQ(told_, (Names{"both", "both"})) << "that it has gone over, and that it is served";
}

TEST_F(WaiterTest, TheLineHasAnEnd) {
  const Lease lease = Take(100, a_);
  const Waiting some[] = {Wait("1", {A(1)}), Wait("2", {A(1)}), Wait("3", {A(1)})};
  EXPECT_TRUE(some[2].in_line);
  const Waiting beyond = Wait("4", {A(1)});
  EXPECT_FALSE(beyond.in_line);
  EXPECT_EQ(std::get<Denied>(beyond.waiter->Take()).why, DeniedWhy::kLineFull);
}

TEST_F(WaiterTest, ANewWindowServesTheLineBeforeWhoComesLater) {
  const Lease lease = Take(100, a_);
  const Waiting waiting = Wait("waiting", {A(70)});
  const Demand late = A(40);
  const auto denied = accounts_.Reserve({&late, 1}, kNoon + 24h);
  ASSERT_FALSE(denied);
  EXPECT_EQ(told_, Names{"waiting"});
  EXPECT_TRUE(denied.error().account.reserved == 70);
}

TEST_F(WaiterTest, ARaiseServesTheLine) {
  const Lease lease = Take(100, a_);
  const Waiting waiting = Wait("waiting", {A(50)});
  ASSERT_TRUE(SetRaise(accounts_, A(0), {.by = 50, .until = kNoon + 1h}, kNoon));
  EXPECT_EQ(told_, Names{"waiting"});
}

TEST_F(WaiterTest, OneWhoWasServedMayWaitAgain) {
  Lease lease = Take(100, a_);
  const Waiting waiting = Wait("waiting", {A(100)});
  lease.Refund(kNoon);
  { const auto taken = waiting.waiter->Take(); }
  lease = Take(100, a_);
  EXPECT_TRUE(accounts_.Wait(waiting.demands, kNoon, *waiting.waiter));
  lease.Refund(kNoon);
  EXPECT_EQ(told_, (Names{"waiting", "waiting"}));
}

}  // namespace
}  // namespace budget
