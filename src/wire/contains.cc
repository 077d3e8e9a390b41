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
  while (text.size() >= to_last + 16) {
    const __m128i begins = _mm_cmpeq_epi8(load(text.data()), first);
    const __m128i ends = _mm_cmpeq_epi8(load(text.data() + to_last), last);
    auto both = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(begins, ends)));
    for (; both != 0; both &= both - 1) {
      const auto at = static_cast<std::size_t>(std::countr_zero(both));
      if (std::memcmp(text.data() + at, needle.data(), needle.size()) == 0) return true;
    }
    text.remove_prefix(16);
  }
#endif
  return text.find(needle) != std::string_view::npos;
}

}  // namespace wire
