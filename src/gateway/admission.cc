#include "gateway/admission.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/money.h"
#include "gateway/budget_words.h"
#include "gateway/model_limits.h"
#include "gateway/worst_case.h"
#include "store/crc32c.h"

namespace gateway {
namespace {

using budget::LimitDemand;
using budget::Part;

// Of no rule of the config: theirs are hashes of texts.
constexpr std::uint64_t kRepeatsId = 0x5e55'10a5'0000'0001;

}  // namespace

Repeats::Repeats(const config::SessionSettings& sessions)
    : terms{.id = kRepeatsId,
            .kind = budget::LimitKind::kRequests,
            .most = sessions.repeats_max,
            .per = sessions.repeats_within} {}

// The same body in the same session of the same key: by its checksum and its length, which no two turns of a
// conversation share but by a chance that a counter of twenty forgives.
void Admission::AddRepeats(base::BlockVector<LimitDemand>& demands) const {
  const budget::Spender& spender = parts_.spender;
  if (spender.session.empty() || repeats_.terms.most == 0) return;
  const std::string_view body = parts_.extent.request().body;
  const std::uint64_t what = std::uint64_t{store::Crc32c(body)} << 32U ^ body.size();
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  const std::uint64_t whose = parts_.hash(spender.session) * kOdd ^ parts_.hash(spender.key_id);
  demands.push_back({.key = {kRepeatsId, whose * kOdd ^ what},
                     .terms = &repeats_.terms,
                     .value = spender.session,
                     .amount = 1});
}

std::uint64_t Admission::TokensAtMost() {
  if (tokens_at_most_ == 0) {
    const wire::RequestView& request = parts_.extent.request();
    const wire::RequestExtent& extent = parts_.extent.Get();
    base::Int128 most = InputBound(request, extent, AnyLimits(parts_.settings).context);
    most += static_cast<base::Int128>(extent.answers) * request.OutputLimit().value_or(0);
    constexpr base::Int128 kMost = std::numeric_limits<std::int64_t>::max();
    tokens_at_most_ = static_cast<std::uint64_t>(std::min(most, kMost));
  }
  return tokens_at_most_;
}

bool Admission::Enter(const budget::Restrictions* tighter, RefusalText& refusal) {
  base::BlockVector<LimitDemand> demands;
  bool all = parts_.policy.MatchLimits(parts_.spender, Part::kCaller, demands);
  if (tighter != nullptr) all = tighter->AppendLimits(demands) && all;
  AddRepeats(demands);
  return Take(demands, all, pass_, refusal);
}

bool Admission::EnterCall(const routing::Candidate& candidate, RefusalText& refusal) {
  CHECK(!call_.holds());
  if (!parts_.policy.HasLimits(Part::kCandidate)) return true;
  const std::string model = candidate.target.Print();
  budget::Spender with = parts_.spender;
  with.provider = candidate.target.provider;
  with.model = model;
  base::BlockVector<LimitDemand> demands;
  const bool all = parts_.policy.MatchLimits(with, Part::kCandidate, demands);
  return Take(demands, all, call_, refusal);
}

// `all`: no demand is missing.
bool Admission::Take(base::BlockVector<LimitDemand>& demands, bool all, budget::Pass& pass,
                     RefusalText& refusal) {
  if (!all || demands.size() > budget::RateLimits::kDemandsMax) {
    refusal = {.refusal = Refusal::kRateLimited,
               .message = "it falls in more limits than the 64 that one request may have"};
    refusal.should_retry = false;
    return false;
  }
  if (demands.empty()) return true;
  for (LimitDemand& demand : demands) {
    if (demand.terms->kind == budget::LimitKind::kTokens) demand.amount = TokensAtMost();
  }
  auto admitted = parts_.limits.Enter(demands, parts_.loop.Now());
  if (admitted) {
    pass = std::move(*admitted);
  } else {
    refusal = Refuse(demands[admitted.error().demand], admitted.error());
  }
  return admitted.has_value();
}

RefusalText Admission::Refuse(const LimitDemand& demand, const budget::Limited& limited) const {
  RefusalText refusal{.refusal = Refusal::kRateLimited, .message = {}};
  refusal.retry_after = std::chrono::ceil<std::chrono::milliseconds>(limited.retry_after);
  if (demand.terms->id == kRepeatsId) {
    refusal.message = "the session '" + std::string(demand.value) + "' has asked for the same " +
                      std::to_string(demand.terms->most) +
                      " times in a short while; an agent that goes round in circles is stopped here "
                      "(sessions.repeats_max)";
    refusal.should_retry = false;
  } else if (limited.too_many) {
    refusal.message =
        "the limits cannot be kept: there are as many accounts as there may be; ask again later";
  } else {
    refusal.message = WhyLimited(parts_.policy, demand) + "; ask again when retry-after is over";
  }
  return refusal;
}

void Admission::LeaveCall(const std::optional<chat::Usage>& used, bool untold) {
  if (call_.holds()) call_.Settle(untold ? TokensAtMost() : TokensOf(used));
}

void Admission::Settle(const RequestRecord& record) {
  LeaveCall(record.usage, record.untold);
  if (!pass_.holds()) return;
  const auto untold = std::count_if(record.attempts.begin(), record.attempts.end(),
                                    [](const AttemptNote& note) { return note.untold; }) +
                      (record.untold ? 1 : 0);
  base::Int128 used = record.TokensUsed();
  if (untold > 0) used += static_cast<base::Int128>(untold) * TokensAtMost();
  constexpr base::Int128 kMost = std::numeric_limits<std::int64_t>::max();
  pass_.Settle(static_cast<std::uint64_t>(std::min(used, kMost)));
}

}  // namespace gateway
