#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace store {

inline constexpr std::size_t kAuditPageMax = 1'000;  // entries of one answer
inline constexpr std::size_t kAuditWhoBytesMax = 128;

// One change that an operator made. Written in the transaction that makes the change, or, for what is kept
// elsewhere (budgets, leases), before it; never changed and never removed: the table refuses both. Never
// holds a secret.
struct AuditEntry {
  std::int64_t id = 0;  // grows with every entry
  base::WallTime at{};
  std::string who;     // "cli:alice", "api:127.0.0.1"
  std::string action;  // "key.create", "key.rotate", "lease.settle", "budget.raise"
  std::string target;  // what was changed: the id of a key or a request, a scope
  std::string before;  // JSON: what it was; "null" for what was not there
  std::string after;   // JSON: what it is now
};

// Which entries, the newest first.
struct AuditQuery {
  std::optional<std::int64_t> before{};  // only those older than the entry with this id
  std::string target{};                  // only what was done to this; empty: to anything
  std::size_t limit = kAuditPageMax;     // at most kAuditPageMax
};

}  // namespace store
