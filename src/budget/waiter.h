#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <variant>

#include "base/block_allocator.h"
#include "base/clock.h"
#include "budget/denied.h"
#include "budget/lease.h"
#include "budget/terms.h"

namespace budget {

// One who waits until others give back what is in its way (Accounts::Wait). Destroying it leaves the line,
// and gives back what was reserved for it and not taken. It is used by one thread at a time.
class Waiter {
 public:
  // `ready` is called once, from whatever thread gave back, when Take() has something. It must do no more
  // than post to its loop: locks are held. After the destructor it is not called.
  Waiter(Accounts& accounts, std::function<void()> ready);
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // What came of it; monostate: it still waits. A lease is given once. Whoever is told that the demands
  // cannot be met keeps its place, and nobody behind it is served, until it asks for something else
  // (Accounts::Wait) or goes.
  using Outcome = std::variant<std::monostate, Lease, Denied>;
  Outcome Take();

  // While it waits: when something last came back to the account that is in its way, or when somebody began
  // to wait there. Later the beginning of time.
  base::MonoTime LastCameBack() const;

 private:
  friend class Accounts;
  friend class Line;

  Accounts& accounts_;
  const std::function<void()> ready_;

  // Guarded by the lock of the line.
  base::BlockVector<Demand> demands_;
  std::uint64_t ticket_ = 0;  // in the order of arrival; 0: in no line
  AccountKey blocked_by_;     // in whose line it is
  bool told_ = false;         // there, that its demands cannot be met
  Outcome outcome_;
};

}  // namespace budget
