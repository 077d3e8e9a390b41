#include "sim/signature.h"

#include "base/encoding.h"
#include "sim/hash.h"

namespace sim {
namespace {

constexpr std::string_view kSealHead = "gAAAAAB";

}  // namespace

std::string SignThinking(std::uint64_t seed, std::string_view thinking) {
  std::string bytes = "sim-thinking";
  for (std::uint64_t part = 0; part < 8; ++part) {
    const std::uint64_t hash = HashBytes(thinking, Mix(seed ^ Mix(part + 1)));
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(hash >> shift & 0xff));
  }
  return base::Base64(bytes);
}

std::string Seal(std::uint64_t seed, std::string_view nonce) {
  return std::string(kSealHead).append(nonce).append(SignThinking(seed, nonce));
}

bool IsSealed(std::uint64_t seed, std::string_view sealed) {
  if (!sealed.starts_with(kSealHead) || sealed.size() < kSealHead.size() + kSealNonceSize) return false;
  return sealed == Seal(seed, sealed.substr(kSealHead.size(), kSealNonceSize));
}

}  // namespace sim
