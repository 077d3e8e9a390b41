#pragma once

#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/time_zone.h"
#include "budget/window.h"

namespace budget {

// What was spent in each hour of some last days, by when the hour began. Hours in which nothing was spent
// need not be there.
struct HourlySpend {
  base::WallTime since;  // nothing is known from before; the start of an hour
  std::vector<std::pair<base::WallTime, base::Int128>> hours;
};

// What will have been spent when `window` ends, of which `settled` is spent at `now`: each hour that is left
// costs what this hour of this day of the week, on the clocks of `zone`, has cost on average. Where that hour
// has not been seen yet, what this hour of any day has; where that was not either, what any hour has. The
// hour that is under way tells nothing yet. At least `settled`; a plain function.
base::Int128 SpentAtEnd(const HourlySpend& past, const base::TimeZone& zone, const Span& window,
                        base::WallTime now, base::Int128 settled);

}  // namespace budget
