#include "sim/tokenizer.h"

#include "base/ascii.h"
#include "base/utf8.h"

namespace sim {
namespace {

constexpr std::size_t kLettersMax = 7;
constexpr std::size_t kDigitsMax = 3;
constexpr std::size_t kCjkMax = 2;
constexpr std::size_t kMarksMax = 4;
constexpr std::size_t kBlanksMax = 16;

bool IsLetter(char c) {
  return base::IsAlnum(c) && !base::IsDigit(c);
}
bool IsBlank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
bool IsAscii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

// Bytes of one character; bytes that are no UTF-8 count one by one.
std::size_t CharacterLength(std::string_view text) {
  const std::size_t length = base::Utf8SequenceLength(text);
  return length == 0 ? 1 : length;
}

// Three-byte sequences from U+3040 to U+9FFF, and Hangul.
bool IsCjk(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  return lead >= 0xE3 && lead <= 0xED && CharacterLength(text) == 3;
}

template <class Test>
std::size_t Run(std::string_view text, std::size_t from, std::size_t count_max, Test test) {
  std::size_t end = from;
  while (end < text.size() && end - from < count_max && test(text[end])) ++end;
  return end;
}

}  // namespace

std::size_t TokenLength(std::string_view text) {
  if (IsBlank(text[0])) {
    const bool one_before_text = text[0] == ' ' && text.size() > 1 && IsAscii(text[1]) && !IsBlank(text[1]);
    if (!one_before_text) return Run(text, 1, kBlanksMax - 1, [&](char c) { return c == text[0]; });
  }
  const std::size_t at = text[0] == ' ' && text.size() > 1 ? 1 : 0;
  const char first = text[at];
  if (IsLetter(first)) return Run(text, at, kLettersMax, IsLetter);
  if (base::IsDigit(first)) return Run(text, at, kDigitsMax, base::IsDigit);
  if (IsAscii(first)) return Run(text, at, kMarksMax, [first](char c) { return c == first; });
  std::size_t end = 0;
  for (std::size_t i = 0; i < kCjkMax && end < text.size() && IsCjk(text.substr(end)); ++i) {
    end += CharacterLength(text.substr(end));
  }
  return end > 0 ? end : CharacterLength(text);
}

std::size_t CountTokens(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(TokenLength(text));
  return count;
}

std::vector<std::string_view> SplitTokens(std::string_view text) {
  std::vector<std::string_view> tokens;
  tokens.reserve(text.size() / 4 + 1);
  while (!text.empty()) {
    tokens.push_back(text.substr(0, TokenLength(text)));
    text.remove_prefix(tokens.back().size());
  }
  return tokens;
}

std::string_view FirstTokens(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; count > 0 && end < text.size(); --count) end += TokenLength(text.substr(end));
  return text.substr(0, end);
}

}  // namespace sim
