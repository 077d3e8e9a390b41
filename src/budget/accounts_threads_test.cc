#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time_text.h"
#include "budget/accounts.h"
#include "budget/demands_for_test.h"
#include "budget/saved_account.h"
#include "budget/waiter.h"

// Many threads on few accounts: what the sanitizer for races looks at, and what must hold whoever wins.

namespace budget {
namespace {

using base::Int128;
using base::WallTime;

const WallTime kNoon = base::ParseTime("2026-11-30T12:00:00Z").value();
constexpr int kThreads = 4;
constexpr int kRounds = 4'000;

class AccountsThreadsTest : public testing::Test {
 protected:
  AccountsThreadsTest() {
    const Window day = Window::Calendar(Window::Unit::kDay, {});
    terms_.push_back(MakeTerms(1, day, 1'000'000));
    terms_.push_back(MakeTerms(2, day, 900));
    terms_.push_back(MakeTerms(3, Window::Rolling(std::chrono::hours(1)), 700));
  }

  std::vector<Demand> Ask(base::Random& random) const {
    const auto amount = static_cast<std::int64_t>(random.Below(300));
    std::vector<Demand> demands{MakeDemand(terms_[0], "all", amount)};
    for (std::size_t i = 1; i < terms_.size(); ++i) {
      demands.push_back(MakeDemand(terms_[i], values_[random.Below(values_.size())], amount));
    }
    return demands;
  }

  // How it stands, which must keep the limit at every instant.
  AccountView Look(const Terms& terms, std::string_view value) {
    const Demand demand = MakeDemand(terms, value, 0);
    AccountView view;
    accounts_.Look({&demand, 1}, kNoon, {&view, 1});
    if (view.settled + view.reserved > view.limit) ++overshot_;
    return view;
  }

  // Spends part of it and remembers how much.
  void Settle(Lease& lease, const std::vector<Demand>& demands, base::Random& random) {
    const std::uint64_t cost = random.Below(3) == 0 ? random.Below(2) : 0;
    const std::vector<Int128> costs(demands.size(), std::min<Int128>(cost, demands[0].amount));
    for (std::size_t i = 0; i < demands.size(); ++i) {
      spent_[i].fetch_add(static_cast<std::int64_t>(costs[i]), std::memory_order_relaxed);
    }
    lease.Settle(costs, kNoon);
  }

  void Spend(std::uint64_t seed) {
    base::Random random(seed);
    for (int i = 0; i < kRounds; ++i) {
      const std::vector<Demand> demands = Ask(random);
      auto lease = accounts_.Reserve(demands, kNoon);
      (void)Look(terms_[1], values_[random.Below(values_.size())]);
      if (lease && random.Below(4) != 0) Settle(*lease, demands, random);
    }
  }

  // Waits for its turn, gives up now and then.
  void Queue(std::uint64_t seed) {
    base::Random random(seed);
    for (int i = 0; i < kRounds; ++i) {
      std::vector<Demand> demands = Ask(random);
      std::atomic<bool> ready{false};
      Waiter waiter(accounts_, [&ready] {
        ready = true;
        ready.notify_one();
      });
      if (accounts_.Wait(demands, kNoon, waiter)) {
        if (random.Below(3) == 0) continue;
        ready.wait(false);
      }
      auto outcome = waiter.Take();
      while (std::holds_alternative<std::monostate>(outcome)) {  // it has gone over to another line
        ready.wait(false);
        ready = false;
        outcome = waiter.Take();
      }
      if (std::holds_alternative<Denied>(outcome)) {
        // A tenth of it, in the place that it has, if it has one; and it does not wait any more.
        for (Demand& demand : demands) demand.amount /= 10;
        if (accounts_.Wait(demands, kNoon, waiter)) continue;
        outcome = waiter.Take();
      }
      if (Lease* const lease = std::get_if<Lease>(&outcome)) Settle(*lease, demands, random);
    }
  }

  base::FakeClock clock_{kNoon};
  std::vector<Terms> terms_;
  const std::vector<std::string> values_{"a", "b", "c"};
  Accounts accounts_{clock_, {}};
  std::array<std::atomic<std::int64_t>, 3> spent_{};
  std::atomic<int> overshot_{0};
};

TEST_F(AccountsThreadsTest, NoLimitIsPassedAndEveryPicoIsSettledOrRefunded) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([this, i] { Spend(static_cast<std::uint64_t>(i)); });
      threads.emplace_back([this, i] { Queue(static_cast<std::uint64_t>(100 + i)); });
    }
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) {
        accounts_.Sweep(kNoon);
        accounts_.List(terms_[1], kNoon, [](const Accounts::Listed&) {});
      }
    });
  }
  EXPECT_EQ(overshot_, 0);
  EXPECT_EQ(accounts_.Counts().waiting, 0U);
  EXPECT_EQ(accounts_.Counts().overshot, 0U);
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    Int128 settled = 0;
    for (const std::string_view value : {"all", "a", "b", "c"}) {
      const AccountView view = Look(terms_[i], value);
      settled += view.settled;
      EXPECT_TRUE(view.reserved == 0);
    }
    EXPECT_TRUE(settled == spent_[i].load());
    EXPECT_GT(spent_[i].load(), 0);
  }
}

TEST_F(AccountsThreadsTest, ACutIsMadeWhileOthersSpend) {
  std::atomic<bool> done{false};
  std::jthread saver([&] {
    while (!done) {
      Int128 settled = 0;
      accounts_.StartCut();
      accounts_.SaveCut([&](std::span<const SavedAccount> part) {
        for (const SavedAccount& account : part) settled += account.settled;
      });
      if (settled < 0) ++overshot_;
    }
  });
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([this, i] { Spend(static_cast<std::uint64_t>(i)); });
    }
  }
  done = true;
  saver.join();
  EXPECT_EQ(overshot_, 0);
}

}  // namespace
}  // namespace budget
