#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>

namespace store {

// A wait of `interval` that a stop request ends at once: true, or false when a stop was requested.
std::function<bool(std::stop_token)> WaitFor(std::chrono::milliseconds interval);

struct WaitForMany {
  std::function<std::uint64_t()> count;     // of what has come so far; asked after each interval
  std::uint64_t many = 1;                   // of these since the last wait end it
  std::chrono::milliseconds interval{500};  // above 0
  int intervals_max = 10;                   // so many end it, too
};
// A wait for much to do at once, but not for long.
std::function<bool(std::stop_token)> WaitFor(WaitForMany options);

}  // namespace store
