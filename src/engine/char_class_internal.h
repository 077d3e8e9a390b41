#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/char_class.h"

namespace engine {

inline constexpr char32_t kClassBlock = 128;
inline constexpr char32_t kClassTableEnd = 0x32400;

// Of each block of code points, which run of kClassBlock letters in kClasses is its.
extern const std::uint8_t kClassBlocks[kClassTableEnd / kClassBlock];

// 'A' + the class, and 16 more where NFC may change the character.
extern const char kClasses[];

constexpr char kFirstClass = 'A';
constexpr unsigned kNfcBit = 16;

inline unsigned ClassEntry(char32_t code) {
  return static_cast<unsigned>(kClasses[kClassBlocks[code / kClassBlock] * kClassBlock + code % kClassBlock] -
                               kFirstClass);
}

}  // namespace engine
