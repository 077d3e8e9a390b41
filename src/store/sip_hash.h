#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace store {

using SipKey = std::array<std::uint64_t, 2>;
using SipTag = std::array<std::uint64_t, 2>;  // the 16 bytes, little-endian

// SipHash-2-4 with a tag of 128 bits (Aumasson and Bernstein 2012): a keyed hash of short texts, about a
// hundred nanoseconds for a secret of ours. Who does not know the key can neither make a text with a given
// tag nor learn anything of a text from its tag.
SipTag SipHash(const SipKey& key, std::string_view text);

}  // namespace store
