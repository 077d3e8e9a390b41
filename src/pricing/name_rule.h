#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pricing {

// One way to recognise a model by its name. Names are in small letters on both sides.
struct NameRule {
  enum class Kind {
    kEquals,
    kPrefix,
    kSuffix,
    kContains,
    kPattern,  // the whole name; '#' stands for a digit, '*' at the end for whatever follows
    kAny,
    kAll,
  };
  Kind kind = Kind::kEquals;
  std::string text;             // of the first five
  std::vector<NameRule> rules;  // of the last two

  bool Matches(std::string_view name) const;
};

}  // namespace pricing
