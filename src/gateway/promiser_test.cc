#include "gateway/promiser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <list>
#include <optional>
#include <string>

#include "budget/books_for_test.h"
#include "net/loop_thread_for_test.h"
#include "store/directory_for_test.h"
#include "store/played_disk_for_test.h"

namespace gateway {
namespace {

class PromiserTest : public testing::Test {
 protected:
  PromiserTest() {
    EXPECT_TRUE(played_.Start());
    promiser_.emplace(thread_.loop(), played_.books());
    thread_.Start();
  }
  ~PromiserTest() override {
    thread_.Do([this] { calls_.clear(); });
    thread_.Join();
    played_.Stop();
  }

  struct Call {
    budget::PlayedCall call;
    budget::Promise promise;
    std::optional<bool> promised;
  };
  net::Task<void> Promise(Call& one) {
    const budget::Spend worst = one.call.AsSpend(1);
    one.promised = (co_await promiser_->Write(worst, one.promise)).has_value();
  }
  // So many calls in one turn, with texts of so many bytes in each. How often the disk was written.
  int PromiseAtOnce(int calls, std::size_t bytes = 1) {
    const int before = disk_.writes;
    thread_.Do([&] {
      for (int i = 0; i < calls; ++i) {
        Call& one = calls_.emplace_back();
        one.call.id = "req_" + std::to_string(calls_.size());
        one.call.session = std::string(bytes, 's');
        net::Spawn(Promise(one));
        EXPECT_FALSE(one.promised) << "before the turn has ended";
      }
    });
    thread_.Until([this] {
      return std::all_of(calls_.begin(), calls_.end(), [](const Call& one) { return one.promised; });
    });
    return disk_.writes - before;
  }
  int Promised() const {
    return static_cast<int>(std::count_if(calls_.begin(), calls_.end(), [](const Call& one) {
      EXPECT_EQ(*one.promised, one.promise.holds());
      return *one.promised;
    }));
  }

  const store::TemporaryDirectory directory_;
  base::FakeClock clock_;
  store::PlayedDisk disk_;
  budget::PlayedBooks played_{directory_.path(), clock_, disk_,
                              "budgets:\n  - { scope: org, limit: 1 USD, window: day }\n"};
  std::optional<Promiser> promiser_;
  std::list<Call> calls_;
  net::LoopThread thread_{clock_};
};

TEST_F(PromiserTest, TheCallsOfATurnAreOneWrite) {
  EXPECT_EQ(PromiseAtOnce(20), 1);
  EXPECT_EQ(Promised(), 20);
  EXPECT_EQ(played_.books().leases().open, 20U);
  EXPECT_EQ(PromiseAtOnce(1), 1);
}

TEST_F(PromiserTest, MoreThanAGroupHoldsAreAFewWrites) {
  constexpr int kCalls = 400;
  const int writes = PromiseAtOnce(kCalls, 500);
  EXPECT_GT(writes, 3);
  EXPECT_LT(writes, 20);
  EXPECT_EQ(Promised(), kCalls);
  EXPECT_EQ(played_.books().leases().open, static_cast<std::uint64_t>(kCalls));
}

TEST_F(PromiserTest, AFullDiskRefusesTheCallsOfThatTurnAlone) {
  disk_.write_error = ENOSPC;
  PromiseAtOnce(3);
  EXPECT_EQ(Promised(), 0);
  EXPECT_EQ(played_.books().leases().open, 0U);
  disk_.write_error = 0;
  PromiseAtOnce(2);
  EXPECT_EQ(Promised(), 2);
}

}  // namespace
}  // namespace gateway
