#include "store/key_lookup.h"

#include <cstring>
#include <string>

#include "base/check.h"
#include "base/random.h"

namespace store {
namespace {

SipKey RandomKey() {
  SipKey key;
  const std::string bytes = base::SecureRandomBytes(sizeof key);
  CHECK(bytes.size() == sizeof key);
  std::memcpy(key.data(), bytes.data(), sizeof key);
  return key;
}

}  // namespace

KeyLookup::KeyLookup(const KeyWatch& watch) : newest_(watch.Tables()), key_(RandomKey()) {}

KeyAnswer KeyLookup::Find(std::string_view secret, base::WallTime now) {
  if (const std::shared_ptr<const KeyTable>& newest = newest_.Get(); newest != table_) {
    remembered_.fill({});
    table_ = newest;
  }
  if (secret.size() != kSecretBytes) return KeyTable::Judge({}, now);
  const SipTag tag = SipHash(key_, secret);
  Remembered& place = remembered_[tag[0] % kRememberedMax];
  if (place.match.key == nullptr || place.tag != tag) {
    const KeyMatch match = table_->Look(secret);
    if (match.key == nullptr) return KeyTable::Judge(match, now);
    place = {.tag = tag, .match = match};
  }
  return KeyTable::Judge(place.match, now);
}

}  // namespace store
