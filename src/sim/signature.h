#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sim {

// What a provider gives with a block of thinking, so that the block can be known again when it comes back in
// a later turn: base64, for whom it is given opaque. Two simulators with different seeds are two providers,
// and neither takes the other's.
std::string SignThinking(std::uint64_t seed, std::string_view thinking);

// The encrypted thoughts of /responses: known again by their seal alone. `nonce` is 16 characters.
inline constexpr std::size_t kSealNonceSize = 16;
std::string Seal(std::uint64_t seed, std::string_view nonce);
bool IsSealed(std::uint64_t seed, std::string_view sealed);

}  // namespace sim
