#include "bench/budget_replay_internal.h"

#include <algorithm>
#include <variant>

#include "gateway/spending.h"
#include "pricing/price.h"

namespace bench {
namespace {

using base::Int128;
using std::chrono::nanoseconds;
using namespace std::chrono_literals;

constexpr std::int64_t kBytesPerToken = 4;
constexpr std::int64_t kFrameBytes = 200;              // of a request's JSON around its prompt
constexpr std::int64_t kFormTokens = 256;              // what a provider may put around it
constexpr std::int64_t kInputRate = 150'000'000'000;   // pico-dollars a million tokens
constexpr std::int64_t kOutputRate = 600'000'000'000;  // the same
constexpr auto kFirstToken = 400ms;
constexpr auto kToken = 20ms;
constexpr std::string_view kModel = "openai/gpt-4o-mini";

}  // namespace

BudgetReplay::BudgetReplay(const BudgetReplayOptions& options, std::span<const Arrival> arrivals)
    : options_(options), random_(options.seed), accounts_(clock_, {}) {
  Int128 all = 0;
  Int128 worst = 0;
  for (const Arrival& arrival : arrivals) {
    Request& request = requests_.emplace_back();
    request.prompt = static_cast<std::int64_t>(arrival.prompt_bytes) / kBytesPerToken;
    request.answer = static_cast<std::int64_t>(arrival.answer_chunks);
    Bound(request);
    worst += request.worst.Pico();
    all += CostOf(request, std::min(request.answer, options_.output_limit));
    Plan(nanoseconds(arrival.at_ns), Kind::kArrives, requests_.size() - 1);
  }
  terms_ = {.id = 1,
            .window = budget::Window::Calendar(budget::Window::Unit::kMonth, {}),
            .limit = {.pico = std::max<Int128>(all * options_.share_percent / 100, 1),
                      .currency = base::Currency::kUsd},
            .carry_most = 0};
  result_.requests = requests_.size();
  result_.room = static_cast<std::int64_t>(terms_.limit.pico * static_cast<Int128>(requests_.size()) /
                                           std::max<Int128>(worst, 1));
}

BudgetReplayResult BudgetReplay::Run() {
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    clock_.Advance(event.at - now_);
    now_ = event.at;
    Play(event);
    while (!told_.empty()) {
      const std::vector<std::size_t> told = std::exchange(told_, {});
      for (const std::size_t index : told) OnTold(index);
    }
  }
  result_.spent_end = ShareOf(View().settled);
  result_.overshot = accounts_.Counts().overshot;
  return result_;
}

void BudgetReplay::Plan(nanoseconds at, Kind kind, std::size_t request) {
  events_.push({.at = at, .order = ++order_, .kind = kind, .request = request});
}

void BudgetReplay::Play(const Event& event) {
  switch (event.kind) {
    case Kind::kArrives:
      return Try(event.request);
    case Kind::kGivesUp:
      return GiveUp(event.request);
    case Kind::kEnds:
      return End(event.request);
  }
}

void BudgetReplay::Bound(Request& request) const {
  const std::int64_t tokens =
      request.counted ? request.prompt : request.prompt * kBytesPerToken + kFrameBytes;
  request.worst = {.currency = base::Currency::kUsd,
                   .before = static_cast<Int128>(tokens + kFormTokens) * kInputRate,
                   .answers = 1,
                   .rate = kOutputRate,
                   .output = options_.output_limit};
}

Int128 BudgetReplay::CostOf(const Request& request, std::int64_t answer) const {
  return (static_cast<Int128>(request.prompt) * kInputRate + static_cast<Int128>(answer) * kOutputRate) /
         pricing::kRatePer;
}

// What is reserved with that output limit.
Int128 BudgetReplay::AmountOf(const Request& request, std::int64_t output) const {
  const Int128 worst = request.worst.Pico(output);
  if (!options_.typical) return worst;
  constexpr std::int64_t kWhole = gateway::TypicalCost::kWhole;
  return (worst * typical_.ShareOf(kModel, "") + kWhole - 1) / kWhole;
}

budget::Demand BudgetReplay::DemandOf(const Request& request) const {
  return {.key = {.rule = terms_.id, .value = 1},
          .terms = &terms_,
          .value = "all",
          .amount = AmountOf(request, request.worst.output)};
}

budget::AccountView BudgetReplay::View() {
  const budget::Demand account = DemandOf({});
  budget::AccountView view;
  accounts_.Look({&account, 1}, clock_.WallNow(), {&view, 1});
  return view;
}

std::int64_t BudgetReplay::ShareOf(Int128 amount) const {
  return static_cast<std::int64_t>(amount * 10'000 / terms_.limit.pico);
}

void BudgetReplay::Try(std::size_t index) {
  Request& request = requests_[index];
  for (bool lowered = false;;) {
    const budget::Demand demand = DemandOf(request);
    auto lease = accounts_.Reserve({&demand, 1}, clock_.WallNow());
    if (lease) return Grant(index, std::move(*lease));
    if (!request.counted && lease.error().account.room_at_most() > 0) {
      request.counted = true;
      Bound(request);
      continue;
    }
    if (lease.error().why == budget::DeniedWhy::kBusy) {
      request.waiter = std::make_unique<budget::Waiter>(accounts_, [this, index] { told_.push_back(index); });
      request.waits_since = clock_.Now();
      ++result_.waited;
      Plan(now_ + options_.reserve_wait, Kind::kGivesUp, index);
      return Wait(index);
    }
    if (std::exchange(lowered, true) || !Lower(request, true)) return Refuse(index);
  }
}

void BudgetReplay::Wait(std::size_t index) {
  Request& request = requests_[index];
  const budget::Demand demand = DemandOf(request);
  if (!accounts_.Wait({&demand, 1}, clock_.WallNow(), *request.waiter)) told_.push_back(index);
}

// Something came of its waiting: its turn, or that what it wants cannot be had any more.
void BudgetReplay::OnTold(std::size_t index) {
  Request& request = requests_[index];
  if (request.waiter == nullptr) return;
  auto outcome = request.waiter->Take();
  if (auto* const lease = std::get_if<budget::Lease>(&outcome)) return Grant(index, std::move(*lease));
  if (std::holds_alternative<std::monostate>(outcome)) return;
  Lower(request, true) ? Wait(index) : Refuse(index);
}

// Its patience is over when nothing has come back for reserve_wait, and at last after some times of that.
// Then it takes what there is at the moment, where that pays for a useful answer.
void BudgetReplay::GiveUp(std::size_t index) {
  Request& request = requests_[index];
  if (request.waiter == nullptr) return;
  const auto place = request.waiter->InTheWay();  // none: something came of its waiting just now
  const base::MonoTime due =
      std::min(request.waits_since + gateway::Spending::kWaitsMax * options_.reserve_wait,
               (place ? place->idle_since : clock_.Now()) + options_.reserve_wait);
  if (clock_.Now() < due) return Plan(now_ + (due - clock_.Now()), Kind::kGivesUp, index);
  if (!Lower(request, false)) return Refuse(index);
  const budget::Demand demand = DemandOf(request);
  if (accounts_.Wait({&demand, 1}, clock_.WallNow(), *request.waiter)) return Refuse(index);
  auto outcome = request.waiter->Take();
  auto* const lease = std::get_if<budget::Lease>(&outcome);
  lease != nullptr ? Grant(index, std::move(*lease)) : Refuse(index);
}

// To the largest output limit that the budget pays for: now, or `at_most`, when all that others have reserved
// has come back. False: that is less than a useful answer.
bool BudgetReplay::Lower(Request& request, bool at_most) {
  const budget::AccountView view = View();
  const Int128 room = at_most ? view.room_at_most() : view.room();
  std::int64_t fits = std::min(options_.output_floor, options_.output_limit);
  if (AmountOf(request, fits) > room) return false;
  std::int64_t over = request.worst.output + 1;
  while (over - fits > 1) {
    const std::int64_t middle = fits + (over - fits) / 2;
    (AmountOf(request, middle) <= room ? fits : over) = middle;
  }
  request.worst.output = fits;
  return true;
}

void BudgetReplay::Grant(std::size_t index, budget::Lease lease) {
  Request& request = requests_[index];
  request.waiter.reset();
  request.lease = std::move(lease);
  ++result_.answered;
  if (request.worst.output < options_.output_limit) ++result_.lowered;
  request.answer = std::min(request.answer, request.worst.output);
  to_come_ += CostOf(request, request.answer);
  const auto jitter = static_cast<std::int64_t>(random_.Below(401)) - 200;  // thousandths
  const nanoseconds takes = kFirstToken + request.answer * nanoseconds(kToken);
  Plan(now_ + takes + takes * jitter / 1'000, Kind::kEnds, index);
}

void BudgetReplay::Refuse(std::size_t index) {
  requests_[index].waiter.reset();
  if (result_.refused++ > 0) return;
  const budget::AccountView view = View();
  result_.refused_at_s = std::chrono::duration_cast<std::chrono::seconds>(now_).count();
  result_.spent_then = ShareOf(view.settled);
  result_.reserved_then = ShareOf(view.reserved);
  result_.spent_once = ShareOf(view.settled + to_come_);
}

void BudgetReplay::End(std::size_t index) {
  Request& request = requests_[index];
  const Int128 cost = CostOf(request, request.answer);
  to_come_ -= cost;
  typical_.Learn(kModel, "", cost, request.worst.Pico());
  request.lease.Settle({&cost, 1}, clock_.WallNow());
}

}  // namespace bench
