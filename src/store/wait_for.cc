#include "store/wait_for.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace store {

std::function<bool(std::stop_token)> WaitFor(std::chrono::milliseconds interval) {
  return [interval](std::stop_token stop) {
    std::mutex mutex;  // guards nothing: the wait needs one, and nobody notifies but the stop
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, interval, [] { return false; });
    return !stop.stop_requested();
  };
}

std::function<bool(std::stop_token)> WaitFor(WaitForMany options) {
  return [options = std::move(options), seen = std::uint64_t{0}](const std::stop_token& stop) mutable {
    const auto round = WaitFor(options.interval);
    std::uint64_t now = seen;
    for (int i = 0; i < options.intervals_max && now - seen < options.many; ++i) {
      if (!round(stop)) return false;
      now = options.count();
    }
    seen = now;
    return true;
  };
}

}  // namespace store
