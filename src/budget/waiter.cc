#include "budget/waiter.h"

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

std::variant<std::monostate, Lease, Denied> Waiter::Take() {
  MutexLock lock(accounts_.line_->mutex());
  return std::exchange(outcome_, std::monostate());
}

bool Accounts::Wait(std::span<const Demand> demands, WallTime now, Waiter& waiter) {
  MutexLock lock(line_->mutex());
  CHECK(waiter.ticket_ == 0);
  waiter.demands_.assign(demands.begin(), demands.end());
  waiter.ticket_ = line_->NextTicket();
  auto lease = Try(waiter.demands_, now, &waiter);
  if (!lease && lease.error().why == DeniedWhy::kBusy) {
    if (line_->size() < options_.waiting_max) {
      line_->Insert(waiter);
      return true;
    }
    StopWaiting(waiter.blocked_by_);
    lease.error().why = DeniedWhy::kLineFull;
  }
  waiter.ticket_ = 0;
  if (lease) {
    waiter.outcome_ = std::move(*lease);
  } else {
    waiter.outcome_ = lease.error();
  }
  return false;
}

void Accounts::Serve(const AccountKey& key, WallTime now) {
  MutexLock lock(line_->mutex());
  ServeLocked(key, now);
}

// Tells those in the line of `key` what came of it, as far as there is room. One whose way another account is
// in goes over to the line of that one.
void Accounts::ServeLocked(const AccountKey& key, WallTime now) {
  while (Waiter* const waiter = line_->Front(key)) {
    auto lease = Try(waiter->demands_, now, waiter);
    const bool busy = !lease && lease.error().why == DeniedWhy::kBusy;
    StopWaiting(key);
    if (busy && waiter->blocked_by_ == key) return;
    line_->Remove(*waiter, key);
    if (busy) {
      line_->Insert(*waiter);
      continue;
    }
    waiter->ticket_ = 0;
    if (lease) {
      waiter->outcome_ = std::move(*lease);
    } else {
      waiter->outcome_ = lease.error();
    }
    waiter->ready_();
  }
}

void Accounts::Leave(Waiter& waiter) {
  MutexLock lock(line_->mutex());
  if (waiter.ticket_ == 0) return;
  const AccountKey key = waiter.blocked_by_;
  line_->Remove(waiter, key);
  waiter.ticket_ = 0;
  StopWaiting(key);
  ServeLocked(key, clock_.WallNow());
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
