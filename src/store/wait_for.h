#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

namespace store {

// A wait of `interval` that a stop request ends at once: true, or false when a stop was requested.
std::function<bool(std::stop_token)> WaitFor(std::chrono::milliseconds interval);

}  // namespace store
