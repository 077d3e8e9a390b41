#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sim {

// Whose words an answer is given in. Path and model decide: /chat/completions and its relatives are OpenAI's
// or DeepSeek's, /responses is OpenAI's, /messages is Anthropic's, and under /anthropic it is DeepSeek's copy
// of it.
enum class Dialect : std::uint8_t { kOpenai, kDeepseek, kResponses, kAnthropic, kDeepseekMessages };

constexpr bool SpeaksMessages(Dialect dialect) {
  return dialect == Dialect::kAnthropic || dialect == Dialect::kDeepseekMessages;
}

constexpr bool IsDeepseek(Dialect dialect) {
  return dialect == Dialect::kDeepseek || dialect == Dialect::kDeepseekMessages;
}

// The provider of that name: openai, deepseek or anthropic.
constexpr std::optional<Dialect> ParseDialect(std::string_view name) {
  if (name == "openai") return Dialect::kOpenai;
  if (name == "deepseek") return Dialect::kDeepseek;
  if (name == "anthropic") return Dialect::kAnthropic;
  return std::nullopt;
}

}  // namespace sim
