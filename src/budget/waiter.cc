#include "budget/waiter.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "budget/accounts.h"
#include "budget/line_internal.h"
#include "budget/shards_internal.h"

// The line of an Accounts: who joins it, who is served, who leaves.

namespace budget {

using base::MutexLock;
using base::WallTime;

Waiter::Waiter(Accounts& accounts, std::function<void()> ready)
    : accounts_(accounts), ready_(std::move(ready)) {}

Waiter::~Waiter() {
  accounts_.Leave(*this);
}

Waiter::Outcome Waiter::Take() {
  MutexLock lock(accounts_.line_->mutex());
  return std::exchange(outcome_, std::monostate());
}

std::optional<Waiter::Place> Waiter::InTheWay() const {
  MutexLock lock(accounts_.line_->mutex());
  if (ticket_ == 0 || told_) return std::nullopt;
  const auto blocked = std::find_if(demands_.begin(), demands_.end(),
                                    [this](const Demand& demand) { return demand.key == blocked_by_; });
  CHECK(blocked != demands_.end());
  return Place{.demand = static_cast<std::size_t>(blocked - demands_.begin()),
               .idle_since = std::max(since_, accounts_.line_->LastCameBack(blocked_by_))};
}

bool Accounts::Wait(std::span<const Demand> demands, WallTime now, Waiter& waiter,
                    std::span<const Lease> kept) {
  MutexLock lock(line_->mutex());
  if (std::holds_alternative<Lease>(waiter.outcome_)) return false;  // it was its turn just now
  const bool waits_already = waiter.ticket_ != 0;
  const AccountKey place = waiter.blocked_by_;
  if (!waits_already) waiter.ticket_ = line_->NextTicket();
  waiter.demands_.assign(demands.begin(), demands.end());
  waiter.outcome_ = std::monostate();
  waiter.told_ = false;
  waiter.kept_ = kept;
  auto lease = Try(waiter.demands_, now, &waiter, kept);
  if (!lease && lease.error().why == DeniedWhy::kBusy) {
    if (waits_already || line_->size() < options_.waiting_max) {
      if (waits_already) StepOut(waiter, place);
      line_->Insert(waiter, clock_.Now());
      if (waits_already && waiter.blocked_by_ != place) ServeLocked(place, now);
      return true;
    }
    StopWaiting(waiter.blocked_by_);
    lease.error().why = DeniedWhy::kLineFull;
  }
  if (!lease && waits_already) {
    waiter.told_ = true;
    waiter.outcome_ = lease.error();
    return false;
  }
  if (waits_already) StepOut(waiter, place);
  Tell(waiter, std::move(lease));
  if (waits_already) ServeLocked(place, now);
  return false;
}

// It waits no more.
void Accounts::Tell(Waiter& waiter, tl::expected<Lease, Denied> lease) {
  waiter.ticket_ = 0;
  if (lease) {
    waiter.outcome_ = std::move(*lease);
  } else {
    waiter.outcome_ = lease.error();
  }
}

void Accounts::Serve(const AccountKey& key, WallTime now, bool came_back) {
  MutexLock lock(line_->mutex());
  if (came_back) line_->NoteCameBack(key, clock_.Now());
  ServeLocked(key, now);
}

// Gives to those in the line of `key` what there is room for, the first one first. One whose way another
// account is in goes over to the line of that one. One whose demands cannot be met any more is told so, and
// those behind it wait for what it does: it may need less.
void Accounts::ServeLocked(const AccountKey& key, WallTime now) {
  for (Waiter* waiter = line_->Front(key); waiter != nullptr && !waiter->told_; waiter = line_->Front(key)) {
    auto lease = Try(waiter->demands_, now, waiter, waiter->kept_);
    if (!lease && lease.error().why != DeniedWhy::kBusy) {
      waiter->told_ = true;
      waiter->outcome_ = lease.error();
      waiter->ready_();
      return;
    }
    if (!lease && waiter->blocked_by_ == key) {
      StopWaiting(key);  // it was counted a second time
      return;
    }
    StepOut(*waiter, key);
    if (lease) {
      Tell(*waiter, std::move(lease));
      line_->NoteCameBack(key, clock_.Now());
    } else {
      line_->Insert(*waiter, clock_.Now());
    }
    waiter->ready_();
  }
}

void Accounts::Leave(Waiter& waiter) {
  MutexLock lock(line_->mutex());
  if (waiter.ticket_ == 0) return;
  const AccountKey key = waiter.blocked_by_;
  waiter.ticket_ = 0;
  StepOut(waiter, key);
  ServeLocked(key, clock_.WallNow());
}

// It is in the line of the account no more.
void Accounts::StepOut(const Waiter& waiter, const AccountKey& key) {
  line_->Remove(waiter, key);
  StopWaiting(key);
}

// One fewer waits for the account.
void Accounts::StopWaiting(const AccountKey& key) {
  Shard& shard = shards_->Of(key);
  MutexLock lock(shard.mutex());
  Account* const account = shard.Find(key, AccountKeyHash()(key));
  CHECK(account != nullptr && account->waiting > 0);
  --account->waiting;
}

}  // namespace budget
