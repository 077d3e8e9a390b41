#pragma once

// For tests of this room: the other side of a TLS connection, blocking, on a RawSocket.

#include <openssl/ssl.h>
#include <signal.h>

#include <string>
#include <string_view>
#include <utility>

#include "net/raw_socket_internal.h"
#include "net/tls.h"

namespace net {

class TlsPeer {
 public:
  TlsPeer(RawSocket socket, SslPtr ssl) : socket_(std::move(socket)), ssl_(std::move(ssl)) {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2)
    SSL_set_fd(ssl_.get(), socket_.fd());
  }

  bool Handshake() {
    const bool done = SSL_do_handshake(ssl_.get()) == 1;
    if (!done) TakeTlsError();
    return done;
  }

  bool Send(std::string_view bytes) {
    std::size_t sent = 0;
    while (!bytes.empty() && SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) == 1) {
      bytes.remove_prefix(sent);
    }
    return bytes.empty();
  }

  // Up to the marker, or to the end.
  std::string ReadUntil(std::string_view marker) {
    while (ahead_.find(marker) == std::string::npos) {
      if (!ReadSome()) return std::exchange(ahead_, {});
    }
    const std::size_t size = ahead_.find(marker) + marker.size();
    std::string bytes = ahead_.substr(0, size);
    ahead_.erase(0, size);
    return bytes;
  }
  std::string ReadExactly(std::size_t count) {
    while (ahead_.size() < count && ReadSome()) continue;
    std::string bytes = ahead_.substr(0, count);
    ahead_.erase(0, count);
    return bytes;
  }
  std::string ReadToEnd() {
    while (ReadSome()) continue;
    return std::exchange(ahead_, {});
  }

  void SayGoodbye() { SSL_shutdown(ssl_.get()); }
  void Close() { socket_.Close(); }

  SSL* ssl() { return ssl_.get(); }
  bool resumed() { return SSL_session_reused(ssl_.get()) == 1; }
  std::string protocol() {  // agreed on by ALPN
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }

 private:
  bool ReadSome() {
    char bytes[16 * 1024];
    std::size_t count = 0;
    if (SSL_read_ex(ssl_.get(), bytes, sizeof bytes, &count) != 1) {
      TakeTlsError();
      return false;
    }
    ahead_.append(bytes, count);
    return true;
  }

  RawSocket socket_;
  SslPtr ssl_;
  std::string ahead_;
};

}  // namespace net
