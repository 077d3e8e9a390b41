#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "engine/token_counter.h"
#include "net/loop.h"
#include "net/task.h"
#include "wire/request.h"

namespace gateway {

// Counts the tokens of whole prompts for bounds on what they cost, on a thread of its own: long ones take
// longer than an event loop may. Thread-safe; outlives the loops that ask, and everything that asks.
class CountingDesk {
 public:
  static constexpr std::size_t kWaitingMax = 100;  // prompts; one more is not counted

  // Both outlive the desk.
  CountingDesk(const base::Clock& clock, const engine::TokenCounter& counter);
  ~CountingDesk();
  CountingDesk(const CountingDesk&) = delete;
  CountingDesk& operator=(const CountingDesk&) = delete;

  // The most tokens that a model's own tokenizer can make of what a request says, in whatever words its
  // provider puts that together: each text of the body by itself, and one for every byte that is no text.
  // None: the model's tokenizer is not there, or too many ask. Called on `loop`, which the answer comes back
  // to; the request outlives it.
  net::Task<std::optional<std::int64_t>> Count(net::Loop& loop, std::string_view provider,
                                               std::string_view model, const wire::RequestView& request);

 private:
  const engine::TokenCounter& counter_;
  std::atomic<std::size_t> waiting_{0};
  net::Loop loop_;
  std::jthread thread_;
};

}  // namespace gateway
