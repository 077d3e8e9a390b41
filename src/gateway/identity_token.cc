#include "gateway/identity_token.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/encoding.h"
#include "wire/json_scanner.h"
#include "wire/json_string.h"

namespace gateway {
namespace {

using config::TokenAlgorithm;

constexpr std::size_t kMembersMax = 200;  // of the head, or of the claims

base::Result<void> Invalid(std::string_view why) {
  return base::Fail(base::Code::kInvalid, "this token " + std::string(why));
}

// Calls `member` for each member of what must be one JSON object without repetitions.
template <class Use>
base::Result<void> ForEachMember(std::string_view json, Use member) {
  wire::JsonCursor cursor(json, kTokenDepthMax);
  std::set<std::string, std::less<>> names;
  if (!cursor.EnterObject()) return Invalid("has a part that is no JSON object");
  while (cursor.NextMember()) {
    std::string name;
    wire::AppendUnescaped(name, cursor.Key());
    const wire::JsonValue value = cursor.Take();
    if (cursor.Failed()) break;
    const auto [at, fresh] = names.insert(std::move(name));
    if (!fresh || names.size() > kMembersMax) return Invalid("has a member twice, or too many");
    member(*at, value);
  }
  if (!cursor.End()) return Invalid("has a part that is no JSON object");
  return {};
}

std::optional<TokenAlgorithm> AlgorithmOf(const wire::JsonValue& value) {
  if (value.TextIs("RS256")) return TokenAlgorithm::kRs256;
  if (value.TextIs("ES256")) return TokenAlgorithm::kEs256;
  if (value.TextIs("EdDSA")) return TokenAlgorithm::kEdDsa;
  return std::nullopt;  // `none`, shared secrets and everything else
}

bool IsKnownType(const wire::JsonValue& value) {
  if (!value.IsString()) return false;
  const std::string type = base::Lower(value.Text());
  return type == "jwt" || type == "at+jwt" || type == "application/at+jwt";
}

base::Result<void> ReadHead(std::string_view json, Token& token) {
  std::optional<TokenAlgorithm> algorithm;
  std::string_view wrong;
  const auto read = ForEachMember(json, [&](std::string_view name, const wire::JsonValue& value) {
    if (name == "alg") {
      algorithm = AlgorithmOf(value);
    } else if (name == "typ" && !IsKnownType(value)) {
      wrong = "is of another type than an access or an id token";
    } else if (name == "crit" || name == "b64" || name == "zip") {
      wrong = "has an extension that is not known here";
    } else if (name == "kid" && value.IsString()) {
      token.key_id = value.Text();
    } else if (name == "kid") {
      wrong = "names its key in an odd way";
    }
  });
  if (!read) return read;
  if (!wrong.empty()) return Invalid(wrong);
  if (!algorithm) return Invalid("is signed in a way that is not accepted; RS256, ES256 and EdDSA are");
  token.algorithm = *algorithm;
  return {};
}

// A NumericDate: seconds, perhaps with a fraction, which is cut.
std::optional<std::int64_t> Seconds(const wire::JsonValue& value) {
  if (value.kind != wire::JsonKind::kNumber) return std::nullopt;
  const std::string_view whole = value.raw.substr(0, value.raw.find('.'));
  const std::string_view fraction = value.raw.substr(std::min(whole.size() + 1, value.raw.size()));
  const bool cut = whole.size() < value.raw.size();
  const bool digits = std::all_of(fraction.begin(), fraction.end(), base::IsDigit);
  const auto seconds = base::ParseDecimal(whole);
  if (!seconds || !digits || (cut && fraction.empty())) return std::nullopt;
  return static_cast<std::int64_t>(*seconds);
}

Token::Claim ReadClaim(const wire::JsonValue& value) {
  Token::Claim claim;
  claim.seconds = Seconds(value);
  if (value.IsString()) claim.text = value.Text();
  wire::JsonCursor list(value.raw, kTokenDepthMax);
  if (!list.EnterArray()) return claim;
  while (list.NextElement()) {
    const wire::JsonValue one = list.Take();
    if (one.IsString()) claim.texts.push_back(one.Text());
  }
  return claim;
}

}  // namespace

bool LooksLikeToken(std::string_view secret) {
  return secret.starts_with("eyJ") && std::count(secret.begin(), secret.end(), '.') == 2;
}

base::Result<Token> Token::Parse(std::string_view text) {
  const auto fail = [](std::string_view why) { return base::Fail(Invalid(why).error()); };
  if (text.size() > kTokenBytesMax) return fail("is longer than 16 KiB");
  if (!LooksLikeToken(text)) return fail("is none");
  const std::size_t first = text.find('.');
  const std::size_t second = text.rfind('.');
  const auto head = base::ParseBase64Url(text.substr(0, first));
  auto claims = base::ParseBase64Url(text.substr(first + 1, second - first - 1));
  auto signature = base::ParseBase64Url(text.substr(second + 1));
  if (!head || !claims || !signature) return fail("is not encoded as it must be");
  Token token;
  if (auto read = ReadHead(*head, token); !read) return base::Fail(std::move(read).error());
  const auto ignore = [](std::string_view, const wire::JsonValue&) {};
  if (auto read = ForEachMember(*claims, ignore); !read) return base::Fail(std::move(read).error());
  token.signed_text = text.substr(0, second);
  token.signature = std::move(*signature);
  token.claims = std::move(*claims);
  return token;
}

std::optional<Token::Claim> Token::Find(std::string_view name) const {
  wire::JsonCursor cursor(claims, kTokenDepthMax);
  if (!cursor.EnterObject()) return std::nullopt;
  while (cursor.NextMember()) {
    if (cursor.KeyIs(name)) return ReadClaim(cursor.Take());
  }
  return std::nullopt;
}

}  // namespace gateway
