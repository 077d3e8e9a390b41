#include "store/wait_for.h"

#include <condition_variable>
#include <mutex>

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

}  // namespace store
