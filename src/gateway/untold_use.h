#pragma once

#include <cstdint>

#include "gateway/record.h"

namespace gateway {

// What a call has used whose provider told nothing of it.
enum class UntoldUse : std::uint8_t {
  kNothing,  // it never reached its provider, was refused, or failed there: that costs nothing
  kCounted,  // its prompt, and of its answer what has come: whoever leaves a stream ends it, and what
             // generates nothing is its prompt
  kUnknown,  // an answer was made, or was being made, of which nobody will ever know how long it is
};

// Of a call by what became of it. `answered`: the client has got its answer, or as much of it as came. Where
// no call was made, or its usage stands in the note, kNothing.
UntoldUse UntoldUseOf(const AttemptNote& note, bool answered);

// The same of the last call that was made for a request: candidates that were passed over after it say
// nothing of it. `answered` as above.
UntoldUse UntoldUseOf(const RequestRecord& record, bool answered);

// Whether the numbers of a stream are only those of its beginning: Messages tell the tokens of the answer at
// its end.
bool TellsOnlyBeginning(const RequestRecord& record);

}  // namespace gateway
