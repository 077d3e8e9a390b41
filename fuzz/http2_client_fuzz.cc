// Frames of a server, behind our requests, into the client's side of a connection that several calls share,
// on a real socket. Whatever comes: every call ends, an answer holds nothing that HTTP/1.1 could take for
// something else and no more than it may, and nothing is left of the connection once its server has finished.
//
// The first byte of an input says how the calls behave, the rest is what the server sends.

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "net/http2_client_internal.h"
#include "net/loop_thread_for_test.h"

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPrefaceBytes = 24;
constexpr std::size_t kFrameHeadBytes = 9;
constexpr std::size_t kLargeBody = 100'000;  // more than a server's window takes at once

struct Habits {
  explicit Habits(std::uint8_t bits)
      : calls(1 + (bits & 3)),
        sends_large((bits & 4) != 0),
        reads_whole((bits & 8) != 0),
        first_gives_up((bits & 16) != 0) {}
  int calls;
  bool sends_large;
  bool reads_whole;     // into memory of the caller's, with a larger window
  bool first_gives_up;  // as soon as its head has come
};

void CheckHead(const net::ResponseHead& head, std::size_t bytes_max) {
  CHECK(head.status >= 200 && head.status < 1000);
  std::size_t bytes = 0;
  for (const net::Field& field : head.fields) {
    CHECK(net::IsToken(field.name) && net::IsFieldValue(field.value));
    CHECK(field.name != "transfer-encoding" && field.name != "connection");
    bytes += field.name.size() + field.value.size();
  }
  CHECK(bytes <= bytes_max);
}

// The client's end: a loop of its own, for all inputs.
class Asking {
 public:
  Asking() {
    options_.head_bytes_max = 4 * base::KiB;
    thread_.Start();
  }

  void Begin(const net::Address& server, Habits habits, std::size_t input_bytes) {
    thread_.Do([this, server, habits, input_bytes] {
      left_ = habits.calls;
      input_bytes_ = input_bytes;
      net::Spawn(Talk(server, habits));
    });
  }
  void AwaitEnd() {
    thread_.Until([this] { return left_ == 0 && client_.expired(); });
  }

 private:
  net::Task<void> Talk(net::Address server, Habits habits) {
    net::Cancel cancel;
    auto connection = co_await net::Connect(thread_.loop(), server, 10s, cancel);
    CHECK(connection.has_value());
    const auto client = std::make_shared<net::Http2Client>(thread_.loop(), std::move(*connection), options_);
    client_ = client;
    client->Start();
    for (int i = 0; i < habits.calls; ++i) net::Spawn(Ask(client, habits, i == 0 && habits.first_gives_up));
  }

  net::Task<void> Ask(std::shared_ptr<net::Http2Client> client, Habits habits, bool gives_up) {
    const std::string body(habits.sends_large ? kLargeBody : 5, 'x');
    const std::string message =
        "POST /v1/x HTTP/1.1\r\nhost: t\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" +
        body;
    {
      net::Http2Call call(std::move(client), net::CallTimeouts());
      const std::string_view pieces[] = {message};
      net::ResponseHead head;
      const auto sent = co_await call.Send("POST", pieces, head);
      if (sent) {
        CheckHead(head, options_.head_bytes_max);
        CHECK(call.progress() == net::Call::Progress::kAnswering);
        if (!gives_up) co_await Read(call, head, habits.reads_whole);
      }
    }
    --left_;
  }

  net::Task<void> Read(net::Http2Call& call, const net::ResponseHead& head, bool whole) {
    std::size_t size = 0;
    base::Buffer all;
    if (whole) {
      const auto read = co_await call.ReadAll(all, base::MiB);
      size = all.size();
      if (!read) co_return;
    } else {
      while (true) {
        const auto piece = co_await call.Read();
        if (!piece) co_return;
        CHECK(piece->size() <= static_cast<std::size_t>(net::Http2Call::kWindow));
        if (piece->empty()) break;
        size += piece->size();
        CHECK(size <= input_bytes_);
      }
    }
    CHECK(call.done());
    if (head.body.kind == net::BodyLength::Kind::kSized) CHECK(size == head.body.bytes);
  }

  net::PoolOptions options_;
  int left_ = 0;  // calls
  std::size_t input_bytes_ = 0;
  std::weak_ptr<net::Http2Client> client_;
  net::LoopThread thread_;
};

// The server's end, which sends what it is given.
class Host {
 public:
  Host() {
    ::signal(SIGPIPE, SIG_IGN);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    CHECK(::listen(listener_, 1) == 0);
    socklen_t size = sizeof address;
    CHECK(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    address_ = *net::ParseAddress("127.0.0.1", ntohs(address.sin_port));
  }

  void Play(Habits habits, std::string_view frames) {
    asking_.Begin(address_, habits, frames.size());
    const auto accept = [this] { return ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); };
    const int peer = static_cast<int>(Await(accept));
    CHECK(peer >= 0);
    AwaitRequests(peer, habits.calls);
    Send(peer, frames);
    ::shutdown(peer, SHUT_WR);
    char rest[16 * 1024];
    while (Receive(peer, rest) > 0) continue;
    ::close(peer);
    asking_.AwaitEnd();
  }

 private:
  // The fuzzer's own alarm may interrupt a wait.
  template <class Call>
  static ssize_t Await(const Call& call) {
    ssize_t result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
  }
  static ssize_t Receive(int peer, std::span<char> room) {
    return Await([&] { return ::recv(peer, room.data(), room.size(), 0); });
  }

  // Until the heads of so many have come: a stream that is not open yet cannot be answered.
  static void AwaitRequests(int peer, int calls) {
    std::string received;
    std::size_t at = kPrefaceBytes;  // of the next frame
    while (calls > 0) {
      char piece[4096];
      const ssize_t count = Receive(peer, piece);
      CHECK(count > 0);
      received.append(piece, static_cast<std::size_t>(count));
      while (received.size() >= at + kFrameHeadBytes) {
        const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(received[at + i]); };
        const std::size_t length = std::size_t{byte(0)} << 16 | std::size_t{byte(1)} << 8 | byte(2);
        if (byte(3) == NGHTTP2_HEADERS) --calls;
        at += kFrameHeadBytes + length;
      }
    }
  }

  // A client that has had enough closes before all is sent.
  static void Send(int peer, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(peer, bytes.data(), bytes.size(), 0);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  net::Address address_;
  Asking asking_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Host* const host = new Host;
  if (size == 0) return 0;
  host->Play(Habits(data[0]), {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
