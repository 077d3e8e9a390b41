#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "config/settings.h"
#include "gateway/dearest_rates.h"
#include "gateway/wording.h"
#include "gateway/worst_case.h"
#include "pricing/book.h"
#include "routing/plan.h"

namespace gateway {

// What one request may spend. Before a candidate is called, the most that the call may cost is held against
// what is left; where that is less than it, but enough for a useful answer, the output limit is lowered to
// what it pays for. Belongs to its request; what it is made of outlives it.
class Spending {
 public:
  // An answer of fewer tokens is not worth its prompt, where its caller asked for more.
  static constexpr std::int64_t kOutputFloor = 64;

  struct Parts {
    const config::Settings& settings;
    const std::shared_ptr<const pricing::Book>& prices;  // null: none is known
    DearestRates& rates;
  };

  // `max_cost`: what its caller says that it may cost at most.
  Spending(const Parts& parts, const base::Money& max_cost) : parts_(parts), max_cost_(max_cost) {}
  Spending(const Spending&) = delete;
  Spending& operator=(const Spending&) = delete;

  // The most that a call to this candidate may cost, whatever is left. `now` and `deadline` say how long it
  // may last. Error: kDenied with what cannot be known, in words that follow "MODEL: ".
  base::Result<WorstCase> Bound(const routing::Candidate& candidate, const config::ProviderSettings& provider,
                                Wording& wording, base::WallTime now,
                                std::optional<std::chrono::nanoseconds> time_left);

  // Fits `worst` into what is left, by lowering its output limit if need be. Error: kDenied, as above.
  base::Result<> Fit(WorstCase& worst) const;

  // Bound and Fit, and the output limit put into the wording. What is granted counts as spent; what was
  // granted before, and neither kept nor given back, is given back first.
  base::Result<> Grant(const routing::Candidate& candidate, const config::ProviderSettings& provider,
                       Wording& wording, base::WallTime now,
                       std::optional<std::chrono::nanoseconds> time_left);

  // The call that was granted last cost nothing; or it failed and cost something all the same.
  void GiveBack();
  void Keep() { granted_last_ = 0; }

  // The output limit that it was lowered to, if it was.
  std::optional<std::int64_t> lowered_to() const { return lowered_to_; }

 private:
  const Parts parts_;
  const base::Money max_cost_;
  base::Int128 granted_ = 0;       // pico-units of `max_cost_` that calls may have cost or may still cost
  base::Int128 granted_last_ = 0;  // of the last call
  std::int64_t floor_ = kOutputFloor;
  std::optional<std::int64_t> lowered_to_;
};

}  // namespace gateway
