#pragma once

#include <cstdint>
#include <optional>

#include "base/block_allocator.h"
#include "budget/policy.h"
#include "budget/rate_limits.h"
#include "budget/restrictions.h"
#include "budget/scope_hash.h"
#include "budget/spender.h"
#include "chat/usage.h"
#include "config/settings.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "net/loop.h"
#include "routing/plan.h"
#include "wire/request_extent.h"

namespace gateway {

// How often the same body was asked for in a session: an agent that goes round in circles is stopped.
struct Repeats {
  explicit Repeats(const config::SessionSettings& sessions);

  budget::LimitTerms terms;
};

// What one request is admitted to by rate limits: those of its caller for as long as it lasts, those of a
// provider or model for each call. Belongs to its request and its loop; what it is made of outlives it.
class Admission {
 public:
  struct Parts {
    net::Loop& loop;
    const config::Settings& settings;
    const budget::Policy& policy;
    const budget::ScopeHash& hash;
    budget::RateLimits& limits;
    const budget::Spender& spender;
    wire::LazyExtent& extent;  // of the request
  };

  explicit Admission(const Parts& parts) : parts_(parts), repeats_(parts.settings.sessions) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // False: a limit of the caller is reached, as `refusal` says. `tighter` are those that steps of budgets
  // set; null: none. A request counts with the tokens that its prompt may have and with the output limit
  // that it says, for each of its answers; one that says none with its prompt alone.
  bool Enter(const budget::Restrictions* tighter, RefusalText& refusal);

  // The same for a call to this candidate, when nothing else keeps it from being made any more.
  // REQUIRES: the call before it, if any, was left.
  bool EnterCall(const routing::Candidate& candidate, RefusalText& refusal);
  // That call is over and has used so much, or it was not made. `untold`: nobody knows how much, and what was
  // held for it stays.
  void LeaveCall(const std::optional<chat::Usage>& used, bool untold = false);

  // The request is over: what all of its calls have used, and what the last one has, if it was not left.
  void Settle(const RequestRecord& record);

 private:
  void AddRepeats(base::BlockVector<budget::LimitDemand>& demands) const;
  bool Take(base::BlockVector<budget::LimitDemand>& demands, bool all, budget::Pass& pass,
            RefusalText& refusal);
  RefusalText Refuse(const budget::LimitDemand& demand, const budget::Limited& limited) const;
  std::uint64_t TokensAtMost();

  const Parts parts_;
  const Repeats repeats_;
  std::uint64_t tokens_at_most_ = 0;  // 0: not asked yet
  budget::Pass pass_;
  budget::Pass call_;
};

}  // namespace gateway
