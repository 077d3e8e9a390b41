#include "engine/safe_cut.h"

#include "base/ascii.h"

namespace engine {
namespace {

bool IsLetter(char c) {
  return base::IsAlnum(c) && !base::IsDigit(c);
}

// A Chinese character ends right before `at`: three bytes, U+5000 to U+8FFF.
bool EndsIdeograph(std::string_view text, std::size_t at) {
  if (at < 3) return false;
  const auto lead = static_cast<unsigned char>(text[at - 3]);
  return lead >= 0xE5 && lead <= 0xE8;
}

bool IsSafeCut(std::string_view text, std::size_t at) {
  if (text[at] == ' ') return IsLetter(text[at - 1]);
  const std::string_view mark = text.substr(at, 3);
  return (mark == "，" || mark == "。") && EndsIdeograph(text, at);
}

}  // namespace

std::size_t LastSafeCut(std::string_view text) {
  for (std::size_t at = text.size(); at-- > 1;) {
    if (IsSafeCut(text, at)) return at;
  }
  return 0;
}

}  // namespace engine
