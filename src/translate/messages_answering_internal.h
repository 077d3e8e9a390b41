#pragma once

#include <optional>
#include <string_view>

#include "chat/usage.h"
#include "translate/form.h"
#include "translate/json_out.h"
#include "translate/losses.h"
#include "translate/messages_reading_internal.h"

// What readers and writers of whole answers in Messages share with those of streams.

namespace translate::internal {

// What `stop_reason` and `stop_sequence` say.
Finish ReadMessagesFinish(JsonText word, JsonText sequence);

// Names the provider's word for the end if Messages has none for it: it is then told as another one.
void NameMessagesFinish(const Finish& finish, Losses& losses);

// The members `stop_reason` and `stop_sequence`. `calls`: the answer holds calls of tools; `refusal`: it
// holds the text of a refusal.
void WriteMessagesFinish(const Finish& finish, bool calls, bool refusal, JsonOut& json);

// The `usage` object of a whole answer or of a stream's end. Unknown usage is zeros: clients read the member
// unasked. Input that was read from or written to the cache is not part of input_tokens there.
void WriteMessagesUsage(const std::optional<chat::Usage>& usage, std::string_view service_tier,
                        JsonOut& json);

// The word of Messages for the capacity that served the answer; empty: there is none.
std::string_view MessagesTier(JsonText tier);

// What a `usage` object says beside tokens: into `tier`, and what nobody models among the others.
bool ReadUsageExtras(MessagesReading& reading, const wire::JsonValue& usage, JsonText& tier);

// The input of a call as the JSON object that it is there. Arguments that are none, which can only come from
// a model that has gone astray, become its one member `arguments`: the value if they are JSON, else the text.
// False if so; a custom tool's free text is meant to.
bool WriteCallInput(const Part& call, JsonOut& json);

// One annotation of chat completions or Responses as a citation; one of Messages stays as it is. False, and
// nothing is written, if it points at no web page. What Anthropic seals in such a citation is marked as
// nobody's (carried.h), so that it can be told from one of its own.
bool WriteMessagesCitation(std::string_view annotation, JsonOut& json);

// A text as the inside of a JSON string, as arguments travel in events. Appends.
void AppendInside(std::string& out, std::string_view text);

}  // namespace translate::internal
