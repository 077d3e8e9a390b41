#pragma once

#include <cstddef>
#include <string_view>

namespace engine {

// The last place in `text` where every tokenizer begins a new piece, whatever follows (a space after a
// letter, a comma or full stop after a Chinese character); 0 where there is none.
std::size_t LastSafeCut(std::string_view text);

}  // namespace engine
