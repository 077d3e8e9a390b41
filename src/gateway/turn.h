#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "base/clock.h"
#include "budget/accounts.h"
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

  // Waits until it is said what becomes of the demands: at first at the end of the line, then, asking for
  // something else, in the place that it has. monostate: nothing has come back to the account in its way for
  // `patience`, it is `until`, or the cancel has fired. The demands' views outlive the turn.
  net::Task<Outcome> Await(std::span<const budget::Demand> demands, std::chrono::nanoseconds patience,
                           base::MonoTime until);
  // The same without waiting; monostate: it would have to.
  Outcome Ask(std::span<const budget::Demand> demands);

 private:
  budget::Accounts& accounts_;
  net::Loop& loop_;
  net::Cancel& cancel_;
  const std::shared_ptr<net::Event> bell_;  // kept by what is posted, which may come when this is over
  budget::Waiter waiter_;
};

}  // namespace gateway
