#pragma once

#include <vector>

#include "budget/policy.h"
#include "budget/spend.h"
#include "budget/terms.h"

namespace budget {

// The demands of a spend on all budgets that hold for it, in their currencies. What no rate leads to is left
// out. Views of the policy and the spender.
std::vector<Demand> DemandsOf(const Policy& policy, const Spend& spend);

}  // namespace budget
