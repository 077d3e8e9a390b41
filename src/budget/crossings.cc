#include "budget/crossings.h"

#include <algorithm>

#include "budget/share.h"

namespace budget {
namespace {

constexpr std::uint64_t kSlack =
    100;  // basis points below a step, at which it is taken back where it may flutter
constexpr std::uint64_t kNearlyWhole =
    9'000;  // basis points: where what is left may be too little for anybody
constexpr base::WallTime kNever = base::WallTime::max();

bool IsRolling(const Standing& standing) {
  return standing.rule->terms.window.kind() == Window::Kind::kRolling;
}

bool HasReached(const Standing& standing) {
  return std::any_of(standing.rule->steps.begin(), standing.rule->steps.end(),
                     [&](const Step& step) { return IsTaken(step, standing, false); });
}

Crossing MakeCrossing(const Standing& standing, const Step& step, bool taken) {
  const base::Currency currency = standing.rule->terms.limit.currency;
  const AccountView& view = standing.view;
  return {.taken = taken,
          .rule = standing.rule->terms.id,
          .step = step.id,
          .scope = AccountName(standing.rule->scope, standing.value),
          .value = std::string(standing.value),
          .action = step.action,
          .forecast = step.forecast,
          .at = step.at,
          .alert = step.alert,
          .used = {view.settled, currency},
          .limit = {view.limit, currency},
          .window_start = view.span.start,
          .window_end =
              IsRolling(standing) ? view.span.end + standing.rule->terms.window.length() : view.span.end,
          .reason = Sentence(standing, step.forecast, false)};
}

bool Has(const std::vector<std::uint64_t>& ids, std::uint64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

void Crossings::Note(const Standing& standing) {
  if (standing.rule->steps.empty()) return;
  if (accounts_.load(std::memory_order_acquire) == 0 && !HasReached(standing)) return;
  Look(standing, false);
}

void Crossings::NoteExhausted(const Standing& standing) {
  const AccountView& view = standing.view;
  if (view.limit > 0 && ShareOf(view.settled, view.limit) < kNearlyWhole) return;  // it was a large request
  const auto& steps = standing.rule->steps;
  const bool heeds = std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    return !step.forecast && step.at == config::kWhole;
  });
  if (heeds) Look(standing, true);
}

void Crossings::Look(const Standing& standing, bool exhausted) {
  const AccountKey key{standing.rule->terms.id, standing.value_hash};
  std::vector<Crossing> told;
  Of(key).With([&](Shard& shard) {
    Account* account = FindIn(shard, standing, exhausted || HasReached(standing));
    if (account == nullptr) return;
    const bool is_old = !IsRolling(standing) && standing.view.span.start < account->start;
    if (is_old) return;  // from before the window turned
    LookAt(*account, standing, exhausted, told);
    if (!account->taken.empty()) return;
    shard.erase(key);
    accounts_.fetch_sub(1, std::memory_order_release);
  });
  Tell(told);
}

// Null: it is not there, and not to be made or one too many.
Crossings::Account* Crossings::FindIn(Shard& shard, const Standing& standing, bool make) {
  const AccountKey key{standing.rule->terms.id, standing.value_hash};
  if (const auto found = shard.find(key); found != shard.end()) return &found->second;
  if (!make) return nullptr;
  if (accounts_.fetch_add(1, std::memory_order_release) >= options_.accounts_max) {
    accounts_.fetch_sub(1, std::memory_order_release);
    missed_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  Account& account = shard[key];
  account.value = standing.value;
  account.start = standing.view.span.start;
  account.end = IsRolling(standing) ? kNever : standing.view.span.end;
  account.limit = standing.view.limit;
  return &account;
}

// Whether a step that is no longer reached has been taken back, and is not only noted late or at the edge.
bool Crossings::HasFallen(const Account& account, const Step& step, const Standing& standing) {
  const std::uint64_t at = step.at.basis_points;
  if (step.forecast) return standing.forecast && *standing.forecast + kSlack < at;
  if (!IsRolling(standing)) return standing.view.limit > account.limit;
  return ShareOf(standing.view.settled, standing.view.limit) + kSlack < at;
}

void Crossings::LookAt(Account& account, const Standing& standing, bool exhausted,
                       std::vector<Crossing>& told) {
  if (!IsRolling(standing) && account.start != standing.view.span.start) {
    TakeBack(account, standing, told);
    account.start = standing.view.span.start;
    account.end = standing.view.span.end;
  }
  if (standing.view.limit > account.limit) account.exhausted = false;
  account.exhausted = account.exhausted || exhausted;
  std::vector<std::uint64_t> taken;
  for (const Step& step : standing.rule->steps) {
    const bool was = Has(account.taken, step.id);
    const bool drained = account.exhausted && !step.forecast && step.at == config::kWhole;
    const bool is = IsTaken(step, standing, false) || drained;
    if (is || (was && !HasFallen(account, step, standing))) {
      taken.push_back(step.id);
      if (!was) told.push_back(MakeCrossing(standing, step, true));
    } else if (was) {
      told.push_back(MakeCrossing(standing, step, false));
    }
  }
  account.limit = standing.view.limit;
  account.taken = std::move(taken);
}

// What was taken in a window that is over.
void Crossings::TakeBack(Account& account, const Standing& standing, std::vector<Crossing>& told) {
  for (const Step& step : standing.rule->steps) {
    if (Has(account.taken, step.id)) told.push_back(MakeCrossing(standing, step, false));
  }
  account.taken.clear();
  account.exhausted = false;
}

void Crossings::Tell(std::vector<Crossing>& told) {
  if (told.empty()) return;
  version_.fetch_add(1, std::memory_order_release);
  for (Crossing& crossing : told) sink_(std::move(crossing));
}

void Crossings::Sweep(const Policy& policy, base::WallTime now) {
  std::vector<Crossing> told;
  for (base::Guarded<Shard>& guarded : shards_) {
    guarded.With([&](Shard& shard) {
      for (auto at = shard.begin(); at != shard.end();) {
        auto& [key, account] = *at;
        const BudgetRule* rule = policy.FindBudget(key.rule);
        if (rule != nullptr && account.end > now) {
          ++at;
          continue;
        }
        if (rule != nullptr) {
          const Standing empty{.rule = rule,
                               .value_hash = key.value,
                               .value = account.value,
                               .view = {.settled = 0,
                                        .reserved = 0,
                                        .limit = rule->terms.limit.pico,
                                        .span = rule->terms.window.At(now)},
                               .forecast = {}};
          TakeBack(account, empty, told);
        }
        at = shard.erase(at);
        accounts_.fetch_sub(1, std::memory_order_release);
        version_.fetch_add(1, std::memory_order_release);
      }
    });
  }
  Tell(told);
}

std::vector<Crossings::Watched> Crossings::Rolling() const {
  std::vector<Watched> watched;
  for (const base::Guarded<Shard>& guarded : shards_) {
    guarded.With([&](const Shard& shard) {
      for (const auto& [key, account] : shard) {
        if (account.end == kNever) watched.push_back({key.rule, key.value, account.value});
      }
    });
  }
  return watched;
}

std::vector<SavedStep> Crossings::Save() const {
  std::vector<SavedStep> saved;
  for (const base::Guarded<Shard>& guarded : shards_) {
    guarded.With([&](const Shard& shard) {
      for (const auto& [key, account] : shard) {
        for (const std::uint64_t step : account.taken) {
          saved.push_back({key.rule, step, account.value, account.start, account.end, account.limit});
        }
      }
    });
  }
  return saved;
}

void Crossings::Restore(std::span<const SavedStep> saved, const ScopeHash& hash) {
  for (const SavedStep& one : saved) {
    const AccountKey key{one.rule, hash(one.value)};
    Of(key).With([&](Shard& shard) {
      const auto [at, is_new] = shard.try_emplace(key);
      if (is_new) accounts_.fetch_add(1, std::memory_order_release);
      at->second.value = one.value;
      at->second.start = one.window_start;
      at->second.end = one.window_end;
      at->second.limit = one.limit;
      at->second.taken.push_back(one.step);
    });
  }
}

std::optional<std::uint64_t> Crossings::ForecastOf(const AccountKey& account) const {
  const std::shared_ptr<const Forecasts> forecasts = forecasts_.Load();
  const auto found = forecasts->find(account);
  return found == forecasts->end() ? std::nullopt : std::optional(found->second);
}

void Crossings::SetForecasts(Forecasts forecasts) {
  forecasts_.Store(std::make_shared<const Forecasts>(std::move(forecasts)));
}

}  // namespace budget
