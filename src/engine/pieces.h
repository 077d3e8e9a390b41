#pragma once

#include <cstdint>
#include <string_view>

namespace engine {

// How a tokenizer cuts text into pieces, before it looks for tokens within each. The numbers stand in files.
enum class Cutting : std::uint32_t {
  kCl100k = 1,
  kO200k = 2,
  kDeepSeek = 3,
  kQwen3 = 4,
  kQwen35 = 5,
};
inline constexpr std::uint32_t kCuttings = 5;

// The end of the piece that begins at `at`, as the tokenizer's published pattern would match it. What follows
// `end` is not seen, as if the text ended there. `stretch` is for the function alone, to remember how far it
// has looked ahead: nullptr at the beginning of a text, then as it was left.
// REQUIRES: at < end; well-formed UTF-8; `at` is where the text begins or its last piece ended.
using NextPiece = const char* (*)(const char* at, const char* end, const char*& stretch);

// Cutting a text takes time in proportion to its length, whatever it holds.
NextPiece PiecesOf(Cutting cutting);

}  // namespace engine
