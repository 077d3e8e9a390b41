#include "engine/text_form.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <vector>

#include "base/utf8.h"
#include "engine/char_class.h"
#include "engine/compose_internal.h"

namespace engine {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the longest beginning of a character at the start of `text`, which is not a whole one; at
// least 1.
std::size_t BrokenLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  std::size_t needs = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead < 0xE0) {
    needs = 1;
  } else if (lead >= 0xE0 && lead < 0xF0) {
    needs = 2;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead < 0xF5) {
    needs = 3;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  }
  std::size_t length = 1;
  while (length <= needs && length < text.size()) {
    const auto next = static_cast<unsigned char>(text[length]);
    if (next < low || next > high) break;
    low = 0x80;
    high = 0xBF;
    ++length;
  }
  return length;
}

// Hangul syllables compose and decompose by arithmetic.
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

struct Part {
  char32_t code;
  std::uint8_t combining;
};

std::uint8_t CombiningOf(char32_t code) {
  if (code < 0x300) return 0;
  const auto* range = std::upper_bound(std::begin(kCombiningRanges), std::end(kCombiningRanges), code,
                                       [](char32_t c, const CombiningRange& r) { return c < r.first; });
  if (range == std::begin(kCombiningRanges)) return 0;
  --range;
  return code <= range->last ? range->combining : 0;
}

void Decompose(char32_t code, std::vector<Part>& parts) {
  if (code >= kSyllables && code < kSyllables + kSyllableCount) {
    const char32_t index = code - kSyllables;
    parts.push_back({kLeads + index / (kVowelCount * kTailCount), 0});
    parts.push_back({kVowels + index / kTailCount % kVowelCount, 0});
    if (index % kTailCount != 0) parts.push_back({kTails + index % kTailCount, 0});
    return;
  }
  const auto* found = std::lower_bound(std::begin(kDecompositions), std::end(kDecompositions), code,
                                       [](const Decomposition& d, char32_t c) { return d.composed < c; });
  if (code < 0xC0 || found == std::end(kDecompositions) || found->composed != code) {
    parts.push_back({code, CombiningOf(code)});
    return;
  }
  Decompose(found->first, parts);  // a step leads to at most three more
  if (found->second != 0) Decompose(found->second, parts);
}

std::optional<char32_t> Compose(char32_t first, char32_t second) {
  if (first >= kLeads && first < kLeads + kLeadCount && second >= kVowels && second < kVowels + kVowelCount) {
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
  }
  if (first >= kSyllables && first < kSyllables + kSyllableCount && (first - kSyllables) % kTailCount == 0 &&
      second > kTails && second < kTails + kTailCount) {
    return first + (second - kTails);
  }
  const auto* found = std::lower_bound(std::begin(kCompositions), std::end(kCompositions), first,
                                       [second](const Composition& c, char32_t wanted) {
                                         return c.first != wanted ? c.first < wanted : c.second < second;
                                       });
  if (found == std::end(kCompositions) || found->first != first || found->second != second)
    return std::nullopt;
  return found->composed;
}

// Marks between two characters of combining class 0 stand in the order of their classes.
void Order(std::vector<Part>& parts) {
  for (auto at = parts.begin(); at != parts.end();) {
    if (at->combining == 0) {
      ++at;
      continue;
    }
    const auto end = std::find_if(at, parts.end(), [](const Part& part) { return part.combining == 0; });
    std::stable_sort(at, end, [](const Part& a, const Part& b) { return a.combining < b.combining; });
    at = end;
  }
}

// Joins each part with the starter before it unless one of its own class, or higher, stands between.
void Join(std::vector<Part>& parts) {
  std::size_t kept = 0;
  std::optional<std::size_t> starter;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part part = parts[i];
    const bool touches = starter && kept == *starter + 1;
    const bool blocked = starter && !touches && parts[kept - 1].combining >= part.combining;
    if (starter && !blocked) {
      if (const auto composed = Compose(parts[*starter].code, part.code)) {
        parts[*starter].code = *composed;
        continue;
      }
    }
    if (part.combining == 0) starter = kept;
    parts[kept++] = part;
  }
  parts.resize(kept);
}

void AppendUtf8(std::string& out, char32_t code) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

}  // namespace

std::string RepairUtf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size());
  while (!text.empty()) {
    const std::size_t whole = base::Utf8SequenceLength(text);
    const std::size_t length = whole != 0 ? whole : BrokenLength(text);
    repaired.append(whole != 0 ? text.substr(0, length) : kReplacement);
    text.remove_prefix(length);
  }
  return repaired;
}

bool MayNeedNfc(std::string_view text) {
  constexpr std::uint64_t kNotAscii = 0x8080808080808080;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    // Most of most texts is ASCII, of which nothing changes.
    if (std::uint64_t word = 0; static_cast<std::size_t>(end - at) >= sizeof word) {
      std::memcpy(&word, at, sizeof word);
      if ((word & kNotAscii) == 0) {
        at += sizeof word;
        continue;
      }
    }
    if (static_cast<unsigned char>(*at) < 0x80) {
      ++at;
      continue;
    }
    const Character character = CharacterAt(at);
    if (MayChangeInNfc(character.code)) return true;
    at += character.bytes;
  }
  return false;
}

std::string ComposeNfc(std::string_view text) {
  std::vector<Part> parts;
  parts.reserve(text.size());
  for (const char* at = text.data(); at != text.data() + text.size();) {
    const Character character = CharacterAt(at);
    Decompose(character.code, parts);
    at += character.bytes;
  }
  Order(parts);
  Join(parts);
  std::string composed;
  composed.reserve(text.size());
  for (const Part& part : parts) AppendUtf8(composed, part.code);
  return composed;
}

}  // namespace engine
