#include "store/sip_hash.h"

#include <bit>
#include <cstddef>

namespace store {
namespace {

// Compilers make one load of it.
std::uint64_t Little(const char* bytes, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
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
  for (; rest.size() >= 8; rest.remove_prefix(8)) state.Take(Little(rest.data(), 8));
  state.Take(std::uint64_t{text.size()} << 56 | Little(rest.data(), rest.size()));
  state.v2 ^= kWide;
  const std::uint64_t low = state.Finish();
  state.v1 ^= 0xdd;
  return {low, state.Finish()};
}

}  // namespace store
