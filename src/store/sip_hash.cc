#include "store/sip_hash.h"

#include <bit>
#include <cstddef>
#include <cstring>

namespace store {
namespace {

static_assert(std::endian::native == std::endian::little);

// The first bytes of `text`, at most eight.
std::uint64_t Word(std::string_view text) {
  std::uint64_t word = 0;
  if (text.size() >= sizeof word) {
    std::memcpy(&word, text.data(), sizeof word);
  } else {
    for (std::size_t i = 0; i < text.size(); ++i) {
      word |= std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * i;
    }
  }
  return word;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32) + v3;
    v2 += v1;
    v3 = std::rotl(v3, 21) ^ v0;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void Take(std::uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }
  std::uint64_t Finish() {
    for (int i = 0; i < 4; ++i) Round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

}  // namespace

SipTag SipHash(const SipKey& key, std::string_view text) {
  constexpr std::uint64_t kWide = 0xee;  // tells a tag of 128 bits from one of 64
  State state{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d ^ kWide, key[0] ^ 0x6c7967656e657261,
              key[1] ^ 0x7465646279746573};
  std::string_view rest = text;
  for (; rest.size() >= 8; rest.remove_prefix(8)) state.Take(Word(rest));
  state.Take(std::uint64_t{text.size()} << 56 | Word(rest));
  state.v2 ^= kWide;
  const std::uint64_t low = state.Finish();
  state.v1 ^= 0xdd;
  return {low, state.Finish()};
}

}  // namespace store
