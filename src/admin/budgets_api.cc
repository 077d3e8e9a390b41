#include <utility>

#include "admin/account_page_internal.h"
#include "admin/budget_rows_internal.h"
#include "base/json_text.h"

namespace admin {
namespace {

using base::WallTime;
using budget::BudgetRule;
using Listed = budget::Accounts::Listed;

// At most `most` accounts of a budget behind the value `behind`. From its beginning (null) a budget that
// nothing was spent from yet stands there as well.
std::vector<BudgetRow> RowsOf(const Budgets& budgets, const BudgetRule& rule,
                              std::optional<std::string_view> one, const std::string* behind,
                              std::size_t most, WallTime now) {
  std::vector<BudgetRow> rows;
  if (one) {
    if (behind == nullptr) rows.push_back(LookAt(budgets, rule, std::string(*one), now));
    return rows;
  }
  FirstAccounts<Listed> first(behind, most);
  budgets.books.accounts().List(rule.terms, now, [&](const Listed& listed) { first.Offer(listed); });
  for (auto& [value, listed] : first.Take()) {
    rows.push_back({.rule = &rule, .value = value, .view = listed.view});
  }
  if (rows.empty() && behind == nullptr) rows.push_back(LookAt(budgets, rule, "", now));
  return rows;
}

}  // namespace

Reply ListBudgets(Reports& reports, const Ask& ask) {
  auto asked = AccountPageAsked::Read(ask.query);
  if (!asked) return Refuse(asked.error());
  PageStart& start = asked->start;
  const std::shared_ptr<const budget::Policy> policy = reports.budgets.policy();
  std::vector<BudgetRow> rows;
  for (const BudgetRule& rule : policy->budgets()) {
    if (!start.Reaches(rule.terms.id) || rows.size() >= asked->most || !asked->scope.Wants(rule.scope))
      continue;
    for (BudgetRow& row : RowsOf(reports.budgets, rule, asked->scope.OneOf(rule.scope), start.behind(),
                                 asked->most - rows.size(), reports.clock.WallNow())) {
      rows.push_back(std::move(row));
    }
  }
  if (!start.found()) {
    return Refuse(Trouble::kInvalidRequest, "after: `next` of a page, of a budget that still is");
  }
  base::JsonObject body;
  body.AddRaw("budgets", RowsJson(reports.budgets, rows));
  rows.size() == asked->most
      ? body.Add("next", PageStart::Next(rows.back().rule->terms.id, rows.back().value))
      : body.AddNull("next");
  return {.body = body.Take()};
}

}  // namespace admin
