// Any bytes as a token and as a key set: refused, or taken apart into what was there, and what no key of the
// set has signed never verifies. A line break parts the two.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"
#include "gateway/identity_claims.h"
#include "gateway/identity_keys.h"
#include "gateway/identity_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(input.find('\n'), input.size());
  const std::string_view given = input.substr(0, cut);
  const std::size_t bar = std::min(given.find('|'), given.size());
  const std::string_view claims = given.substr(std::min(bar + 1, given.size()));
  // The second form spares the fuzzer to learn base64.
  const std::string encoded = base::Base64Url(given.substr(0, bar)) + "." + base::Base64Url(claims) + ".AAAA";
  for (const std::string& one : {std::string(given), encoded}) {
    const auto token = gateway::Token::Parse(one);
    if (!token) {
      CHECK(token.error().code == base::Code::kInvalid && !token.error().detail.empty());
      continue;
    }
    CHECK(one.starts_with(token->signed_text) && one[token->signed_text.size()] == '.');
    config::OidcSettings settings;
    settings.issuer = "i";
    settings.audience = {"a"};
    const base::WallTime now{std::chrono::seconds{1'790'000'000}};
    if (const auto key = gateway::ReadClaims(*token, settings, now)) {
      CHECK(!key->team.empty() && !key->user.empty() && key->expires && *key->expires > now);
    }
    const auto keys = gateway::KeySet::Parse(input.substr(std::min(cut + 1, input.size())));
    if (keys && keys->Verifies(*token)) CHECK(keys->Knows(*token) && token->signature.size() >= 64);
  }
  return 0;
}
