#pragma once

#include <cstdint>
#include <string_view>

namespace chat {

// In whose shape requests, answers, streams and errors are written. DeepSeek's own shape is OpenAI's; that it
// spells a few members differently is no dialect.
enum class Dialect : std::uint8_t {
  kOpenai,     // chat completions, completions, embeddings
  kResponses,  // OpenAI Responses: its errors are those of kOpenai, its events are its own
  kAnthropic,  // Messages
};

constexpr std::string_view Name(Dialect dialect) {
  switch (dialect) {
    case Dialect::kOpenai:
      return "openai";
    case Dialect::kResponses:
      return "responses";
    case Dialect::kAnthropic:
      return "anthropic";
  }
  return {};
}

}  // namespace chat
