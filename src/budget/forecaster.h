#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "budget/accounts.h"
#include "budget/policy.h"
#include "budget/restrictions.h"
#include "store/ledger.h"

namespace budget {

// How many days a forecast looks back.
inline constexpr auto kForecastDays = std::chrono::days(28);

// Forecasts the end of the window for each account of the budgets with a step that looks ahead, from the
// ledger's sums by hour, and gives each as the account stands with its forecast. An account of which nothing
// was spent in the last four weeks has none. Reads files: not for event loops. Errors: those of the ledger,
// with the budget that they stopped at.
base::Result<> ForecastAll(store::Ledger& ledger, const Policy& policy, Accounts& accounts,
                           const ScopeHash& hash, base::WallTime now,
                           const std::function<void(const Standing&)>& use);

}  // namespace budget
