#include "gateway/budget_watch.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "budget/forecaster.h"
#include "budget/share.h"
#include "gateway/step_file.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using config::ScopeKind;

constexpr std::size_t kManyAccounts = 100'000;  // beyond, looking at all of them is done less often
constexpr auto kMeasure = 5s;
constexpr auto kMeasureMany = 60s;

std::string_view ActionWords(const budget::Crossing& crossing) {
  using Action = budget::Step::Action;
  switch (crossing.action) {
    case Action::kAlert:
      return "an alert";
    case Action::kLadderMax:
      return "a lower ladder";
    case Action::kAllow:
      return "fewer rungs";
    case Action::kLimits:
      return "tighter limits";
    case Action::kBlock:
      return "a block";
  }
  return {};
}

// Whether each account of such a scope may be a label: there are few, and they are nobody's name.
bool MayBeLabel(ScopeKind kind) {
  return kind == ScopeKind::kOrg || kind == ScopeKind::kTeam || kind == ScopeKind::kProject ||
         kind == ScopeKind::kProvider || kind == ScopeKind::kModel;
}

budget::Demand Account(const budget::BudgetRule& rule, std::uint64_t hash, std::string_view value) {
  return {.key = {rule.terms.id, hash}, .terms = &rule.terms, .value = value, .amount = 0};
}

double Ratio(const budget::AccountView& view) {
  if (view.limit <= 0) return 1;
  return static_cast<double>(budget::ShareOf(view.settled + view.reserved, view.limit)) / 10'000;
}

}  // namespace

BudgetWatch::BudgetWatch(Parts parts, BudgetWatchOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      crossings_([this](budget::Crossing crossing) { OnCrossing(std::move(crossing)); }),
      loop_(parts_.clock),
      post_({.loop = loop_,
             .resolver = parts_.resolver,
             .registry = parts_.registry,
             .smtp = [this] { return parts_.policy()->alerting().smtp; }},
            Telling(options_.delivery)),
      tick_(loop_.timers(), [this] { OnTick(); }) {}

AlertDeliveryOptions BudgetWatch::Telling(AlertDeliveryOptions options) {
  options.note = [this](std::string_view event, const std::string& sentence) {
    parts_.recorder.Note(event, sentence);
  };
  options.on_change = [this] { Save({}); };
  return options;
}

base::Result<std::unique_ptr<BudgetWatch>> BudgetWatch::Start(Parts parts, BudgetWatchOptions options) {
  auto state = ReadStepFile(parts.data);
  if (!state) return base::Fail(std::move(state).error());
  std::unique_ptr<BudgetWatch> watch(new BudgetWatch(std::move(parts), std::move(options)));
  watch->crossings_.Restore(state->steps, watch->parts_.hash);
  watch->saved_version_ = watch->crossings_.version();
  watch->parts_.registry.AddCallback(
      telemetry::Registry::Kind::kGauge, "sluice_budget_used_ratio",
      "What share of a budget is spent or reserved; of scopes with many accounts the one that has used most.",
      "scope", [raw = watch.get()] {
        return raw->used_.With([](const telemetry::Registry::Series& used) { return used; });
      });
  watch->Measure(*watch->parts_.policy(), watch->parts_.clock.WallNow());
  watch->loop_.Post([raw = watch.get(), alerts = std::move(state->alerts)] {
    for (const Alert& alert : alerts) raw->post_.Add(alert);
    raw->OnTick();
  });
  watch->thread_ = std::jthread([raw = watch.get()] { raw->loop_.Run(); });
  return watch;
}

BudgetWatch::~BudgetWatch() {
  loop_.Post([this] {
    tick_.Cancel();
    net::Spawn(End());
  });
}

// What is pending is written down, and delivered by the next process.
net::Task<void> BudgetWatch::End() {
  co_await post_.Stop();
  TakeNews();
  Save({});
  loop_.StopAfterPosted();
}

// On any thread.
void BudgetWatch::OnCrossing(budget::Crossing crossing) {
  const bool first = news_.With([&](std::vector<budget::Crossing>& news) {
    news.push_back(std::move(crossing));
    return news.size() == 1;
  });
  if (first) loop_.Post([this] { TakeNews(); });
}

void BudgetWatch::TakeNews() {
  std::vector<budget::Crossing> news;
  news_.With([&](std::vector<budget::Crossing>& fresh) { news.swap(fresh); });
  if (news.empty()) return;
  const std::shared_ptr<const budget::Policy> policy = parts_.policy();
  std::vector<Alert> alerts;
  for (const budget::Crossing& crossing : news) {
    const std::string at = config::Print(crossing.at);
    parts_.recorder.Note(crossing.taken ? "budget_step" : "budget_step_back",
                         crossing.reason + (crossing.taken ? ": from " : ": no longer from ") + at + " on " +
                             std::string(ActionWords(crossing)));
    if (crossing.taken && crossing.action == budget::Step::Action::kAlert) {
      for (Alert& alert : MakeAlerts(crossing, policy->alerting(), loop_.WallNow()))
        alerts.push_back(std::move(alert));
    }
  }
  Save(alerts);
  for (Alert& alert : alerts) post_.Add(std::move(alert));
}

// With alerts that the delivery does not know yet.
void BudgetWatch::Save(const std::vector<Alert>& more) {
  const std::uint64_t version = crossings_.version();
  StepState state{.steps = crossings_.Save(), .alerts = post_.pending()};
  state.alerts.insert(state.alerts.end(), more.begin(), more.end());
  const auto written = WriteStepFile(parts_.data, state, parts_.disk);
  if (written) saved_version_ = version;
  if (!written && !failing_) {
    parts_.recorder.Note("budget_steps",
                         written.error().detail + "; after a restart an alert may be told a second time");
  }
  failing_ = !written;
}

void BudgetWatch::OnTick() {
  tick_.SetAfter(options_.tick);
  const std::shared_ptr<const budget::Policy> policy = parts_.policy();
  const base::WallTime now = loop_.WallNow();
  crossings_.Sweep(*policy, now);
  if (look_again_.exchange(false)) LookAtAll(*policy, now);
  LookAtRolling(*policy, now);
  TakeNews();
  if (crossings_.version() != saved_version_) Save({});
  if (loop_.Now() >= measure_due_) Measure(*policy, now);
  if (loop_.Now() >= forecast_due_) Forecast(*policy, now);
}

// What a settlement by hand or a restart has settled no request notes.
void BudgetWatch::LookAtAll(const budget::Policy& policy, base::WallTime now) {
  for (const budget::BudgetRule& rule : policy.budgets()) {
    if (rule.steps.empty()) continue;
    parts_.accounts.List(rule.terms, now, [&](const budget::Accounts::Listed& listed) {
      crossings_.Note({.rule = &rule,
                       .value_hash = parts_.hash(listed.value),
                       .value = listed.value,
                       .view = listed.view,
                       .forecast = {}});
    });
  }
}

// In a rolling window the share falls though nothing is settled.
void BudgetWatch::LookAtRolling(const budget::Policy& policy, base::WallTime now) {
  for (const budget::Crossings::Watched& watched : crossings_.Rolling()) {
    const budget::BudgetRule* rule = policy.FindBudget(watched.rule);
    if (rule == nullptr) continue;
    budget::Standing standing{
        .rule = rule, .value_hash = watched.value_hash, .value = watched.value, .view = {}, .forecast = {}};
    const budget::Demand account = Account(*rule, watched.value_hash, watched.value);
    parts_.accounts.Look({&account, 1}, now, {&standing.view, 1});
    crossings_.Note(standing);
  }
}

void BudgetWatch::Forecast(const budget::Policy& policy, base::WallTime now) {
  forecast_due_ = loop_.Now() + options_.forecast;
  const auto& budgets = policy.budgets();
  const auto looks_ahead = [](const budget::BudgetRule& rule) { return rule.forecasts; };
  budget::Crossings::Forecasts made;
  if (std::none_of(budgets.begin(), budgets.end(), looks_ahead)) {
    crossings_.SetForecasts(std::move(made));
    return;
  }
  base::Result<> done;
  if (ledger_ == nullptr) {
    auto ledger = store::Ledger::Open(parts_.data);
    if (ledger) ledger_ = std::move(*ledger);
    if (!ledger) done = base::Fail(std::move(ledger).error());
  }
  if (ledger_ != nullptr) {
    done = budget::ForecastAll(*ledger_, policy, parts_.accounts, parts_.hash, now,
                               [&](const budget::Standing& standing) {
                                 const budget::AccountKey key{standing.rule->terms.id, standing.value_hash};
                                 made.emplace(key, standing.forecast.value_or(0));
                                 crossings_.Note(standing);
                               });
  }
  if (!done && !forecast_failing_) parts_.recorder.Note("budget_forecast", done.error().detail);
  forecast_failing_ = !done;
  if (done) crossings_.SetForecasts(std::move(made));
}

void BudgetWatch::Measure(const budget::Policy& policy, base::WallTime now) {
  const bool many = parts_.accounts.Counts().accounts > kManyAccounts;
  measure_due_ = parts_.clock.Now() + (many ? kMeasureMany : kMeasure);
  std::map<std::string, double> most;
  const auto note = [&most](const std::string& scope, double ratio) {
    double& used = most.try_emplace(scope, 0).first->second;
    used = std::max(used, ratio);
  };
  for (const budget::BudgetRule& rule : policy.budgets()) {
    const std::string scope = rule.scope.Print();
    if (!rule.scope.each) {
      const budget::Demand account = Account(rule, parts_.hash(rule.scope.value), rule.scope.value);
      budget::AccountView view;
      parts_.accounts.Look({&account, 1}, now, {&view, 1});
      note(MayBeLabel(rule.scope.kind) ? scope : std::string(config::Name(rule.scope.kind)), Ratio(view));
      continue;
    }
    note(scope, 0);
    parts_.accounts.List(rule.terms, now, [&](const budget::Accounts::Listed& listed) {
      note(scope, Ratio(listed.view));
      if (MayBeLabel(rule.scope.kind))
        note(budget::AccountName(rule.scope, listed.value), Ratio(listed.view));
    });
  }
  used_.With([&](telemetry::Registry::Series& used) { used.assign(most.begin(), most.end()); });
}

}  // namespace gateway
