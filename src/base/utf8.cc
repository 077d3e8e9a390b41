#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace base {
namespace {

bool Continues(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

constexpr std::size_t kAsciiStep = 32;

// Bytes of `text` from the front that are ASCII, counted in steps.
std::size_t AsciiRun(const char* text, std::size_t size) {
  std::size_t i = 0;
  for (; i + kAsciiStep <= size; i += kAsciiStep) {
    std::uint64_t words[4];
    static_assert(sizeof words == kAsciiStep);
    std::memcpy(words, text + i, sizeof words);
    if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080) != 0) break;
  }
  return i;
}

// One sequence after the other; the twin that the vector code is tested against.
bool IsUtf8BySequences(std::string_view text) {
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

#if defined(__x86_64__)

// 32 bytes at once, after Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte" (2021).
// Every error within two neighbouring bytes shows in three half-bytes: both of the first and the upper one of
// the second. Each half-byte has a table of the errors that it allows; an error that all three allow is one.
// That leaves the third and fourth bytes, which must be continuations exactly where a lead two or three bytes
// before asks for them; two continuations in a row are "allowed" as an error that has to be asked for.
enum Utf8Error : std::uint8_t {
  kTooShort = 1 << 0,   // a lead, and then no continuation
  kTooLong = 1 << 1,    // ASCII, and then a continuation
  kOverlong3 = 1 << 2,  // e0 80..9f
  kTooLarge = 1 << 3,   // f4 90..bf, f5..ff 90..bf
  kSurrogate = 1 << 4,  // ed a0..bf
  kOverlong2 = 1 << 5,  // c0..c1
  kOverlong4 = 1 << 6,  // f0 80..8f, and f5..ff 80..8f
  kTwoContinuations = 1 << 7,
};

using HalfByteTable = std::array<std::uint8_t, 16>;

constexpr HalfByteTable FirstUpper() {
  HalfByteTable table{};
  for (std::size_t half = 0; half < 8; ++half) table[half] = kTooLong;
  for (std::size_t half = 8; half < 12; ++half) table[half] = kTwoContinuations;
  table[0xc] = kTooShort | kOverlong2;
  table[0xd] = kTooShort;
  table[0xe] = kTooShort | kOverlong3 | kSurrogate;
  table[0xf] = kTooShort | kTooLarge | kOverlong4;
  return table;
}

constexpr HalfByteTable FirstLower() {
  HalfByteTable table{};
  table.fill(kTooShort | kTooLong | kTwoContinuations);
  table[0x0] |= kOverlong2 | kOverlong3 | kOverlong4;
  table[0x1] |= kOverlong2;
  table[0x4] |= kTooLarge;
  for (std::size_t half = 5; half < 16; ++half) table[half] |= kTooLarge | kOverlong4;
  table[0xd] |= kSurrogate;
  return table;
}

constexpr HalfByteTable SecondUpper() {
  HalfByteTable table{};
  table.fill(kTooShort);
  table[0x8] = kTooLong | kTwoContinuations | kOverlong2 | kOverlong3 | kOverlong4;
  table[0x9] = kTooLong | kTwoContinuations | kOverlong2 | kOverlong3 | kTooLarge;
  table[0xa] = kTooLong | kTwoContinuations | kOverlong2 | kSurrogate | kTooLarge;
  table[0xb] = table[0xa];
  return table;
}

constexpr HalfByteTable kFirstUpper = FirstUpper();
constexpr HalfByteTable kFirstLower = FirstLower();
constexpr HalfByteTable kSecondUpper = SecondUpper();

#define SLUICE_AVX2 __attribute__((target("avx2")))

SLUICE_AVX2 inline __m256i Twice(const HalfByteTable& table) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

// Not zero where `block`, which follows `before`, breaks the rules. A sequence cut off by the end of `block`
// is the next block's to judge.
SLUICE_AVX2 inline __m256i Utf8Errors(__m256i block, __m256i before) {
  const __m256i lower_half = _mm256_set1_epi8(0x0f);
  const __m256i across = _mm256_permute2x128_si256(before, block, 0x21);
  const __m256i first = _mm256_alignr_epi8(block, across, 15);  // the byte before each byte
  const __m256i first_upper = _mm256_and_si256(_mm256_srli_epi16(first, 4), lower_half);
  const __m256i first_lower = _mm256_and_si256(first, lower_half);
  const __m256i second_upper = _mm256_and_si256(_mm256_srli_epi16(block, 4), lower_half);
  const __m256i pairs =
      _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(Twice(kFirstUpper), first_upper),
                                        _mm256_shuffle_epi8(Twice(kFirstLower), first_lower)),
                       _mm256_shuffle_epi8(Twice(kSecondUpper), second_upper));
  // The top bit is set where the byte two (three) before is a lead of at least three (four) bytes.
  const __m256i third =
      _mm256_subs_epu8(_mm256_alignr_epi8(block, across, 14), _mm256_set1_epi8(0xe0 - 0x80));
  const __m256i fourth =
      _mm256_subs_epu8(_mm256_alignr_epi8(block, across, 13), _mm256_set1_epi8(0xf0 - 0x80));
  const __m256i asked =
      _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8(static_cast<char>(0x80)));
  return _mm256_xor_si256(asked, pairs);
}

SLUICE_AVX2 bool IsUtf8ByBlocks(std::string_view text) {
  constexpr std::size_t kBlock = sizeof(__m256i);
  __m256i errors = _mm256_setzero_si256();
  __m256i before = _mm256_setzero_si256();
  bool ascii_before = true;
  std::size_t i = 0;
  for (; i + kBlock <= text.size(); i += kBlock) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + i));
    const bool ascii = _mm256_movemask_epi8(block) == 0;
    if (!ascii || !ascii_before) errors = _mm256_or_si256(errors, Utf8Errors(block, before));
    ascii_before = ascii;
    before = block;
  }
  // The rest and at least one zero behind it, so that a sequence without its end is seen.
  alignas(kBlock) char rest[kBlock] = {};
  std::memcpy(rest, text.data() + i, text.size() - i);
  const __m256i block = _mm256_load_si256(reinterpret_cast<const __m256i*>(rest));
  errors = _mm256_or_si256(errors, Utf8Errors(block, before));
  return _mm256_testz_si256(errors, errors) != 0;
}

#undef SLUICE_AVX2

#endif

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

bool IsAscii(std::string_view text) {
  const std::string_view rest = text.substr(AsciiRun(text.data(), text.size()));
  unsigned char bits = 0;
  for (const char c : rest.substr(0, kAsciiStep)) bits |= static_cast<unsigned char>(c);
  return bits < 0x80 && rest.size() < kAsciiStep;
}

bool IsUtf8(std::string_view text) {
#if defined(__x86_64__)
  if (text.size() >= 32 && __builtin_cpu_supports("avx2")) return IsUtf8ByBlocks(text);
#endif
  return IsUtf8BySequences(text);
}

bool IsPrintableUtf8(std::string_view text) {
  return IsUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

void AppendUtf8(std::string& out, std::uint32_t character) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xc0 | character >> 6);
    put(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    put(0xe0 | character >> 12);
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  } else {
    put(0xf0 | character >> 18);
    put(0x80 | (character >> 12 & 0x3f));
    put(0x80 | (character >> 6 & 0x3f));
    put(0x80 | (character & 0x3f));
  }
}

std::string_view CutUtf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  for (std::size_t back = 0; back < 4 && back <= bytes_max; ++back) {
    if ((static_cast<unsigned char>(text[bytes_max - back]) & 0xc0) != 0x80) {
      return text.substr(0, bytes_max - back);
    }
  }
  return text.substr(0, bytes_max);
}

}  // namespace base
