#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/block_allocator.h"
#include "budget/denied.h"
#include "budget/limit_terms.h"
#include "budget/policy.h"
#include "chat/rung.h"
#include "config/settings.h"

namespace budget {

// An account and how it stands: for a request's own plan before anything of it is reserved.
struct Standing {
  const BudgetRule* rule = nullptr;
  std::uint64_t value_hash = 0;
  std::string_view value;
  AccountView view;
  std::optional<std::uint64_t> forecast;  // basis points of the limit that will be spent when the window ends
};

// Whether a step is taken: of a forecast as it says, else by what is settled and, with `reserved`, what
// others have reserved.
bool IsTaken(const Step& step, const Standing& standing, bool reserved);

// What the steps that are taken leave a request: they hold for the very next one, and no longer than the
// account stands so. Belongs to its request; the policy and the values that were added outlive it.
class Restrictions {
 public:
  void Add(const Standing& standing);

  bool empty() const { return taken_.empty(); }

  const Standing* blocked_by() const;  // because of which nothing may answer at all; null: of none

  // Why this model may not answer a request for `asked`, in one sentence; empty: it may. A ladder without the
  // rung that is the highest one allowed is not touched; fallbacks stand above every rung.
  std::string WhyNot(const config::Settings& settings, std::string_view asked, const config::ModelRef& target,
                     chat::Rung rung) const;

  // The tighter limits, to be asked beside those of the policy, which they are like. False: there was no room
  // for all.
  bool AppendLimits(base::BlockVector<LimitDemand>& out) const;

 private:
  struct Taken {
    const Step* step;
    Standing standing;
  };

  base::BlockVector<Taken> taken_;  // alerts are not among them
};

// "team/support has used 92% of 200 USD", or what a forecast says.
std::string Sentence(const Standing& standing, bool forecast, bool reserved);

}  // namespace budget
