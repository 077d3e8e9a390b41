#pragma once

#include <string>

#include "base/clock.h"
#include "base/money.h"
#include "budget/denied.h"
#include "budget/policy.h"
#include "budget/rate_limits.h"

// What a caller is told of a budget or a limit that is in its way.

namespace gateway {

// Why a candidate is not asked: which budget has how much left, how much it may cost there, and when there is
// room again. `asked` in the budget's currency.
std::string WhyDenied(const budget::BudgetMatch& match, const budget::Denied& denied, base::Int128 asked,
                      base::WallTime now);

// "; it opens again at 2026-12-01T00:00:00Z": where a window has an end that is ahead, else nothing.
std::string OpensAgain(const budget::BudgetRule& rule, base::WallTime end, base::WallTime now);

// Which limit is reached: "team/support may make 600 requests in 1 min".
std::string WhyLimited(const budget::Policy& policy, const budget::LimitDemand& demand);

}  // namespace gateway
