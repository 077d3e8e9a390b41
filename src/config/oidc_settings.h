#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/endpoint.h"

// Whose tokens are accepted as keys, as it is written.

namespace config {

enum class TokenAlgorithm { kRs256, kEs256, kEdDsa };

// Which claim of a token says what; empty: none does.
struct OidcClaims {
  std::string org;
  std::string team = "team";
  std::string project;
  std::string user = "sub";

  friend bool operator==(const OidcClaims&, const OidcClaims&) = default;
};

struct OidcSettings {
  std::string issuer;                      // as `iss` has it, byte for byte
  std::vector<std::string> audience;       // `aud` has one of them; checked settings: never empty
  Url jwks_url;                            // empty host: found through the issuer's own discovery document
  std::vector<TokenAlgorithm> algorithms;  // empty: all three
  std::chrono::milliseconds leeway{30'000};
  OidcClaims claims;
  std::vector<std::string> models;  // that its tokens may use; empty: every one
  std::string ca_file;              // empty: the system's

  friend bool operator==(const OidcSettings&, const OidcSettings&) = default;
};

}  // namespace config
