#pragma once

#include <string>
#include <string_view>

#include "chat/endpoint.h"
#include "chat/flavour.h"
#include "translate/form.h"

namespace translate {

// A sealed thought can only be read by the provider that wrote it, and has to be given back to it unchanged
// in later turns. While the conversation is held in another dialect it travels in that dialect's own field
// for such seals (Messages: `signature`, `data`; Responses: `encrypted_content`), marked with whose it is:
//
//   sluice.openai.<item id>.<encrypted_content>
//   sluice.anthropic.<signature>          sluice.anthropic-redacted.<data>
//   sluice.of.<name>.<item id>.<seal>     sluice.of-redacted.<name>..<data>
//                                         a provider that speaks the dialect of a family without being of it
//   sluice.plain.                         a thought of a provider that seals nothing
//
// A seal without a mark is that of the family whose dialect it stands in; those of other providers that speak
// it (DeepSeek's copy of Messages, a server with Responses) are marked also where nothing is translated, see
// marked.h. The marks also show which parts of a
// conversation a provider must not be given when the conversation comes back to its own dialect.
inline constexpr std::string_view kMark = "sluice.";

// The seal of `part` (kReasoning) as it is written in a dialect whose own seals are `own`'s: unmarked when it
// is its own. Not escaped further: the inside of a JSON string stays one.
std::string Seal(const Part& part, Mind own);

// By what name a provider's thoughts are marked: empty if it is of the family whose dialect it answers
// `operation` in, whose seals go without, and for chat, which has none. `provider` is what the gateway's
// config calls it. Letters, digits and _ - ~ only.
std::string MakerOf(chat::Operation operation, chat::Flavour flavour, std::string_view provider);

// What stands in front of the seals of `maker`, which is not empty, where they are passed in its own dialect.
std::string MarkOf(std::string_view maker);

// Who made the dialect of `operation`, as far as its seals go: chat has none.
Mind FamilyOf(chat::Operation operation);

// Whether `part` (kReasoning) was thought by the provider called `maker`, as MakerOf says, that is asked by
// `operation`.
bool IsOwnThought(const Part& part, chat::Operation operation, std::string_view maker);

// Reads `seal`, found in a dialect whose own seals are `own`'s, into `part`: signature, mind, id, redacted.
// The views lie in `seal`.
void Unseal(JsonText seal, Mind own, Part& part);

}  // namespace translate
