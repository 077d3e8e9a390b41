#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace sim {

// Spreads the bits of one number over all of them.
constexpr std::uint64_t Mix(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93u;
  return x ^ (x >> 32);
}

// A hash that is the same in every build and on every machine of one byte order. Not against attackers.
inline std::uint64_t HashBytes(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = Mix(seed + 0x9e3779b97f4a7c15u + bytes.size());
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    hash = (hash ^ word) * 0x9fb21c651e98df25u;
    hash ^= hash >> 29;
    bytes.remove_prefix(8);
  }
  std::uint64_t last = 0;
  for (const char c : bytes) last = last << 8 | static_cast<unsigned char>(c);
  return Mix(hash ^ last);
}

}  // namespace sim
