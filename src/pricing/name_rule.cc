#include "pricing/name_rule.h"

#include <algorithm>

#include "base/ascii.h"

namespace pricing {
namespace {

bool MatchesPattern(std::string_view pattern, std::string_view name) {
  const bool open = pattern.ends_with('*');
  if (open) pattern.remove_suffix(1);
  if (open ? name.size() < pattern.size() : name.size() != pattern.size()) return false;
  return std::equal(pattern.begin(), pattern.end(), name.begin(),
                    [](char wanted, char c) { return wanted == '#' ? base::IsDigit(c) : wanted == c; });
}

}  // namespace

bool NameRule::Matches(std::string_view name) const {
  const auto one = [name](const NameRule& rule) { return rule.Matches(name); };
  switch (kind) {
    case Kind::kEquals:
      return name == text;
    case Kind::kPrefix:
      return name.starts_with(text);
    case Kind::kSuffix:
      return name.ends_with(text);
    case Kind::kContains:
      return name.find(text) != std::string_view::npos;
    case Kind::kPattern:
      return MatchesPattern(text, name);
    case Kind::kAny:
      return std::any_of(rules.begin(), rules.end(), one);
    case Kind::kAll:
      return std::all_of(rules.begin(), rules.end(), one);
  }
  return false;
}

}  // namespace pricing
