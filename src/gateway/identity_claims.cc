#include "gateway/identity_claims.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "store/key_hash.h"
#include "store/key_rules.h"

namespace gateway {
namespace {

using base::Result;
using std::chrono::seconds;

constexpr std::int64_t kLastSecond = 7'258'118'400;  // 2200-01-01: later ones are as good, and fit
constexpr std::size_t kIdBytes = 6;                  // of a hash: as many as a key's own id has

Result<void> Refuse(std::string why) {
  return base::Fail(base::Code::kDenied, "this token " + std::move(why));
}

std::optional<base::WallTime> TimeOf(const Token& token, std::string_view name) {
  const auto claim = token.Find(name);
  if (!claim || !claim->seconds) return std::nullopt;
  return base::WallTime(seconds(std::min(*claim->seconds, kLastSecond)));
}

bool IsFor(const Token& token, const std::vector<std::string>& audience) {
  const auto claim = token.Find("aud");
  if (!claim) return false;
  return std::any_of(audience.begin(), audience.end(), [&claim](const std::string& one) {
    return claim->text == one ||
           std::find(claim->texts.begin(), claim->texts.end(), one) != claim->texts.end();
  });
}

// The times of a token. A claim that is there and no time is as bad as a wrong one.
Result<base::WallTime> CheckTimes(const Token& token, std::chrono::milliseconds leeway, base::WallTime now) {
  const auto expires = TimeOf(token, "exp");
  if (!expires) return base::Fail(Refuse("never expires").error());
  if (now >= *expires + leeway) return base::Fail(Refuse("has expired; get a new one").error());
  for (const char* name : {"nbf", "iat"}) {
    if (!token.Find(name)) continue;
    const auto from = TimeOf(token, name);
    if (!from || now + leeway < *from) return base::Fail(Refuse("is not valid yet").error());
  }
  return *expires + leeway;
}

// A claim that is one text, or a list of one.
Result<std::string> TextOf(const Token& token, const std::string& name) {
  if (name.empty()) return std::string();
  auto claim = token.Find(name);
  if (!claim) return std::string();
  if (!claim->text.empty()) return std::move(claim->text);
  if (claim->texts.size() == 1) return std::move(claim->texts.front());
  return base::Fail(Refuse("has a claim '" + name + "' that is not one text").error());
}

}  // namespace

Result<store::KeyRecord> ReadClaims(const Token& token, const config::OidcSettings& settings,
                                    base::WallTime now) {
  const auto issuer = token.Find("iss");
  if (!issuer || issuer->text != settings.issuer) return base::Fail(Refuse("is of another issuer").error());
  if (!IsFor(token, settings.audience)) return base::Fail(Refuse("is for another audience").error());
  const auto expires = CheckTimes(token, settings.leeway, now);
  if (!expires) return base::Fail(expires.error());
  const auto subject = token.Find("sub");
  if (!subject || subject->text.empty()) return base::Fail(Refuse("has no subject").error());

  store::NewKey key;
  const std::pair<const std::string&, std::string*> wanted[] = {{settings.claims.org, &key.org},
                                                                {settings.claims.team, &key.team},
                                                                {settings.claims.project, &key.project},
                                                                {settings.claims.user, &key.user}};
  for (const auto& [name, text] : wanted) {
    auto read = TextOf(token, name);
    if (!read) return base::Fail(std::move(read).error());
    *text = std::move(*read);
  }
  if (key.user.empty() && !settings.claims.user.empty()) {
    return base::Fail(Refuse("has no claim '" + settings.claims.user + "', which says the user").error());
  }
  if (key.team.empty()) {
    return base::Fail(Refuse("has no claim '" + settings.claims.team + "', which says the team").error());
  }
  if (const auto valid = store::CheckKey(key, now); !valid) {
    return base::Fail(Refuse("has a claim that is not usable: " + valid.error().detail).error());
  }
  const store::KeyHash hash = store::SecretHasher().Hash(settings.issuer + "\n" + subject->text);
  return store::KeyRecord{
      .expires = *expires,
      .id = "oidc_" + base::Hex(std::string_view(reinterpret_cast<const char*>(hash.data()), kIdBytes)),
      .org = std::move(key.org),
      .team = std::move(key.team),
      .project = std::move(key.project),
      .user = std::move(key.user),
      .created = now,
      .models = settings.models};
}

}  // namespace gateway
