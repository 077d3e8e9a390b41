#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/block_allocator.h"
#include "base/money.h"
#include "base/time_zone.h"
#include "budget/limit_terms.h"
#include "budget/scope_hash.h"
#include "budget/spender.h"
#include "budget/steps.h"
#include "budget/terms.h"
#include "config/settings.h"

namespace budget {

// One budget that is in force.
struct BudgetRule {
  Terms terms;
  config::ScopePattern scope;
  config::BudgetMode mode = config::BudgetMode::kStrict;
  std::chrono::milliseconds reserve_wait{0};
  std::int64_t output_floor = 0;  // tokens
  std::vector<Step> steps;
  bool forecasts = false;   // some step looks ahead
  base::TimeZone timezone;  // of the calendar that it follows
  std::string window;       // in words: "month Asia/Shanghai", "rolling 24h", "idle 1h"
};

// One limit that is in force: up to three things are counted.
struct LimitRule {
  config::ScopePattern scope;
  std::vector<LimitTerms> terms;
};

// Whose limit some terms are: of a rule for limits, or of a step of a budget.
struct LimitOwner {
  const config::ScopePattern* scope = nullptr;
  bool of_step = false;
};

// When the scopes of a request are known: those of its caller, and the name that was asked for, before a
// candidate is chosen; provider and model only with it.
enum class Part : std::uint8_t { kCaller, kCandidate, kAll };

// A budget and the account of it that a request falls in; the demand asks for nothing yet.
struct BudgetMatch {
  const BudgetRule* rule = nullptr;
  Demand demand;
};

// Which budgets and limits hold for whom: compiled from the settings, one for each configuration that is in
// force. Immutable; thread-safe. What it gives points into it and, in the values, into the spender.
class Policy {
 public:
  // More rules at once hold for no request: one that they would hold for is refused.
  static constexpr std::size_t kMatchesMax = 64;

  // REQUIRES: checked settings (config::Check).
  static std::shared_ptr<const Policy> Compile(const config::Settings& settings, const ScopeHash& hash);

  // Without rules nothing below needs to be asked.
  bool HasBudgets() const { return !budgets_.empty(); }
  bool HasLimits() const { return !limits_.empty(); }
  bool HasBudgets(Part part) const { return budget_index_.Holds(part); }
  bool HasLimits(Part part) const { return limit_index_.Holds(part); }
  // Whether a budget of a provider or model has steps.
  bool HasCandidateSteps() const { return candidate_steps_; }

  // Appends the accounts of all budgets that a request falls in, in no promised order. An empty name in the
  // spender falls in no scope of its kind. False: there were more than kMatchesMax, and some are missing.
  bool MatchBudgets(const Spender& spender, Part part, base::BlockVector<BudgetMatch>& out) const;

  // The same for limits: with an amount of 1 each, of tokens of 0, which whoever asks puts in.
  bool MatchLimits(const Spender& spender, Part part, base::BlockVector<LimitDemand>& out) const;

  // What `amount` is in the currency of a budget, rounded up to a whole pico-unit (what is negative, towards
  // zero). None: no rate leads there; config::Check says so for every provider's own currency.
  std::optional<base::Int128> In(const BudgetRule& rule, const base::Money& amount) const;

  const std::vector<BudgetRule>& budgets() const { return budgets_; }
  const std::vector<LimitRule>& limits() const { return limits_; }
  const BudgetRule* FindBudget(std::uint64_t id) const;      // null: no longer in force
  const LimitOwner* FindLimitOwner(std::uint64_t id) const;  // by LimitTerms::id; null: the same

  // How alerts of its steps are sent.
  const config::AlertingSettings& alerting() const { return alerting_; }

 private:
  // Which rules hold for a value of one kind of scope.
  struct OfValue {
    std::uint64_t hash = 0;
    std::vector<std::uint32_t> rules;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct OfKind {
    std::vector<std::uint32_t> each;  // rules with `*`
    std::unordered_map<std::string, OfValue, TextHash, std::equal_to<>> named;

    bool empty() const { return each.empty() && named.empty(); }
  };
  // Rules by what they look at.
  struct Index {
    std::vector<std::uint32_t> everybody;           // `org` alone
    std::array<OfKind, config::kScopeKinds> kinds;  // by config::ScopeKind; of kModel what answers
    OfKind asked;                                   // of kModel the names that are asked for

    bool Holds(Part part) const;
    void Add(const config::ScopePattern& scope, std::uint32_t rule, const ScopeHash& hash);
  };

  explicit Policy(const ScopeHash& hash) : hash_(hash), everybody_(hash("")) {}

  struct Rate {
    base::Currency from;
    base::Currency to;
    config::ExchangeRate rate;
  };

  void AddRates(const config::Settings& settings, base::Currency to);
  void IndexById();
  template <class Rules, class Use>
  void ForMatches(const Index& index, const Rules& rules, const Spender& spender, Part part, Use&& use) const;
  template <class Rules, class Use>
  void ForValue(const OfKind& of, const Rules& rules, std::string_view value, Use&& use) const;

  const ScopeHash hash_;
  const std::uint64_t everybody_;  // the account of `org` alone
  bool candidate_steps_ = false;
  std::vector<BudgetRule> budgets_;
  std::vector<LimitRule> limits_;
  Index budget_index_;
  Index limit_index_;
  std::vector<Rate> rates_;
  config::AlertingSettings alerting_;
  std::unordered_map<std::uint64_t, const BudgetRule*> budgets_by_id_;
  std::unordered_map<std::uint64_t, LimitOwner> limits_by_id_;
};

}  // namespace budget
