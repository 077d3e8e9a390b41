#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

// ASCII text as protocols use it. The C library's functions depend on the locale; these do not.

namespace base {

constexpr char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool IsAlnum(char c) {
  return IsDigit(c) || (LowerAscii(c) >= 'a' && LowerAscii(c) <= 'z');
}

// Eight bytes at once: `word` with its capital letters made small.
constexpr std::uint64_t LowerAsciiWord(std::uint64_t word) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  const std::uint64_t low = word & kEach * 0x7f;
  const std::uint64_t from_a = low + kEach * (0x80 - 'A');
  const std::uint64_t behind_z = low + kEach * (0x7f - 'Z');
  return word | ((from_a ^ behind_z) & ~word & kEach * 0x80) >> 2;
}

template <class Word>
Word WordAt(std::string_view text, std::size_t at) {
  Word word;
  std::memcpy(&word, text.data() + at, sizeof word);
  return word;
}

constexpr bool EqualIgnoringCaseSameSize(std::string_view a, std::string_view b) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::size_t kHalf = sizeof(std::uint32_t);
  if (a.size() < kHalf || std::is_constant_evaluated()) {
    return std::equal(a.begin(), a.end(), b.begin(),
                      [](char x, char y) { return LowerAscii(x) == LowerAscii(y); });
  }
  // Most that are equal are so byte for byte.
  const auto equal = [](std::uint64_t x, std::uint64_t y) {
    return x == y || LowerAsciiWord(x) == LowerAsciiWord(y);
  };
  if (a.size() < kWord) {
    const std::size_t last = a.size() - kHalf;  // the second half may overlap the first
    return equal(WordAt<std::uint32_t>(a, 0), WordAt<std::uint32_t>(b, 0)) &&
           equal(WordAt<std::uint32_t>(a, last), WordAt<std::uint32_t>(b, last));
  }
  const std::size_t last = a.size() - kWord;  // the last word may overlap the one before
  for (std::size_t at = 0; at < last; at += kWord) {
    if (!equal(WordAt<std::uint64_t>(a, at), WordAt<std::uint64_t>(b, at))) return false;
  }
  return equal(WordAt<std::uint64_t>(a, last), WordAt<std::uint64_t>(b, last));
}
// Most pairs differ in length already, so that much is decided where it is asked.
[[gnu::always_inline]] constexpr bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && EqualIgnoringCaseSameSize(a, b);
}

constexpr bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && EqualIgnoringCase(text.substr(0, prefix.size()), prefix);
}

inline std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), LowerAscii);
  return out;
}

// Without the spaces and tabs at both ends (RFC 9110 optional whitespace).
constexpr std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace base
