#include "wire/json_string.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/ascii.h"
#include "base/check.h"
#include "base/utf8.h"

namespace wire {
namespace {

std::uint32_t HexValue(char c) {
  return static_cast<std::uint32_t>(base::IsDigit(c) ? c - '0' : base::LowerAscii(c) - 'a' + 10);
}

// The code unit of the \uXXXX at the front of `text`, if there is one.
bool ReadUnit(std::string_view text, std::uint32_t& unit) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return false;
  unit = HexValue(text[2]) << 12 | HexValue(text[3]) << 8 | HexValue(text[4]) << 4 | HexValue(text[5]);
  return true;
}

constexpr bool IsHighSurrogate(std::uint32_t unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
constexpr bool IsLowSurrogate(std::uint32_t unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

struct Escape {
  std::uint32_t character;
  std::size_t length;
};

// The escape at the front of `text`.
Escape ReadEscape(std::string_view text) {
  CHECK(text.size() >= 2);
  switch (text[1]) {
    case 'b':
      return {'\b', 2};
    case 'f':
      return {'\f', 2};
    case 'n':
      return {'\n', 2};
    case 'r':
      return {'\r', 2};
    case 't':
      return {'\t', 2};
    case 'u':
      break;
    default:
      return {static_cast<unsigned char>(text[1]), 2};
  }
  std::uint32_t unit = 0;
  std::uint32_t low = 0;
  CHECK(ReadUnit(text, unit));
  if (IsHighSurrogate(unit) && ReadUnit(text.substr(6), low) && IsLowSurrogate(low)) {
    return {0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 12};
  }
  return {IsHighSurrogate(unit) || IsLowSurrogate(unit) ? 0xfffd : unit, 6};
}

}  // namespace

void AppendUnescaped(std::string& out, std::string_view inside) {
  while (!inside.empty()) {
    const std::size_t plain = std::min(inside.find('\\'), inside.size());
    out.append(inside.substr(0, plain));
    inside.remove_prefix(plain);
    if (inside.empty()) return;
    const Escape escape = ReadEscape(inside);
    base::AppendUtf8(out, escape.character);
    inside.remove_prefix(escape.length);
  }
}

bool UnescapedEquals(std::string_view inside, std::string_view text) {
  if (inside.find('\\') == std::string_view::npos) return inside == text;
  if (inside.size() < text.size()) return false;  // an escape is never shorter than what it means
  std::string plain;
  AppendUnescaped(plain, inside);
  return plain == text;
}

std::string_view CutInside(std::string_view inside, std::size_t bytes_max) {
  if (inside.size() <= bytes_max) return inside;
  std::size_t end = 0;
  while (true) {
    const char first = inside[end];
    std::size_t length = 1;
    if (first == '\\') {
      length = inside[end + 1] == 'u' ? 6 : 2;
    } else if ((static_cast<unsigned char>(first) & 0x80) != 0) {
      while (end + length < inside.size() &&
             (static_cast<unsigned char>(inside[end + length]) & 0xc0) == 0x80) {
        ++length;
      }
    }
    if (end + length > bytes_max) return inside.substr(0, end);
    end += length;
  }
}

std::size_t CountCharacters(std::string_view inside) {
  std::size_t characters = 0;
  while (!inside.empty()) {
    const std::size_t plain = std::min(inside.find('\\'), inside.size());
    for (const char c : inside.substr(0, plain)) characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    inside.remove_prefix(plain);
    if (inside.empty()) break;
    inside.remove_prefix(ReadEscape(inside).length);
    ++characters;
  }
  return characters;
}

}  // namespace wire
