#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/key_network.h"

namespace store {

// A secret is this prefix and 43 characters of URL-safe base64: 32 random bytes.
inline constexpr std::string_view kSecretPrefix = "sk-sluice-";
inline constexpr std::size_t kSecretRandomBytes = 32;
inline constexpr std::size_t kSecretBytes = kSecretPrefix.size() + (kSecretRandomBytes * 4 + 2) / 3;

using KeyHash = std::array<std::uint8_t, 32>;  // SHA-256 of the whole secret

enum class KeyStatus { kActive, kRevoked, kExpired };

std::string_view Name(KeyStatus status);  // "active", "revoked", "expired"

// The secret that a key had before it was rotated.
struct FormerSecret {
  KeyHash hash{};
  base::WallTime until{};  // first instant at which it is refused
};

// One gateway key as it is stored: everything but the secret. What a look-up reads comes first and lies in
// one cache line, which among a million keys is what a look-up costs.
struct alignas(64) KeyRecord {
  KeyHash hash{};
  std::optional<base::WallTime> expires{};  // first instant at which it is refused
  bool revoked = false;
  std::string id{};       // key_ and 12 hex digits
  std::string org{};      // empty: none
  std::string team{};     // never empty
  std::string project{};  // empty: none
  std::string user{};     // the end user that all its requests are for; empty: callers say whom they are for
  std::string name{};
  base::WallTime created{};
  std::vector<std::string> models{};     // empty: every model
  std::vector<Network> networks{};       // from where it may be used; empty: from anywhere
  std::optional<FormerSecret> former{};  // of the last rotation, also when its time is over

  KeyStatus Status(base::WallTime now) const;
  bool MayUse(std::string_view model) const;        // this very name, or nothing listed
  bool MayComeFrom(const PeerAddress& peer) const;  // one of the networks has it, or none is listed
};

}  // namespace store
