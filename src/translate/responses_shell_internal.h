#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/usage.h"
#include "translate/form.h"
#include "translate/json_out.h"
#include "translate/translate.h"

// The response object of Responses and the items in it, as whole answers and the events of streams have them.

namespace translate::internal {

// All of a response object but its output: who answered, how it went, and what had been asked, which this
// dialect says again. Made once for an answer; what `between` refers to outlives it.
class Shell {
 public:
  explicit Shell(const Between& between);

  struct Told {
    bool ended = false;
    JsonText model{};
    JsonText service_tier{};
    std::optional<std::int64_t> created{};
    Finish finish{};
    std::optional<chat::Usage> usage{};
  };
  // `output` is the inside of the list of items.
  void Write(const Told& told, std::string_view output, JsonOut& json) const;

  // Ids are made of the request's: `msg_<request>_<n>` for the item at place `n`.
  std::string ItemId(std::string_view prefix, std::size_t place) const;

  // in_progress, completed, incomplete, or failed.
  static std::string_view StatusOf(const Told& told);

 private:
  std::string Asked() const;

  const Between between_;
  const std::string stem_;
  const std::string asked_;  // the members that say again what was asked
};

void WriteResponsesUsage(const chat::Usage& usage, JsonOut& json);

// A part of a message: output_text or refusal. `annotations` is the inside of a list, `logprobs` a list or
// empty.
void WriteContentPart(Part::Kind kind, JsonText text, std::string_view annotations, std::string_view logprobs,
                      JsonOut& json);

// A message up to its list of parts, and what ends it.
void OpenMessage(std::string_view id, std::string_view status, JsonOut& json);
void CloseMessage(JsonOut& json);

// A thought: its text stands where this dialect's clients look for one they may show.
void WriteThought(std::string_view id, std::string_view status, JsonText text, std::string_view seal,
                  JsonOut& json);

// A call, the id of whose item is not the id of the call.
void WriteCallItem(std::string_view id, std::string_view status, const Part& call, JsonOut& json);
std::string_view CallPrefix(bool custom);

// Writes a citation of whichever dialect as an annotation of the first `characters` of its text; false, and
// nothing is written, if this dialect has no such annotation.
bool WriteAnnotation(std::string_view citation, std::size_t characters, JsonOut& json);

}  // namespace translate::internal
