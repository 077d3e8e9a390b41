#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/endpoint.h"

namespace translate {

// A provider that speaks a family's dialect without being of it (DeepSeek's copy of Messages, a server with
// Responses) seals its thoughts as the family does, and the family refuses them. Nobody can tell them apart
// once they are in a conversation, so they are marked as they pass to a caller of the same dialect (see
// carried.h), and StripForeign takes the mark off again when they come back to their provider.

enum class Said : std::uint8_t { kWhole, kEvent };  // a whole answer, or the payload of one event of a stream

// The text with each seal in it marked as `maker`'s (MakerOf, not empty), all other bytes as they are; a
// thought of Messages without a seal is given one that is only the mark. nullopt, usual and cheap: there is
// no thought in it, or it is no well-formed answer. Linear.
std::optional<std::string> MarkThoughts(chat::Operation operation, std::string_view maker, Said said,
                                        std::string_view json);

}  // namespace translate
