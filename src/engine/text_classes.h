#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace engine {

// What an estimate sees of a text: how many characters of each kind it has.
enum class TextClass : std::uint8_t {
  kWord,    // beginnings of runs of ASCII letters
  kLetter,  // ASCII letters
  kDigit,   // ASCII digits
  kMark,    // other visible ASCII, and control characters
  kBlank,   // ASCII whitespace, but not the single space after which something else than a space begins
  kCjk,     // Chinese characters, kana, their punctuation and full-width forms
  kShort,   // other characters of two bytes in UTF-8: accents, Greek, Cyrillic, Arabic, Hebrew
  kLong,    // other characters of three and four bytes: Hangul, Indic scripts, Thai, emoji
};
inline constexpr std::size_t kTextClasses = 8;

// Counts of a text that may arrive in pieces, cut between characters. A plain value; one thread at a time.
class TextClasses {
 public:
  // Never fails: a byte that begins no character counts as kMark, a missing rest of one is not noticed.
  // About a nanosecond a byte.
  void Add(std::string_view text);

  std::int64_t operator[](TextClass which) const { return counts_[static_cast<std::size_t>(which)]; }
  std::int64_t bytes() const { return bytes_; }

  // The texts together, as two that do not touch.
  TextClasses& operator+=(const TextClasses& other);

 private:
  enum class Before : std::uint8_t { kOther, kLetter, kSpace };

  std::array<std::int64_t, kTextClasses> counts_{};
  std::int64_t bytes_ = 0;
  Before before_ = Before::kOther;
};

}  // namespace engine
