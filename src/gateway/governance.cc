#include "gateway/governance.h"

namespace gateway {

bool Governance::Begin(const Request& request, RefusalText& refusal) {
  if (request.view.operation == chat::Operation::kCountTokens) return true;  // it costs nothing
  const budget::Policy* const policy = in_force_.policy.get();
  const bool costs = request.wishes.max_cost || (policy != nullptr && policy->HasBudgets());
  const bool repeats = !request.attribution.session().empty() && in_force_.settings->sessions.repeats_max > 0;
  const bool rates = shared_.limits != nullptr && policy != nullptr && (repeats || policy->HasLimits());
  if (!costs && !rates) return true;
  payer_.Read(request.record, request.attribution);
  extent_.emplace(request.view);
  if (costs && !BeginCost(request, refusal)) return false;
  if (request.wishes.explain_only) return true;  // it asks nobody
  // What a step of a budget tightens is a limit where no other one is.
  const bool tightened = shared_.limits != nullptr && spending_ && !spending_->restrictions().empty();
  return (!rates && !tightened) || BeginRate(refusal);
}

bool Governance::BeginCost(const Request& request, RefusalText& refusal) {
  const budget::Policy* const policy = in_force_.policy.get();
  spending_.emplace(Spending::Parts{.loop = parts_.loop,
                                    .settings = *in_force_.settings,
                                    .prices = in_force_.prices,
                                    .rates = parts_.rates,
                                    .extent = *extent_,
                                    .policy = policy != nullptr && policy->HasBudgets() ? policy : nullptr,
                                    .books = shared_.books,
                                    .crossings = shared_.crossings,
                                    .typical = shared_.typical,
                                    .promiser = parts_.promiser,
                                    .desk = shared_.counting,
                                    .max_cost = request.wishes.max_cost,
                                    .deadline = request.deadline});
  const auto begun = spending_->Begin(payer_.spender());
  if (!begun) {
    refusal = {.refusal = Refusal::kBudgetExceeded, .message = begun.error().detail};
    return false;
  }
  if (!*begun) spending_.reset();
  return true;
}

bool Governance::BeginRate(RefusalText& refusal) {
  admission_.emplace(Admission::Parts{.loop = parts_.loop,
                                      .settings = *in_force_.settings,
                                      .policy = *in_force_.policy,
                                      .hash = *shared_.hash,
                                      .limits = *shared_.limits,
                                      .spender = payer_.spender(),
                                      .extent = *extent_});
  return admission_->Enter(spending_ ? &spending_->restrictions() : nullptr, refusal);
}

}  // namespace gateway
