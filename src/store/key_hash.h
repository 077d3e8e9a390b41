#pragma once

#include <memory>
#include <string_view>

#include "store/key_record.h"

namespace store {

// SHA-256 of key secrets. OpenSSL looks the algorithm up by name, which costs more than the hash, so that is
// done once here. Thread-safe.
class SecretHasher {
 public:
  SecretHasher();
  ~SecretHasher();
  SecretHasher(SecretHasher&&) noexcept;
  SecretHasher& operator=(SecretHasher&&) noexcept;

  KeyHash Hash(std::string_view secret) const;

 private:
  struct Algorithm;
  std::unique_ptr<const Algorithm> algorithm_;
};

// Whether two hashes are equal, in a time that does not depend on where they differ.
bool EqualInConstantTime(const KeyHash& a, const KeyHash& b);

}  // namespace store
