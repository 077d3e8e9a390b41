#include "budget/metrics.h"

#include <functional>
#include <string>
#include <utility>

namespace budget {
namespace {

using Kind = telemetry::Registry::Kind;

// Adds numbers that are asked for together.
template <class Counts>
class Adder {
 public:
  Adder(telemetry::Registry& registry, std::function<Counts()> counts)
      : registry_(registry), counts_(std::move(counts)) {}

  template <class Number>
  void Add(Kind kind, std::string name, std::string help, Number Counts::*number) {
    registry_.AddCallback(kind, std::move(name), std::move(help),
                          [counts = counts_, number] { return static_cast<double>(counts().*number); });
  }

 private:
  telemetry::Registry& registry_;
  const std::function<Counts()> counts_;
};

void AddAccounts(telemetry::Registry& registry, const Accounts& accounts) {
  Adder<AccountsCounts> adder(registry, [&accounts] { return accounts.Counts(); });
  adder.Add(Kind::kGauge, "sluice_budget_accounts",
            "Accounts of budgets that something was spent from lately.", &AccountsCounts::accounts);
  adder.Add(Kind::kGauge, "sluice_budget_waiting",
            "Requests that wait for what others have reserved of a budget to come back.",
            &AccountsCounts::waiting);
  adder.Add(Kind::kCounter, "sluice_budget_overshoot_total",
            "Calls that cost more than what was reserved for them and left a budget above its limit.",
            &AccountsCounts::overshot);
  adder.Add(Kind::kCounter, "sluice_budget_accounts_refused_total",
            "Reservations refused because there are as many accounts of budgets as there may be.",
            &AccountsCounts::too_many);
}

void AddLeases(telemetry::Registry& registry, const Books& books) {
  using Counts = store::LeaseLog::Counts;
  Adder<Counts> adder(registry, [&books] { return books.leases(); });
  adder.Add(Kind::kGauge, "sluice_budget_leases",
            "Calls that a budget holds for and whose end is not known yet.", &Counts::open);
  adder.Add(Kind::kGauge, "sluice_budget_lease_segments", "Files of the log of leases.", &Counts::segments);
}

void AddLimits(telemetry::Registry& registry, const RateLimits& limits) {
  using Counts = RateLimits::Counts;
  Adder<Counts> adder(registry, [&limits] { return limits.counts(); });
  adder.Add(Kind::kGauge, "sluice_limit_accounts", "Accounts of rate limits that something counts in.",
            &Counts::accounts);
  adder.Add(Kind::kGauge, "sluice_limit_entries",
            "What is kept of admitted requests until it leaves its window, 16 bytes each.", &Counts::runs);
  adder.Add(Kind::kCounter, "sluice_limit_accounts_refused_total",
            "Requests refused because there are as many accounts of rate limits as there may be.",
            &Counts::too_many);
}

}  // namespace

void AddBudgetMetrics(telemetry::Registry& registry, Books& books, const Crossings& crossings,
                      const RateLimits& limits) {
  AddAccounts(registry, books.accounts());
  AddLeases(registry, books);
  AddLimits(registry, limits);
  registry.AddCallback(
      Kind::kCounter, "sluice_budget_steps_missed_total",
      "Steps that were not told because there are as many accounts with one as there may be.",
      [&crossings] { return static_cast<double>(crossings.missed()); });
}

}  // namespace budget
