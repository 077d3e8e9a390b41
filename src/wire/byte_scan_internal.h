#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// The two searches that every byte of traffic goes through. Each has a plain twin below it that finishes the
// last bytes and is the whole of it on machines without SSE2; no search reads past `end`.

namespace wire::internal {

inline constexpr std::uint64_t kOnes = 0x0101010101010101;
inline constexpr std::uint64_t kHighs = 0x8080808080808080;

// Not zero if some byte of `word` is `byte`, or comes after one that is.
constexpr std::uint64_t MayContain(std::uint64_t word, unsigned char byte) {
  const std::uint64_t difference = word ^ (kOnes * byte);
  return (difference - kOnes) & ~difference & kHighs;
}

constexpr bool EndsStringRun(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

inline const char* PlainStringRun(const char* at, const char* end, bool& non_ascii) {
  while (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHighs;
    if ((MayContain(word, '"') | MayContain(word, '\\') | below_space) != 0) break;
    non_ascii |= (word & kHighs) != 0;
    at += 8;
  }
  for (; at != end && !EndsStringRun(*at); ++at) non_ascii |= static_cast<unsigned char>(*at) >= 0x80;
  return at;
}

// The first quote, backslash or control character in [at, end), else `end`. Sets `non_ascii` if a byte before
// it is not ASCII; it may also be set by a byte shortly behind it.
inline const char* StringRun(const char* at, const char* end, bool& non_ascii) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1f);
  const auto ends = [&](__m128i block) {
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
    return _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                        control);
  };
  const auto load = [](const char* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
  __m128i seen = _mm_setzero_si128();
  while (end - at >= 16) {
    const __m128i block = load(at);
    seen = _mm_or_si128(seen, block);
    if (const int mask = _mm_movemask_epi8(ends(block)); mask != 0) {
      non_ascii |= _mm_movemask_epi8(seen) != 0;
      return at + std::countr_zero(static_cast<unsigned>(mask));
    }
    at += 16;
    // A long run: four blocks a step.
    while (end - at >= 64) {
      const __m128i a = load(at), b = load(at + 16), c = load(at + 32), d = load(at + 48);
      const __m128i any = _mm_or_si128(_mm_or_si128(ends(a), ends(b)), _mm_or_si128(ends(c), ends(d)));
      if (_mm_movemask_epi8(any) != 0) break;
      seen = _mm_or_si128(seen, _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)));
      at += 64;
    }
  }
  non_ascii |= _mm_movemask_epi8(seen) != 0;
#endif
  return PlainStringRun(at, end, non_ascii);
}

inline constexpr std::size_t kBlock = 16;

// The quotes, backslashes and control characters among the kBlock bytes at `at`, one bit each, the first byte
// lowest. Sets `non_ascii` if one of the bytes is not ASCII.
inline unsigned StringStops(const char* at, bool& non_ascii) {
#if defined(__SSE2__)
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
  const __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
  non_ascii |= _mm_movemask_epi8(block) != 0;
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control)));
#else
  unsigned stops = 0;
  for (unsigned i = 0; i < kBlock; ++i) {
    non_ascii |= static_cast<unsigned char>(at[i]) >= 0x80;
    stops |= static_cast<unsigned>(EndsStringRun(at[i])) << i;
  }
  return stops;
#endif
}

inline const char* PlainLineEnd(const char* at, const char* end) {
  while (end - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    if ((MayContain(word, '\n') | MayContain(word, '\r')) != 0) break;
    at += 8;
  }
  while (at != end && *at != '\n' && *at != '\r') ++at;
  return at;
}

// The first line feed or carriage return in [at, end), else `end`.
inline const char* LineEnd(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i line_feed = _mm_set1_epi8('\n');
  const __m128i carriage_return = _mm_set1_epi8('\r');
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i ends =
        _mm_or_si128(_mm_cmpeq_epi8(block, line_feed), _mm_cmpeq_epi8(block, carriage_return));
    if (const int mask = _mm_movemask_epi8(ends); mask != 0) {
      return at + std::countr_zero(static_cast<unsigned>(mask));
    }
  }
#endif
  return PlainLineEnd(at, end);
}

}  // namespace wire::internal
