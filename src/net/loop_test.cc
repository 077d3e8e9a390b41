#include "net/loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "net/loop_thread_for_test.h"

namespace net {
namespace {

using namespace std::chrono_literals;

class LoopTest : public testing::Test {
 protected:
  base::SystemClock clock_;
  std::unique_ptr<Loop> loop_ = std::make_unique<Loop>(clock_);
};

TEST_F(LoopTest, PostedWorkRunsInOrder) {
  std::vector<int> ran;
  for (int i = 0; i < 1000; ++i) loop_->Post([&ran, i] { ran.push_back(i); });
  loop_->Stop();
  loop_->Run();
  ASSERT_EQ(ran.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(ran[static_cast<std::size_t>(i)], i);
}

TEST_F(LoopTest, WorkOfManyThreadsAllRuns) {
  LoopThread thread;
  thread.Start();
  int ran = 0;
  {
    std::vector<std::jthread> posters;
    for (int i = 0; i < 4; ++i) {
      posters.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) thread.loop().Post([&ran] { ++ran; });
      });
    }
  }
  thread.Do([&] { EXPECT_EQ(ran, 4000); });
}

TEST_F(LoopTest, WorkThatWorkPostsRunsAfterWhatWasPostedBefore) {
  std::vector<int> ran;
  loop_->Post([&] {
    loop_->Post([&] { ran.push_back(3); });
    ran.push_back(1);
  });
  loop_->Post([&] { ran.push_back(2); });
  loop_->StopAfterPosted();
  loop_->Run();
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
}

TEST_F(LoopTest, WorkPostedBeforeAStopRunsAndTheLoopMayRunAgain) {
  int ran = 0;
  loop_->Stop();
  loop_->Post([&] {
    ++ran;
    loop_->Post([&] { ++ran; });
  });
  loop_->Run();
  EXPECT_EQ(ran, 2);
  loop_->Post([&] { ++ran; });
  loop_->Stop();
  loop_->Run();
  EXPECT_EQ(ran, 3);
}

// What gathers during a turn, and how often it was told that the turn has ended.
struct Gathered final : TurnEndWork {
  explicit Gathered(std::function<void()> work) : at_end(std::move(work)) {}
  void OnTurnEnd() override { at_end(); }
  const std::function<void()> at_end;
};

TEST_F(LoopTest, WorkOfATurnsEndRunsOnceAfterAllThatTheTurnWasWokenFor) {
  std::vector<int> ran;
  Gathered gathered([&] { ran.push_back(3); });
  loop_->Post([&] {
    loop_->AtTurnEnd(gathered);
    ran.push_back(1);
  });
  loop_->Post([&] { ran.push_back(2); });
  loop_->StopAfterPosted();
  loop_->Run();
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
}

TEST_F(LoopTest, WhoAwaitsTheTurnsEndGoesOnBehindAllThatTheTurnWasWokenFor) {
  std::vector<int> ran;
  const auto wait = [&](int number) -> Task<void> {
    co_await TurnEnd(*loop_);
    ran.push_back(number);
  };
  loop_->Post([&] { Spawn(wait(2)); });
  loop_->Post([&] {
    ran.push_back(1);
    Spawn(wait(3));
  });
  loop_->StopAfterPosted();
  loop_->Run();
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
}

TEST_F(LoopTest, ATurnThatIsAskedForAtTheEndOfOneWaitsForNothing) {
  int ends = 0;
  std::optional<Gathered> gathered;
  gathered.emplace([&] {
    if (++ends < 100) return loop_->AtTurnEnd(*gathered);
    loop_->Stop();
  });
  loop_->Post([&] { loop_->AtTurnEnd(*gathered); });
  loop_->Run();
  EXPECT_EQ(ends, 100);
}

TEST_F(LoopTest, ALoopThatStopsEndsItsTurn) {
  int ends = 0;
  Gathered gathered([&] { ++ends; });
  loop_->Post([&] {
    loop_->AtTurnEnd(gathered);
    loop_->Stop();
  });
  loop_->Run();
  EXPECT_EQ(ends, 1);
}

// What goes may post: its last owner gives something up.
TEST_F(LoopTest, WorkThatNeverRunsGoesWithTheLoop) {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  {
    const std::shared_ptr<int> owner(new int(2), [&loop = *loop_, held](const int* last) {
      delete last;
      loop.Post([held] {});
    });
    loop_->Post([owner] {});
  }
  held.reset();
  loop_.reset();
  EXPECT_TRUE(watched.expired());
}

TEST_F(LoopTest, TheSoonerOfTwoTimersFiresFirstWhicheverWasSetFirst) {
  std::vector<int> fired;
  Timer late(loop_->timers(), [&] {
    fired.push_back(2);
    loop_->Stop();
  });
  Timer soon(loop_->timers(), [&] { fired.push_back(1); });
  late.SetAfter(60ms);
  soon.SetAfter(0ms);
  loop_->Run();
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace net
