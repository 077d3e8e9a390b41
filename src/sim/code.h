#pragma once

#include <string>
#include <string_view>

#include "sim/topic.h"

namespace sim {

// Python for a prompt that asks for it or begins one. The code always compiles; for well-known tasks
// (factorial, primes, reversing, sums ...) it also does what was asked, otherwise it returns a plain value of
// the annotated type.

// A chat answer: a fenced block with the whole function, imports included.
std::string WriteCode(std::string_view question, const Topic& topic);

// What follows `prompt` in a file: the indented body of the function it ends in.
std::string ContinueCode(std::string_view prompt);

// What stands between `prompt` and `suffix`.
std::string FillCode(std::string_view prompt, std::string_view suffix);

}  // namespace sim
