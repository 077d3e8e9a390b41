#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "wire/answer_reader.h"

namespace wire::internal {

// An `error` member; none for null and what says nothing.
std::optional<ErrorFacts> ReadErrorFacts(const JsonValue& value);

// Reads an answer of the Messages dialect, or the payload of one event of its streams.
base::Result<AnswerFacts> ReadMessages(std::string_view text, TextSink* sink);

}  // namespace wire::internal
