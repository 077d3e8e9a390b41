#pragma once

#include <string_view>

#include <tl/expected.hpp>

#include "sim/ask.h"
#include "sim/breakpoint_cache.h"
#include "sim/messages_prompt.h"

namespace sim {

// A request of /messages, as far as the simulator acts on it. Views lie in the body.
struct MessagesAsk {
  Ask ask;
  Prompt prompt;
};

// Reads a request of /messages or /messages/count_tokens. Of BadRequest only the message is used: it begins
// with the member that is wrong.
tl::expected<MessagesAsk, BadRequest> ReadMessagesAsk(std::string_view body, const MessagesRules& rules);

}  // namespace sim
