#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "config/complaint.h"

// What the kinds of settings are made with.

namespace config {

inline constexpr std::string_view kText = R"("type":"string")";

// The members of the JSON Schema of a text that matches `pattern`.
inline std::string Pattern(std::string_view pattern) {
  std::string out = std::string(kText) + R"(,"pattern":)";
  base::AppendJsonString(out, pattern);
  return out;
}

// A setter from a parser: stores what `parse` makes of the text.
template <class T, class Parse>
auto Store(T& value, Parse parse) {
  return [&value, parse](std::string_view text) -> std::optional<Complaint> {
    auto parsed = parse(text);
    if (!parsed) return std::move(parsed.error());
    value = std::move(*parsed);
    return std::nullopt;
  };
}

template <class T, class Parse>
auto Append(std::vector<T>& values, Parse parse) {
  return [&values, parse](std::string_view text) -> std::optional<Complaint> {
    auto parsed = parse(text);
    if (!parsed) return std::move(parsed.error());
    values.push_back(std::move(*parsed));
    return std::nullopt;
  };
}

}  // namespace config
