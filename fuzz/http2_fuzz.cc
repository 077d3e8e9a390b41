// Frames of a client, behind its preface, into a server on a real socket. A request that reaches the handler
// holds nothing that HTTP/1.1 could take for something else, and a connection that the client has finished
// ends with every handler ended.

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "net/http_server.h"
#include "net/loop.h"

namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

net::Task<void> Echo(net::Exchange& exchange) {
  const net::RequestHead& head = exchange.request();
  CHECK(net::IsToken(head.method) && net::IsHost(head.host));
  CHECK(head.path.starts_with('/') || (head.path == "*" && head.method == "OPTIONS"));
  CHECK(head.target.find_first_of("\r\n \t#") == std::string_view::npos);
  for (const net::Field& field : head.fields) {
    CHECK(net::IsToken(field.name) && net::IsFieldValue(field.value));
    CHECK(field.name != "transfer-encoding" && field.name != "connection");
  }
  const auto body = co_await exchange.ReadBody();
  if (!body) co_return;
  if (head.body.kind == net::BodyLength::Kind::kSized) CHECK(body->size() == head.body.bytes);
  exchange.StartStream(200, "x-a: b\r\n");
  const std::string_view piece = body->view();
  const auto sent = co_await exchange.SendChunk({&piece, 1});
  if (sent) co_await exchange.EndStream();
}

// One server for all inputs, which lives as long as the process.
class Host {
 public:
  Host() {
    ::signal(SIGPIPE, SIG_IGN);
    loops_.push_back(std::make_unique<net::Loop>(clock_));
    net::ServerLimits limits;
    limits.streams_max = 20;
    limits.head_bytes_max = 4 * base::KiB;
    limits.body_bytes_max = 16 * base::KiB;
    auto server =
        net::Server::Listen(loops_, {.address = *net::ParseAddress("127.0.0.1", 0),
                                     .limits = limits,
                                     .tls = nullptr,
                                     .make_handler = [](net::Loop&) { return net::Server::Handler(Echo); },
                                     .refuse =
                                         [](int, const base::Error& error) {
                                           return net::Refusal{"", error.detail};
                                         }});
    CHECK(server.has_value());
    server_ = std::move(*server);
    thread_ = std::jthread([this] { loops_.front()->Run(); });
  }

  void Take(std::string_view frames) {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // A port that was used waits for a minute: another address every ten thousand connections has its own.
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + taken_++ / 10'000 % 250);
    CHECK(::bind(client, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server_->local().port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    Send(client, std::string(kPreface) + std::string(frames));
    ::shutdown(client, SHUT_WR);
    char answer[16 * 1024];
    while (::recv(client, answer, sizeof answer, 0) > 0) continue;
    ::close(client);
    while (server_->connections() > 0) std::this_thread::yield();
    CHECK(server_->exchanges() == 0);
  }

 private:
  // A server that has had enough closes before all is sent.
  static void Send(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), 0);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  std::uint32_t taken_ = 0;
  base::SystemClock clock_;
  std::vector<std::unique_ptr<net::Loop>> loops_;
  std::unique_ptr<net::Server> server_;
  std::jthread thread_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Host* const host = new Host;
  host->Take({reinterpret_cast<const char*>(data), size});
  return 0;
}
