#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace upstream {

// How long a retry-after header asks to wait (RFC 9110 section 10.2.3): seconds, with or without a fraction,
// or a date; nullopt for anything else. A date in the past is zero. At most one day.
std::optional<std::chrono::milliseconds> ParseRetryAfter(std::string_view value, base::WallTime now);

}  // namespace upstream
