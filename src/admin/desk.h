#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>

#include "admin/reply.h"
#include "base/clock.h"
#include "net/loop.h"
#include "net/task.h"

namespace admin {

// Does what may wait for a disk, one after the other, on a thread of its own: files are not for event loops.
// Thread-safe; outlives the loops that ask, and everything that asks.
class Desk {
 public:
  static constexpr std::size_t kWaitingMax = 100;  // that wait or are done; one more is turned away with 503

  explicit Desk(const base::Clock& clock);  // which outlives it
  ~Desk();                                  // ends after what waits
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Called on `loop`, which the reply comes back to; `work` runs on the desk's thread.
  net::Task<Reply> Do(net::Loop& loop, std::function<Reply()> work);

 private:
  std::atomic<std::size_t> waiting_{0};
  net::Loop loop_;
  std::jthread thread_;
};

}  // namespace admin
