#include "gateway/spending.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.h"
#include "gateway/budget_words.h"
#include "gateway/model_limits.h"
#include "gateway/turn.h"

namespace gateway {
namespace {

using base::Code;
using base::Fail;
using base::Int128;
using budget::AccountView;
using budget::Denied;
using budget::DeniedWhy;
using budget::Part;

using Views = base::BlockVector<AccountView>;

// How long a call may last from now on: a place is waited for, then it takes its time, and is heard out.
std::chrono::nanoseconds LastsAtMost(const config::ProviderSettings& provider,
                                     std::optional<std::chrono::nanoseconds> time_left) {
  std::chrono::nanoseconds most = provider.queue_timeout + provider.timeout.total;
  if (time_left) most = std::min(most, *time_left);
  return provider.on_hang_up == config::OnHangUp::kDrain ? most + provider.drain_max : most;
}

// "provider/name".
std::string_view WriteModel(const config::ModelRef& target, base::BlockVector<char>& into) {
  into.clear();
  into.reserve(target.provider.size() + 1 + target.model.size());
  into.insert(into.end(), target.provider.begin(), target.provider.end());
  into.push_back('/');
  into.insert(into.end(), target.model.begin(), target.model.end());
  return {into.data(), into.size()};
}

budget::Spender With(const budget::Spender& spender, const config::ModelRef& target, std::string_view model) {
  budget::Spender with = spender;
  with.provider = target.provider;
  with.model = model;
  return with;
}

// How the accounts of these budgets stand.
Views Look(budget::Books& books, std::span<const budget::BudgetMatch> matches, base::WallTime now) {
  base::BlockVector<budget::Demand> demands;
  demands.reserve(matches.size());
  for (const budget::BudgetMatch& match : matches) demands.push_back(match.demand);
  Views views(matches.size());
  books.accounts().Look(demands, now, views);
  return views;
}

budget::Standing StandingOf(const budget::BudgetMatch& match, const AccountView& view) {
  return {.rule = match.rule,
          .value_hash = match.demand.key.value,
          .value = match.demand.value,
          .view = view,
          .forecast = {}};
}

void AddSteps(budget::Books& books, const budget::Crossings* crossings,
              std::span<const budget::BudgetMatch> matches, base::WallTime now,
              budget::Restrictions& restrictions) {
  const bool any = std::any_of(matches.begin(), matches.end(),
                               [](const budget::BudgetMatch& match) { return !match.rule->steps.empty(); });
  if (!any) return;
  const Views views = Look(books, matches, now);
  for (std::size_t i = 0; i < matches.size(); ++i) {
    budget::Standing standing = StandingOf(matches[i], views[i]);
    if (matches[i].rule->forecasts && crossings != nullptr) {
      standing.forecast = crossings->ForecastOf(matches[i].demand.key);
    }
    restrictions.Add(standing);
  }
}

constexpr std::size_t kWorthCounting = 1'024;  // bytes: of fewer, what counting would save is little
constexpr std::string_view kTooManyBudgets = "it falls in more budgets than the 64 that one request may have";

}  // namespace

Spending::Call::Call() = default;

base::Result<bool> Spending::Begin(const budget::Spender& spender) {
  spender_ = &spender;
  if (parts_.policy == nullptr || !parts_.policy->HasBudgets()) return parts_.max_cost.has_value();
  if (!parts_.policy->MatchBudgets(spender, Part::kCaller, caller_)) {
    return Fail(Code::kDenied, "this request cannot be paid: " + std::string(kTooManyBudgets));
  }
  AddSteps(*parts_.books, parts_.crossings, caller_, Now(), restrictions_);
  return parts_.max_cost || !caller_.empty() || parts_.policy->HasBudgets(Part::kCandidate);
}

std::optional<RefusalText> Spending::Restrict(routing::Plan& plan) {
  const bool by_candidate = parts_.policy != nullptr && parts_.policy->HasCandidateSteps();
  if (restrictions_.empty() && !by_candidate) return std::nullopt;
  std::string why;
  for (routing::Candidate& candidate : plan.candidates) {
    if (!candidate.rejected.empty()) continue;
    const auto why_not = [&](const budget::Restrictions& steps) {
      return steps.WhyNot(parts_.settings, spender_->asked_model, candidate.target, candidate.rung);
    };
    candidate.rejected = why_not(restrictions_);
    if (candidate.rejected.empty() && by_candidate) {
      base::BlockVector<char> model;
      const budget::Spender with = With(*spender_, candidate.target, WriteModel(candidate.target, model));
      base::BlockVector<budget::BudgetMatch> matches;
      budget::Restrictions steps;
      if (parts_.policy->MatchBudgets(with, Part::kCandidate, matches)) {
        AddSteps(*parts_.books, parts_.crossings, matches, Now(), steps);
        candidate.rejected = why_not(steps);
      }
    }
    if (why.empty()) why = candidate.rejected;
  }
  if (why.empty()) return std::nullopt;
  std::stable_partition(plan.candidates.begin(), plan.candidates.end(),
                        [](const routing::Candidate& candidate) { return candidate.rejected.empty(); });
  first_reason_ = std::move(why);
  plan.reason = first_reason_;
  if (plan.Answerable()) {
    plan.candidates.front().reason = first_reason_;
    return std::nullopt;
  }
  RefusalText text{.refusal = Refusal::kBudgetExceeded, .message = first_reason_};
  if (const budget::Standing* blocked = restrictions_.blocked_by()) {
    text.message += OpensAgain(*blocked->rule, blocked->view.span.end, Now());
  }
  return text;
}

bool Spending::Bound(const routing::Candidate& candidate, const config::ProviderSettings& provider,
                     Wording& wording) {
  const wire::RequestView& said = wording.said();
  const bool as_asked = &said == &parts_.extent.request();
  const wire::RequestExtent& extent = as_asked ? parts_.extent.Get() : wording.extent();
  const pricing::ModelLimits limits =
      LimitsOf(parts_.settings, parts_.prices.get(), candidate.target, chat::DialectOf(wording.operation()));
  const CallBounds bounds{.input = InputBound(said, extent, limits.context, counted_),
                          .output = said.OutputLimit().value_or(limits.output),
                          .context_max = limits.context};
  std::optional<std::chrono::nanoseconds> time_left;
  if (parts_.deadline) time_left = *parts_.deadline - parts_.loop.Now();
  const std::chrono::nanoseconds lasts = LastsAtMost(provider, time_left);
  const pricing::Rates* rates = parts_.rates.Find(
      parts_.prices, {.provider = candidate.target.provider,
                      .model = candidate.target.model,
                      .dialect = chat::DialectOf(wording.operation()),
                      .service_tier = extent.service_tier,
                      .from = Now(),
                      .until = Now() + std::chrono::duration_cast<base::WallTime::duration>(lasts),
                      .input = extent.own_tool_uses == 0 ? bounds.input : INT64_MAX});
  if (rates == nullptr) {
    why_ = "its price is not known, and so not what it may cost";
    return false;
  }
  auto worst = BoundCall(said, extent, *rates, parts_.prices->CurrencyOf(candidate.target.provider), bounds);
  if (!worst) {
    why_ = std::move(worst).error().detail;
    return false;
  }
  // A picture stands in the body in bytes that are no text.
  may_count_ = may_count_ && extent.images == 0;
  call_->worst = *worst;
  call_->floor = extent.thinking_budget + 1;
  asked_ = call_->worst.output;
  return true;
}

// Into what is left of the request's own limit.
bool Spending::FitOwnLimit() {
  if (!parts_.max_cost) return true;
  WorstCase& worst = call_->worst;
  if (worst.currency != parts_.max_cost->currency) {
    why_ =
        "it is paid in " + std::string(worst.currency.code()) + ", which x-sluice-max-cost does not speak of";
    may_count_ = false;
    return false;
  }
  const Int128 left = parts_.max_cost->pico - spent_own_;
  if (worst.Pico() <= left) return true;
  if (may_count_) return false;
  const std::int64_t floor = std::max(std::min(kOutputFloor, worst.output), call_->floor);
  const auto fits = worst.answers > 0 ? worst.OutputWithin(left) : std::nullopt;
  if (fits && *fits >= floor) {
    worst.output = *fits;
    return true;
  }
  const Int128 least = worst.answers > 0 ? worst.Pico(std::min(floor, worst.output)) : worst.Pico();
  why_ = "it may cost " + base::Print({least, worst.currency}) +
         (spent_own_ == 0 ? "" : " after what was tried before") +
         ", which is more than x-sluice-max-cost allows";
  return false;
}

// The budgets that a call to this candidate falls in.
bool Spending::Match(const routing::Candidate& candidate) {
  call_->spender = With(*spender_, candidate.target, WriteModel(candidate.target, call_->model));
  if (parts_.policy == nullptr) return true;
  call_->matches = caller_;
  if (parts_.policy->HasBudgets(Part::kCandidate) &&
      !parts_.policy->MatchBudgets(call_->spender, Part::kCandidate, call_->matches)) {
    why_ = kTooManyBudgets;
    return false;
  }
  call_->demands.reserve(call_->matches.size());
  std::int64_t floor = 0;
  for (const budget::BudgetMatch& match : call_->matches) {
    call_->demands.push_back(match.demand);
    floor = std::max(floor, match.rule->output_floor);
    call_->typical |= match.rule->mode == config::BudgetMode::kTypical;
  }
  if (call_->typical) call_->share = parts_.typical->ShareOf(call_->spender.model, call_->spender.key_id);
  call_->floor = std::max(call_->floor, std::min(floor, asked_));
  if (SetAmounts()) return true;
  why_ = "it is paid in " + std::string(call_->worst.currency.code()) +
         ", and no exchange rate leads to the currency of a budget that it falls in";
  return false;
}

// What a budget has to hold for a call that costs so much at most. None: its currency cannot be reached.
std::optional<Int128> Spending::AmountFor(const budget::BudgetRule& rule, Int128 worst) const {
  auto amount = parts_.policy->In(rule, {worst, call_->worst.currency});
  if (amount && rule.mode == config::BudgetMode::kTypical) {
    amount = (*amount * call_->share + TypicalCost::kWhole - 1) / TypicalCost::kWhole;
  }
  return amount;
}

bool Spending::SetAmounts() {
  const Int128 worst = call_->worst.Pico();
  for (std::size_t i = 0; i < call_->matches.size(); ++i) {
    const auto amount = AmountFor(*call_->matches[i].rule, worst);
    if (!amount) return false;
    call_->demands[i].amount = *amount;
  }
  return true;
}

bool Spending::PaysFor(std::int64_t output, std::span<const AccountView> views, bool at_most) const {
  const Int128 worst = call_->worst.Pico(output);
  for (std::size_t i = 0; i < call_->matches.size(); ++i) {
    const auto amount = AmountFor(*call_->matches[i].rule, worst);
    if (!amount || *amount > (at_most ? views[i].room_at_most() : views[i].room())) return false;
  }
  return true;
}

// Lowers the output limit to what is left: now, or `at_most`, when all that others have reserved came back.
// False: that is less than a useful answer.
bool Spending::Lower(bool at_most) {
  Views views(call_->demands.size());
  parts_.books->accounts().Look(call_->demands, Now(), views, kept_leases_);
  std::int64_t fits = call_->floor;
  std::int64_t over = call_->worst.output + 1;
  if (call_->worst.answers == 0) return PaysFor(0, views, at_most);
  if (fits >= over || !PaysFor(fits, views, at_most)) return false;
  while (over - fits > 1) {
    const std::int64_t middle = fits + (over - fits) / 2;
    (PaysFor(middle, views, at_most) ? fits : over) = middle;
  }
  call_->worst.output = fits;
  return SetAmounts();
}

Spending::Verdict Spending::Reserve(const routing::Candidate& candidate,
                                    const config::ProviderSettings& provider, Wording& wording) {
  counted_.reset();
  may_count_ = parts_.desk != nullptr && wording.said().body.size() >= kWorthCounting;
  return ReserveBound(candidate, provider, wording);
}

net::Task<Spending::Verdict> Spending::CountPrompt(const routing::Candidate& candidate,
                                                   const config::ProviderSettings& provider,
                                                   Wording& wording) {
  may_count_ = false;
  counted_ = co_await parts_.desk->Count(parts_.loop, candidate.target.provider, candidate.target.model,
                                         wording.said());
  co_return ReserveBound(candidate, provider, wording);
}

Spending::Verdict Spending::ReserveBound(const routing::Candidate& candidate,
                                         const config::ProviderSettings& provider, Wording& wording) {
  call_.emplace();
  wording_ = &wording;
  if (!Bound(candidate, provider, wording)) return Verdict::kRefused;
  if (!FitOwnLimit()) return may_count_ ? Verdict::kCount : Verdict::kRefused;
  if (!Match(candidate)) return Verdict::kRefused;
  return call_->demands.empty() ? Granted() : TryReserve();
}

Spending::Verdict Spending::TryReserve() {
  // A second time with a lowered limit; between the two somebody may have taken what there was.
  for (int i = 0; i < 2; ++i) {
    auto lease = parts_.books->accounts().Reserve(call_->demands, Now(), kept_leases_);
    if (lease) {
      call_->lease = std::move(*lease);
      return Granted();
    }
    denied_ = lease.error();
    // No count of tokens helps where nothing is left.
    const bool helps = denied_->why != DeniedWhy::kTooMany && denied_->account.room_at_most() > 0;
    if (may_count_ && helps) return Verdict::kCount;
    if (denied_->why == DeniedWhy::kBusy) return Verdict::kBusy;
    if (denied_->why != DeniedWhy::kOver || !Lower(true)) break;
  }
  return RefuseOver(*denied_);
}

Spending::Verdict Spending::Granted() {
  const WorstCase& worst = call_->worst;
  // Nothing is written where the request says that very limit, once.
  const wire::RequestView& said = wording_->said();
  const bool once = said.max_tokens.has_value() != said.max_completion_tokens.has_value();
  const bool as_said = once && said.OutputLimit() == worst.output && !wording_->limits_output();
  if (worst.answers > 0 && !as_said) wording_->LimitOutput(worst.output);
  return Verdict::kGranted;
}

Spending::Verdict Spending::Refuse(std::string why) {
  why_ = std::move(why);
  return Verdict::kRefused;
}

Spending::Verdict Spending::RefuseOver(const Denied& denied) {
  const budget::BudgetMatch& match = call_->matches[denied.demand];
  if (parts_.crossings != nullptr && denied.why == DeniedWhy::kOver) {
    parts_.crossings->NoteExhausted(StandingOf(match, denied.account));
  }
  const Int128 asked = call_->demands[denied.demand].amount;
  return Refuse(WhyDenied(match, denied, asked, Now()));
}

net::Task<Spending::Verdict> Spending::Wait(net::Cancel& cancel) {
  CHECK(denied_.has_value());
  if (!wait_began_) wait_began_ = parts_.loop.Now();
  base::BlockVector<Turn::Patience> patience;
  patience.reserve(call_->matches.size());
  for (const budget::BudgetMatch& match : call_->matches) {
    const std::chrono::nanoseconds idle = match.rule->reserve_wait;
    patience.push_back({.idle = idle, .until = *wait_began_ + kWaitsMax * idle});
  }
  Turn turn(parts_.books->accounts(), parts_.loop, cancel);
  Turn::Outcome outcome;
  while (!waited_out_) {
    outcome = co_await turn.Await(call_->demands, patience, kept_leases_);
    if (std::holds_alternative<budget::Lease>(outcome)) break;
    if (cancel.why()) co_return Verdict::kStopped;
    const auto* const denied = std::get_if<Denied>(&outcome);
    if (denied == nullptr) waited_out_ = true;  // at no other candidate either
    if (denied == nullptr) break;
    denied_ = *denied;
    if (denied->why != DeniedWhy::kOver) break;
    // Others have spent what it would have needed: perhaps it needs less.
    if (!Lower(true)) co_return RefuseOver(*denied_);
  }
  // It may have been its turn just now.
  if (!std::holds_alternative<budget::Lease>(outcome)) outcome = turn.Take();
  if (!std::holds_alternative<budget::Lease>(outcome)) {
    // What there is at the moment, where that pays for a useful answer.
    (void)Lower(false);
    outcome = turn.Ask(call_->demands, kept_leases_);
  }
  if (auto* const lease = std::get_if<budget::Lease>(&outcome)) {
    call_->lease = std::move(*lease);
    co_return Granted();
  }
  if (const auto* const denied = std::get_if<Denied>(&outcome)) {
    denied_ = *denied;
  } else if (const auto blocked = turn.InTheWay()) {
    denied_->why = DeniedWhy::kBusy;
    denied_->demand = *blocked;
  }
  const std::size_t named = denied_->demand;
  parts_.books->accounts().Look({&call_->demands[named], 1}, Now(), {&denied_->account, 1}, kept_leases_);
  co_return RefuseOver(*denied_);
}

net::Task<base::Result<>> Spending::Promise(const RequestRecord& record) {
  if (!call_->demands.empty()) {
    const budget::Spend worst{.request_id = record.id,
                              .started = Now(),
                              .spender = call_->spender,
                              .amount = {call_->worst.Pico(), call_->worst.currency}};
    auto written = co_await parts_.promiser->Write(worst, call_->promise);
    if (!written) {
      Drop();
      co_return written;
    }
  } else {
    co_await net::TurnEnd(parts_.loop);
  }
  CHECK(!made_);
  made_ = std::move(call_);
  Drop();
  co_return base::Result<>();
}

void Spending::Drop() {
  call_.reset();
}

void Spending::GiveBack() {
  made_.reset();
}

void Spending::Keep(std::size_t attempt) {
  made_->attempt = attempt;
  spent_own_ += made_->worst.Pico();
  kept_leases_.push_back(std::move(made_->lease));
  kept_.push_back(std::move(*made_));
  GiveBack();
}

Spending::Outlook Spending::Explain(const routing::Candidate& candidate,
                                    const config::ProviderSettings& provider, Wording& wording) {
  call_.emplace();
  counted_.reset();
  may_count_ = false;
  Outlook outlook;
  if (!Bound(candidate, provider, wording)) return {.rejected = why_};
  bool pays = FitOwnLimit() && Match(candidate);
  if (pays && !call_->demands.empty() && !Lower(true)) {
    pays = false;
    why_ = "a budget that it falls in has less left than it may cost";
  }
  outlook.price = base::Money{call_->worst.Pico(), call_->worst.currency};
  if (!pays) outlook.rejected = why_;
  return outlook;
}

bool Spending::holds() const {
  return (made_ && made_->lease.holds()) ||
         std::any_of(kept_leases_.begin(), kept_leases_.end(),
                     [](const budget::Lease& lease) { return lease.holds(); });
}

void Spending::Settle(const RequestRecord& record) {
  Drop();
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    Settle(kept_[i], kept_leases_[i], record.attempts[kept_[i].attempt].price);
  }
  kept_.clear();
  kept_leases_.clear();
  if (made_) Settle(*made_, made_->lease, record.price);
  GiveBack();
}

// What nobody knows the price of counts as what was reserved for it.
void Spending::Settle(Call& call, budget::Lease& lease, const Price& price) {
  if (!lease.holds()) return;
  base::BlockVector<Int128> costs;
  costs.reserve(call.matches.size());
  for (std::size_t i = 0; i < call.matches.size(); ++i) {
    std::optional<Int128> cost;
    if (price.cost) cost = parts_.policy->In(*call.matches[i].rule, {*price.cost, price.currency});
    costs.push_back(cost.value_or(call.demands[i].amount));
  }
  Views after(call.matches.size());
  lease.Settle(costs, Now(), after);
  call.promise.Close();
  if (call.typical && price.cost.value_or(0) > 0 && price.currency == call.worst.currency &&
      call.worst.Pico() > 0) {
    parts_.typical->Learn(call.spender.model, call.spender.key_id, *price.cost, call.worst.Pico());
  }
  NoteCrossings(call, after);
}

void Spending::NoteCrossings(const Call& call, std::span<const AccountView> after) {
  if (parts_.crossings == nullptr) return;
  for (std::size_t i = 0; i < call.matches.size(); ++i) {
    if (!call.matches[i].rule->steps.empty()) parts_.crossings->Note(StandingOf(call.matches[i], after[i]));
  }
}

}  // namespace gateway
