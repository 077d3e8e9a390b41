#pragma once

#include <cstdint>
#include <string_view>

namespace chat {

// Why a model stopped.
enum class FinishReason : std::uint8_t {
  kNone,                  // it has not said yet
  kStop,                  // it was done, or met a stop sequence
  kLength,                // the output limit or the context was full
  kToolCalls,             // it wants tools to be called
  kContentFilter,         // the provider cut it off
  kInsufficientResource,  // DeepSeek ran out of capacity in mid-answer: a failure inside a 200, yet billed
  kOther,                 // a word that is not in this list
};

constexpr std::string_view Name(FinishReason reason) {
  switch (reason) {
    case FinishReason::kNone:
      return "none";
    case FinishReason::kStop:
      return "stop";
    case FinishReason::kLength:
      return "length";
    case FinishReason::kToolCalls:
      return "tool_calls";
    case FinishReason::kContentFilter:
      return "content_filter";
    case FinishReason::kInsufficientResource:
      return "insufficient_system_resource";
    case FinishReason::kOther:
      return "other";
  }
  return {};
}

}  // namespace chat
