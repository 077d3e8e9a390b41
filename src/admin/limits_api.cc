#include <algorithm>
#include <chrono>
#include <utility>

#include "admin/account_page_internal.h"
#include "admin/routes_internal.h"
#include "base/json_text.h"
#include "config/units.h"

namespace admin {
namespace {

using budget::LimitTerms;
using Listed = budget::RateLimits::Listed;

// One thing that is counted, and for whom.
struct Limit {
  const config::ScopePattern* scope = nullptr;
  const LimitTerms* terms = nullptr;
  const budget::Step* step = nullptr;  // of a budget, that limits so; null: the config does
};

// One account of it.
struct LimitRow {
  const Limit* limit = nullptr;
  Listed account;
};

// Those of the config in its order, then those of steps.
std::vector<Limit> LimitsOf(const budget::Policy& policy) {
  std::vector<Limit> limits;
  for (const budget::LimitRule& rule : policy.limits()) {
    for (const LimitTerms& terms : rule.terms) limits.push_back({.scope = &rule.scope, .terms = &terms});
  }
  for (const budget::BudgetRule& rule : policy.budgets()) {
    for (const budget::Step& step : rule.steps) {
      for (const LimitTerms& terms : step.limits) {
        limits.push_back({.scope = &rule.scope, .terms = &terms, .step = &step});
      }
    }
  }
  return limits;
}

std::string RowJson(const LimitRow& row) {
  const LimitTerms& terms = *row.limit->terms;
  const budget::Step* const step = row.limit->step;
  base::JsonObject out;
  out.Add("scope", row.limit->scope->Print());
  row.account.value.empty() ? out.AddNull("value") : out.Add("value", row.account.value);
  out.Add("counts", budget::Name(terms.kind)).Add("used", row.account.used).Add("limit", terms.most);
  out.Add("left", terms.most - std::min(terms.most, row.account.used));
  terms.per.count() == 0
      ? out.AddNull("per")
      : out.Add("per", config::Print(std::chrono::duration_cast<std::chrono::milliseconds>(terms.per)));
  step == nullptr ? out.AddNull("step")
                  : out.Add("step", (step->forecast ? "foreseen " : "") + config::Print(step->at));
  return out.Take();
}

// As of budgets: at most `most` behind the value `behind`, and from the beginning (null) also what nothing
// counts in.
std::vector<LimitRow> RowsOf(const Budgets& budgets, const Limit& limit, std::optional<std::string_view> one,
                             const std::string* behind, std::size_t most, base::MonoTime now) {
  std::vector<LimitRow> rows;
  const auto add = [&](Listed account) { rows.push_back({.limit = &limit, .account = std::move(account)}); };
  if (one) {
    const budget::LimitDemand demand{
        .key = {limit.terms->id, budgets.books.hash()(*one)}, .terms = limit.terms, .value = *one};
    if (behind == nullptr) add({.value = std::string(*one), .used = budgets.limits.Used(demand, now)});
    return rows;
  }
  FirstAccounts<Listed> first(behind, most);
  budgets.limits.List(*limit.terms, now, [&](const Listed& listed) { first.Offer(listed); });
  for (auto& [value, listed] : first.Take()) add(listed);
  if (rows.empty() && behind == nullptr) add({});
  return rows;
}

}  // namespace

Reply ListLimits(Reports& reports, const Ask& ask) {
  auto asked = AccountPageAsked::Read(ask.query);
  if (!asked) return Refuse(asked.error());
  PageStart& start = asked->start;
  const std::shared_ptr<const budget::Policy> policy = reports.budgets.policy();
  const std::vector<Limit> limits = LimitsOf(*policy);
  std::vector<LimitRow> rows;
  for (const Limit& one : limits) {
    if (!start.Reaches(one.terms->id) || rows.size() >= asked->most || !asked->scope.Wants(*one.scope))
      continue;
    for (LimitRow& row : RowsOf(reports.budgets, one, asked->scope.OneOf(*one.scope), start.behind(),
                                asked->most - rows.size(), reports.clock.Now())) {
      rows.push_back(std::move(row));
    }
  }
  if (!start.found()) {
    return Refuse(Trouble::kInvalidRequest, "after: `next` of a page, of a limit that still is");
  }
  base::JsonObject body;
  body.AddRaw("limits", base::JsonList(rows, RowJson));
  rows.size() == asked->most
      ? body.Add("next", PageStart::Next(rows.back().limit->terms->id, rows.back().account.value))
      : body.AddNull("next");
  return {.body = body.Take()};
}

}  // namespace admin
