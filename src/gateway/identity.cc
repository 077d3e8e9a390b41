#include "gateway/identity.h"

#include <string>

#include "gateway/asked.h"

namespace gateway {
namespace {

std::string_view WordsFor(store::KeyRefusal refusal) {
  switch (refusal) {
    case store::KeyRefusal::kNone:
      return {};
    case store::KeyRefusal::kUnknown:
      return "this API key is not known here";
    case store::KeyRefusal::kExpired:
      return "this API key has expired; ask for a new one";
    case store::KeyRefusal::kRevoked:
      return "this API key has been revoked";
    case store::KeyRefusal::kReplaced:
      return "this API key has been rotated, and its former secret works no longer; use the new one";
  }
  return {};
}

bool MayComeFrom(const store::KeyRecord& key, const net::Address& peer, RefusalText& refusal) {
  if (key.networks.empty() || key.MayComeFrom({.bytes = peer.bytes, .v6 = peer.v6})) return true;
  const std::string address = peer.ToString();
  refusal.refusal = Refusal::kNetworkNotAllowed;
  refusal.message = "this API key may not be used from " + address.substr(0, address.rfind(':')) +
                    "; ask from a network that it is for, or have one made for this";
  return false;
}

}  // namespace

Identity::Identity(const store::KeyWatch* keys) {
  if (keys != nullptr) keys_.emplace(*keys);
}

bool Identity::Find(const net::Fields& fields, const net::Address& peer, base::WallTime now, Caller& caller,
                    RefusalText& refusal) {
  if (!keys_) return true;
  refusal.refusal = Refusal::kInvalidApiKey;
  const std::string_view secret = PresentedKey(fields);
  if (secret.empty()) {
    refusal.message = "no API key; send it as 'Authorization: Bearer sk-sluice-...' or as x-api-key";
    return false;
  }
  const store::KeyAnswer answer = keys_->Find(secret, now);
  if (!answer) {
    refusal.message = WordsFor(answer.refusal);
    return false;
  }
  caller = {.key = answer.key, .keeps = keys_->table()};
  return MayComeFrom(*caller.key, peer, refusal);
}

}  // namespace gateway
