#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/key_hash.h"
#include "store/key_record.h"

namespace store {

enum class KeyRefusal { kNone, kUnknown, kExpired, kRevoked };

// Of KeyTable::Find: a key, or why there is none.
struct KeyAnswer {
  const KeyRecord* key = nullptr;  // null when refused; lives as long as the table
  KeyRefusal refusal = KeyRefusal::kNone;

  explicit operator bool() const { return key != nullptr; }
};

// All keys of one moment, for the request path. Immutable, so thread-safe. A look-up hashes the secret and
// compares hashes only, in constant time: below a microsecond with a million keys.
class KeyTable {
 public:
  explicit KeyTable(std::vector<KeyRecord> keys);

  // The key with this secret that may be used at `now`.
  KeyAnswer Find(std::string_view secret, base::WallTime now) const { return Judge(Look(secret), now); }

  // The two halves of Find: the key with this secret, whether it may be used or not, null when there is none;
  // and whether it may.
  const KeyRecord* Look(std::string_view secret) const;
  static KeyAnswer Judge(const KeyRecord* key, base::WallTime now);

  std::size_t size() const { return keys_.size(); }

 private:
  // Open addressing by the first eight bytes of the hash; half of them repeated here, so that a wrong record
  // is hardly ever touched.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t record = 0;  // index into keys_, plus one; 0: free
  };

  SecretHasher hasher_;
  std::vector<KeyRecord> keys_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

}  // namespace store
