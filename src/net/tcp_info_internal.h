#pragma once

#include <cstdint>

namespace net {

// Payload bytes that the peer's kernel has acknowledged on this TCP socket, 0 when the system does not say.
// Apart from the rest because Linux's header with the field clashes with the C library's.
std::uint64_t TcpBytesAcknowledged(int socket);

}  // namespace net
