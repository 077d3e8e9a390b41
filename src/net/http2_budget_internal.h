#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace net {

// How often a peer may do what costs us more than it. A peer begins with `burst` tokens; one comes back each
// `interval`, and more are earned by useful work; there are never more than `burst`. Belongs to one loop.
class Http2Budget {
 public:
  Http2Budget(std::int64_t burst, std::chrono::nanoseconds interval, base::MonoTime now)
      : burst_(burst), interval_(interval), tokens_(burst), counted_(now) {}

  // Takes a token; false when there is none.
  bool Take(base::MonoTime now) {
    const std::int64_t earned = (now - counted_) / interval_;
    counted_ += earned * interval_;
    tokens_ = std::min(burst_, tokens_ + earned);
    if (tokens_ == 0) return false;
    --tokens_;
    return true;
  }

  void Earn(std::int64_t tokens) { tokens_ = std::min(burst_, tokens_ + tokens); }

 private:
  const std::int64_t burst_;
  const std::chrono::nanoseconds interval_;
  std::int64_t tokens_;
  base::MonoTime counted_;  // up to when tokens have come back
};

}  // namespace net
