#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/key_table.h"

namespace store {

// Keys and where their secrets' hashes are. Immutable once made.
class KeyLayer {
 public:
  explicit KeyLayer(std::vector<KeyRecord> keys);
  KeyLayer(const KeyLayer&) = delete;
  KeyLayer& operator=(const KeyLayer&) = delete;

  KeyMatch Look(const KeyHash& hash) const;
  const std::vector<KeyRecord>& keys() const { return keys_; }

 private:
  // Open addressing by the first eight bytes of the hash; half of them repeated here, so that a wrong record
  // is hardly ever touched.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t record = 0;  // index into keys_, plus one, and kFormer; 0: free
  };
  static constexpr std::uint32_t kFormer = 1U << 31;  // the hash is that of the former secret

  void Insert(const KeyHash& hash, std::uint32_t record);

  std::vector<KeyRecord> keys_;
  std::vector<Slot> slots_;  // a power of two, at most half of them taken
};

// Keys that are as they are in this layer, whatever an older one says of them.
struct KeyTable::Newer {
  explicit Newer(std::vector<KeyRecord> keys);

  const KeyLayer layer;
  std::unordered_map<std::string_view, std::size_t> places;  // by id, in the layer
};

}  // namespace store
