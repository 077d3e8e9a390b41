#pragma once

#include <sys/uio.h>

#include <span>

#include "base/result.h"
#include "net/address.h"
#include "net/descriptor_internal.h"

// TCP sockets as this room wants them: they never block, no other program inherits them, and what is sent
// leaves at once.

namespace net {

// A socket that is bound and listens. `shared`: others may listen on the same port beside it, and the kernel
// spreads the connections over them (SO_REUSEPORT). Error: kIo.
base::Result<Descriptor> ListenOn(const Address& address, int backlog, bool shared);

// The address that a socket is bound to.
Address BoundTo(int socket);

// The next connection that has come to a listening socket, and from where. Empty when there is none or the
// system refuses; errno tells which.
Descriptor AcceptFrom(int listener, Address& peer);

// A socket that has begun to connect: when that is over it is writable, and Connected tells how it ended.
// Errors of both: kUnreachable.
base::Result<Descriptor> BeginConnect(const Address& address);
base::Result<void> Connected(int socket);

// Sends as much of the pieces, which follow one another, as the socket takes: bytes, or -1 and errno.
ssize_t SendPieces(int socket, std::span<iovec> pieces);

}  // namespace net
