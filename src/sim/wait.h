#pragma once

#include <chrono>

#include "net/cancel.h"
#include "net/loop.h"
#include "net/task.h"

namespace sim {

// Waits for `delay`, or until `cancel` fires; true when the whole delay has passed. Stays on the loop.
inline net::Task<bool> WaitFor(net::Loop& loop, net::Cancel& cancel, std::chrono::nanoseconds delay) {
  if (cancel.why()) co_return false;
  if (delay <= std::chrono::nanoseconds::zero()) co_return true;
  net::Event over;
  net::Timer timer(loop.timers(), [&over] { over.Notify(); });
  net::Cancel::Hook hook(cancel, [&over](base::Code) { over.Notify(); });
  timer.SetAfter(delay);
  co_await over;
  co_return !cancel.why();
}

}  // namespace sim
