#pragma once

#include <span>
#include <string>
#include <vector>

#include "admin/routes_internal.h"
#include "budget/accounts.h"
#include "budget/policy.h"

namespace admin {

// One account of one budget as it stands.
struct BudgetRow {
  const budget::BudgetRule* rule = nullptr;
  std::string value;
  budget::AccountView view;

  // A view of this row.
  budget::Demand Account(const budget::ScopeHash& hash) const {
    return {.key = {rule->terms.id, hash(value)}, .terms = &rule->terms, .value = value, .amount = 0};
  }
};

// The account of that value, without making it.
BudgetRow LookAt(const Budgets& budgets, const budget::BudgetRule& rule, std::string value,
                 base::WallTime now);

// A JSON array of them, each with the steps that it has taken and its forecast.
std::string RowsJson(const Budgets& budgets, std::span<const BudgetRow> rows);

}  // namespace admin
