#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "budget/accounts.h"
#include "budget/lease.h"
#include "budget/terms.h"
#include "budget/waiter.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/task.h"

namespace gateway {

// A request's place in the line of a budget's account, and its patience there. Destroying it leaves the line.
// Belongs to its request and its loop; what it is made of outlives it.
class Turn {
 public:
  using Outcome = budget::Waiter::Outcome;

  Turn(budget::Accounts& accounts, net::Loop& loop, net::Cancel& cancel);
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // With the account of one demand in its way: how long nothing may come back to that, and until when at the
  // latest it waits.
  struct Patience {
    std::chrono::nanoseconds idle;
    base::MonoTime until;
  };

  // Waits until it is said what becomes of the demands: at first at the end of the line, then, asking for
  // something else, in the place that it has. monostate: the patience with the account in its way is at an
  // end, or the cancel has fired. The demands' views outlive the turn, and so does `kept`
  // (budget::Accounts::Reserve). REQUIRES: a patience for each demand.
  net::Task<Outcome> Await(std::span<const budget::Demand> demands, std::span<const Patience> patience,
                           std::span<const budget::Lease> kept);
  // The same without waiting; monostate: it would have to.
  Outcome Ask(std::span<const budget::Demand> demands, std::span<const budget::Lease> kept);
  // What it was given since Await, which came too late to be told there.
  Outcome Take() { return waiter_.Take(); }
  // Which demand's account is in its way, while it waits.
  std::optional<std::size_t> InTheWay() const;

 private:
  budget::Accounts& accounts_;
  net::Loop& loop_;
  net::Cancel& cancel_;
  const std::shared_ptr<net::Event> bell_;  // kept by what is posted, which may come when this is over
  budget::Waiter waiter_;
};

}  // namespace gateway
