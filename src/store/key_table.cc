#include "store/key_table.h"

#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "base/check.h"

namespace store {
namespace {

std::uint64_t Prefix(const KeyHash& hash) {
  std::uint64_t prefix = 0;
  std::memcpy(&prefix, hash.data(), sizeof prefix);
  return prefix;
}

std::uint32_t Tag(std::uint64_t prefix) {
  return static_cast<std::uint32_t>(prefix >> 32);
}

}  // namespace

KeyTable::KeyTable(std::vector<KeyRecord> keys) : keys_(std::move(keys)) {
  CHECK(keys_.size() < std::numeric_limits<std::uint32_t>::max() / 4);
  slots_.resize(std::bit_ceil(2 * keys_.size() + 1));
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const std::uint64_t prefix = Prefix(keys_[i].hash);
    std::size_t slot = prefix & mask;
    while (slots_[slot].record != 0) slot = (slot + 1) & mask;
    slots_[slot] = {Tag(prefix), static_cast<std::uint32_t>(i + 1)};
  }
}

const KeyRecord* KeyTable::Look(std::string_view secret) const {
  if (secret.size() != kSecretBytes || !secret.starts_with(kSecretPrefix)) return nullptr;
  const KeyHash hash = hasher_.Hash(secret);
  const std::uint64_t prefix = Prefix(hash);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = prefix & mask; slots_[slot].record != 0; slot = (slot + 1) & mask) {
    if (slots_[slot].tag != Tag(prefix)) continue;
    const KeyRecord& key = keys_[slots_[slot].record - 1];
    if (EqualInConstantTime(key.hash, hash)) return &key;
  }
  return nullptr;
}

KeyAnswer KeyTable::Judge(const KeyRecord* key, base::WallTime now) {
  if (key == nullptr) return {nullptr, KeyRefusal::kUnknown};
  switch (key->Status(now)) {
    case KeyStatus::kActive:
      return {key, KeyRefusal::kNone};
    case KeyStatus::kRevoked:
      return {nullptr, KeyRefusal::kRevoked};
    case KeyStatus::kExpired:
      return {nullptr, KeyRefusal::kExpired};
  }
  return {nullptr, KeyRefusal::kUnknown};
}

}  // namespace store
