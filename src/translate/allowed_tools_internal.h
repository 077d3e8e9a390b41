#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "chat/endpoint.h"
#include "translate/json_text.h"

namespace translate::internal {

// A choice of some of the tools, which both dialects of OpenAI have, each with its own nesting.
struct AllowedTools {
  JsonText mode{};  // auto or required
  struct Tool {
    bool custom = false;
    JsonText name{};
  };
  std::vector<Tool> tools{};
};

// Reads `choice`, a tool_choice of kChat or kResponses. None if it is another choice, or names tools that
// only its own dialect has.
std::optional<AllowedTools> ReadAllowedTools(chat::Operation from, std::string_view choice);

}  // namespace translate::internal
