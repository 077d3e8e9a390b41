#pragma once

#include <string>
#include <string_view>

#include "translate/form.h"

namespace translate {

// A sealed thought can only be read by the provider that wrote it, and has to be given back to it unchanged
// in later turns. While the conversation is held in another dialect it travels in that dialect's own field
// for such seals (Messages: `signature`, `data`; Responses: `encrypted_content`), marked with whose it is:
//
//   sluice.openai.<item id>.<encrypted_content>
//   sluice.anthropic.<signature>          sluice.anthropic-redacted.<data>
//   sluice.plain.                         a thought of a provider that seals nothing (DeepSeek and others)
//
// A seal without a mark is that of the dialect it stands in. The marks also show which parts of a
// conversation a provider must not be given when the conversation comes back to its own dialect.
inline constexpr std::string_view kMark = "sluice.";

// The seal of `part` (kReasoning) as it is written in a dialect whose own seals are `own`'s: unmarked when it
// is its own. Not escaped further: the inside of a JSON string stays one.
std::string Seal(const Part& part, Mind own);

// Reads `seal`, found in a dialect whose own seals are `own`'s, into `part`: signature, mind, id, redacted.
// The views lie in `seal`.
void Unseal(JsonText seal, Mind own, Part& part);

}  // namespace translate
