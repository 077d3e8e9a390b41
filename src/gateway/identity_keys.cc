#include "gateway/identity_keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "wire/json_scanner.h"

namespace gateway {
namespace {

using config::TokenAlgorithm;

constexpr std::size_t kDepthMax = 16;
constexpr std::size_t kRsaBytesMin = 2048 / 8;
constexpr std::size_t kRsaBytesMax = 8192 / 8;
constexpr std::size_t kExponentBytesMax = 8;
constexpr std::size_t kCoordinateBytes = 32;  // of P-256, and of Ed25519's only one

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;
using PublicKey = Owned<EVP_PKEY>;
using Members = std::map<std::string, std::string, std::less<>>;  // those that are strings

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<BIGNUM> Number(std::string_view bytes) {
  return Owned<BIGNUM>(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

// The key of `kind` with these parameters; null where they make none.
PublicKey Make(const char* kind, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return PublicKey(key);
}

std::string_view WithoutZeros(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of('\0');
  return first == std::string_view::npos ? std::string_view() : bytes.substr(first);
}

PublicKey MakeRsa(std::string_view modulus, std::string_view exponent) {
  const std::string_view n = WithoutZeros(modulus);
  const std::string_view e = WithoutZeros(exponent);
  if (n.size() < kRsaBytesMin || n.size() > kRsaBytesMax || e.empty() || e.size() > kExponentBytesMax) {
    return nullptr;
  }
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  const Owned<BIGNUM> big_n = Number(n);
  const Owned<BIGNUM> big_e = Number(e);
  if (builder == nullptr || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, big_n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, big_e.get()) != 1) {
    return nullptr;
  }
  return Make("RSA", builder.get());
}

PublicKey MakeEc(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return nullptr;
  const std::string point = "\x04" + std::string(x) + std::string(y);
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1) {
    return nullptr;
  }
  return Make("EC", builder.get());
}

PublicKey MakeEd25519(std::string_view x) {
  if (x.size() != kCoordinateBytes) return nullptr;
  return PublicKey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size()));
}

std::string_view Find(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string_view() : std::string_view(found->second);
}

// The bytes of a member; empty: there is none, or it is not encoded as it must be.
std::string Decoded(const Members& members, std::string_view name) {
  return base::ParseBase64Url(Find(members, name)).value_or(std::string());
}

Members ReadMembers(wire::JsonCursor& cursor) {
  Members members;
  while (cursor.NextMember()) {
    std::string name(cursor.Key());
    const wire::JsonValue value = cursor.Take();
    if (value.IsString()) members.emplace(std::move(name), value.Text());
  }
  return members;
}

std::string_view Name(TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::kRs256:
      return "RS256";
    case TokenAlgorithm::kEs256:
      return "ES256";
    case TokenAlgorithm::kEdDsa:
      return "EdDSA";
  }
  return {};
}

// RFC 7518 has the two numbers side by side, OpenSSL in DER; empty where it is no signature.
std::string ToDer(std::string_view raw) {
  if (raw.size() != 2 * kCoordinateBytes) return {};
  Owned<BIGNUM> r = Number(raw.substr(0, kCoordinateBytes));
  Owned<BIGNUM> s = Number(raw.substr(kCoordinateBytes));
  const Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();  // the signature owns them now
  (void)s.release();
  std::array<unsigned char, 80> der{};
  unsigned char* at = der.data();
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0 || static_cast<std::size_t>(size) > der.size()) return {};
  i2d_ECDSA_SIG(signature.get(), &at);
  return std::string(reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(size));
}

}  // namespace

struct KeySet::Key {
  TokenAlgorithm algorithm;
  std::string id;
  PublicKey key;
};

KeySet::KeySet() = default;
KeySet::~KeySet() = default;
KeySet::KeySet(KeySet&&) noexcept = default;
KeySet& KeySet::operator=(KeySet&&) noexcept = default;

base::Result<KeySet> KeySet::Parse(std::string_view json) {
  const auto fail = [] {
    return base::Fail(base::Code::kInvalid, "what the issuer published is no key set");
  };
  if (json.size() > kKeySetBytesMax) return fail();
  KeySet set;
  bool found = false;
  const auto add = [&set](const Members& members) {
    std::optional<TokenAlgorithm> algorithm;
    PublicKey key;
    const std::string_view kind = Find(members, "kty");
    const std::string_view curve = Find(members, "crv");
    if (kind == "RSA") {
      algorithm = TokenAlgorithm::kRs256;
      key = MakeRsa(Decoded(members, "n"), Decoded(members, "e"));
    } else if (kind == "EC" && curve == "P-256") {
      algorithm = TokenAlgorithm::kEs256;
      key = MakeEc(Decoded(members, "x"), Decoded(members, "y"));
    } else if (kind == "OKP" && curve == "Ed25519") {
      algorithm = TokenAlgorithm::kEdDsa;
      key = MakeEd25519(Decoded(members, "x"));
    }
    const std::string_view use = Find(members, "use");
    const std::string_view meant = Find(members, "alg");
    if (key == nullptr || (!use.empty() && use != "sig") || (!meant.empty() && meant != Name(*algorithm)))
      return;
    set.keys_.push_back({*algorithm, std::string(Find(members, "kid")), std::move(key)});
  };
  wire::JsonCursor cursor(json, kDepthMax);
  if (!cursor.EnterObject()) return fail();
  while (cursor.NextMember()) {
    if (!cursor.KeyIs("keys") || found || !cursor.EnterArray()) continue;
    found = true;
    while (cursor.NextElement()) {
      if (!cursor.EnterObject()) continue;
      const Members members = ReadMembers(cursor);
      if (set.keys_.size() < kKeySetKeysMax) add(members);
    }
  }
  ERR_clear_error();  // of keys that are none: TLS on this thread must not take it for its own
  if (!found || !cursor.End()) return fail();
  return set;
}

const KeySet::Key* KeySet::Choose(const Token& token) const {
  const Key* chosen = nullptr;
  for (const Key& key : keys_) {
    if (key.algorithm != token.algorithm) continue;
    if (!token.key_id.empty()) {
      if (key.id == token.key_id) return &key;
      continue;
    }
    if (chosen != nullptr) return nullptr;  // it may be either
    chosen = &key;
  }
  return chosen;
}

bool KeySet::Verifies(const Token& token) const {
  const Key* const key = Choose(token);
  if (key == nullptr) return false;
  const std::string signature =
      key->algorithm == TokenAlgorithm::kEs256 ? ToDer(token.signature) : token.signature;
  const char* const digest = key->algorithm == TokenAlgorithm::kEdDsa ? nullptr : "SHA256";
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const bool verified = context != nullptr && !signature.empty() &&
                        EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr,
                                                key->key.get(), nullptr) == 1 &&
                        EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                                         Bytes(token.signed_text), token.signed_text.size()) == 1;
  ERR_clear_error();  // TLS on this thread must not take it for its own
  return verified;
}

}  // namespace gateway
