#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/block_allocator.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "budget/books.h"
#include "budget/crossings.h"
#include "budget/policy.h"
#include "budget/restrictions.h"
#include "config/settings.h"
#include "gateway/counting_desk.h"
#include "gateway/dearest_rates.h"
#include "gateway/promiser.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "gateway/typical_cost.h"
#include "gateway/wording.h"
#include "gateway/worst_case.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/task.h"
#include "pricing/book.h"
#include "routing/plan.h"
#include "wire/request_extent.h"

namespace gateway {

// What one request may spend. Before a candidate is called, the most that the call may cost is reserved on
// every budget that the request falls in, all of it or nothing, and held against the request's own limit.
// Where less than that is left, but enough for a useful answer, the output limit is lowered to what it pays
// for; where only what others have reserved is in the way, it waits for that to come back. Belongs to its
// request and its loop; what it is made of outlives it.
class Spending {
 public:
  // Against a request's own limit: an answer of fewer tokens is not worth its prompt, where its caller asked
  // for more. Budgets have their own floors.
  static constexpr std::int64_t kOutputFloor = 64;

  // As long as something comes back now and then, a request waits so many times a budget's `reserve_wait`.
  static constexpr int kWaitsMax = 10;

  struct Parts {
    net::Loop& loop;
    const config::Settings& settings;
    const std::shared_ptr<const pricing::Book>& prices;  // null: none is known
    DearestRates& rates;
    wire::LazyExtent& extent;                  // of the caller's request
    const budget::Policy* policy = nullptr;    // null: there are no budgets
    budget::Books* books = nullptr;            // null only where there are no budgets
    budget::Crossings* crossings = nullptr;    // null: nobody is told
    TypicalCost* typical = nullptr;            // null only where there are no budgets
    Promiser* promiser = nullptr;              // null only where there are no budgets
    CountingDesk* desk = nullptr;              // null: prompts are bound by their bytes alone
    std::optional<base::Money> max_cost{};     // the request's own limit
    std::optional<base::MonoTime> deadline{};  // the request's
  };

  explicit Spending(const Parts& parts) : parts_(parts) {}
  Spending(const Spending&) = delete;
  Spending& operator=(const Spending&) = delete;

  // Finds the budgets of the caller, and what their steps leave it. `spender` outlives it. Whether anything
  // limits what the request may cost. Error: it falls in more budgets than can be heeded.
  base::Result<bool> Begin(const budget::Spender& spender);

  // Rejects the candidates that steps of budgets leave out, and puts the others first. What refuses the
  // request, where none is left.
  std::optional<RefusalText> Restrict(routing::Plan& plan);

  // Tighter limits that steps set, for the caller's budgets.
  const budget::Restrictions& restrictions() const { return restrictions_; }

  enum class Verdict {
    kGranted,  // and the output limit is in the wording
    kRefused,  // why() says why
    kCount,    // its prompt may have fewer tokens than bytes, and that matters: CountPrompt
    kBusy,     // others' reservations are in the way: Wait
    kStopped,  // the cancel has fired
  };
  // Reserves what a call to this candidate may cost. What was granted before and not promised is given back
  // first. What is kept of the request's earlier calls is as good as spent: it does not wait for that.
  // `wording` outlives the call.
  Verdict Reserve(const routing::Candidate& candidate, const config::ProviderSettings& provider,
                  Wording& wording);
  // After kCount: counts the prompt's tokens, off the loop, and reserves by that. Never kCount.
  net::Task<Verdict> CountPrompt(const routing::Candidate& candidate,
                                 const config::ProviderSettings& provider, Wording& wording);
  // After kBusy, first come, first served: until nothing has come back for as long as the budget in the way
  // says (reserve_wait), and kWaitsMax times as long at most. Never kBusy.
  net::Task<Verdict> Wait(net::Cancel& cancel);
  const std::string& why() const { return why_; }

  // Has what was granted last written down, before the call is made: a crash does not forget it. REQUIRES: a
  // call that was made before was given back or kept. Goes on at the
  // end of the turn; the record stays until then. Error: it must not be made.
  net::Task<base::Result<>> Promise(const RequestRecord& record);
  // What was granted last is not used.
  void Drop();

  // The call that was promised last cost nothing; or it failed as that attempt of the record, and cost
  // something all the same, or nobody knows what. Of one that was neither the price of the record says it.
  void GiveBack();
  void Keep(std::size_t attempt);

  // What is held, and the output limit that it was lowered to, if it was; else 0. REQUIRES: it was granted,
  // and neither promised nor dropped yet.
  base::Money reserved() const { return {call_->worst.Pico(), call_->worst.currency}; }
  std::int64_t lowered_to() const { return call_->worst.output < asked_ ? call_->worst.output : 0; }

  // What a call may cost, and why it cannot be made, as far as is known without reserving anything.
  struct Outlook {
    std::optional<base::Money> price{};
    std::string rejected{};
  };
  Outlook Explain(const routing::Candidate& candidate, const config::ProviderSettings& provider,
                  Wording& wording);

  // Whether its row has to be written together with Settle (budget::Books::Settling).
  bool holds() const;
  budget::Books* books() const { return parts_.books; }
  // Takes what the record says that the calls have cost, and gives the rest back.
  void Settle(const RequestRecord& record);

 private:
  // A call, and what is reserved for it.
  struct Call {
    Call();

    WorstCase worst{};
    std::int64_t floor = 0;                            // of its output limit
    base::BlockVector<char> model{};                   // "provider/name"
    budget::Spender spender{};                         // with the candidate
    base::BlockVector<budget::BudgetMatch> matches{};  // the caller's budgets and the candidate's
    base::BlockVector<budget::Demand> demands{};       // of these
    budget::Lease lease{};
    budget::Promise promise{};
    std::int64_t share = TypicalCost::kWhole;  // of it that budgets of mode `typical` reserve
    bool typical = false;                      // there are some
    std::size_t attempt = 0;                   // of the record, once it has failed
  };

  bool Bound(const routing::Candidate& candidate, const config::ProviderSettings& provider, Wording& wording);
  Verdict ReserveBound(const routing::Candidate& candidate, const config::ProviderSettings& provider,
                       Wording& wording);
  bool FitOwnLimit();
  bool Match(const routing::Candidate& candidate);
  std::optional<base::Int128> AmountFor(const budget::BudgetRule& rule, base::Int128 worst) const;
  bool SetAmounts();
  bool PaysFor(std::int64_t output, std::span<const budget::AccountView> views, bool at_most) const;
  bool Lower(bool at_most);
  Verdict TryReserve();
  Verdict Granted();
  Verdict Refuse(std::string why);
  Verdict RefuseOver(const budget::Denied& denied);
  base::WallTime Now() const { return parts_.loop.WallNow(); }
  void Settle(Call& call, budget::Lease& lease, const Price& price);
  void NoteCrossings(const Call& call, std::span<const budget::AccountView> after);

  const Parts parts_;
  const budget::Spender* spender_ = nullptr;
  base::BlockVector<budget::BudgetMatch> caller_;  // the caller's budgets
  budget::Restrictions restrictions_;
  std::string first_reason_;  // of a plan that steps have changed

  Wording* wording_ = nullptr;           // of the call at hand
  bool may_count_ = false;               // its prompt has not been counted, and could be
  std::optional<std::int64_t> counted_;  // tokens of its prompt
  std::int64_t asked_ = 0;               // its output limit before anything lowered it
  std::optional<Call> call_;             // being looked at, or granted and not promised
  std::optional<Call> made_;             // promised last
  base::BlockVector<Call> kept_;
  base::BlockVector<budget::Lease> kept_leases_;  // of these, one each: accounts take them as a span
  base::Int128 spent_own_ = 0;                    // of max_cost, by the calls that were kept
  std::optional<budget::Denied> denied_;
  std::optional<base::MonoTime> wait_began_;
  bool waited_out_ = false;  // its patience is at an end, at all candidates
  std::string why_;
};

}  // namespace gateway
