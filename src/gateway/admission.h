#pragma once

#include <cstdint>
#include <string_view>

#include "base/block_allocator.h"
#include "budget/policy.h"
#include "budget/rate_limits.h"
#include "budget/restrictions.h"
#include "budget/scope_hash.h"
#include "config/settings.h"
#include "gateway/refusal.h"
#include "net/loop.h"
#include "routing/plan.h"
#include "wire/request.h"

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
  };

  explicit Admission(const Parts& parts) : parts_(parts), repeats_(parts.settings.sessions) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // False: a limit of the caller is reached, as `refusal` says. `tighter` are those that steps of budgets
  // set. A request counts with as many tokens as its prompt may have.
  bool Enter(const budget::Spender& spender, const budget::Restrictions* tighter,
             const wire::RequestView& request, RefusalText& refusal);

  // The same for a call to this candidate; the one before it, if any, is over.
  bool EnterCall(const budget::Spender& spender, const routing::Candidate& candidate,
                 const wire::RequestView& request, RefusalText& refusal);

  // It is over and has used so many tokens.
  void Settle(std::uint64_t tokens);

 private:
  void AddRepeats(const budget::Spender& spender, std::string_view body,
                  base::BlockVector<budget::LimitDemand>& demands) const;
  bool Take(base::BlockVector<budget::LimitDemand>& demands, std::string_view session, budget::Pass& pass,
            RefusalText& refusal);
  std::uint64_t PromptTokens(const wire::RequestView& request);

  const Parts parts_;
  const Repeats repeats_;
  std::uint64_t prompt_tokens_ = 0;  // at most; 0: not asked yet
  budget::Pass pass_;
  budget::Pass call_;
};

}  // namespace gateway
