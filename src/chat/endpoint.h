#pragma once

#include <cstdint>
#include <string_view>

namespace chat {

// What a caller asks a model to do.
enum class Operation : std::uint8_t {
  kChat,        // /v1/chat/completions
  kCompletion,  // /v1/completions, and DeepSeek's prefix and fill-in-the-middle under /beta
  kEmbedding,   // /v1/embeddings: never a stream, and input tokens only
};

// The name that telemetry uses: gen_ai.operation.name of the OpenTelemetry conventions.
constexpr std::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kChat:
      return "chat";
    case Operation::kCompletion:
      return "text_completion";
    case Operation::kEmbedding:
      return "embeddings";
  }
  return {};
}

}  // namespace chat
