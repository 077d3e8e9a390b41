#pragma once

#include <cstddef>
#include <functional>

#include "admin/reply.h"
#include "base/clock.h"
#include "net/desk.h"
#include "net/loop.h"
#include "net/task.h"

namespace admin {

// Does what may wait for a disk, one after the other, on a thread of its own: files are not for event loops.
// Thread-safe; outlives the loops that ask, and everything that asks.
class Desk {
 public:
  static constexpr std::size_t kWaitingMax = 100;  // that wait or are done; one more is turned away with 503

  explicit Desk(const base::Clock& clock) : desk_(clock, kWaitingMax) {}  // which outlives it

  // Called on `loop`, which the reply comes back to; `work` runs on the desk's thread.
  net::Task<Reply> Do(net::Loop& loop, std::function<Reply()> work);

 private:
  net::Desk desk_;
};

}  // namespace admin
