#include "gateway/attribution.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/utf8.h"
#include "wire/json_scanner.h"

namespace gateway {
namespace {

using base::Code;

bool IsTagName(std::string_view name) {
  return !name.empty() && name.size() <= kTagNameBytesMax &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return base::IsAlnum(c) || c == '.' || c == '_' || c == '-'; });
}

bool IsTagValue(std::string_view value) {
  return !value.empty() && value.size() <= kTagValueBytesMax && base::IsPrintableUtf8(value);
}

base::Result<> ReadWho(std::string_view header, std::string_view value, base::BlockString& who) {
  if (value.empty() || value.size() > kWhoBytesMax || !base::IsPrintableUtf8(value)) {
    return base::Fail(Code::kInvalid, std::string(header) + " must be 1 to " + std::to_string(kWhoBytesMax) +
                                          " bytes of printable UTF-8");
  }
  who = value;
  return {};
}

void TakeWho(std::string_view value, base::BlockString& who) {
  if (who.empty() && base::IsPrintableUtf8(value)) who = base::CutUtf8(value, kWhoBytesMax);
}

}  // namespace

base::Result<> Attribution::ReadFields(const net::Fields& fields) {
  for (const net::Field& field : fields) {
    if (!base::StartsWithIgnoringCase(field.name, "x-sluice-")) continue;
    const std::string_view name = field.name.substr(9);
    base::Result<> read;
    if (base::EqualIgnoringCase(name, "user")) {
      read = bound_ ? CheckBound(field.value) : ReadWho("x-sluice-user", field.value, user_);
    } else if (base::EqualIgnoringCase(name, "session")) {
      read = ReadWho("x-sluice-session", field.value, session_);
    } else if (base::EqualIgnoringCase(name, "tags")) {
      read = ReadTags(field.value);
    }
    if (!read) return read;
  }
  if (const auto user = fields.Find("x-deepseek-harness-user-id")) TakeWho(*user, user_);
  if (const auto session = fields.Find("x-deepseek-harness-session-id")) TakeWho(*session, session_);
  return {};
}

base::Result<> Attribution::CheckBound(std::string_view user) const {
  if (user == user_) return {};
  return base::Fail(Code::kInvalid,
                    "x-sluice-user names another user than the one whom this API key is for; leave it out");
}

base::Result<> Attribution::ReadTags(std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view tag = base::TrimBlanks(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (tag.empty()) continue;
    const std::size_t equals = tag.find('=');
    const std::string_view name = base::TrimBlanks(tag.substr(0, std::min(equals, tag.size())));
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : base::TrimBlanks(tag.substr(equals + 1));
    if (!IsTagName(name) || !IsTagValue(value)) {
      return base::Fail(
          Code::kInvalid,
          "x-sluice-tags is a list such as app=checkout,env=prod: names of letters, digits, '.', "
          "'_' and '-', values without control characters");
    }
    if (Has(name)) {
      return base::Fail(Code::kInvalid, "x-sluice-tags names '" + std::string(name) + "' twice");
    }
    if (tags_.size() >= kTagsMax) {
      return base::Fail(Code::kInvalid, "x-sluice-tags takes at most " + std::to_string(kTagsMax) + " tags");
    }
    tags_.emplace_back(name, value);
  }
  return {};
}

bool Attribution::Has(std::string_view name) const {
  return std::any_of(tags_.begin(), tags_.end(), [name](const Tag& tag) { return tag.first == name; });
}

void Attribution::ReadBody(const wire::RequestView& request) {
  if (!request.user.empty()) TakeWho(request.user, user_);
  if (!request.user_id.empty()) TakeWho(request.user_id, user_);
  if (request.metadata.empty()) return;
  if (chat::DialectOf(request.operation) != chat::Dialect::kAnthropic) return ReadMetadata(request.metadata);
  wire::JsonCursor metadata(request.metadata);
  if (!metadata.EnterObject()) return;
  while (metadata.NextMember()) {
    if (!metadata.KeyIs("user_id")) continue;
    const wire::JsonValue value = metadata.Take();
    if (value.IsString()) TakeWho(value.Text(), user_);
  }
}

void Attribution::ReadMetadata(std::string_view object) {
  wire::JsonCursor metadata(object);
  if (!metadata.EnterObject()) return;
  while (metadata.NextMember()) {
    const std::string_view name = metadata.Key();
    const wire::JsonValue value = metadata.Take();
    if (tags_.size() >= kTagsMax || !value.IsString() || !IsTagName(name) || Has(name)) continue;
    const std::string text = value.Text();
    if (IsTagValue(text)) tags_.emplace_back(name, text);
  }
}

}  // namespace gateway
