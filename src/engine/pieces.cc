#include "engine/pieces.h"

#include <array>
#include <cstddef>

#include "base/ascii.h"
#include "base/check.h"
#include "engine/char_class.h"

// The patterns are alternations, tried in order at each place. Written by hand they need no backtracking
// beyond what is said at each function.

namespace engine {
namespace {

constexpr ClassSet kMarks = SetOf(CharClass::kMark);
constexpr ClassSet kNumbers = SetOf(CharClass::kNumber);
constexpr ClassSet kNewlines = SetOf(CharClass::kNewline);
constexpr ClassSet kPunctAndSymbols = SetOf(CharClass::kPunct, CharClass::kSymbol);
// Neither space nor letter nor number.
constexpr ClassSet kRest = SetOf(CharClass::kOther, CharClass::kMark, CharClass::kPunct, CharClass::kSymbol);

struct Seen {
  CharClass which;
  std::size_t bytes;
};

constexpr CharClass AsciiClass(unsigned char byte) {
  const char c = static_cast<char>(byte);
  if (c == '\r' || c == '\n') return CharClass::kNewline;
  if (c == ' ' || (c >= '\t' && c <= '\r')) return CharClass::kSpace;
  if (byte < ' ' || byte == 0x7F) return CharClass::kOther;
  if (base::IsDigit(c)) return CharClass::kNumber;
  if (base::IsAlnum(c)) return c < 'a' ? CharClass::kUpper : CharClass::kLower;
  const bool symbol = std::string_view("$+<=>^`|~").find(c) != std::string_view::npos;
  return symbol ? CharClass::kSymbol : CharClass::kPunct;
}

constexpr std::array<CharClass, 128> kAscii = [] {
  std::array<CharClass, 128> classes{};
  for (std::size_t byte = 0; byte < classes.size(); ++byte) {
    classes[byte] = AsciiClass(static_cast<unsigned char>(byte));
  }
  return classes;
}();

Seen See(const char* at) {
  const auto byte = static_cast<unsigned char>(*at);
  if (byte < 0x80) return {kAscii[byte], 1};
  const Character character = CharacterAt(at);
  return {ClassOf(character.code), character.bytes};
}

bool Begins(const char* at, const char* end, ClassSet set) {
  return at != end && In(See(at).which, set);
}

// The end of the characters of `set` at `at`, of `most` of them where that is given.
const char* Run(const char* at, const char* end, ClassSet set, int most = -1) {
  for (; at != end && most != 0; --most) {
    const Seen seen = See(at);
    if (!In(seen.which, set)) break;
    at += seen.bytes;
  }
  return at;
}

// (?i:'s|'t|'re|'ve|'m|'ll|'d): its end, or `at` where there is none. Without case, s is also the long s.
const char* Contraction(const char* at, const char* end) {
  if (end - at < 2 || *at != '\'') return at;
  const char first = base::LowerAscii(at[1]);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
  if (end - at < 3) return at;
  const char second = base::LowerAscii(at[2]);
  const bool pair =
      (first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l');
  const bool long_s = at[1] == '\xC5' && at[2] == '\xBF';
  return pair || long_s ? at + 3 : at;
}

// The last three alternatives, on whitespace: up to the last line end in it; else all of it but the character
// before something else; else that one. `ends_whole`: at the end of the text it is one piece, line ends or
// not.
const char* Whitespace(const char* at, const char* end, bool ends_whole) {
  const char* behind_newline = nullptr;
  const char* last = at;
  const char* next = at;
  while (next != end) {
    const Seen seen = See(next);
    if (!In(seen.which, kSpaces)) break;
    last = next;
    next += seen.bytes;
    if (seen.which == CharClass::kNewline) behind_newline = next;
  }
  if (next == end && ends_whole) return next;
  if (behind_newline != nullptr) return behind_newline;
  return next == end || last == at ? next : last;
}

//  ?[set]+[\r\n]*: its end, or nullptr.
const char* Punctuation(const char* at, const char* end, ClassSet set) {
  const char* begin = *at == ' ' ? at + 1 : at;
  const char* behind = Run(begin, end, set);
  return behind == begin ? nullptr : Run(behind, end, kNewlines);
}

// cl100k_base and what was made after it:
//   (contraction)|[^\r\n\p{L}\p{N}]?[letters]+|\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|whitespace
// A character that may stand before letters and is one of them itself begins no other piece than the letters.
struct Plain {
  ClassSet letters;
  int digits;
  bool ends_whole;
};

template <Plain plain>
const char* NextPlain(const char* at, const char* end, const char*&) {
  if (const char* behind = Contraction(at, end); behind != at) return behind;
  const Seen seen = See(at);
  if (In(seen.which, plain.letters)) return Run(at, end, plain.letters);
  if (seen.which == CharClass::kNumber) return Run(at, end, kNumbers, plain.digits);
  if (seen.which != CharClass::kNewline && Begins(at + seen.bytes, end, plain.letters)) {
    return Run(at + seen.bytes, end, plain.letters);
  }
  if (const char* behind = Punctuation(at, end, kRest & ~plain.letters)) return behind;
  return Whitespace(at, end, plain.ends_whole);
}

constexpr Plain kCl100k = {.letters = kLetters, .digits = 3, .ends_whole = true};
constexpr Plain kQwen3 = {.letters = kLetters, .digits = 1, .ends_whole = false};
constexpr Plain kQwen35 = {.letters = kLetters | kMarks, .digits = 1, .ends_whole = false};

// o200k_base: capitals before small letters, where letters without case and marks are both.
constexpr ClassSet kCapital = SetOf(CharClass::kUpper, CharClass::kLetter, CharClass::kMark);
constexpr ClassSet kSmall = SetOf(CharClass::kLower, CharClass::kLetter, CharClass::kMark);

// [capital]*[small]+: its end, or nullptr. Where no small letter follows the capitals, they give back as many
// as it takes to end in one that is small too.
const char* CapitalsThenSmall(const char* at, const char* end) {
  const char* behind_small = nullptr;
  while (at != end) {
    const Seen seen = See(at);
    if (!In(seen.which, kCapital)) {
      return In(seen.which, kSmall) ? Run(at, end, kSmall) : behind_small;
    }
    at += seen.bytes;
    if (In(seen.which, kSmall)) behind_small = at;
  }
  return behind_small;
}

// Both alternatives for words, each with and without a character before the letters; nullptr where none fits.
const char* O200kWord(const char* at, const char* end, Seen seen) {
  const bool leads = !In(seen.which, kLetters | kNumbers | kNewlines);
  const char* const letters = at + seen.bytes;
  if (leads) {
    if (const char* behind = CapitalsThenSmall(letters, end)) return behind;
  }
  if (const char* behind = CapitalsThenSmall(at, end)) return behind;
  if (leads && Begins(letters, end, kCapital)) return Run(letters, end, kCapital);
  return In(seen.which, kCapital) ? Run(at, end, kCapital) : nullptr;
}

const char* NextO200k(const char* at, const char* end, const char*&) {
  const Seen seen = See(at);
  if (const char* word = O200kWord(at, end, seen)) return Contraction(word, end);
  if (seen.which == CharClass::kNumber) return Run(at, end, kNumbers, 3);
  const char* begin = *at == ' ' ? at + 1 : at;
  const char* behind = Run(begin, end, kRest);
  if (behind != begin) {
    while (behind != end && (*behind == '\r' || *behind == '\n' || *behind == '/')) ++behind;
    return behind;
  }
  return Whitespace(at, end, false);
}

// DeepSeek cuts out numbers first, then runs of Chinese characters and kana; the rest in between is cut as if
// each stretch of it was a text of its own.
bool IsChineseOrKana(char32_t code) {
  return (code >= 0x4E00 && code <= 0x9FA5) || (code >= 0x3040 && code <= 0x30FF);
}

// Where the stretch ends that begins at `at`.
const char* StretchEnd(const char* at, const char* end) {
  while (at != end) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 0x80) {
      if (kAscii[byte] == CharClass::kNumber) return at;
      ++at;
      continue;
    }
    const Character character = CharacterAt(at);
    if (IsChineseOrKana(character.code) || ClassOf(character.code) == CharClass::kNumber) return at;
    at += character.bytes;
  }
  return at;
}

bool IsAsciiLetter(char c) {
  return base::IsAlnum(c) && !base::IsDigit(c);
}

bool IsAsciiPunct(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > ' ' && byte < 0x7F && !base::IsAlnum(c);
}

constexpr ClassSet kWordChars = kLetters | kMarks;

// Of a stretch: [punct][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|whitespace.
// Returns nullptr for a character that none of them matches.
const char* InStretch(const char* at, const char* end) {
  if (IsAsciiPunct(*at) && at + 1 != end && IsAsciiLetter(at[1])) {
    for (++at; at != end && IsAsciiLetter(*at);) ++at;
    return at;
  }
  const Seen seen = See(at);
  if (In(seen.which, kWordChars)) return Run(at, end, kWordChars);
  if (!In(seen.which, kPunctAndSymbols | kNewlines) && Begins(at + seen.bytes, end, kWordChars)) {
    return Run(at + seen.bytes, end, kWordChars);
  }
  if (const char* behind = Punctuation(at, end, kPunctAndSymbols)) return behind;
  return In(seen.which, kSpaces) ? Whitespace(at, end, false) : nullptr;
}

const char* NextDeepSeek(const char* at, const char* end, const char*& stretch) {
  const Seen seen = See(at);
  if (seen.which == CharClass::kNumber) return Run(at, end, kNumbers, 3);
  if (seen.bytes == 3 && IsChineseOrKana(CharacterAt(at).code)) {
    while (end - at >= 3 && See(at).bytes == 3 && IsChineseOrKana(CharacterAt(at).code)) at += 3;
    return at;
  }
  if (stretch == nullptr || stretch <= at) stretch = StretchEnd(at, end);
  if (const char* behind = InStretch(at, stretch)) return behind;
  // What no alternative matches stays together, up to the next place where one does.
  do {
    at += See(at).bytes;
  } while (at != stretch && InStretch(at, stretch) == nullptr);
  return at;
}

}  // namespace

NextPiece PiecesOf(Cutting cutting) {
  switch (cutting) {
    case Cutting::kCl100k:
      return NextPlain<kCl100k>;
    case Cutting::kO200k:
      return NextO200k;
    case Cutting::kDeepSeek:
      return NextDeepSeek;
    case Cutting::kQwen3:
      return NextPlain<kQwen3>;
    case Cutting::kQwen35:
      return NextPlain<kQwen35>;
  }
  CHECK(false);
}

}  // namespace engine
