#include "engine/text_classes.h"

#include "base/ascii.h"

namespace engine {
namespace {

constexpr std::uint8_t kContinuation = 0xFF;
constexpr std::uint8_t kSpaces = 0xFE;  // ' ', whose class depends on what follows

constexpr std::uint8_t ByteClass(unsigned byte) {
  const auto is = [](TextClass which) { return static_cast<std::uint8_t>(which); };
  const char c = static_cast<char>(byte);
  if (byte < 0x80) {
    if (base::IsDigit(c)) return is(TextClass::kDigit);
    if (base::IsAlnum(c)) return is(TextClass::kLetter);
    if (c == ' ') return kSpaces;
    if (c == '\t' || c == '\n' || c == '\r') return is(TextClass::kBlank);
    return is(TextClass::kMark);
  }
  if (byte < 0xC0) return kContinuation;
  if (byte < 0xE0) return is(TextClass::kShort);
  if (byte >= 0xE3 && byte <= 0xE9) return is(TextClass::kCjk);  // U+3000 to U+9FFF
  return byte < 0xF8 ? is(TextClass::kLong) : is(TextClass::kMark);
}

constexpr std::array<std::uint8_t, 256> kByteClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned byte = 0; byte < 256; ++byte) classes[byte] = ByteClass(byte);
  return classes;
}();

// Full-width forms (U+FF00 to U+FFEF) and the ideographs of the second plane begin like other characters.
bool IsCjkBeyond(std::string_view rest) {
  if (rest.size() < 2) return false;
  const auto lead = static_cast<std::uint8_t>(rest[0]);
  const auto next = static_cast<std::uint8_t>(rest[1]);
  return (lead == 0xEF && next >= 0xBC) || (lead == 0xF0 && next >= 0xA0 && next < 0xB0);
}

}  // namespace

void TextClasses::Add(std::string_view text) {
  bytes_ += static_cast<std::int64_t>(text.size());
  const auto count = [this](TextClass which) { ++counts_[static_cast<std::size_t>(which)]; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t kind = kByteClasses[static_cast<std::uint8_t>(text[i])];
    if (kind == kContinuation) continue;
    if (kind == kSpaces) {
      if (before_ == Before::kSpace) count(TextClass::kBlank);
      before_ = Before::kSpace;
      continue;
    }
    TextClass which = static_cast<TextClass>(kind);
    if (which == TextClass::kLetter) {
      if (before_ != Before::kLetter) count(TextClass::kWord);
      before_ = Before::kLetter;
    } else {
      if (which == TextClass::kLong && IsCjkBeyond(text.substr(i))) which = TextClass::kCjk;
      before_ = Before::kOther;
    }
    count(which);
  }
}

TextClasses& TextClasses::operator+=(const TextClasses& other) {
  for (std::size_t i = 0; i < kTextClasses; ++i) counts_[i] += other.counts_[i];
  bytes_ += other.bytes_;
  before_ = Before::kOther;
  return *this;
}

}  // namespace engine
