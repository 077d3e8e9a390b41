#include "store/key_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace store {

struct SecretHasher::Algorithm {
  Algorithm() : sha256(EVP_MD_fetch(nullptr, "SHA256", nullptr)) { CHECK(sha256 != nullptr); }
  ~Algorithm() { EVP_MD_free(sha256); }
  Algorithm(const Algorithm&) = delete;
  Algorithm& operator=(const Algorithm&) = delete;

  EVP_MD* const sha256;
};

SecretHasher::SecretHasher() : algorithm_(std::make_unique<const Algorithm>()) {}
SecretHasher::~SecretHasher() = default;
SecretHasher::SecretHasher(SecretHasher&&) noexcept = default;
SecretHasher& SecretHasher::operator=(SecretHasher&&) noexcept = default;

KeyHash SecretHasher::Hash(std::string_view secret) const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  KeyHash hash;
  unsigned int size = 0;
  const bool done = context != nullptr &&
                    EVP_DigestInit_ex2(context.get(), algorithm_->sha256, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), secret.data(), secret.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), hash.data(), &size) == 1;
  CHECK(done && size == hash.size());
  return hash;
}

bool EqualInConstantTime(const KeyHash& a, const KeyHash& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace store
