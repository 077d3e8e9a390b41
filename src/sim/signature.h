#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sim {

// What a provider gives with a block of thinking, so that the block can be known again when it comes back in
// a later turn: base64, for whom it is given opaque. Two simulators with different seeds are two providers,
// and neither takes the other's.
std::string SignThinking(std::uint64_t seed, std::string_view thinking);

}  // namespace sim
