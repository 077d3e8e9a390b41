#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/key_hash.h"
#include "store/key_record.h"

namespace store {

enum class KeyRefusal {
  kNone,
  kUnknown,
  kExpired,
  kRevoked,
  kReplaced,  // the key was rotated, and the time of its former secret is over
};

// The key that a secret belongs to, whether it may be used or not.
struct KeyMatch {
  const KeyRecord* key = nullptr;  // null: none
  bool former = false;             // it is the secret that the key had before it was rotated
};

// Of KeyTable::Find: a key, or why there is none.
struct KeyAnswer {
  const KeyRecord* key = nullptr;  // null when refused; lives as long as the table
  KeyRefusal refusal = KeyRefusal::kNone;

  explicit operator bool() const { return key != nullptr; }
};

class KeyLayer;

// All keys of one moment, for the request path. Immutable, so thread-safe. A look-up hashes the secret and
// compares hashes only, in constant time: below a microsecond with a million keys. What changes lies in a
// layer over the keys that did not, so that a change costs nothing that grows with all of them.
class KeyTable {
 public:
  // As many changes as may lie over the rest before everything becomes one layer again.
  static constexpr std::size_t kNewerMax = 4'096;

  explicit KeyTable(std::vector<KeyRecord> keys);
  // `older` with keys that were added or have changed since, each once.
  KeyTable(const KeyTable& older, std::vector<KeyRecord> changed);
  ~KeyTable();
  KeyTable(KeyTable&&) noexcept;

  // The key with this secret that may be used at `now`.
  KeyAnswer Find(std::string_view secret, base::WallTime now) const { return Judge(Look(secret), now); }

  // The two halves of Find: whose secret it is, and whether that may be used.
  KeyMatch Look(std::string_view secret) const;
  static KeyAnswer Judge(const KeyMatch& match, base::WallTime now);

 private:
  struct Newer;

  SecretHasher hasher_;
  std::shared_ptr<const KeyLayer> all_;   // as it was when the layers were one
  std::unique_ptr<const Newer> newer_{};  // null: nothing has changed since
};

}  // namespace store
