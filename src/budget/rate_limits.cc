#include "budget/rate_limits.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "budget/ordered_locks_internal.h"

namespace budget {
namespace {

constexpr auto kNobodyKnows = std::chrono::seconds(1);

// What of a demand a limit can ever have room for.
std::uint64_t Asked(const LimitDemand& demand) {
  return std::min(demand.amount, demand.terms->most);
}

}  // namespace

RateLimits::RateLimits(RateLimitsOptions options) : options_(options) {
  CHECK(options_.runs_max >= 4);
}

RateLimits::~RateLimits() = default;

RateLimits::Shard& RateLimits::Of(const AccountKey& key) {
  return shards_[AccountKeyHash()(key) >> 48 & (kShards - 1)];
}

// REQUIRES: its shard is locked. Null: there are as many accounts as there may be.
RateLimits::Account* RateLimits::Find(Shard& shard, const LimitDemand& demand, base::MonoTime now) {
  if (const auto found = shard.accounts.find(demand.key); found != shard.accounts.end())
    return &found->second;
  const bool full = accounts_.load(std::memory_order_relaxed) >= options_.accounts_max;
  if (full || shard.accounts.size() >= shard.sweep_at) Sweep(shard, now);
  if (accounts_.fetch_add(1, std::memory_order_relaxed) >= options_.accounts_max) {
    accounts_.fetch_sub(1, std::memory_order_relaxed);
    return nullptr;
  }
  Account& account = shard.accounts[demand.key];
  account.length = demand.terms->per;
  account.value = demand.value;
  return &account;
}

// Forgets accounts that count nothing; so that this costs an account no more than making it, the next time is
// when there are twice as many. REQUIRES: the shard is locked.
void RateLimits::Sweep(Shard& shard, base::MonoTime now) {
  std::size_t forgotten = 0;
  for (auto at = shard.accounts.begin(); at != shard.accounts.end();) {
    Account& account = at->second;
    const std::size_t before = account.window.runs_held();
    account.window.Expire(now, account.length);
    const bool idle = account.open == 0 && account.window.empty();
    NoteRuns(before, idle ? 0 : account.window.runs_held());
    at = idle ? shard.accounts.erase(at) : std::next(at);
    forgotten += idle ? 1 : 0;
  }
  accounts_.fetch_sub(forgotten, std::memory_order_relaxed);
  shard.sweep_at = std::max<std::size_t>(32, shard.accounts.size() * 2);
}

void RateLimits::NoteRuns(std::size_t before, std::size_t after) {
  if (before != after) runs_.fetch_add(after - before, std::memory_order_relaxed);  // modulo 2^64
}

// REQUIRES: the account's shard is locked.
std::uint64_t RateLimits::UsedOf(Account& account, LimitKind kind, base::MonoTime now) {
  if (kind == LimitKind::kInFlight) return account.in_flight;
  const std::size_t before = account.window.runs_held();
  account.window.Expire(now, account.length);
  NoteRuns(before, account.window.runs_held());
  return account.window.sum();
}

// None: it may pass. REQUIRES: the account's shard is locked.
std::optional<Limited> RateLimits::Judge(const LimitDemand& demand, Account& account, base::MonoTime now) {
  const LimitTerms& terms = *demand.terms;
  const std::uint64_t used = UsedOf(account, terms.kind, now);
  const std::uint64_t room_for = terms.most - Asked(demand);
  if (used <= room_for) return std::nullopt;
  if (terms.kind == LimitKind::kInFlight) return Limited{.used = used, .retry_after = kNobodyKnows};
  return Limited{.used = used, .retry_after = account.window.FallsIn(room_for, account.length)};
}

// REQUIRES: the account's shard is locked, and Judge lets it pass.
void RateLimits::Take(const LimitDemand& demand, Account& account, base::MonoTime now, Pass& pass) {
  const std::uint64_t amount = Asked(demand);
  Pass::Hold hold{demand.key, &account, demand.terms->kind, 0, amount};
  if (hold.kind == LimitKind::kInFlight) {
    ++account.in_flight;
  } else {
    const bool is_short = runs_.load(std::memory_order_relaxed) >= options_.runs_total;
    const std::size_t runs_max = is_short ? std::min(kRunsWhenShort, options_.runs_max) : options_.runs_max;
    const std::size_t before = account.window.runs_held();
    hold.number = account.window.Add(now, amount, account.length, runs_max);
    NoteRuns(before, account.window.runs_held());
  }
  if (hold.kind == LimitKind::kRequests) return;  // nothing of it comes back
  ++account.open;
  pass.holds_.push_back(hold);
}

tl::expected<Pass, Limited> RateLimits::Enter(std::span<const LimitDemand> demands, base::MonoTime now) {
  Pass pass;
  if (demands.empty()) return pass;
  std::array<Account*, kDemandsMax> accounts;
  std::size_t found = 0;
  std::optional<Limited> limited;
  const OrderedLocks<kDemandsMax> locked(
      demands, [this](const AccountKey& key) -> base::Mutex& { return Of(key).mutex; });
  for (; found < demands.size(); ++found) {
    accounts[found] = Find(Of(demands[found].key), demands[found], now);
    if (accounts[found] == nullptr) {
      too_many_.fetch_add(1, std::memory_order_relaxed);
      limited = Limited{.demand = found, .too_many = true, .retry_after = kNobodyKnows};
      break;
    }
    ++accounts[found]->open;  // or finding the next one might forget it
    std::optional<Limited> here = Judge(demands[found], *accounts[found], now);
    if (!here || (limited && limited->retry_after >= here->retry_after)) continue;
    here->demand = found;
    limited = here;
  }
  for (std::size_t i = 0; i < found; ++i) --accounts[i]->open;
  if (limited) return tl::unexpected(*limited);
  pass.limits_ = this;
  pass.holds_.reserve(demands.size());
  for (std::size_t i = 0; i < demands.size(); ++i) Take(demands[i], *accounts[i], now, pass);
  return pass;
}

void RateLimits::GiveBack(const AccountKey& key, Account& account, LimitKind kind,
                          SlidingWindow::Number number, std::int64_t correction) {
  const base::MutexLock lock(Of(key).mutex);
  CHECK(account.open > 0);
  --account.open;
  if (kind == LimitKind::kInFlight) {
    --account.in_flight;
  } else {
    account.window.Correct(number, correction);
  }
}

std::uint64_t RateLimits::Used(const LimitDemand& demand, base::MonoTime now) {
  Shard& shard = Of(demand.key);
  const base::MutexLock lock(shard.mutex);
  const auto found = shard.accounts.find(demand.key);
  return found == shard.accounts.end() ? 0 : UsedOf(found->second, demand.terms->kind, now);
}

void RateLimits::List(const LimitTerms& terms, base::MonoTime now,
                      const std::function<void(const Listed&)>& use) {
  std::vector<Listed> listed;
  for (Shard& shard : shards_) {
    listed.clear();
    {
      const base::MutexLock lock(shard.mutex);
      for (auto& [key, account] : shard.accounts) {
        if (key.rule != terms.id) continue;
        listed.push_back({.value = account.value, .used = UsedOf(account, terms.kind, now)});
      }
    }
    for (const Listed& one : listed) use(one);
  }
}

RateLimits::Counts RateLimits::counts() const {
  return {accounts_.load(std::memory_order_relaxed), runs_.load(std::memory_order_relaxed),
          too_many_.load(std::memory_order_relaxed)};
}

Pass::Pass(Pass&& other) noexcept
    : limits_(std::exchange(other.limits_, nullptr)), holds_(std::move(other.holds_)) {}

Pass& Pass::operator=(Pass&& other) noexcept {
  if (this == &other) return *this;
  if (holds()) Leave();
  limits_ = std::exchange(other.limits_, nullptr);
  holds_ = std::move(other.holds_);
  return *this;
}

Pass::~Pass() {
  if (holds()) Leave();
}

void Pass::Settle(std::uint64_t tokens) {
  CHECK(holds());
  for (const Hold& hold : holds_) {
    const auto correction = static_cast<std::int64_t>(tokens) - static_cast<std::int64_t>(hold.amount);
    limits_->GiveBack(hold.key, *hold.account, hold.kind, hold.number, correction);
  }
  holds_.clear();
  limits_ = nullptr;
}

}  // namespace budget
