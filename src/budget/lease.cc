#include "budget/lease.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "budget/account_internal.h"
#include "budget/accounts.h"

namespace budget {

Lease::Lease(Lease&& other) noexcept
    : accounts_(std::exchange(other.accounts_, nullptr)), holds_(std::move(other.holds_)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  if (holds()) Refund(accounts_->clock_.WallNow());
  accounts_ = std::exchange(other.accounts_, nullptr);
  holds_ = std::move(other.holds_);
  return *this;
}

Lease::~Lease() {
  if (holds()) Refund(accounts_->clock_.WallNow());
}

base::Int128 Lease::HeldOf(const Account& account) const {
  base::Int128 held = 0;
  for (const Hold& hold : holds_) {
    if (hold.account == &account) held += account.StillHeld(*hold.terms, hold.start, hold.amount);
  }
  return std::min(held, account.reserved);
}

void Lease::Settle(std::span<const base::Int128> costs, base::WallTime now, std::span<AccountView> after) {
  CHECK(holds() && costs.size() == holds_.size());
  CHECK(after.empty() || after.size() == holds_.size());
  Accounts& accounts = *std::exchange(accounts_, nullptr);
  for (std::size_t i = 0; i < holds_.size(); ++i) {
    CHECK(costs[i] >= 0);
    accounts.Finish(holds_[i], costs[i], now, after.empty() ? nullptr : &after[i]);
  }
  holds_.clear();
}

void Lease::Refund(base::WallTime now) {
  CHECK(holds());
  Accounts& accounts = *std::exchange(accounts_, nullptr);
  for (const Hold& hold : holds_) accounts.Finish(hold, 0, now, nullptr);
  holds_.clear();
}

}  // namespace budget
