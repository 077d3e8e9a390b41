#pragma once

#include <span>

#include "base/block_allocator.h"
#include "base/clock.h"
#include "base/money.h"
#include "budget/denied.h"
#include "budget/terms.h"

namespace budget {

class Accounts;
struct Account;

// What was reserved for one call on all of its accounts. Who drops it gives all of it back. Belongs to one
// thread at a time; the accounts outlive it, and so do the terms of its demands.
class [[nodiscard]] Lease {
 public:
  Lease() = default;  // holds nothing
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  bool holds() const { return accounts_ != nullptr; }

  // Takes what the call has really cost, in the order of the demands, and gives back the rest at once.
  // Afterwards nothing is held. A cost above what was reserved is taken in full and counted
  // (Accounts::overshot): the provider has the last word. With `after`, of as many: how the accounts stand
  // then. REQUIRES: it holds; an amount for each demand, at least 0.
  void Settle(std::span<const base::Int128> costs, base::WallTime now, std::span<AccountView> after = {});

  // Gives everything back, for a call that was not made or cost nothing.
  void Refund(base::WallTime now);

 private:
  friend class Accounts;
  struct Hold {
    base::Int128 amount;
    Account* account;  // stays where it is while it is held
    const Terms* terms;
    base::WallTime start;  // of the window, or slot, in which it counts
  };

  // What `reserved` of the account has of it. REQUIRES: the account's lock.
  base::Int128 HeldOf(const Account& account) const;

  Accounts* accounts_ = nullptr;  // null: holds nothing
  base::BlockVector<Hold> holds_;
};

}  // namespace budget
