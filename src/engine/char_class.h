#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// Unicode as far as tokenizers look at it: version 16.0, which their makers' own implementations use.

namespace engine {

// General categories, as pre-tokenizers tell them apart.
enum class CharClass : std::uint8_t {
  kOther,    // control, format, private, unassigned
  kUpper,    // Lu, Lt
  kLower,    // Ll
  kLetter,   // Lm, Lo
  kMark,     // M
  kNumber,   // N
  kPunct,    // P
  kSymbol,   // S
  kSpace,    // White_Space but CR and LF
  kNewline,  // CR, LF
};

// A set of classes.
using ClassSet = std::uint32_t;
template <class... Classes>
constexpr ClassSet SetOf(Classes... classes) {
  return ((ClassSet{1} << static_cast<unsigned>(classes)) | ...);
}
constexpr bool In(CharClass which, ClassSet set) {
  return (set >> static_cast<unsigned>(which) & 1) != 0;
}

inline constexpr ClassSet kLetters = SetOf(CharClass::kUpper, CharClass::kLower, CharClass::kLetter);
inline constexpr ClassSet kSpaces = SetOf(CharClass::kSpace, CharClass::kNewline);

// REQUIRES: code <= 0x10FFFF.
CharClass ClassOf(char32_t code);

// False: NFC leaves the character as it is and where it is, whatever stands beside it, as long as what stands
// beside it is of this kind too.
bool MayChangeInNfc(char32_t code);

// One character of well-formed UTF-8.
struct Character {
  char32_t code;
  std::size_t bytes;
};

// REQUIRES: a well-formed sequence at `at`.
inline Character CharacterAt(const char* at) {
  const auto byte = [at](int i) { return static_cast<char32_t>(static_cast<unsigned char>(at[i])); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (lead < 0xF0) return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

}  // namespace engine
