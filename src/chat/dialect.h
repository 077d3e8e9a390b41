#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace chat {

// Whose habits a provider follows. Requests and answers have the same shape in both; they differ in how
// cached input is spelled, in finish reasons, in error codes and in how the provider limits its callers.
enum class Dialect : std::uint8_t { kOpenai, kDeepseek };

constexpr std::string_view Name(Dialect dialect) {
  switch (dialect) {
    case Dialect::kOpenai:
      return "openai";
    case Dialect::kDeepseek:
      return "deepseek";
  }
  return {};
}

// The dialect of that name, as Name() writes it; nothing else is one.
constexpr std::optional<Dialect> ParseDialect(std::string_view name) {
  for (const Dialect dialect : {Dialect::kOpenai, Dialect::kDeepseek}) {
    if (name == Name(dialect)) return dialect;
  }
  return std::nullopt;
}

}  // namespace chat
