#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

// The simulator's own tokens: simple, deterministic, about as long as those of real models. A token is a
// slice of the text, so the tokens of a text joined are the text. They are cut greedily from the left: the
// first k tokens of a text, taken as a text, are again those k tokens.
//
// One token is: up to 7 letters, up to 3 digits or one mark, each with one blank before it if there is one;
// up to 2 CJK characters; one other character; a run of equal marks up to 4; a run of blanks up to 16.

namespace sim {

// Bytes of the first token. REQUIRES: `text` is not empty.
std::size_t TokenLength(std::string_view text);

std::size_t CountTokens(std::string_view text);
std::vector<std::string_view> SplitTokens(std::string_view text);

// The first `count` tokens of `text`.
std::string_view FirstTokens(std::string_view text, std::size_t count);

}  // namespace sim
