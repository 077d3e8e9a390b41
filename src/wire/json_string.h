#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// The inside of a JSON string that a JsonCursor has passed: escapes are known to be well formed.

namespace wire {

// Appends the text that `inside` means, as UTF-8. A surrogate without its other half becomes U+FFFD.
void AppendUnescaped(std::string& out, std::string_view inside);

// Whether `inside` means `text`. Allocates nothing unless `inside` has escapes.
bool UnescapedEquals(std::string_view inside, std::string_view text);

// The longest beginning of `inside` that is at most `bytes_max` long and cuts no escape and no character in
// two. A pair of escaped surrogates may be cut between its halves.
std::string_view CutInside(std::string_view inside, std::size_t bytes_max);

// Characters (Unicode code points) that `inside` means.
std::size_t CountCharacters(std::string_view inside);

}  // namespace wire
