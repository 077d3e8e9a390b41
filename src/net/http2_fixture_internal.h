#pragma once

// For tests of this room: a server that speaks HTTP/2 on one loop, and a client that says it frame by frame.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "net/http2_peer_internal.h"
#include "net/server_fixture_internal.h"

namespace net {

class Http2Fixture : public ServerFixture {
 protected:
  static ServerLimits Limits() {
    ServerLimits limits;
    limits.streams_max = 100;
    return limits;
  }
  void Serve(Server::Handler handler, const ServerLimits& limits = Limits()) {
    ServerFixture::Serve(std::move(handler), limits);
  }

  // A client's connection that has said its preface in clear text.
  struct Client {
    explicit Client(RawSocket dialled) : socket(std::move(dialled)), peer(socket) {
      const int on = 1;  // frames are written one by one
      ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    RawSocket socket;
    Http2Peer peer;
  };
  std::unique_ptr<Client> Greet(const std::map<std::uint16_t, std::uint32_t>& settings = {},
                                int receive_buffer = 0) {
    auto client = std::make_unique<Client>(Dial(receive_buffer));
    client->peer.GreetAsClient(settings);
    return client;
  }

  // Ends when the exchange is cancelled, and says that it was.
  Server::Handler WaitForCancel() {
    return [this](Exchange& exchange) -> Task<void> {
      ++waiting_;
      Cancelled cancelled(exchange.cancel());
      last_cancel_ = co_await cancelled.Wait();
      ++cancelled_;
    };
  }
  void UntilWaiting(int count) {
    thread_.Until([this, count] { return waiting_ == count; });
  }
  void UntilCancelled(int count) {
    thread_.Until([this, count] { return cancelled_ == count; });
  }

  std::atomic<int> waiting_ = 0;
  std::atomic<int> cancelled_ = 0;
  std::atomic<base::Code> last_cancel_ = base::Code::kIo;
};

}  // namespace net
