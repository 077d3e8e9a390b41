#pragma once

#include <cstdint>
#include <string_view>

namespace store {

// CRC-32C (Castagnoli), as in iSCSI, ext4 and SSE 4.2; of nothing it is 0. `before` is the checksum of what
// stood before `bytes`. By the processor's own instruction where it has one.
std::uint32_t Crc32c(std::string_view bytes, std::uint32_t before = 0);

// The same in plain C++.
std::uint32_t Crc32cByTable(std::string_view bytes, std::uint32_t before = 0);

}  // namespace store
