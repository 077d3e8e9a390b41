#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "engine/token_counter.h"
#include "net/desk.h"
#include "net/loop.h"
#include "net/task.h"
#include "wire/request.h"

namespace gateway {

// Counts the tokens of whole texts on a thread of its own: long ones take longer than an event loop may.
// Thread-safe. The loops that ask outlive it, and it outlives whoever asks.
class CountingDesk {
 public:
  static constexpr std::size_t kWaitingMax = 100;  // who asks; one more is not counted
  // Of their texts, some 10 ms for each MiB: what would be more is not counted, unless nobody waits.
  static constexpr std::uint64_t kWaitingBytesMax = 64 * base::MiB;

  // Both outlive the desk.
  CountingDesk(const base::Clock& clock, const engine::TokenCounter& counter)
      : counter_(counter), desk_(clock, kWaitingMax) {}

  // The most tokens that a model's own tokenizer can make of what a request says, in whatever words its
  // provider puts that together: each text of the body by itself, and one for every byte that is no text.
  // None: the model's tokenizer is not there, or too many ask. Called on `loop`, which the answer comes back
  // to; the request outlives it.
  net::Task<std::optional<std::int64_t>> Count(net::Loop& loop, std::string_view provider,
                                               std::string_view model, const wire::RequestView& request);

  // Has `count`, which looks at about that many bytes, run on the desk's thread. False: too many ask, and it
  // does not run. Called on `loop`, which goes on when it has run; what `count` works on outlives that, and
  // is nobody else's meanwhile.
  net::Task<bool> Do(net::Loop& loop, std::uint64_t bytes, std::function<void()> count);

 private:
  const engine::TokenCounter& counter_;
  std::atomic<std::uint64_t> waiting_bytes_{0};
  net::Desk desk_;  // last: its thread uses the above
};

}  // namespace gateway
