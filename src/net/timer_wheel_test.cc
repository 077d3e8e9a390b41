#include "net/timer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/random.h"

namespace net {
namespace {

using namespace std::chrono_literals;

class TimerWheelTest : public testing::Test {
 protected:
  void Advance(std::chrono::nanoseconds step) {
    clock_.Advance(step);
    wheel_.Advance();
  }
  base::FakeClock clock_;
  std::vector<base::MonoTime> earlier_;
  TimerWheel wheel_{clock_, [this](base::MonoTime due) { earlier_.push_back(due); }};
};

TEST_F(TimerWheelTest, FiresNeverEarlyAndAtMostATickLate) {
  for (const auto delay :
       {0ns, 1ns, 9'999'999ns, 10'000'000ns, 10'000'001ns, 123'456'789ns, 81'919'999'999ns}) {
    bool fired = false;
    Timer timer(wheel_, [&] { fired = true; });
    timer.SetAfter(delay);
    if (delay > 0ns) {
      Advance(delay - 1ns);
      EXPECT_FALSE(fired) << delay.count();
      Advance(1ns);
    }
    Advance(10ms);
    EXPECT_TRUE(fired) << delay.count();
    EXPECT_FALSE(timer.pending());
    clock_.Advance(3'333'333ns);  // not on a tick's edge
  }
}

TEST_F(TimerWheelTest, FiresOncePerSet) {
  int fired = 0;
  Timer timer(wheel_, [&] { ++fired; });
  timer.SetAfter(5ms);
  timer.SetAfter(50ms);  // replaces
  Advance(30ms);
  EXPECT_EQ(fired, 0);
  Advance(30ms);
  Advance(100s);
  EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, CancelledAndDestroyedTimersStaySilent) {
  Timer cancelled(wheel_, [] { FAIL(); });
  cancelled.SetAfter(5ms);
  cancelled.Cancel();
  {
    Timer destroyed(wheel_, [] { FAIL(); });
    destroyed.SetAfter(5ms);
  }
  Advance(1s);
  EXPECT_FALSE(wheel_.NextDue());
}

TEST_F(TimerWheelTest, DeadlineThatIsMovedOnAndOnIsLookedAtOnceInItsTime) {
  int fired = 0;
  Timer timer(wheel_, [&] { ++fired; });
  timer.SetAfter(1s);
  const std::optional<base::MonoTime> first = wheel_.NextDue();
  for (int i = 0; i < 90; ++i) {
    Advance(10ms);
    timer.Cancel();
    timer.SetAfter(1s);
    EXPECT_EQ(wheel_.NextDue(), first);
  }
  Advance(200ms);  // its first time is over
  EXPECT_EQ(fired, 0);
  EXPECT_GT(wheel_.NextDue(), first);
  Advance(1s);
  EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, DeadlineMayBeMovedForward) {
  int fired = 0;
  Timer timer(wheel_, [&] { ++fired; });
  timer.SetAfter(60s);
  timer.SetAfter(20ms);
  Advance(30ms);
  EXPECT_EQ(fired, 1);
  Advance(100s);
  EXPECT_EQ(fired, 1);
}

TEST_F(TimerWheelTest, CallbackMaySetItsOwnTimerAgain) {
  int fired = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(wheel_, [&] {
    if (++fired < 5) timer->SetAfter(10ms);
  });
  timer->SetAfter(10ms);
  for (int i = 0; i < 20; ++i) Advance(10ms);
  EXPECT_EQ(fired, 5);
}

TEST_F(TimerWheelTest, TimerSetForThePastInACallbackFiresSoon) {
  bool fired = false;
  Timer past(wheel_, [&] { fired = true; });
  Timer first(wheel_, [&] { past.SetAt(base::MonoTime{}); });
  first.SetAfter(1ms);
  Advance(20ms);
  Advance(10ms);
  EXPECT_TRUE(fired);
}

TEST_F(TimerWheelTest, CallbackMayDestroyItselfAndItsNeighbours) {
  for (int victim = 0; victim < 5; ++victim) {
    std::vector<std::unique_ptr<Timer>> timers(5);
    int fired = 0;
    for (auto& timer : timers) {
      timer = std::make_unique<Timer>(wheel_, [&] {
        if (++fired != 1) return;
        timers[static_cast<std::size_t>(victim)].reset();
        timers[4].reset();
        timers[0].reset();
      });
      timer->SetAfter(5ms);
    }
    Advance(20ms);
    EXPECT_GE(fired, 3);
    EXPECT_LE(fired, 4);
  }
}

TEST_F(TimerWheelTest, DeadlinesBeyondOneTurnAreKept) {
  std::vector<int> order;
  Timer near(wheel_, [&] { order.push_back(1); });
  Timer far(wheel_, [&] { order.push_back(2); });
  Timer farther(wheel_, [&] { order.push_back(3); });
  near.SetAfter(1s);
  far.SetAfter(1s + 81'920ms);  // the same slot, one turn later
  farther.SetAfter(1h);
  Advance(2s);
  EXPECT_EQ(order, (std::vector<int>{1}));
  Advance(82s);
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  Advance(2h);  // one long sleep over many turns
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(TimerWheelTest, NextDueIsALowerBoundThatLeadsToTheTimer) {
  base::Random random(7);
  for (int round = 0; round < 300; ++round) {
    bool fired = false;
    Timer timer(wheel_, [&] { fired = true; });
    const auto delay = std::chrono::nanoseconds(random.Below(200'000'000'000));
    timer.SetAfter(delay);
    const base::MonoTime deadline = clock_.Now() + delay;
    int wakes = 0;
    while (!fired) {
      const auto due = wheel_.NextDue();
      ASSERT_TRUE(due);
      ASSERT_LE(*due, deadline + 10ms);
      ASSERT_GT(*due, clock_.Now());
      ASSERT_LE(++wakes, 4);  // once a turn at most
      Advance(*due - clock_.Now());
    }
    EXPECT_GE(clock_.Now(), deadline);
    EXPECT_LE(clock_.Now(), deadline + 10ms);
  }
}

TEST_F(TimerWheelTest, EarlierDeadlinesAreAnnounced) {
  Timer late(wheel_, [] {});
  Timer later(wheel_, [] {});
  Timer soon(wheel_, [] {});
  late.SetAfter(1s);
  later.SetAfter(2s);
  EXPECT_EQ(earlier_.size(), 1u);
  soon.SetAfter(10ms);
  EXPECT_EQ(earlier_.size(), 2u);
  Advance(20ms);
  soon.SetAfter(10ms);
  EXPECT_EQ(earlier_.size(), 3u);
}

TEST_F(TimerWheelTest, TenThousandRandomTimersFireInTheirTick) {
  struct One {
    std::unique_ptr<Timer> timer;
    std::optional<base::MonoTime> due;  // the plain twin: when it should fire
  };
  base::Random random(4711);
  std::vector<One> all(10'000);
  std::size_t fired = 0;
  for (One& one : all) {
    one.timer = std::make_unique<Timer>(wheel_, [this, &one, &fired] {
      ASSERT_TRUE(one.due);
      EXPECT_GE(clock_.Now(), *one.due);
      one.due.reset();
      ++fired;
    });
  }
  for (int step = 0; step < 2'000; ++step) {
    for (int change = 0; change < 20; ++change) {
      One& one = all[random.Below(all.size())];
      if (random.Below(4) == 0) {
        one.timer->Cancel();
        one.due.reset();
      } else {
        const auto delay = std::chrono::nanoseconds(random.Below(150'000'000'000));
        one.timer->SetAfter(delay);
        one.due = clock_.Now() + delay;
      }
    }
    Advance(std::chrono::nanoseconds(random.Below(300'000'000)));
    for (const One& one : all) {
      if (one.due) {
        ASSERT_GT(*one.due + 10ms, clock_.Now());
      }
      ASSERT_EQ(one.timer->pending(), one.due.has_value());
    }
  }
  EXPECT_GT(fired, 10'000u);
}

}  // namespace
}  // namespace net
