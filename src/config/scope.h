#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/complaint.h"

namespace config {

// By what of a request it is decided which account it is charged to.
enum class ScopeKind : std::uint8_t { kOrg, kTeam, kProject, kKey, kUser, kTag, kProvider, kModel, kSession };
inline constexpr std::size_t kScopeKinds = 9;

std::string_view Name(ScopeKind kind);  // org, team, ...

// Whose spending or calls a rule counts, as it is written: `team/support` is one account, `team/*` one for
// each team, `org` alone one for all that passes. A tag is `tag/app=checkout`; `tag/app=*` has one account
// for each value of `app`, `tag/*` one for each tag. A model is `model/deepseek/deepseek-flash`, a name that
// applications ask for `model/assistant`; `model/*` is each model that answers.
struct ScopePattern {
  ScopeKind kind = ScopeKind::kOrg;
  std::string value;  // what the account is of; of `tag/app=*` it is `app=`; empty: nothing was written
  bool each = false;  // each that begins with `value` has an account of its own

  static Parsed<ScopePattern> Parse(std::string_view text);
  std::string Print() const;
  friend auto operator<=>(const ScopePattern&, const ScopePattern&) = default;
};

}  // namespace config
