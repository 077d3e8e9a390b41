#include "base/random.h"

#include <sys/random.h>
#include <bit>
#include <cerrno>

#include "base/check.h"

namespace base {
namespace {

// splitmix64 (Steele, Lea and Flood 2014): spreads a seed over the state so that near seeds differ at once.
std::uint64_t SplitMix(std::uint64_t& x) {
  x += 0x9e3779b97f4a7c15;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = SplitMix(seed);
}

std::uint64_t Random::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::Below(std::uint64_t limit) {
  CHECK(limit > 0);
  // Multiply and shift (Lemire 2019), without the rejection step: the bias is below 2^-32 for our limits.
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(Next()) * limit) >> 64);
}

double Random::Uniform() {
  return static_cast<double>(Next() >> 11) * 0x1.0p-53;
}

std::string SecureRandomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = getrandom(bytes.data() + filled, count - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    CHECK(got > 0);  // cannot fail for a valid buffer on a kernel that has the call
    filled += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace base
