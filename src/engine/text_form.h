#pragma once

#include <string>
#include <string_view>

namespace engine {

// `text` with U+FFFD for what is not UTF-8: one for each longest beginning of a character, else for each
// byte, as Python and the browsers read it.
std::string RepairUtf8(std::string_view text);

// Whether ComposeNfc may change anything; true is a guess on the safe side.
// REQUIRES: well-formed UTF-8.
bool MayNeedNfc(std::string_view text);

// `text` in normal form C of Unicode 16.0. Time grows with the length as n log n at most: also where all of
// it is one long run of combining marks.
// REQUIRES: well-formed UTF-8.
std::string ComposeNfc(std::string_view text);

}  // namespace engine
