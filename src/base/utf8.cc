#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace base {
namespace {

bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Bytes of `text` from the front that are ASCII, counted in steps of 32.
std::size_t AsciiRun(const char* text, std::size_t size) {
  std::size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    std::uint64_t words[4];
    std::memcpy(words, text + i, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080) != 0) break;
  }
  return i;
}

}  // namespace

std::size_t Utf8SequenceLength(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  const auto second = text.size() > 1 ? static_cast<unsigned char>(text[1]) : 0u;
  if (lead >= 0xc2 && lead <= 0xdf) return text.size() > 1 && Continues(text[1]) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (text.size() < 3 || !Continues(text[1]) || !Continues(text[2])) return 0;
    if (lead == 0xe0 && second < 0xa0) return 0;  // overlong
    if (lead == 0xed && second > 0x9f) return 0;  // surrogate
    return 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (text.size() < 4 || !Continues(text[1]) || !Continues(text[2]) || !Continues(text[3])) return 0;
    if (lead == 0xf0 && second < 0x90) return 0;  // overlong
    if (lead == 0xf4 && second > 0x8f) return 0;  // above U+10FFFF
    return 4;
  }
  return 0;
}

bool IsUtf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    i += AsciiRun(text.data() + i, text.size() - i);
    // One block of at most 32 bytes by single sequences, then try the fast run again.
    for (const std::size_t end = i + 32; i < text.size() && i < end;) {
      const std::size_t length = Utf8SequenceLength(text.substr(i));
      if (length == 0) return false;
      i += length;
    }
  }
  return true;
}

}  // namespace base
