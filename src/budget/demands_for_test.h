#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "budget/accounts.h"
#include "budget/terms.h"

namespace budget {

inline Terms MakeTerms(std::uint64_t id, Window window, std::int64_t limit, std::int64_t carry_most = 0) {
  return {.id = id,
          .window = std::move(window),
          .limit = {.pico = limit, .currency = base::Currency::kUsd},
          .carry_most = carry_most};
}

// REQUIRES: `value` and `terms` outlive it.
inline Demand MakeDemand(const Terms& terms, std::string_view value, std::int64_t amount) {
  return {.key = {.rule = terms.id, .value = std::hash<std::string_view>()(value)},
          .terms = &terms,
          .value = value,
          .amount = amount};
}

inline bool SetRaise(Accounts& accounts, const Demand& account, const Raise& raise, base::WallTime now) {
  const AccountRaise one{account, raise};
  return accounts.SetRaises({&one, 1}, now);
}

}  // namespace budget
