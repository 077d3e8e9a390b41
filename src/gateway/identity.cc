#include "gateway/identity.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/asked.h"
#include "gateway/identity_claims.h"
#include "gateway/identity_token.h"

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

Identity::Identity(const store::KeyWatch* keys, const Issuers* issuers) : issuers_(issuers) {
  if (keys != nullptr) keys_.emplace(*keys);
}

bool Identity::Find(const net::Fields& fields, const net::Address& peer, base::MonoTime mono,
                    base::WallTime now, Caller& caller, RefusalText& refusal) {
  if (!keys_) return true;
  refusal.refusal = Refusal::kInvalidApiKey;
  const std::string_view secret = PresentedKey(fields);
  if (secret.empty()) {
    refusal.message = "no API key; send it as 'Authorization: Bearer sk-sluice-...' or as x-api-key";
    return false;
  }
  const bool token = issuers_ != nullptr && LooksLikeToken(secret) && !issuers_->empty();
  return token ? FindToken(secret, mono, now, caller, refusal) : FindKey(secret, peer, now, caller, refusal);
}

bool Identity::FindKey(std::string_view secret, const net::Address& peer, base::WallTime now, Caller& caller,
                       RefusalText& refusal) {
  const store::KeyAnswer answer = keys_->Find(secret, now);
  if (!answer) {
    refusal.message = WordsFor(answer.refusal);
    return false;
  }
  caller = {.key = answer.key, .keeps = keys_->table()};
  return MayComeFrom(*caller.key, peer, refusal);
}

bool Identity::FindToken(std::string_view text, base::MonoTime mono, base::WallTime now, Caller& caller,
                         RefusalText& refusal) {
  const store::KeyHash hash = hasher_.Hash(text);
  if (tokens_ == nullptr) tokens_ = std::make_unique<std::array<Remembered, kTokensMax>>();
  Remembered& place = (*tokens_)[(hash[0] * 256U + hash[1]) % kTokensMax];
  const bool known =
      place.issuer != nullptr && place.hash == hash && place.version == place.issuer->keys().Version() &&
      place.accepted == issuers_->version() && place.key->Status(now) == store::KeyStatus::kActive;
  if (!known) {
    auto verified = Verify(text, mono, now, caller);
    if (!verified) {
      refusal.message = std::move(verified).error().detail;
      return false;
    }
    place = std::move(*verified);
    place.hash = hash;
  }
  caller = {.key = place.key.get(), .keeps = place.key};
  return true;
}

base::Result<Identity::Remembered> Identity::Verify(std::string_view text, base::MonoTime mono,
                                                    base::WallTime now, Caller& caller) const {
  const auto fail = [](const char* sentence) { return base::Fail(base::Code::kDenied, sentence); };
  const auto token = Token::Parse(text);
  if (!token) return base::Fail(token.error());
  const auto name = token->Find("iss");
  const std::uint64_t accepted = issuers_->version();  // before it is found: newer ones do no harm
  const auto issuer = name ? issuers_->Find(name->text) : nullptr;
  if (issuer == nullptr) return fail("this token is of an issuer that is not accepted here");
  const auto& algorithms = issuer->settings().algorithms;
  if (!algorithms.empty() &&
      std::find(algorithms.begin(), algorithms.end(), token->algorithm) == algorithms.end()) {
    return fail("this token is signed in a way that is not accepted of its issuer");
  }
  const std::uint64_t version = issuer->keys().Version();  // before the load: newer keys do no harm
  const auto keys = issuer->keys().Load();
  if (!keys->Knows(*token)) {
    if (issuer->MayAsk(mono)) caller.ask = issuer;
    return fail("this token is signed with a key that its issuer has not published");
  }
  if (!keys->Verifies(*token)) return fail("the signature of this token is wrong");
  auto key = ReadClaims(*token, issuer->settings(), now);
  if (!key) return base::Fail(std::move(key).error());
  return Remembered{.issuer = issuer,
                    .version = version,
                    .accepted = accepted,
                    .key = std::make_shared<const store::KeyRecord>(std::move(*key))};
}

}  // namespace gateway
