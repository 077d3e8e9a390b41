#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/breakpoint_cache.h"
#include "sim/refusals.h"
#include "sim/response_store.h"
#include "sim/responses_input.h"

namespace sim {

inline constexpr std::int64_t kOutputTokensMin = 16;

// A request of /responses, as far as the simulator acts on it. Views lie in the body.
struct ResponsesAsk {
  Ask ask;
  Prompt prompt;
  Conversation conversation;  // what was kept, and the input behind it
  ResponsesTerms terms;
};

struct ResponsesRules {
  std::uint64_t seed = 1;  // of the seals on encrypted thoughts
  // What is kept under an id: the conversation up to and with a response; one item.
  std::function<std::optional<Conversation>(const std::string& id)> find_response;
  ResponsesInput::FindItem find_item;
};

tl::expected<ResponsesAsk, ErrorReply> ReadResponsesAsk(std::string_view body, const ResponsesRules& rules);

}  // namespace sim
