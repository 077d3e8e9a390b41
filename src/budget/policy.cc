#include "budget/policy.h"

#include <algorithm>
#include <limits>
#include <set>

#include "budget/rule_id_internal.h"

namespace budget {
namespace {

using config::ScopeKind;

Window WindowOf(const config::BudgetSettings& budget) {
  if (budget.rolling.count() > 0) return Window::Rolling(budget.rolling);
  switch (budget.window) {
    case config::CalendarWindow::kNone:
      return Window::Idle(budget.idle);
    case config::CalendarWindow::kHour:
      return Window::Calendar(Window::Unit::kHour, budget.timezone);
    case config::CalendarWindow::kDay:
      return Window::Calendar(Window::Unit::kDay, budget.timezone);
    case config::CalendarWindow::kWeek:
      return Window::Calendar(Window::Unit::kWeek, budget.timezone);
    case config::CalendarWindow::kMonth:
      return Window::Calendar(Window::Unit::kMonth, budget.timezone);
    case config::CalendarWindow::kQuarter:
      return Window::Calendar(Window::Unit::kQuarter, budget.timezone);
  }
  return {};
}

// The words of a budget that is another one where they differ.
std::string WindowWords(const config::BudgetSettings& budget) {
  if (budget.rolling.count() > 0) return "rolling " + config::Print(budget.rolling);
  if (budget.window == config::CalendarWindow::kNone) return "idle";
  return std::string(config::Name(budget.window)) + " " + budget.timezone.name();
}

BudgetRule MakeBudget(const config::BudgetSettings& settings) {
  BudgetRule rule;
  const std::string scope = settings.scope.Print();
  rule.terms.window = WindowOf(settings);
  rule.window = WindowWords(settings);
  rule.terms.id = RuleId({"budget", scope, rule.window, settings.limit.currency.code()});
  if (rule.terms.window.kind() == Window::Kind::kIdle) rule.window += " " + config::Print(settings.idle);
  rule.terms.limit = settings.limit;
  rule.terms.carry_most =
      settings.limit.pico * settings.carry_over.basis_points / config::kWhole.basis_points;
  rule.scope = settings.scope;
  rule.mode = settings.mode;
  rule.reserve_wait = settings.reserve_wait;
  rule.output_floor = static_cast<std::int64_t>(settings.output_floor);
  rule.steps = MakeSteps(settings.steps, rule.terms.id);
  rule.timezone = settings.timezone;
  rule.forecasts =
      std::any_of(rule.steps.begin(), rule.steps.end(), [](const Step& step) { return step.forecast; });
  return rule;
}

std::string_view ValueOf(const Spender& spender, ScopeKind kind) {
  switch (kind) {
    case ScopeKind::kOrg:
      return spender.org;
    case ScopeKind::kTeam:
      return spender.team;
    case ScopeKind::kProject:
      return spender.project;
    case ScopeKind::kKey:
      return spender.key_id;
    case ScopeKind::kUser:
      return spender.user;
    case ScopeKind::kTag:
      return {};  // a request has several
    case ScopeKind::kProvider:
      return spender.provider;
    case ScopeKind::kModel:
      return spender.model;
    case ScopeKind::kSession:
      return spender.session;
  }
  return {};
}

bool IsOfCandidate(ScopeKind kind) {
  return kind == ScopeKind::kProvider || kind == ScopeKind::kModel;
}

bool IsIn(ScopeKind kind, Part part) {
  return part == Part::kAll || IsOfCandidate(kind) == (part == Part::kCandidate);
}

ScopeKind KindAt(std::size_t index) {
  return static_cast<ScopeKind>(index);
}

// numerator * amount / denominator, rounded up; the most there is where it does not fit.
base::Int128 Exchanged(base::Int128 amount, const config::ExchangeRate& rate) {
  constexpr base::Int128 kMost = std::numeric_limits<base::Int128>::max();
  const base::Int128 whole = amount / rate.denominator;
  const base::Int128 rest = amount % rate.denominator;  // its product with a number of 63 bits fits
  const base::Int128 part = rest * rate.numerator;
  const base::Int128 up = part / rate.denominator + (part % rate.denominator > 0 ? 1 : 0);
  base::Int128 product = 0;
  if (__builtin_mul_overflow(whole, static_cast<base::Int128>(rate.numerator), &product) ||
      __builtin_add_overflow(product, up, &product)) {
    return amount < 0 ? -kMost : kMost;
  }
  return product;
}

}  // namespace

bool Policy::Index::Holds(Part part) const {
  const bool asks_caller = part != Part::kCandidate && (!everybody.empty() || !asked.empty());
  if (asks_caller) return true;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (!kinds[i].empty() && IsIn(KindAt(i), part)) return true;
  }
  return false;
}

void Policy::Index::Add(const config::ScopePattern& scope, std::uint32_t rule, const ScopeHash& hash) {
  if (scope.value.empty() && !scope.each) {
    everybody.push_back(rule);
    return;
  }
  const bool is_asked =
      scope.kind == ScopeKind::kModel && !scope.each && scope.value.find('/') == std::string::npos;
  OfKind& of = is_asked ? asked : kinds[static_cast<std::size_t>(scope.kind)];
  if (scope.each) {
    of.each.push_back(rule);
    return;
  }
  OfValue& value = of.named[scope.value];
  value.hash = hash(scope.value);
  value.rules.push_back(rule);
}

std::shared_ptr<const Policy> Policy::Compile(const config::Settings& settings, const ScopeHash& hash) {
  auto policy = std::shared_ptr<Policy>(new Policy(hash));
  for (const config::BudgetSettings& budget : settings.budgets) {
    policy->budget_index_.Add(budget.scope, static_cast<std::uint32_t>(policy->budgets_.size()), hash);
    policy->budgets_.push_back(MakeBudget(budget));
    policy->candidate_steps_ |= IsOfCandidate(budget.scope.kind) && !budget.steps.empty();
    policy->AddRates(settings, budget.limit.currency);
  }
  for (const config::LimitSettings& limit : settings.limits) {
    policy->limit_index_.Add(limit.scope, static_cast<std::uint32_t>(policy->limits_.size()), hash);
    policy->limits_.push_back({limit.scope, MakeLimitTerms(limit.most, limit.scope.Print())});
  }
  policy->alerting_ = {.secret = settings.alert_secret, .smtp = settings.smtp};
  policy->IndexById();
  return policy;
}

// REQUIRES: no rule is added any more.
void Policy::IndexById() {
  for (const LimitRule& rule : limits_) {
    for (const LimitTerms& terms : rule.terms)
      limits_by_id_.emplace(terms.id, LimitOwner{&rule.scope, false});
  }
  for (const BudgetRule& rule : budgets_) {
    budgets_by_id_.emplace(rule.terms.id, &rule);
    for (const Step& step : rule.steps) {
      for (const LimitTerms& terms : step.limits)
        limits_by_id_.emplace(terms.id, LimitOwner{&rule.scope, true});
    }
  }
}

void Policy::AddRates(const config::Settings& settings, base::Currency to) {
  const bool known =
      std::any_of(rates_.begin(), rates_.end(), [to](const Rate& rate) { return rate.to == to; });
  if (known) return;
  std::set<base::Currency> currencies;
  for (const auto& [name, provider] : settings.providers) currencies.insert(provider.currency);
  for (const auto& [code, worth] : settings.exchange) {
    currencies.insert(worth.currency);
    if (const auto currency = base::Currency::Parse(code)) currencies.insert(*currency);
  }
  for (const base::Currency from : currencies) {
    if (from == to) continue;
    if (const auto rate = config::RateBetween(settings.exchange, from, to))
      rates_.push_back({from, to, *rate});
  }
}

template <class Rules, class Use>
void Policy::ForValue(const OfKind& of, const Rules& rules, std::string_view value, Use&& use) const {
  if (!of.named.empty()) {
    if (const auto found = of.named.find(value); found != of.named.end()) {
      for (const std::uint32_t rule : found->second.rules) use(rules[rule], found->second.hash, value);
    }
  }
  bool hashed = false;
  std::uint64_t hash = 0;
  for (const std::uint32_t rule : of.each) {
    if (!value.starts_with(rules[rule].scope.value)) continue;  // of a tag; of others it is empty
    if (!hashed) hash = hash_(value);
    hashed = true;
    use(rules[rule], hash, value);
  }
}

template <class Rules, class Use>
void Policy::ForMatches(const Index& index, const Rules& rules, const Spender& spender, Part part,
                        Use&& use) const {
  if (part != Part::kCandidate) {
    for (const std::uint32_t rule : index.everybody) use(rules[rule], everybody_, std::string_view());
    if (!index.asked.empty() && !spender.asked_model.empty())
      ForValue(index.asked, rules, spender.asked_model, use);
    const OfKind& tags = index.kinds[static_cast<std::size_t>(ScopeKind::kTag)];
    if (!tags.empty()) {
      for (const std::string_view tag : spender.tags) ForValue(tags, rules, tag, use);
    }
  }
  for (std::size_t i = 0; i < index.kinds.size(); ++i) {
    if (index.kinds[i].empty() || !IsIn(KindAt(i), part)) continue;
    const std::string_view value = ValueOf(spender, KindAt(i));
    if (!value.empty()) ForValue(index.kinds[i], rules, value, use);
  }
}

bool Policy::MatchBudgets(const Spender& spender, Part part, base::BlockVector<BudgetMatch>& out) const {
  bool fits = true;
  ForMatches(budget_index_, budgets_, spender, part,
             [&](const BudgetRule& rule, std::uint64_t hash, std::string_view value) {
               if (out.size() >= kMatchesMax) {
                 fits = false;
                 return;
               }
               out.push_back({&rule, {.key = {rule.terms.id, hash}, .terms = &rule.terms, .value = value}});
             });
  return fits;
}

bool Policy::MatchLimits(const Spender& spender, Part part, base::BlockVector<LimitDemand>& out) const {
  bool fits = true;
  ForMatches(limit_index_, limits_, spender, part,
             [&](const LimitRule& rule, std::uint64_t hash, std::string_view value) {
               for (const LimitTerms& terms : rule.terms) {
                 if (out.size() >= kMatchesMax) {
                   fits = false;
                   return;
                 }
                 out.push_back(DemandOf(terms, hash, value));
               }
             });
  return fits;
}

std::optional<base::Int128> Policy::In(const BudgetRule& rule, const base::Money& amount) const {
  const base::Currency to = rule.terms.limit.currency;
  if (amount.currency == to || amount.pico == 0) return amount.pico;
  for (const Rate& rate : rates_) {
    if (rate.from == amount.currency && rate.to == to) return Exchanged(amount.pico, rate.rate);
  }
  return std::nullopt;
}

const BudgetRule* Policy::FindBudget(std::uint64_t id) const {
  const auto found = budgets_by_id_.find(id);
  return found == budgets_by_id_.end() ? nullptr : found->second;
}

const LimitOwner* Policy::FindLimitOwner(std::uint64_t id) const {
  const auto found = limits_by_id_.find(id);
  return found == limits_by_id_.end() ? nullptr : &found->second;
}

}  // namespace budget
