#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "sim/ask.h"

namespace sim {

struct ToolCall {
  std::string name;
  std::string arguments;  // JSON; of a custom tool any text
  bool custom = false;
};

// What the model would say, before limits and stop sequences cut it.
struct Composed {
  std::string text;
  std::vector<ToolCall> calls;  // instead of a text
};

// An answer that depends on the question: arithmetic is computed, lists are lists, code is Python that
// compiles, Chinese is answered in Chinese, JSON fits its schema. The same ask and generator state give the
// same answer.
Composed Compose(const Ask& ask, std::size_t prompt_index, base::Random& random);

// What it would think first.
std::string ComposeReasoning(const Ask& ask, base::Random& random);

}  // namespace sim
