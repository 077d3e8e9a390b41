#pragma once

#include <cstdint>
#include <string_view>

namespace sim {

enum class Endpoint : std::uint8_t {
  kChat,
  kCompletion,
  kEmbedding,
  kResponses,
  kMessages,
  kCountTokens,
  kModels,
  kBalance,
  kNone
};

// Where a request goes. Views lie in the path.
struct Route {
  Endpoint endpoint = Endpoint::kNone;
  std::string_view model{};  // of /models/{id}; empty: the list
  bool beta = false;         // under /beta: DeepSeek's prefix and fill-in-the-middle
  bool anthropic = false;    // under /anthropic: DeepSeek's copy of /messages
};

// Each path is served with and without /v1.
Route RouteOf(std::string_view method, std::string_view path);

}  // namespace sim
