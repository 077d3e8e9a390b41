#pragma once

#include <string>
#include <string_view>

#include "translate/translate.h"
#include "wire/sse.h"

namespace translate {

// A frame of a stream whose data is `payload`, which outlives it.
inline wire::SseFrame FrameOf(const std::string& payload) {
  wire::SseFrame frame;
  frame.kind = payload == "[DONE]" ? wire::SseKind::kDone : wire::SseKind::kData;
  frame.bytes = frame.payload = payload;
  return frame;
}

// The least that a caller may ask in its own dialect.
inline std::string_view LeastAsked(chat::Operation caller) {
  return caller == chat::Operation::kResponses
             ? R"({"model":"m","input":"q"})"
             : R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}]})";
}

// An answer of `provider`, a maker's own, to `request`, which outlives it.
inline Between Answered(const Request& request, chat::Operation provider) {
  return {
      .request = request,
      .provider = provider,
      .flavour = provider == chat::Operation::kMessages ? chat::Flavour::kAnthropic : chat::Flavour::kOpenai,
      .now = 1,
      .request_id = "req_1"};
}

}  // namespace translate
