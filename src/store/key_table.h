#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/key_record.h"

namespace store {

enum class KeyRefusal { kNone, kUnknown, kExpired, kRevoked };

struct KeyAnswer {
  const KeyRecord* key = nullptr;  // null when refused; lives as long as the table
  KeyRefusal refusal = KeyRefusal::kNone;

  explicit operator bool() const { return key != nullptr; }
};

// All keys of one moment, for the request path. Immutable, so thread-safe. A look-up hashes the secret and
// compares hashes only, in constant time: below a microsecond with a million keys.
class KeyTable {
 public:
  KeyTable() = default;
  explicit KeyTable(std::vector<KeyRecord> keys);

  // The key with this secret that may be used at `now`.
  KeyAnswer Find(std::string_view secret, base::WallTime now) const;

  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<KeyRecord> keys_;
  std::vector<std::uint32_t> slots_;  // index + 1 into keys_, 0 = free; a power of two, at most half full
};

}  // namespace store
