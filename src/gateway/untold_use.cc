#include "gateway/untold_use.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "upstream/failure.h"

namespace gateway {
namespace {

namespace failure = upstream::failure;

// Of an answer that was made and did not arrive whole: what generates nothing has used its prompt.
UntoldUse OfLost(const AttemptNote& note) {
  return note.said_as == chat::Operation::kEmbedding ? UntoldUse::kCounted : UntoldUse::kUnknown;
}

// Nothing was heard of it when it was given up on. A stream that its client, the deadline or a drain ends has
// generated what has come, which is nothing; of a whole answer nobody knows how far it was, and neither of
// one that was silent for too long. Where the provider itself closes the connection without a word, it has
// dropped the call as one that it refuses with an error: it delivers nothing, and bills what it delivers.
UntoldUse OfSilent(const AttemptNote& note) {
  constexpr std::array<std::string_view, 3> kEnded = {failure::kCancelled, failure::kDeadline,
                                                      failure::kDraining};
  if (!note.sent) return UntoldUse::kNothing;
  if (note.error == failure::kTimeout) return OfLost(note);
  if (std::find(kEnded.begin(), kEnded.end(), note.error) == kEnded.end()) return UntoldUse::kNothing;
  return note.stream ? UntoldUse::kCounted : OfLost(note);
}

}  // namespace

UntoldUse UntoldUseOf(const AttemptNote& note, bool answered) {
  if (!note.said_as || note.said_as == chat::Operation::kCountTokens || note.usage)
    return UntoldUse::kNothing;
  if (note.status == 0) return OfSilent(note);
  if (note.status < 200 || note.status >= 300 || note.error == failure::kErrorIn200)
    return UntoldUse::kNothing;
  if (note.stream) {
    if (note.error.empty()) return UntoldUse::kCounted;
    // One that breaks before it has said anything was broken by its provider; but while it is silent, and
    // where only we could not translate what it says, it generates.
    const bool goes_on = note.error == failure::kTimeout || note.error == failure::kNotTranslatable;
    return goes_on ? UntoldUse::kUnknown : UntoldUse::kNothing;
  }
  return answered && note.error.empty() ? UntoldUse::kCounted : OfLost(note);
}

UntoldUse UntoldUseOf(const RequestRecord& record, bool answered) {
  if (record.usage) return UntoldUse::kNothing;
  const auto called = std::find_if(record.attempts.rbegin(), record.attempts.rend(),
                                   [](const AttemptNote& note) { return note.said_as.has_value(); });
  return called == record.attempts.rend() ? UntoldUse::kNothing : UntoldUseOf(*called, answered);
}

bool TellsOnlyBeginning(const RequestRecord& record) {
  return record.usage && record.stream && record.said_as == chat::Operation::kMessages &&
         record.finish == chat::FinishReason::kNone;
}

}  // namespace gateway
