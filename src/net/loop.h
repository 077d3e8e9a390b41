#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "net/task.h"
#include "net/timer_wheel.h"

namespace net {

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

  const base::Clock& clock() const { return clock_; }
  base::MonoTime Now() const { return clock_.Now(); }
  TimerWheel& timers() { return timers_; }

  struct Io;  // the Asio side, see loop_internal.h
  Io& io() { return *io_; }

 private:
  void WakeAt(base::MonoTime due);
  void OnWake();

  const base::Clock& clock_;
  TimerWheel timers_;  // before io_: what still waits in Asio when the loop goes holds timers
  std::unique_ptr<Io> io_;
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
