#pragma once

#include <chrono>

#include "base/result.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/timer_wheel.h"

namespace gateway {

// How long one call to a provider may go on: as long as its request is wanted and, of a provider that bills
// an answer to its end whether anybody reads it or not, `drain` longer after the client has hung up, so that
// it can say what the answer cost. Belongs to its loop; the request's cancel outlives it.
class Leash {
 public:
  // `drain` 0: the call ends with its client.
  Leash(net::Cancel& request, net::Loop& loop, std::chrono::nanoseconds drain)
      : drain_(drain),
        hook_(request, [this](base::Code why) { OnRequest(why); }),
        timer_(loop.timers(), [this] { cancel_.Fire(base::Code::kCancelled); }) {
    if (request.why()) cancel_.Fire(*request.why());
  }

  // The client has gone: a write to it failed, which may show before anybody says so.
  void Abandon() {
    if (drain_.count() == 0 || abandoned_) return;
    abandoned_ = true;
    timer_.SetAfter(drain_);
  }

  // Ends the call.
  net::Cancel& cancel() { return cancel_; }
  // Whether the client has gone and the call goes on.
  bool abandoned() const { return abandoned_ && !cancel_.why(); }

 private:
  void OnRequest(base::Code why) {
    if (why != base::Code::kCancelled || drain_.count() == 0) return cancel_.Fire(why);
    Abandon();
  }

  const std::chrono::nanoseconds drain_;
  bool abandoned_ = false;
  net::Cancel cancel_;
  net::Cancel::Hook hook_;
  net::Timer timer_;
};

}  // namespace gateway
