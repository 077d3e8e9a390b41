#include "engine/char_class.h"

#include "engine/char_class_internal.h"

namespace engine {
namespace {

// The variation selectors, the only characters of a class beyond the table.
bool IsMarkBeyond(char32_t code) {
  return code >= 0xE0100 && code < 0xE01F0;
}

}  // namespace

CharClass ClassOf(char32_t code) {
  if (code < kClassTableEnd) return static_cast<CharClass>(ClassEntry(code) & ~kNfcBit);
  return IsMarkBeyond(code) ? CharClass::kMark : CharClass::kOther;
}

bool MayChangeInNfc(char32_t code) {
  return code < kClassTableEnd && (ClassEntry(code) & kNfcBit) != 0;
}

}  // namespace engine
