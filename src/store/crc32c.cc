#include "store/crc32c.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace store {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // 0x1edc6f41 with its bits reversed

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

// tables[k][b]: what the byte b leaves behind, k further bytes later.
constexpr Table MakeTables() {
  Table tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = rest;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}
constexpr Table kTables = MakeTables();

std::uint64_t Word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

#if defined(__x86_64__)

[[gnu::target("sse4.2")]] std::uint32_t ByInstruction(std::string_view bytes, std::uint32_t before) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint64_t rest = ~before;
  for (; end - at >= 8; at += 8) rest = _mm_crc32_u64(rest, Word(at));
  auto low = static_cast<std::uint32_t>(rest);
  for (; at != end; ++at) low = _mm_crc32_u8(low, static_cast<unsigned char>(*at));
  return ~low;
}

bool HasInstruction() {
  static const bool has = __builtin_cpu_supports("sse4.2") != 0;
  return has;
}

#endif

}  // namespace

std::uint32_t Crc32cByTable(std::string_view bytes, std::uint32_t before) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint32_t rest = ~before;
  for (; end - at >= 8; at += 8) {
    const std::uint64_t word = Word(at) ^ rest;
    rest = 0;
    for (std::size_t i = 0; i < 8; ++i) rest ^= kTables[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; at != end; ++at) rest = (rest >> 8) ^ kTables[0][(rest ^ static_cast<unsigned char>(*at)) & 0xff];
  return ~rest;
}

std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before) {
#if defined(__x86_64__)
  if (HasInstruction()) return ByInstruction(bytes, before);
#endif
  return Crc32cByTable(bytes, before);
}

}  // namespace store
