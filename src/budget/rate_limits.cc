#include "budget/rate_limits.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/thread_annotations.h"

namespace budget {
namespace {

constexpr auto kNobodyKnows = std::chrono::seconds(1);

// What of a demand a limit can ever have room for.
std::uint64_t Asked(const LimitDemand& demand) {
  return std::min(demand.amount, demand.terms->most);
}

}  // namespace

// Holds the locks of all accounts of some demands, taken in the order of the table.
class RateLimits::Locked {
 public:
  Locked(RateLimits& limits, std::span<const LimitDemand> demands) NO_THREAD_SAFETY_ANALYSIS {
    for (const LimitDemand& demand : demands) shards_[count_++] = &limits.Of(demand.key);
    const auto end = shards_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::sort(shards_.begin(), end);
    count_ = static_cast<std::size_t>(std::unique(shards_.begin(), end) - shards_.begin());
    for (std::size_t i = 0; i < count_; ++i) shards_[i]->mutex.Lock();
  }
  ~Locked() NO_THREAD_SAFETY_ANALYSIS {
    for (std::size_t i = 0; i < count_; ++i) shards_[i]->mutex.Unlock();
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  std::array<Shard*, kDemandsMax> shards_;
  std::size_t count_ = 0;
};

RateLimits::RateLimits(RateLimitsOptions options) : options_(options) {
  CHECK(options_.runs_max >= 4);
}

RateLimits::~RateLimits() = default;

std::size_t RateLimits::KeyHash::operator()(const AccountKey& key) const {
  // The value is a keyed hash already; the rule only tells its limits apart.
  const std::uint64_t mixed = (key.value ^ key.rule * 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
  return mixed ^ mixed >> 32;
}

RateLimits::Shard& RateLimits::Of(const AccountKey& key) {
  return shards_[KeyHash()(key) >> 48 & (kShards - 1)];
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

// None: it may pass. REQUIRES: the account's shard is locked.
std::optional<Limited> RateLimits::Judge(const LimitDemand& demand, Account& account, base::MonoTime now) {
  const LimitTerms& terms = *demand.terms;
  if (terms.kind == LimitKind::kInFlight) {
    if (account.in_flight < terms.most) return std::nullopt;
    return Limited{.used = account.in_flight, .retry_after = kNobodyKnows};
  }
  const std::size_t before = account.window.runs_held();
  account.window.Expire(now, account.length);
  NoteRuns(before, account.window.runs_held());
  const std::uint64_t room_for = terms.most - Asked(demand);
  const std::uint64_t used = account.window.sum();
  if (used <= room_for) return std::nullopt;
  return Limited{.used = used, .retry_after = account.window.FallsTo(room_for, account.length) - now};
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
  CHECK(demands.size() <= kDemandsMax);
  Pass pass;
  if (demands.empty()) return pass;
  std::array<Account*, kDemandsMax> accounts;
  std::optional<Limited> limited;
  const Locked locked(*this, demands);
  for (std::size_t i = 0; i < demands.size(); ++i) {
    accounts[i] = Find(Of(demands[i].key), demands[i], now);
    if (accounts[i] == nullptr) {
      too_many_.fetch_add(1, std::memory_order_relaxed);
      return tl::unexpected(Limited{.demand = i, .too_many = true, .retry_after = kNobodyKnows});
    }
    std::optional<Limited> here = Judge(demands[i], *accounts[i], now);
    if (!here || (limited && limited->retry_after >= here->retry_after)) continue;
    here->demand = i;
    limited = here;
  }
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
