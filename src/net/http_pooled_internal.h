#pragma once

#include <utility>

#include "net/http_client.h"

namespace net {

// A connection of HTTP/1.1, of a call or idle in its pool.
struct Pool::Pooled {
  Pooled(Pool& owner, Connection opened)
      : connection(std::move(opened)),
        idle_timer(owner.loop_.timers(), [&owner, this] { owner.Drop(this); }),
        call_timer(owner.loop_.timers(), [this] { call->Stop(base::Code::kTimeout); }) {}
  Connection connection;
  Timer idle_timer;
  Call* call = nullptr;  // whose connection it is at present; null while idle
  Timer call_timer;      // of `call`, here because a timer that stays costs next to nothing to set again
};

}  // namespace net
