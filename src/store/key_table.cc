#include "store/key_table.h"

#include <bit>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "store/key_layer_internal.h"

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

std::unordered_map<std::string_view, std::size_t> PlacesOf(const std::vector<KeyRecord>& keys) {
  std::unordered_map<std::string_view, std::size_t> places;
  places.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) places.emplace(keys[i].id, i);
  return places;
}

// `keys`, whose `places` are told by views of the original, with `changed` instead of the same keys, or
// behind them.
std::vector<KeyRecord> Merge(std::vector<KeyRecord> keys,
                             const std::unordered_map<std::string_view, std::size_t>& places,
                             std::vector<KeyRecord> changed) {
  for (KeyRecord& key : changed) {
    if (const auto found = places.find(key.id); found != places.end()) {
      keys[found->second] = std::move(key);
    } else {
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

}  // namespace

KeyLayer::KeyLayer(std::vector<KeyRecord> keys) : keys_(std::move(keys)) {
  CHECK(keys_.size() < kFormer / 2);
  std::size_t secrets = keys_.size();
  for (const KeyRecord& key : keys_) secrets += key.former ? 1 : 0;
  slots_.resize(std::bit_ceil(2 * secrets + 1));
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto record = static_cast<std::uint32_t>(i + 1);
    Insert(keys_[i].hash, record);
    if (keys_[i].former) Insert(keys_[i].former->hash, record | kFormer);
  }
}

void KeyLayer::Insert(const KeyHash& hash, std::uint32_t record) {
  const std::uint64_t prefix = Prefix(hash);
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = prefix & mask;
  while (slots_[slot].record != 0) slot = (slot + 1) & mask;
  slots_[slot] = {Tag(prefix), record};
}

KeyMatch KeyLayer::Look(const KeyHash& hash) const {
  const std::uint64_t prefix = Prefix(hash);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = prefix & mask; slots_[slot].record != 0; slot = (slot + 1) & mask) {
    if (slots_[slot].tag != Tag(prefix)) continue;
    const bool former = (slots_[slot].record & kFormer) != 0;
    const KeyRecord& key = keys_[(slots_[slot].record & ~kFormer) - 1];
    if (EqualInConstantTime(former ? key.former->hash : key.hash, hash)) return {&key, former};
  }
  return {};
}

KeyTable::Newer::Newer(std::vector<KeyRecord> keys)
    : layer(std::move(keys)), places(PlacesOf(layer.keys())) {}

KeyTable::KeyTable(std::vector<KeyRecord> keys) : all_(std::make_shared<const KeyLayer>(std::move(keys))) {}

KeyTable::KeyTable(const KeyTable& older, std::vector<KeyRecord> changed) : all_(older.all_) {
  std::vector<KeyRecord> newer = std::move(changed);
  if (older.newer_ != nullptr) {
    newer = Merge(older.newer_->layer.keys(), older.newer_->places, std::move(newer));
  }
  if (newer.size() > kNewerMax) {
    const std::vector<KeyRecord>& all = older.all_->keys();
    all_ = std::make_shared<const KeyLayer>(Merge(all, PlacesOf(all), std::move(newer)));
  } else {
    newer_ = std::make_unique<const Newer>(std::move(newer));
  }
}

KeyTable::~KeyTable() = default;
KeyTable::KeyTable(KeyTable&&) noexcept = default;

KeyMatch KeyTable::Look(std::string_view secret) const {
  if (secret.size() != kSecretBytes || !secret.starts_with(kSecretPrefix)) return {};
  const KeyHash hash = hasher_.Hash(secret);
  if (newer_ == nullptr) return all_->Look(hash);
  if (const KeyMatch match = newer_->layer.Look(hash); match.key != nullptr) return match;
  const KeyMatch match = all_->Look(hash);
  const bool changed = match.key != nullptr && newer_->places.contains(match.key->id);
  return changed ? KeyMatch{} : match;
}

KeyAnswer KeyTable::Judge(const KeyMatch& match, base::WallTime now) {
  if (match.key == nullptr) return {nullptr, KeyRefusal::kUnknown};
  switch (match.key->Status(now)) {
    case KeyStatus::kActive:
      if (match.former && now >= match.key->former->until) return {nullptr, KeyRefusal::kReplaced};
      return {match.key, KeyRefusal::kNone};
    case KeyStatus::kRevoked:
      return {nullptr, KeyRefusal::kRevoked};
    case KeyStatus::kExpired:
      return {nullptr, KeyRefusal::kExpired};
  }
  return {nullptr, KeyRefusal::kUnknown};
}

}  // namespace store
