#include "budget/forecaster.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/time_text.h"
#include "budget/forecast.h"
#include "budget/share.h"

namespace budget {
namespace {

using config::ScopeKind;
using std::chrono::hours;

// What the ledger splits by to tell the accounts of a scope apart; none: there is only one.
std::optional<store::Dimension> DimensionOf(const config::ScopePattern& scope) {
  switch (scope.kind) {
    case ScopeKind::kOrg:
      return scope.value.empty() && !scope.each ? std::nullopt : std::optional(store::Dimension::kOrg);
    case ScopeKind::kTeam:
      return store::Dimension::kTeam;
    case ScopeKind::kProject:
      return store::Dimension::kProject;
    case ScopeKind::kKey:
      return store::Dimension::kKey;
    case ScopeKind::kProvider:
      return store::Dimension::kProvider;
    case ScopeKind::kModel:
      return scope.each || scope.value.find('/') != std::string::npos ? store::Dimension::kModel
                                                                      : store::Dimension::kAskedModel;
    case ScopeKind::kUser:
    case ScopeKind::kTag:
    case ScopeKind::kSession:
      break;  // config::Check refuses forecasts of them
  }
  return std::nullopt;
}

using ByAccount = std::map<std::string, HourlySpend, std::less<>>;

base::Result<ByAccount> HoursOf(store::Ledger& ledger, const Policy& policy, const BudgetRule& rule,
                                base::WallTime now) {
  const std::optional<store::Dimension> dimension = DimensionOf(rule.scope);
  const base::WallTime until = std::chrono::floor<hours>(now);
  store::LedgerQuery query{.by = {{store::Dimension::kHour}}, .from = until - kForecastDays, .to = until};
  if (dimension) {
    query.by.push_back({*dimension});
    if (!rule.scope.each) query.filters.push_back({.dimension = {*dimension}, .any_of = {rule.scope.value}});
  }
  const auto bill = ledger.Query(query);
  if (!bill) return base::Fail(bill.error());
  ByAccount accounts;
  for (const store::BillRow& row : bill->rows) {
    const auto hour = base::ParseTime(row.values.at(0));
    const auto spent = policy.In(rule, {row.sums.cost, row.currency});
    const std::string value = dimension ? row.values.at(1) : "";
    if (!hour || !spent || (dimension && value.empty())) continue;
    HourlySpend& past =
        accounts.try_emplace(value, HourlySpend{.since = until - hours(24), .hours = {}}).first->second;
    past.since = std::min(past.since, *hour);
    past.hours.emplace_back(*hour, *spent);
  }
  return accounts;
}

}  // namespace

base::Result<> ForecastAll(store::Ledger& ledger, const Policy& policy, Accounts& accounts,
                           const ScopeHash& hash, base::WallTime now,
                           const std::function<void(const Standing&)>& use) {
  for (const BudgetRule& rule : policy.budgets()) {
    if (!rule.forecasts) continue;
    const auto past = HoursOf(ledger, policy, rule, now);
    if (!past) {
      return base::Fail(past.error().code,
                        "the forecast of " + rule.scope.Print() + ": " + past.error().detail);
    }
    for (const auto& [value, hourly] : *past) {
      Standing standing{.rule = &rule, .value_hash = hash(value), .value = value, .view = {}, .forecast = {}};
      const Demand account{
          .key = {rule.terms.id, standing.value_hash}, .terms = &rule.terms, .value = value, .amount = 0};
      accounts.Look({&account, 1}, now, {&standing.view, 1});
      if (standing.view.limit <= 0) continue;
      const base::Int128 spent =
          SpentAtEnd(hourly, rule.timezone, standing.view.span, now, standing.view.settled);
      standing.forecast = ShareOf(spent, standing.view.limit);
      use(standing);
    }
  }
  return {};
}

}  // namespace budget
