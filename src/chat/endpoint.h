#pragma once

#include <cstdint>
#include <string_view>

#include "chat/dialect.h"

namespace chat {

// What a caller asks a model to do.
enum class Operation : std::uint8_t {
  kChat,         // /v1/chat/completions
  kCompletion,   // /v1/completions, and DeepSeek's prefix and fill-in-the-middle under /beta
  kEmbedding,    // /v1/embeddings: never a stream, and input tokens only
  kResponses,    // /v1/responses
  kMessages,     // /v1/messages
  kCountTokens,  // /v1/messages/count_tokens: generates nothing, costs nothing
};

// The name that telemetry uses: gen_ai.operation.name of the OpenTelemetry conventions, where they have one.
constexpr std::string_view Name(Operation operation) {
  switch (operation) {
    case Operation::kChat:
    case Operation::kResponses:
    case Operation::kMessages:
      return "chat";
    case Operation::kCompletion:
      return "text_completion";
    case Operation::kEmbedding:
      return "embeddings";
    case Operation::kCountTokens:
      return "count_tokens";
  }
  return {};
}

constexpr Dialect DialectOf(Operation operation) {
  switch (operation) {
    case Operation::kChat:
    case Operation::kCompletion:
    case Operation::kEmbedding:
      return Dialect::kOpenai;
    case Operation::kResponses:
      return Dialect::kResponses;
    case Operation::kMessages:
    case Operation::kCountTokens:
      return Dialect::kAnthropic;
  }
  return Dialect::kOpenai;
}

// Whether it generates in a way that every dialect has: such a request can be translated.
constexpr bool IsTranslatable(Operation operation) {
  return operation == Operation::kChat || operation == Operation::kResponses ||
         operation == Operation::kMessages;
}

// Whether an answer may come as a stream.
constexpr bool CanStream(Operation operation) {
  return operation != Operation::kEmbedding && operation != Operation::kCountTokens;
}

}  // namespace chat
