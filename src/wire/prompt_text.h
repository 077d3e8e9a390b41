#pragma once

#include <cstdint>
#include <string>

#include "wire/request.h"

namespace wire {

// What a model reads of a request, as far as it is text: for counting its tokens where the provider does not.
struct PromptText {
  std::string text;           // of all messages, instructions and tools, one behind the other
  std::int64_t messages = 0;  // whose form costs tokens, too; instructions count as one
  bool complete = true;  // false: there are pictures, files, sounds or tools, whose form nobody publishes
};

// Linear in the body. REQUIRES: the request was read from its body.
PromptText ReadPromptText(const RequestView& request);

}  // namespace wire
