#include <utility>

#include "admin/routes_internal.h"
#include "base/ascii.h"
#include "base/json_text.h"
#include "config/units.h"
#include "store/key_json.h"

namespace admin {
namespace {

using base::Result;
using store::KeyStatus;

Result<> ReadNetworks(const std::vector<std::string>& texts, std::vector<store::Network>& networks) {
  for (const std::string& text : texts) {
    auto network = store::Network::Parse(text);
    if (!network) return base::Fail(base::Code::kInvalid, "networks: " + network.error().detail);
    networks.push_back(*network);
  }
  return {};
}

Result<store::NewKey> ReadNewKey(const Ask& ask, base::WallTime now) {
  store::NewKey key;
  std::string expires;
  std::vector<std::string> networks;
  const std::pair<std::string_view, std::string*> texts[] = {
      {"team", &key.team}, {"org", &key.org},   {"project", &key.project},
      {"user", &key.user}, {"name", &key.name}, {"expires", &expires}};
  const auto read = ReadBody(ask.body, [&](std::string_view name, const wire::JsonValue& value) {
    Result<> done;
    for (const auto& [known, text] : texts) {
      if (known != name) continue;
      done = ReadText(name, value, *text);
      return done ? Result<bool>(true) : Result<bool>(base::Fail(done.error()));
    }
    if (name != "models" && name != "networks") return Result<bool>(false);
    done = ReadTexts(name, value, name == "models" ? key.models : networks);
    return done ? Result<bool>(true) : Result<bool>(base::Fail(done.error()));
  });
  if (!read) return base::Fail(read.error());
  if (auto done = ReadNetworks(networks, key.networks); !done) return base::Fail(std::move(done).error());
  if (!expires.empty()) {
    const auto instant = ReadInstant(expires, now);
    if (!instant) {
      return base::Fail(base::Code::kInvalid, "expires: a time such as 2027-01-31T00:00:00Z, or 90d");
    }
    key.expires = *instant;
  }
  return key;
}

Reply KeyReply(const Office& office, const store::KeyRecord& key, std::string_view secret = {}) {
  return {.body = store::KeyJson(key, office.clock.WallNow(), secret)};
}

Result<std::optional<KeyStatus>> ReadStatus(const std::string& text) {
  if (text.empty()) return std::optional<KeyStatus>();
  for (const KeyStatus status : {KeyStatus::kActive, KeyStatus::kRevoked, KeyStatus::kExpired}) {
    if (Name(status) == text) return std::optional(status);
  }
  return base::Fail(base::Code::kInvalid, "status: active, revoked or expired");
}

}  // namespace

Reply ListKeys(Office& office, const Ask& ask) {
  constexpr std::string_view kOnce[] = {"team", "project", "user", "status", "after", "limit"};
  const auto given = Parameters::Read(ask.query, kOnce);
  if (!given) return Refuse(given.error());
  const auto status = ReadStatus(given->Get("status"));
  if (!status) return Refuse(status.error());
  const auto limit = given->Count("limit", kPageUsual, store::kKeyPageMax);
  if (!limit) return Refuse(limit.error());
  const auto keys = office.keys.List({.team = given->Get("team"),
                                      .project = given->Get("project"),
                                      .user = given->Get("user"),
                                      .status = *status,
                                      .after = given->Get("after"),
                                      .limit = *limit});
  if (!keys && keys.error().code == base::Code::kNotFound) {
    return Refuse(Trouble::kInvalidRequest, "after: " + keys.error().detail);
  }
  if (!keys) return Refuse(keys.error());
  const base::WallTime now = office.clock.WallNow();
  base::JsonObject body;
  body.AddRaw("keys",
              base::JsonList(*keys, [now](const store::KeyRecord& key) { return store::KeyJson(key, now); }));
  keys->size() == *limit ? body.Add("next", keys->back().id) : body.AddNull("next");
  return {.body = body.Take()};
}

Reply CreateKey(Office& office, const Ask& ask) {
  const auto key = ReadNewKey(ask, office.clock.WallNow());
  if (!key) return Refuse(key.error());
  const auto created = office.keys.Create(*key, ask.who);
  if (!created) return Refuse(created.error());
  Reply reply = KeyReply(office, created->record, created->secret);
  reply.status = 201;
  return reply;
}

Reply GetKey(Office& office, const Ask& ask) {
  const auto key = office.keys.Get(ask.id);
  return key ? KeyReply(office, *key) : Refuse(key.error());
}

Reply RevokeKey(Office& office, const Ask& ask) {
  const auto read = ReadTextMembers(ask.body, {});
  if (!read) return Refuse(read.error());
  const auto key = office.keys.Revoke(ask.id, ask.who);
  return key ? KeyReply(office, *key) : Refuse(key.error());
}

Reply RotateKey(Office& office, const Ask& ask) {
  std::string overlap = "24h";
  const auto read = ReadTextMembers(ask.body, {{"overlap", &overlap}});
  if (!read) return Refuse(read.error());
  const auto duration = config::ParseDuration(overlap);
  if (!duration) return Refuse(Trouble::kInvalidRequest, "overlap: a time such as 24h or 0s");
  const auto rotated = office.keys.Rotate(ask.id, *duration, ask.who);
  return rotated ? KeyReply(office, rotated->record, rotated->secret) : Refuse(rotated.error());
}

}  // namespace admin
