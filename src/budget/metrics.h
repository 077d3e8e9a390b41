#pragma once

#include "budget/books.h"
#include "budget/crossings.h"
#include "budget/rate_limits.h"
#include "telemetry/metrics.h"

namespace budget {

// Shows what accounts, leases, steps and limits tell of themselves. All outlive the registry's use.
void AddBudgetMetrics(telemetry::Registry& registry, Books& books, const Crossings& crossings,
                      const RateLimits& limits);

}  // namespace budget
