#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
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
  // `ready` is called, from whatever thread gave back, when Take() has something, and when another account's
  // line has become the one that it is in. It must do no more than post to its loop: locks are held. After
  // the destructor it is not called.
  Waiter(Accounts& accounts, std::function<void()> ready);
  ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // What came of it; monostate: it still waits. A lease is given once. Whoever is told that the demands
  // cannot be met keeps its place, and nobody behind it is served, until it asks for something else
  // (Accounts::Wait) or goes.
  using Outcome = std::variant<std::monostate, Lease, Denied>;
  Outcome Take();

  // While it waits, in whose line. None: it waits no more, or has been told something.
  struct Place {
    std::size_t demand = 0;  // whose account is in its way
    base::MonoTime
        idle_since;  // nothing has come back to that one, nobody was served there, and it was there
  };
  std::optional<Place> InTheWay() const;

 private:
  friend class Accounts;
  friend class Line;

  Accounts& accounts_;
  const std::function<void()> ready_;

  // Guarded by the lock of the line.
  base::BlockVector<Demand> demands_;
  std::uint64_t ticket_ = 0;  // in the order of arrival; 0: in no line
  AccountKey blocked_by_;     // in whose line it is
  base::MonoTime since_;      // there, or asking for what it asks for
  std::span<const Lease> kept_;
  bool told_ = false;  // there, that its demands cannot be met
  Outcome outcome_;
};

}  // namespace budget
