#pragma once

#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/result.h"

namespace wire {

// What an account has left in one currency.
struct Balance {
  base::Currency currency;
  base::Int128 total = 0;  // pico-units
  base::Int128 granted = 0;
  base::Int128 topped_up = 0;
  int decimals = 0;  // the most that one of the three was written with
};

inline constexpr std::size_t kBalancesMax = 16;  // of one account

// The body of DeepSeek's GET /user/balance, whose amounts are decimals in strings. Error: kInvalid if it is
// not that, or an amount is not exact.
base::Result<std::vector<Balance>> ReadBalances(std::string_view body);

}  // namespace wire
