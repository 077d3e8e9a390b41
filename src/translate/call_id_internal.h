#pragma once

#include <cstddef>
#include <string>

#include "translate/json_text.h"

namespace translate::internal {

// Bytes of the id of a tool's call that each API takes.
inline constexpr std::size_t kChatCallIdMax = 40;  // OpenAI's; other servers ask for no limit
inline constexpr std::size_t kResponsesCallIdMax = 64;
inline constexpr std::size_t kMessagesCallIdMax = 64;  // no limit is documented: that of ids we make

// The id that stands for one that an API does not take, for its length or its letters: a part of its hash, so
// that the call and its result name each other in every turn. Letters, digits and one dash.
std::string MadeCallId(JsonText id, std::size_t max);

}  // namespace translate::internal
