#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "net/raw_socket_internal.h"

namespace net {
namespace {

constexpr timeval kPatience{10, 0};

sockaddr_in OnLoopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// The number at the front of `text`, 0 when there is none.
std::size_t Number(std::string_view text, int radix) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, radix);
  return value;
}

}  // namespace

RawSocket RawSocket::ConnectTo(std::uint16_t port, int receive_buffer) {
  RawSocket client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (receive_buffer > 0) {
    setsockopt(client.fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  setsockopt(client.fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  setsockopt(client.fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  const sockaddr_in address = OnLoopback(port);
  if (connect(client.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) client.Close();
  return client;
}

RawSocket::RawSocket(RawSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ahead_(std::move(other.ahead_)), was_reset_(other.was_reset_) {}

RawSocket& RawSocket::operator=(RawSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(ahead_, other.ahead_);
  std::swap(was_reset_, other.was_reset_);
  return *this;
}

bool RawSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string RawSocket::ReadSome() {
  if (!ahead_.empty()) return std::exchange(ahead_, {});
  std::string bytes(64 * 1024, '\0');
  const ssize_t received = recv(fd_, bytes.data(), bytes.size(), 0);
  if (received < 0 && errno == ECONNRESET) was_reset_ = true;
  bytes.resize(received > 0 ? static_cast<std::size_t>(received) : 0);
  return bytes;
}

std::string RawSocket::ReadUntil(std::string_view marker) {
  std::string bytes;
  std::size_t found = std::string::npos;
  while ((found = bytes.find(marker)) == std::string::npos) {
    const std::string more = ReadSome();
    if (more.empty()) return bytes;
    bytes += more;
  }
  ahead_ = bytes.substr(found + marker.size());
  bytes.resize(found + marker.size());
  return bytes;
}

std::string RawSocket::ReadExactly(std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    const std::string more = ReadSome();
    if (more.empty()) return bytes;
    bytes += more;
  }
  ahead_ = bytes.substr(count);
  bytes.resize(count);
  return bytes;
}

std::string RawSocket::ReadToEnd() {
  std::string bytes;
  while (true) {
    const std::string more = ReadSome();
    if (more.empty()) return bytes;
    bytes += more;
  }
}

RawSocket::Answer RawSocket::ReadAnswer(bool has_body) {
  Answer answer;
  answer.head = ReadUntil("\r\n\r\n");
  if (answer.head.size() < 12) return answer;
  answer.status = static_cast<int>(Number(std::string_view(answer.head).substr(9, 3), 10));
  if (!has_body) return answer;
  if (const auto at = answer.head.find("content-length: "); at != std::string::npos) {
    answer.body = ReadExactly(Number(std::string_view(answer.head).substr(at + 16), 10));
  } else if (answer.head.find("transfer-encoding: chunked") != std::string::npos) {
    while (true) {
      const std::size_t size = Number(ReadUntil("\r\n"), 16);
      const std::string chunk = ReadExactly(size + 2);
      if (size == 0 || chunk.size() < size) break;
      answer.body += chunk.substr(0, size);
    }
  } else {
    answer.body = ReadToEnd();
  }
  return answer;
}

void RawSocket::FinishSending() {
  shutdown(fd_, SHUT_WR);
}

void RawSocket::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void RawSocket::Reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  Close();
}

RawListener::RawListener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = OnLoopback(0);
  socklen_t size = sizeof address;
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  CHECK(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CHECK(listen(fd_, 64) == 0);
  CHECK(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() {
  close(fd_);
}

RawSocket RawListener::Accept() {
  RawSocket accepted(accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  setsockopt(accepted.fd(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  setsockopt(accepted.fd(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  return accepted;
}

}  // namespace net
