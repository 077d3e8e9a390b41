#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/money.h"
#include "budget/spender.h"

namespace budget {

// Money that one call cost, or that was promised for one: a row of the ledger and a lease that was left
// behind are both read as this, so that they count in the same way. Views as in Spender.
struct Spend {
  std::string_view request_id;
  // When its money was reserved, or what stands nearest to that: when the call was sent. Decides the windows
  // in which it counts.
  base::WallTime started;
  Spender spender;
  base::Money amount;  // in the currency of the price
};

}  // namespace budget
