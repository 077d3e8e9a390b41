#include "simulation/budget_world.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/time_text.h"
#include "pricing/priced_for_test.h"

namespace simulation {
namespace {

using base::Int128;
using base::WallTime;
using budget::AccountView;
using budget::Demand;
using budget::PlayedCall;
using budget::Window;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr std::int64_t kOutputFloor = 64;
constexpr std::size_t kFaultsMax = 20;
constexpr std::size_t kSessionsKept = 30;
constexpr nanoseconds kDeadline = 20min;

// What is in force one after another: limits that go up and down, budgets that come and go.
std::string Budgets(std::size_t number) {
  std::string text =
      "budgets:\n"
      "  - { scope: team/*, limit: 1.5 USD, window: day, timezone: Europe/Berlin }\n"
      "  - { scope: project/*, limit: 6 USD, window: week, timezone: America/New_York, carry_over: 50% }\n"
      "  - { scope: key/*, limit: 0.25 USD, window: hour, timezone: Australia/Lord_Howe }\n"
      "  - { scope: user/*, limit: 0.7 USD, rolling: 24h }\n"
      "  - { scope: session/*, limit: 0.08 USD, idle: 30m }\n"
      "  - { scope: provider/*, limit: 300 CNY, window: month, timezone: Asia/Shanghai }\n"
      "  - { scope: team/support, limit: 120 USD, window: quarter }\n";
  text += number % 2 == 0 ? "  - { scope: org, limit: 60 USD, window: month }\n"
                          : "  - { scope: org, limit: 45 USD, window: month }\n";
  if (number % 3 != 1)
    text += "  - { scope: tag/env=*, limit: 3 USD, window: day, timezone: Asia/Kathmandu }\n";
  if (number % 3 != 2) text += "  - { scope: model/*, limit: 0.4 USD, rolling: 1h }\n";
  return text;
}

constexpr std::array<std::string_view, 3> kModels = {"deepseek/deepseek-flash", "deepseek/deepseek-v4-pro",
                                                     "chinese/deepseek-flash"};
constexpr std::array<std::string_view, 4> kTeams = {"support", "search", "billing", "growth"};

}  // namespace

BudgetWorld::BudgetWorld(std::uint64_t seed, WallTime start)
    : random_(seed),
      clock_(start),
      prices_(pricing::ShippedBook(*budget::SettingsOf(""))),
      played_(directory_.path(), clock_, disk_, Budgets(0)) {
  if (const auto started = played_.Start(); !started) Fault(started.error().detail);
}

void BudgetWorld::Fault(const std::string& what) {
  if (faults_.size() < kFaultsMax) {
    faults_.push_back(base::PrintTime(clock_.WallNow()) + ", event " + std::to_string(tally_.events) + ": " +
                      what);
  }
}

void BudgetWorld::Plan(nanoseconds in, Kind kind, std::uint64_t request) {
  events_.push({clock_.WallNow() + in, ++order_, kind, request});
}

void BudgetWorld::Run(WallTime end) {
  end_ = end;
  Plan(1s, Kind::kArrivals);
  Plan(7h, Kind::kOperator);
  Plan(31h, Kind::kRestart);
  Plan(50h, Kind::kReload);
  Plan(20h, Kind::kRaise);
  Plan(1h, Kind::kCheckpoint);
  Plan(24h, Kind::kLedgerCheck);
  while (!events_.empty() && faults_.size() < kFaultsMax) {
    const Event event = events_.top();
    events_.pop();
    clock_.Advance(event.at - clock_.WallNow());
    ++tally_.events;
    Play(event);
    Served();
    CheckLimits();
    if (tally_.events % 50 == 0) CheckReserved();
  }
  if (!requests_.empty()) Fault("some request has no end");
  CheckReserved();
  CheckLedger();
}

void BudgetWorld::Play(const Event& event) {
  const bool over = clock_.WallNow() >= end_;
  const auto jitter = [this](nanoseconds mean) {
    return mean / 2 +
           nanoseconds(static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(mean.count()))));
  };
  switch (event.kind) {
    case Kind::kCallEnds:
      return EndCall(event.request);
    case Kind::kGivesUp:
      return GiveUp(event.request);
    case Kind::kArrivals:
      if (!over) Arrive();
      return;
    case Kind::kOperator:
      Resolve();
      if (!over) Plan(jitter(9h), event.kind);
      return;
    case Kind::kRestart:
      Restart();
      if (!over) Plan(jitter(26h), event.kind);
      return;
    case Kind::kReload:
      Reload();
      if (!over) Plan(jitter(40h), event.kind);
      return;
    case Kind::kRaise:
      RaiseOne();
      if (!over) Plan(jitter(15h), event.kind);
      return;
    case Kind::kCheckpoint:
      if (!played_.books().WriteCheckpoint()) Fault("no checkpoint");
      played_.books().accounts().Sweep(clock_.WallNow());
      if (!over) Plan(jitter(40min), event.kind);
      return;
    case Kind::kLedgerCheck:
      CheckLedger();
      if (!over) Plan(24h, event.kind);
      return;
  }
}

// More by day than by night, now and then many at once for one key.
void BudgetWorld::Arrive() {
  const auto of_day =
      std::chrono::duration_cast<std::chrono::minutes>(clock_.WallNow().time_since_epoch() % 24h);
  const double busy = 1.2 - std::cos(static_cast<double>(of_day.count()) / 1440 * 6.283);
  const std::uint64_t burst = OneIn(60) ? 5 + random_.Below(40) : 1;
  const std::uint64_t burst_of = next_request_;
  for (std::uint64_t i = 0; i < burst; ++i) AskOne(burst > 1 ? burst_of : next_request_);
  const double wait_s = -std::log(1 - random_.Uniform()) * 45 / busy;
  Plan(nanoseconds(static_cast<std::int64_t>(wait_s * 1e9)), Kind::kArrivals);
}

PlayedCall BudgetWorld::MakeCall(std::uint64_t number, std::uint64_t burst_of) {
  base::Random who(burst_of * 2 + 1);
  PlayedCall call;
  call.id = "req_" + std::to_string(number);
  call.started = clock_.WallNow();
  call.team = kTeams[who.Below(kTeams.size())];
  call.project = call.team + (who.Below(2) == 0 ? "-web" : "-bot");
  call.key_id = "key_" + std::to_string(who.Below(8));
  call.user = "user-" + std::to_string(who.Below(15));
  if (OneIn(20)) ++session_;
  if (OneIn(3)) call.session = "run-" + std::to_string(session_);
  if (!OneIn(4))
    call.env = OneIn(2) ? "prod" : "a test of which the name is long enough to be somewhere else";
  call.model = kModels[random_.Below(kModels.size())];
  call.worst.currency = call.provider() == "chinese" ? base::Currency::kCny : base::Currency::kUsd;
  return call;
}

void BudgetWorld::AskOne(std::uint64_t burst_of) {
  const std::uint64_t number = next_request_++;
  ++tally_.requests;
  Request& request = requests_[number];
  request.number = number;
  request.input_bound = 200 + static_cast<std::int64_t>(random_.Below(20'000) >> random_.Below(6));
  request.output_max = 256 << random_.Below(6);
  request.call = played_.Prepare(MakeCall(number, burst_of));
  request.output_limit = request.output_max;
  Try(request);
}

// The most that a call from now on costs, whenever it ends.
Int128 BudgetWorld::Worst(const PlayedCall& call, std::int64_t input, std::int64_t output) const {
  const std::string_view model = std::string_view(call.model).substr(call.provider().size() + 1);
  const auto rates = prices_->DearestRates(prices_->Find(call.provider(), model), call.worst.currency,
                                           {.from = call.started, .until = clock_.WallNow() + kDeadline});
  chat::Usage usage;
  usage.input = input;
  usage.output = output;
  return pricing::Total(pricing::TermsOf(rates.value(), usage)).value();
}

Int128 BudgetWorld::Price(const PlayedCall& call, std::int64_t input, std::int64_t cached,
                          std::int64_t output, WallTime completed) {
  const std::string_view model = std::string_view(call.model).substr(call.provider().size() + 1);
  const auto* const prices = prices_->Find(call.provider(), model);
  chat::Usage usage;
  usage.input = input - cached;
  usage.cached_input = cached;
  usage.output = output;
  const auto cost = prices_->Price(prices, call.worst.currency, usage,
                                   {.dispatched = call.started, .completed = completed});
  const auto begun =
      prices_->Price(prices, call.worst.currency, usage, {.dispatched = completed, .completed = completed});
  if (cost.version != begun.version) ++tally_.crossed_a_price;
  return cost.pico.value();
}

// What a call that ends now has really cost.
Int128 BudgetWorld::CostOf(const Request& request, const Call& call, bool aborted) {
  const std::int64_t input =
      request.input_bound - request.input_bound * static_cast<std::int64_t>(random_.Below(60)) / 100;
  const std::int64_t cached = OneIn(2) ? input / 128 * 64 : 0;
  std::int64_t output = request.output_limit;
  if (!OneIn(5)) output = output * static_cast<std::int64_t>(random_.Below(70)) / 100;
  if (aborted) output = output * static_cast<std::int64_t>(random_.Below(100)) / 100;
  return Price(call.call, input, cached, output, clock_.WallNow());
}

void BudgetWorld::Try(Request& request) {
  Call& call = *request.call;
  call.call.started = clock_.WallNow();
  ++request.attempts;
  request.output_limit = request.output_max;
  for (int i = 0; i < 3; ++i) {
    call.call.worst.pico = Worst(call.call, request.input_bound, request.output_limit);
    call.demands = budget::DemandsOf(played_.policy(), call.call.AsSpend(call.call.worst.pico));
    Meet(call.demands);
    auto lease = played_.books().accounts().Reserve(call.demands, clock_.WallNow());
    if (lease) {
      call.lease = std::move(*lease);
      return Granted(request);
    }
    accounts_[{call.demands[lease.error().demand].key.rule,
               std::string(call.demands[lease.error().demand].value)}]
        .denied = true;
    if (lease.error().why == budget::DeniedWhy::kBusy) {
      const std::uint64_t number = request.number;
      request.waiter = std::make_unique<budget::Waiter>(played_.books().accounts(),
                                                        [this, number] { served_.push_back(number); });
      if (played_.books().accounts().Wait(call.demands, clock_.WallNow(), *request.waiter)) {
        return Plan(2s, Kind::kGivesUp, number);
      }
      served_.push_back(number);
      return;
    }
    if (!Lower(request)) return Refused(request, lease.error());
  }
  Close(request);
}

// To what the tightest account pays for. False: it is not worth it.
bool BudgetWorld::Lower(Request& request) {
  Call& call = *request.call;
  std::vector<AccountView> views(call.demands.size());
  played_.books().accounts().Look(call.demands, clock_.WallNow(), views);
  const auto fits = [&](std::int64_t output) {
    const Int128 worst = Worst(call.call, request.input_bound, output);
    const auto demands = budget::DemandsOf(played_.policy(), call.call.AsSpend(worst));
    for (std::size_t i = 0; i < demands.size(); ++i) {
      if (demands[i].amount > views[i].room()) return false;
    }
    return true;
  };
  if (!fits(kOutputFloor)) return false;
  std::int64_t low = kOutputFloor;
  std::int64_t high = request.output_limit;
  while (high - low > 1) {
    const std::int64_t middle = (low + high) / 2;
    (fits(middle) ? low : high) = middle;
  }
  request.output_limit = low;
  ++tally_.lowered;
  return true;
}

void BudgetWorld::Granted(Request& request) {
  Call& call = *request.call;
  call.call.started = clock_.WallNow();
  ++tally_.granted;
  call.promise = played_.Promised(call.call);
  played_.Track(request.call);
  // Usually seconds, sometimes many minutes.
  Plan(500ms + nanoseconds(static_cast<std::int64_t>(random_.Below(1'000'000'000'000) >> random_.Below(9))),
       Kind::kCallEnds, request.number);
  if (request.attempts > 1 || !OneIn(30)) return;
  PlayedCall other = call.call;
  other.tag.clear();
  other.model = kModels[random_.Below(2)];
  other.worst.currency = base::Currency::kUsd;
  other.worst.pico = Worst(other, request.input_bound, request.output_limit);
  request.hedge = played_.Begin(std::move(other));
  if (request.hedge == nullptr) return;
  ++tally_.hedged;
  ++tally_.granted;
  Meet(request.hedge->demands);
}

void BudgetWorld::Refused(Request& request, const budget::Denied&) {
  ++tally_.denied;
  Close(request);
}

// Those whose turn has come.
void BudgetWorld::Served() {
  while (!served_.empty()) {
    const std::uint64_t number = served_.back();
    served_.pop_back();
    const auto found = requests_.find(number);
    if (found == requests_.end() || found->second.waiter == nullptr) continue;
    Request& request = found->second;
    auto outcome = request.waiter->Take();
    // It has gone over to another account's line.
    if (std::holds_alternative<std::monostate>(outcome) && request.waiter->InTheWay()) continue;
    request.waiter.reset();
    if (auto* const lease = std::get_if<budget::Lease>(&outcome)) {
      request.call->lease = std::move(*lease);
      ++tally_.waited;
      Granted(request);
    } else if (auto* const denied = std::get_if<budget::Denied>(&outcome)) {
      Refused(request, *denied);
    } else {
      Fault("a waiter was told of nothing");
    }
  }
}

void BudgetWorld::GiveUp(std::uint64_t number) {
  const auto found = requests_.find(number);
  if (found == requests_.end() || found->second.waiter == nullptr) return;
  ++tally_.gave_up;
  found->second.waiter.reset();
  if (Lower(found->second)) {
    --tally_.lowered;  // it is asked for anew, and lowered then
    Request& request = found->second;
    request.call->call.worst.pico = Worst(request.call->call, request.input_bound, request.output_limit);
    request.call->demands =
        budget::DemandsOf(played_.policy(), request.call->call.AsSpend(request.call->call.worst.pico));
    auto lease = played_.books().accounts().Reserve(request.call->demands, clock_.WallNow());
    if (lease) {
      ++tally_.lowered;
      request.call->lease = std::move(*lease);
      return Granted(request);
    }
  }
  Close(found->second);
}

void BudgetWorld::EndCall(std::uint64_t number) {
  const auto found = requests_.find(number);
  if (found == requests_.end() || !found->second.call->promise.holds()) return;  // it went with its process
  Request& request = found->second;
  const bool fails = request.attempts < 3 && OneIn(12);
  if (fails && OneIn(2)) {
    request.call->lease.Refund(clock_.WallNow());
    request.call->promise.Release();
  } else {
    const bool aborted = OneIn(10);
    if (aborted) ++tally_.aborted;
    request.ended.emplace_back(request.call, CostOf(request, *request.call, aborted || fails));
  }
  if (!fails) {
    if (request.hedge != nullptr) {
      request.ended.emplace_back(request.hedge, CostOf(request, *request.hedge, true));
    }
    return Close(request);
  }
  ++tally_.retried;
  PlayedCall again = request.call->call;
  again.tag.clear();
  again.model = kModels[random_.Below(kModels.size())];
  again.worst.currency = again.provider() == "chinese" ? base::Currency::kCny : base::Currency::kUsd;
  if (request.hedge != nullptr)
    request.ended.emplace_back(request.hedge, CostOf(request, *request.hedge, true));
  request.hedge.reset();
  request.call = played_.Prepare(std::move(again));
  Try(request);
}

// Its row, if anybody was asked; what is held besides comes back.
void BudgetWorld::Close(Request& request) {
  std::vector<budget::PlayedBooks::Ended> ended;
  for (const auto& [call, cost] : request.ended) ended.emplace_back(call.get(), cost);
  if (!ended.empty()) played_.End(ended);
  requests_.erase(request.number);
}

// In order or by a crash: then every call under way loses its end.
void BudgetWorld::Restart() {
  const bool crash = OneIn(2);
  // A start counts all rows behind the checkpoint, also of calls that a budget which was new then has passed
  // over.
  if (crash && clock_.WallNow() < reloaded_ + 2h && !played_.books().WriteCheckpoint())
    Fault("no checkpoint");
  if (!crash) {
    while (!requests_.empty()) {
      Request& request = requests_.begin()->second;
      request.waiter.reset();
      if (request.call->promise.holds()) {
        request.ended.emplace_back(request.call, CostOf(request, *request.call, true));
      }
      if (request.hedge != nullptr) {
        request.ended.emplace_back(request.hedge, CostOf(request, *request.hedge, true));
      }
      Close(request);
      Served();
    }
  }
  for (auto& [number, request] : requests_) {
    request.waiter.reset();
    std::vector<std::shared_ptr<Call>> calls{request.call, request.hedge};
    for (const auto& [call, cost] : request.ended) calls.push_back(call);
    for (const std::shared_ptr<Call>& call : calls) {
      if (call == nullptr || !call->promise.holds()) continue;
      ++tally_.cut_off;
      for (auto& [rule, passed] : not_counted_) passed.requests.erase(call->call.id);
      cut_off_[call->call.id].push_back(call->call);
    }
  }
  if (crash) played_.Crash();
  requests_.clear();
  served_.clear();
  if (!crash) played_.Stop();
  if (const auto started = played_.Start(); !started) Fault(started.error().detail);
  for (auto& [name, account] : accounts_) {
    const auto* const rule = played_.policy().FindBudget(name.first);
    account.terms = rule == nullptr ? nullptr : &rule->terms;
  }
  ++(crash ? tally_.crashes : tally_.restarts);
  if (played_.books().ListUnsettled().size() < cut_off_.size()) Fault("a call that was cut off is forgotten");
  CheckReserved();
  CheckLedger();
}

void BudgetWorld::Reload() {
  std::set<std::uint64_t> before;
  for (const auto& rule : played_.policy().budgets()) before.insert(rule.terms.id);
  played_.SetBudgets(Budgets(++budgets_));
  if (!played_.Reload()) Fault("no reload");
  ++tally_.reloads;
  reloaded_ = clock_.WallNow();
  for (const auto& rule : played_.policy().budgets()) {
    if (before.contains(rule.terms.id)) continue;
    // What was under way does not count in a budget that is new.
    NotCounted& not_counted = not_counted_[rule.terms.id];
    not_counted = {.until = clock_.WallNow(), .requests = {}};
    for (const auto& [number, request] : requests_) {
      not_counted.requests.insert("req_" + std::to_string(number));
    }
  }
  for (auto& [name, account] : accounts_) {
    const auto* const rule = played_.policy().FindBudget(name.first);
    account =
        Account{.terms = rule == nullptr ? nullptr : &rule->terms, .used = Int128{1} << 100, .start = {}};
  }
  CheckLedger();
  // Who waits asks for what the new budgets want.
  std::vector<std::uint64_t> waiting;
  for (const auto& [number, request] : requests_) {
    if (request.waiter != nullptr) waiting.push_back(number);
  }
  for (const std::uint64_t number : waiting) {
    Request& request = requests_.at(number);
    request.waiter.reset();
    std::erase(served_, number);
    Try(request);
  }
}

void BudgetWorld::RaiseOne() {
  std::vector<AccountName> names;
  for (const auto& [name, account] : accounts_) {
    if (account.terms != nullptr) names.push_back(name);
  }
  if (names.empty()) return;
  const AccountName& name = names[random_.Below(names.size())];
  const Account& account = accounts_[name];
  const Demand demand{.key = {.rule = name.first, .value = played_.hash()(name.second)},
                      .terms = account.terms,
                      .value = name.second,
                      .amount = 0};
  const budget::AccountRaise raise{demand,
                                   {.by = account.terms->limit.pico / 5, .until = clock_.WallNow() + 6h}};
  if (!played_.books().SetRaises({&raise, 1}) || !played_.books().WriteCheckpoint()) Fault("no raise");
  ++tally_.raises;
}

// An operator looks up what became of the calls that were cut off.
void BudgetWorld::Resolve() {
  for (auto& [id, calls] : cut_off_) {
    const Int128 worst = calls.front().worst.pico;
    const Int128 cost = OneIn(3) ? 0 : worst * static_cast<Int128>(random_.Below(100)) / 100;
    if (auto settled = played_.books().SettleUnsettled(id, cost); !settled) Fault(settled.error().detail);
  }
  cut_off_.clear();
  if (!played_.books().ListUnsettled().empty()) Fault("a call is without an end that was not cut off");
}

// Remembers the accounts of these.
void BudgetWorld::Meet(const std::vector<Demand>& demands) {
  for (const Demand& demand : demands) {
    const AccountName name(demand.key.rule, demand.value);
    const auto [account, fresh] = accounts_.try_emplace(name);
    account->second.terms = demand.terms;
    if (!fresh || demand.terms->window.kind() != Window::Kind::kIdle) continue;
    sessions_.push_back(name);
    if (sessions_.size() <= kSessionsKept) continue;
    accounts_.erase(sessions_.front());
    sessions_.pop_front();
  }
}

}  // namespace simulation
