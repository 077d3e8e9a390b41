#include "wire/contains.h"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/check.h"

namespace wire {

bool Contains(std::string_view text, std::string_view needle) {
  CHECK(!needle.empty());
#if defined(__SSE2__)
  const auto load = [](const char* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
  const __m128i first = _mm_set1_epi8(needle.front());
  const __m128i last = _mm_set1_epi8(needle.back());
  const std::size_t to_last = needle.size() - 1;
  const auto ends_match = [&](const char* from) {
    return _mm_and_si128(_mm_cmpeq_epi8(load(from), first), _mm_cmpeq_epi8(load(from + to_last), last));
  };
  const auto begins_among_sixteen = [&](const char* from) {
    auto both = static_cast<unsigned>(_mm_movemask_epi8(ends_match(from)));
    for (; both != 0; both &= both - 1) {
      if (std::memcmp(from + std::countr_zero(both), needle.data(), needle.size()) == 0) return true;
    }
    return false;
  };
  while (text.size() >= to_last + 64) {
    const char* const at = text.data();
    const __m128i any = _mm_or_si128(_mm_or_si128(ends_match(at), ends_match(at + 16)),
                                     _mm_or_si128(ends_match(at + 32), ends_match(at + 48)));
    if (_mm_movemask_epi8(any) != 0 && (begins_among_sixteen(at) || begins_among_sixteen(at + 16) ||
                                        begins_among_sixteen(at + 32) || begins_among_sixteen(at + 48))) {
      return true;
    }
    text.remove_prefix(64);
  }
  while (text.size() >= to_last + 16) {
    if (begins_among_sixteen(text.data())) return true;
    text.remove_prefix(16);
  }
#endif
  return text.find(needle) != std::string_view::npos;
}

}  // namespace wire
