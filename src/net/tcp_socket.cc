#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>

#include "net/tcp_socket_internal.h"

namespace net {
namespace {

// An address as the system's calls take it.
struct SystemAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t size = sizeof v6;

  SystemAddress() : v6{} {}
  explicit SystemAddress(const Address& address) : v6{} {
    if (address.v6) {
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(address.port);
      std::copy(address.bytes.begin(), address.bytes.end(), v6.sin6_addr.s6_addr);
    } else {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(address.port);
      std::copy_n(address.bytes.begin(), sizeof v4.sin_addr, reinterpret_cast<std::uint8_t*>(&v4.sin_addr));
      size = sizeof v4;
    }
  }

  Address Plain() const {
    Address address;
    address.v6 = any.sa_family == AF_INET6;
    address.port = ntohs(address.v6 ? v6.sin6_port : v4.sin_port);
    if (address.v6) {
      std::copy_n(v6.sin6_addr.s6_addr, address.bytes.size(), address.bytes.begin());
    } else {
      std::copy_n(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr), sizeof v4.sin_addr,
                  address.bytes.begin());
    }
    return address;
  }
};

Descriptor Open(const Address& address) {
  return Descriptor(
      socket(address.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
}

bool SwitchOn(const Descriptor& socket, int level, int option) {
  const int on = 1;
  return setsockopt(socket.get(), level, option, &on, sizeof on) == 0;
}

tl::unexpected<base::Error> CannotListen(const Address& address) {
  return base::Fail(base::Code::kIo,
                    "cannot listen on " + address.ToString() + ": " + std::generic_category().message(errno));
}

tl::unexpected<base::Error> CannotConnect(int error) {
  return base::Fail(base::Code::kUnreachable, "cannot connect: " + std::generic_category().message(error));
}

// A short message is put side by side first: the copy costs less than a list that the system has to read.
constexpr std::size_t kCopiedMax = 4'096;

}  // namespace

base::Result<Descriptor> ListenOn(const Address& address, int backlog, bool shared) {
  Descriptor listener = Open(address);
  const SystemAddress where(address);
  if (!listener || !SwitchOn(listener, SOL_SOCKET, SO_REUSEADDR) ||
      (shared && !SwitchOn(listener, SOL_SOCKET, SO_REUSEPORT)) ||
      bind(listener.get(), &where.any, where.size) != 0 || listen(listener.get(), backlog) != 0) {
    return CannotListen(address);
  }
  return listener;
}

Address BoundTo(int socket) {
  SystemAddress where;
  getsockname(socket, &where.any, &where.size);
  return where.Plain();
}

Descriptor AcceptFrom(int listener, Address& peer) {
  SystemAddress from;
  Descriptor accepted(accept4(listener, &from.any, &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted) return accepted;
  SwitchOn(accepted, IPPROTO_TCP, TCP_NODELAY);
  peer = from.Plain();
  return accepted;
}

base::Result<Descriptor> BeginConnect(const Address& address) {
  Descriptor socket = Open(address);
  if (!socket) return CannotConnect(errno);
  SwitchOn(socket, IPPROTO_TCP, TCP_NODELAY);
  const SystemAddress where(address);
  if (connect(socket.get(), &where.any, where.size) != 0 && errno != EINPROGRESS) {
    return CannotConnect(errno);
  }
  return socket;
}

base::Result<void> Connected(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return CannotConnect(error);
  return {};
}

ssize_t SendPieces(int socket, std::span<iovec> pieces) {
  std::size_t bytes = 0;
  for (const iovec& piece : pieces) bytes += piece.iov_len;
  if (pieces.size() > 1 && bytes > kCopiedMax) {
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return ::sendmsg(socket, &message, MSG_NOSIGNAL);
  }
  if (pieces.size() == 1) return ::send(socket, pieces.front().iov_base, bytes, MSG_NOSIGNAL);
  char copy[kCopiedMax];
  char* end = copy;
  for (const iovec& piece : pieces)
    end = std::copy_n(static_cast<const char*>(piece.iov_base), piece.iov_len, end);
  return ::send(socket, copy, bytes, MSG_NOSIGNAL);
}

}  // namespace net
