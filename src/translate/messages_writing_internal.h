#pragma once

#include <string_view>

#include "translate/form.h"
#include "translate/json_out.h"
#include "translate/losses.h"
#include "translate/messages_models_internal.h"
#include "translate/messages_thinking_internal.h"
#include "translate/translate.h"

// What the writers of Anthropic Messages share.

namespace translate::internal {

// Of one request: what it is written with.
struct MessagesWriting {
  const Request& request;
  const Target& target;
  const MessagesModel& model;
  const ThinkingPlan& plan;
  Losses& losses;

  bool ToDeepseek() const { return target.flavour == chat::Flavour::kDeepseek; }
};

// Writes the members `messages` and `system`.
void WriteMessagesTurns(const MessagesWriting& writing, JsonOut& json);

// Writes the members `tools` and `tool_choice`.
void WriteMessagesTools(const MessagesWriting& writing, JsonOut& json);

// Nothing but spaces and line ends, however they are spelled: Messages refuses such texts.
bool IsBlank(JsonText text);

// A breakpoint of the prompt cache as the next member.
void WriteBreakpoint(const MessagesWriting& writing, std::string_view cache_raw, JsonOut& json);

// The id of a call as Messages takes it: letters, digits, _ and -. Another is made for one that is anything
// else.
void WriteMessagesCallId(JsonText id, JsonOut& json);

// `part` (kImage, kDocument) as a block of its own. False and nothing written, what is wrong being noted: it
// cannot be said.
bool WriteMedia(const MessagesWriting& writing, const Part& part, JsonOut& json);

}  // namespace translate::internal
