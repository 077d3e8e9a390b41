#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "net/task.h"
#include "net/timer_wheel.h"

namespace net {

// The time of a loop's turn: read when it is first asked for in a turn, then standing still until the next,
// so that the dozens who ask while one message is dealt with cost one reading. Belongs to its loop.
class TurnClock final : public base::Clock {
 public:
  explicit TurnClock(const base::Clock& clock) : clock_(clock) {}

  base::MonoTime Now() const override {
    if (!mono_) mono_ = clock_.Now();
    return *mono_;
  }
  base::WallTime WallNow() const override {
    if (!wall_) wall_ = clock_.WallNow();
    return *wall_;
  }
  void NextTurn() {
    mono_.reset();
    wall_.reset();
  }

 private:
  const base::Clock& clock_;
  mutable std::optional<base::MonoTime> mono_;
  mutable std::optional<base::WallTime> wall_;
};

// Gathers work of a loop while a turn lasts, to do it in one go when the turn ends.
class TurnEndWork {
 public:
  virtual void OnTurnEnd() = 0;

 protected:
  ~TurnEndWork() = default;
};

// One event loop on one thread. Connections, timers and coroutines of a loop live on its thread and are
// never touched from another; Post is the only door.
class Loop {
 public:
  explicit Loop(const base::Clock& clock);  // `clock` must outlive the loop
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until Stop, on the calling thread, which becomes the loop's thread and from then on ignores SIGPIPE.
  void Run();

  void Stop();  // thread-safe
  // Stops once what has been posted, and what that made ready, has run: closed connections have then ended
  // their coroutines. Thread-safe.
  void StopAfterPosted();
  void Post(std::function<void()> work);  // thread-safe; runs on the loop's thread, in order
  // Calls it once when everything that this turn was woken for has been dealt with; asked for there, at the
  // end of the next turn, which then waits for nothing. On the loop's thread. `work` outlives the turn.
  void AtTurnEnd(TurnEndWork& work) { at_turn_end_.push_back(&work); }

  // The exact time, for measuring what one turn itself takes.
  const base::Clock& clock() const { return clock_; }
  // The time of this turn: when the loop began to deal with what it was woken for. On the loop's thread only.
  base::MonoTime Now() const { return turn_.Now(); }
  base::WallTime WallNow() const { return turn_.WallNow(); }
  TimerWheel& timers() { return timers_; }

  struct Io;  // what it waits with, see loop_internal.h
  Io& io() { return *io_; }

 private:
  void WakeAt(base::MonoTime due);
  void OnWake();
  void EndTurn();

  const base::Clock& clock_;
  TurnClock turn_;
  TimerWheel timers_;  // before io_: what is still posted when the loop goes holds timers
  std::unique_ptr<Io> io_;
  bool stopped_ = false;  // on its own thread
  std::vector<TurnEndWork*> at_turn_end_;
  std::vector<TurnEndWork*> ending_;
};

// `co_await TurnEnd(loop)` goes on when everything that this turn was woken for has been dealt with; said at
// the end of a turn, when the next one has. On the loop's thread, and only for a coroutine that nobody
// destroys while it waits.
class TurnEnd final : TurnEndWork {
 public:
  explicit TurnEnd(Loop& loop) : loop_(loop) {}
  TurnEnd(const TurnEnd&) = delete;
  TurnEnd& operator=(const TurnEnd&) = delete;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    loop_.AtTurnEnd(*this);
  }
  void await_resume() const noexcept {}

 private:
  void OnTurnEnd() override { waiter_.resume(); }

  Loop& loop_;
  std::coroutine_handle<> waiter_;
};

// `co_await Sleep(loop, 5s)`. Only for a coroutine that nobody cancels while it sleeps.
class Sleep {
 public:
  Sleep(Loop& loop, std::chrono::nanoseconds delay)
      : delay_(delay), timer_(loop.timers(), [this] { waiter_.resume(); }) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    timer_.SetAfter(delay_);
  }
  void await_resume() const noexcept {}

 private:
  std::chrono::nanoseconds delay_;
  std::coroutine_handle<> waiter_;
  Timer timer_;
};

}  // namespace net
