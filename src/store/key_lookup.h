#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/guarded.h"
#include "store/key_table.h"
#include "store/key_watch.h"
#include "store/sip_hash.h"

namespace store {

// Looks keys up for one loop, in the newest table of a watch. Belongs to the loop; the watch outlives it.
//
// A caller asks with the same key again and again, so the keys found lately are remembered: not by their
// secrets but by a keyed hash of these, under a key of this object that is random and never leaves it. That
// costs a tenth of the SHA-256 that the table knows them by. What is remembered goes with its table, so a key
// that is revoked is refused as soon as the watch has seen it; expiry is looked at each time. At most
// kRememberedMax keys, 32 bytes each; a newer one takes the place of an older.
class KeyLookup {
 public:
  static constexpr std::size_t kRememberedMax = 256;

  explicit KeyLookup(const KeyWatch& watch);

  // The key with this secret that may be used at `now`. It lives as long as the table it is from, which is
  // table() until the next Find: whoever uses it longer keeps that.
  KeyAnswer Find(std::string_view secret, base::WallTime now);
  const std::shared_ptr<const KeyTable>& table() const { return table_; }

 private:
  struct Remembered {
    SipTag tag{};
    KeyMatch match{};  // without a key: nothing here
  };

  base::SnapshotReader<KeyTable> newest_;
  const SipKey key_;
  std::shared_ptr<const KeyTable> table_;  // the keys remembered lie in it
  std::array<Remembered, kRememberedMax> remembered_{};
};

}  // namespace store
