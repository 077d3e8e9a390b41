#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "sim/ask.h"
#include "sim/compose.h"

namespace sim {

// The tool calls that the question deserves; empty when it is to be answered by a text: no tools, tool_choice
// none, or the last message is not the user's. Tools named in the question are all called (one if calls may
// not be parallel), else the one whose name and description share most words with it.
std::vector<ToolCall> ChooseTools(const Ask& ask, base::Random& random);

}  // namespace sim
