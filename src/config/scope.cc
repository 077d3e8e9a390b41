#include "config/scope.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/utf8.h"
#include "config/model_ref.h"
#include "config/problem.h"

namespace config {
namespace {

constexpr std::size_t kValueMax = 328;  // bytes: a provider, a slash and a model, or a tag

constexpr std::array<ScopeKind, kScopeKinds> kKinds = {
    ScopeKind::kOrg, ScopeKind::kTeam,     ScopeKind::kProject, ScopeKind::kKey,    ScopeKind::kUser,
    ScopeKind::kTag, ScopeKind::kProvider, ScopeKind::kModel,   ScopeKind::kSession};

std::optional<ScopeKind> KindOf(std::string_view word) {
  for (const ScopeKind kind : kKinds) {
    if (word == Name(kind)) return kind;
  }
  return std::nullopt;
}

tl::unexpected<Complaint> NoKind(std::string_view word, std::string_view rest) {
  std::vector<std::string> names;
  for (const ScopeKind kind : kKinds) names.emplace_back(Name(kind));
  const std::optional<std::string> near = Nearest(word, names);
  const std::string value = rest.empty() || rest.size() > 64 ? "*" : std::string(rest);
  return Refuse("a scope is one of org, team, project, key, user, tag, provider, model or session",
                near ? "write " + *near + (*near == "org" && rest.empty() ? "" : "/" + value)
                     : "write for example team/support, or key/* for each key");
}

Parsed<ScopePattern> ParseTag(std::string_view value) {
  if (value == "*") return ScopePattern{ScopeKind::kTag, "", true};
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos || !IsSettingName(value.substr(0, equals)) ||
      equals + 1 == value.size()) {
    return Refuse("a tag is a name and its value with = between",
                  "write for example tag/app=checkout, or tag/app=* for each value of app");
  }
  if (value.substr(equals + 1) == "*") {
    return ScopePattern{ScopeKind::kTag, std::string(value.substr(0, equals + 1)), true};
  }
  return ScopePattern{ScopeKind::kTag, std::string(value), false};
}

}  // namespace

std::string_view Name(ScopeKind kind) {
  switch (kind) {
    case ScopeKind::kOrg:
      return "org";
    case ScopeKind::kTeam:
      return "team";
    case ScopeKind::kProject:
      return "project";
    case ScopeKind::kKey:
      return "key";
    case ScopeKind::kUser:
      return "user";
    case ScopeKind::kTag:
      return "tag";
    case ScopeKind::kProvider:
      return "provider";
    case ScopeKind::kModel:
      return "model";
    case ScopeKind::kSession:
      return "session";
  }
  return {};
}

Parsed<ScopePattern> ScopePattern::Parse(std::string_view text) {
  if (text == "org") return ScopePattern{};
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view word = text.substr(0, slash);
  const std::string_view value = text.substr(std::min(slash + 1, text.size()));
  const std::optional<ScopeKind> kind = KindOf(word);
  if (!kind) return NoKind(word, value);
  const std::string name(word);
  if (value.empty()) {
    return Refuse("it does not say which " + name, "write " + name + "/NAME, or " + name + "/* for each");
  }
  if (value.size() > kValueMax || !base::IsPrintableUtf8(value)) {
    return Refuse("behind the slash stand 1 to 328 bytes of printable UTF-8",
                  "write for example " + name + "/*");
  }
  if (*kind == ScopeKind::kTag) return ParseTag(value);
  if (value == "*") return ScopePattern{*kind, "", true};
  if (value.find('*') != std::string_view::npos) {
    return Refuse("* stands for a whole name and not for a part of one", "write " + name + "/* for each");
  }
  return ScopePattern{*kind, std::string(value), false};
}

std::string ScopePattern::Print() const {
  std::string out(Name(kind));
  if (value.empty() && !each) return out;
  return out + "/" + value + (each ? "*" : "");
}

}  // namespace config
