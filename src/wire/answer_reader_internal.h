#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "wire/answer_reader.h"

namespace wire::internal {

// An `error` member; none for null and what says nothing.
std::optional<ErrorFacts> ReadErrorFacts(const JsonValue& value);

// Walks the object that the text of `cursor` must be, calling `read_member()` for each member at hand.
template <class ReadMember>
base::Result<> WalkAnswer(JsonCursor& cursor, ReadMember&& read_member) {
  const bool object = cursor.EnterObject();
  while (object && cursor.NextMember()) read_member();
  if (auto end = cursor.End(); !end) return end;
  if (!object) return base::Fail(base::Code::kInvalid, "the answer is JSON but not an object");
  return {};
}

// Reads an answer of the Messages dialect, or the payload of one event of its streams.
base::Result<AnswerFacts> ReadMessages(std::string_view text, TextSink* sink);

// Reads a response object of the Responses dialect.
base::Result<AnswerFacts> ReadResponse(std::string_view text, TextSink* sink);

// Reads the payload of one event of its streams. Text is told by the deltas only, though later events repeat
// it.
base::Result<AnswerFacts> ReadResponseEvent(std::string_view text, TextSink* sink);

}  // namespace wire::internal
