#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/oidc_settings.h"
#include "gateway/identity_token.h"

namespace gateway {

inline constexpr std::size_t kKeySetBytesMax = 256 * 1024;  // of a published set
inline constexpr std::size_t kKeySetKeysMax = 100;          // of it that are taken

// The public keys that an issuer signs with (JWKS, RFC 7517). Immutable, so thread-safe.
class KeySet {
 public:
  // Keys that no accepted signature is made with are left out: encryption keys, other kinds and curves, RSA
  // below 2048 bits. Errors: kInvalid: it is no key set.
  static base::Result<KeySet> Parse(std::string_view json);

  KeySet();
  ~KeySet();
  KeySet(KeySet&&) noexcept;
  KeySet& operator=(KeySet&&) noexcept;

  // Whether there is a key that the token may be signed with: the one that it names, or, where it names none,
  // the only one of its algorithm.
  bool Knows(const Token& token) const { return Choose(token) != nullptr; }

  // Whether that key has signed it. The kind of the key decides how it is looked at, never the token.
  bool Verifies(const Token& token) const;

 private:
  struct Key;
  const Key* Choose(const Token& token) const;

  std::vector<Key> keys_;
};

}  // namespace gateway
