#include "budget/spend_demands.h"

#include "base/block_allocator.h"

namespace budget {

std::vector<Demand> DemandsOf(const Policy& policy, const Spend& spend) {
  base::BlockVector<BudgetMatch> matches;
  (void)policy.MatchBudgets(spend.spender, Part::kAll, matches);
  std::vector<Demand> demands;
  for (const BudgetMatch& match : matches) {
    const auto amount = policy.In(*match.rule, spend.amount);
    if (!amount) continue;
    demands.push_back(match.demand);
    demands.back().amount = *amount;
  }
  return demands;
}

}  // namespace budget
