#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace base {

// A small fast generator (xoshiro256**, Blackman and Vigna 2018, public domain) for jitter, sampling and
// simulation: reproducible from its seed, not for secrets. One per thread; not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t Next();
  std::uint64_t Below(std::uint64_t limit);  // uniform in [0, limit). REQUIRES: limit > 0
  double Uniform();                          // uniform in [0, 1)

 private:
  std::array<std::uint64_t, 4> state_;
};

// `count` bytes from the operating system, for keys and ids.
std::string SecureRandomBytes(std::size_t count);

}  // namespace base
