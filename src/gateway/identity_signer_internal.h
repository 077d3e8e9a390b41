#pragma once

// For tests of this room: keys as an issuer has them, and tokens signed with these.

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"

namespace gateway {

class Signer {
 public:
  enum class Kind { kRsa, kEc, kEd25519 };

  Signer(Kind kind, std::string id, int rsa_bits = 2048) : kind_(kind), id_(std::move(id)) {
    key_.reset(kind == Kind::kRsa  ? EVP_RSA_gen(static_cast<unsigned>(rsa_bits))
               : kind == Kind::kEc ? EVP_EC_gen("P-256")
                                   : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    CHECK(key_ != nullptr);
  }

  std::string_view algorithm() const {
    return kind_ == Kind::kRsa ? "RS256" : kind_ == Kind::kEc ? "ES256" : "EdDSA";
  }

  // As a member of a key set; `more` is further members, each with a comma before it.
  std::string Jwk(const std::string& more = "") const {
    std::string jwk = R"({"kid":")" + id_ + "\"" + more;
    switch (kind_) {
      case Kind::kRsa:
        return jwk + R"(,"kty":"RSA","n":")" + Number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
               Number(OSSL_PKEY_PARAM_RSA_E) + "\"}";
      case Kind::kEc:
        return jwk + R"(,"kty":"EC","crv":"P-256","x":")" + Number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
               R"(","y":")" + Number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"}";
      case Kind::kEd25519:
        break;
    }
    std::array<unsigned char, 32> raw{};
    std::size_t size = raw.size();
    CHECK(EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size) == 1);
    return jwk + R"(,"kty":"OKP","crv":"Ed25519","x":")" + Encoded({raw.data(), raw.data() + size}) + "\"}";
  }

  // A token with these claims (a JSON object) and this head; without one its own.
  std::string Sign(std::string_view claims, std::string head = "") const {
    if (head.empty()) {
      head = R"({"alg":")" + std::string(algorithm()) + R"(","typ":"JWT","kid":")" + id_ + "\"}";
    }
    const std::string text = base::Base64Url(head) + "." + base::Base64Url(claims);
    return text + "." + base::Base64Url(SignatureOf(text));
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  };

  static std::string Encoded(const std::vector<unsigned char>& bytes) {
    return base::Base64Url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  std::string Number(const char* name, int bytes = 0) const {
    BIGNUM* got = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key_.get(), name, &got) == 1);
    const std::unique_ptr<BIGNUM, Free> number(got);
    std::vector<unsigned char> out(static_cast<std::size_t>(bytes > 0 ? bytes : BN_num_bytes(got)));
    CHECK(BN_bn2binpad(got, out.data(), static_cast<int>(out.size())) >= 0);
    return Encoded(out);
  }

  std::string SignatureOf(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    const char* const digest = kind_ == Kind::kEd25519 ? nullptr : "SHA256";
    CHECK(EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key_.get(), nullptr) == 1);
    std::array<unsigned char, 1024> signature{};
    std::size_t size = signature.size();
    CHECK(EVP_DigestSign(context.get(), signature.data(), &size,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
    if (kind_ != Kind::kEc) return {reinterpret_cast<const char*>(signature.data()), size};
    const unsigned char* at = signature.data();
    const std::unique_ptr<ECDSA_SIG, Free> der(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    std::array<unsigned char, 64> raw{};
    BN_bn2binpad(ECDSA_SIG_get0_r(der.get()), raw.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(der.get()), raw.data() + 32, 32);
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }

  const Kind kind_;
  const std::string id_;
  std::unique_ptr<EVP_PKEY, Free> key_;
};

// A key set of these members.
inline std::string KeySetOf(const std::vector<std::string>& keys) {
  std::string text = R"({"keys":[)";
  for (const std::string& key : keys) text += (text.back() == '[' ? "" : ",") + key;
  return text + "]}";
}

}  // namespace gateway
