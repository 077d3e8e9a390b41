#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/settings.h"
#include "pricing/book.h"

namespace pricing {

// A sentence for each provider of the config with prices that depend on holidays which are known for fewer
// than kHolidaysAhead after `now`, and what to import. Simulated providers apart.
inline constexpr std::chrono::days kHolidaysAhead{60};
std::vector<std::string> EndingCalendars(const Book& book, const config::Settings& settings,
                                         base::WallTime now);

}  // namespace pricing
