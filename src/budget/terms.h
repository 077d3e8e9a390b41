#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/money.h"
#include "budget/window.h"

namespace budget {

// What the accounts of one budget are held to. An account does not keep them: each demand brings those that
// are in force, so that a reload counts from the next request on.
struct Terms {
  // By what is counted, when and in which currency, never by how much: the same budget with another limit
  // keeps what was spent.
  std::uint64_t id = 0;
  Window window;
  base::Money limit;            // of one window; above 0
  base::Int128 carry_most = 0;  // pico-units that an unspent rest may add to the next window; 0: none
};

// Which account. `value` is a hash of what the account is of (ScopeHash), under a key that nobody knows: two
// values of one budget meet in one account only by chance, which is once in ten million installations of a
// million accounts, and then the two share a limit.
struct AccountKey {
  std::uint64_t rule = 0;  // Terms::id
  std::uint64_t value = 0;

  friend auto operator<=>(const AccountKey&, const AccountKey&) = default;
};

// For tables of accounts, and for which part of one an account is in. The value is a keyed hash already; the
// rule only tells its accounts apart.
struct AccountKeyHash {
  std::size_t operator()(const AccountKey& key) const {
    const std::uint64_t mixed = (key.value ^ key.rule * 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
    return mixed ^ mixed >> 32;
  }
};

// What one request asks of one account. The terms and the value's bytes outlive the call, and the lease or
// the waiter that it makes.
struct Demand {
  AccountKey key;
  const Terms* terms = nullptr;
  std::string_view value;   // in words, for whoever looks at the account: "support"; at most 512 bytes
  base::Int128 amount = 0;  // pico-units of the limit's currency; at least 0
};

}  // namespace budget
