#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/oidc_settings.h"

namespace gateway {

inline constexpr std::size_t kTokenBytesMax = 16 * 1024;  // of one token
inline constexpr std::size_t kTokenDepthMax = 16;         // of its JSON

// Whether a bearer's secret looks like a token rather than a key: three parts with points between them.
bool LooksLikeToken(std::string_view secret);

// A signed JSON Web Token (RFC 7519) in its compact form, taken apart and not verified. Anything that two
// readers could take differently is refused: a member that comes twice, padding, extensions (`crit`), a type
// that is no access or id token. Views are of the token and live as long as its text.
struct Token {
  config::TokenAlgorithm algorithm{};
  std::string key_id;            // `kid`; empty: the token names none
  std::string_view signed_text;  // what is signed: head and claims as they are encoded
  std::string signature;         // raw
  std::string claims;            // JSON, an object

  // Errors: kInvalid with a sentence that holds nothing of the token.
  static base::Result<Token> Parse(std::string_view text);

  // One claim; none: there is no such member. REQUIRES: the name has no escapes.
  struct Claim {
    std::string text{};                     // of a string
    std::vector<std::string> texts{};       // of a list of strings
    std::optional<std::int64_t> seconds{};  // of a number: rounded down
  };
  std::optional<Claim> Find(std::string_view name) const;
};

}  // namespace gateway
