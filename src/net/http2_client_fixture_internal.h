#pragma once

// For tests of this room: a pool on a loop against a server whose side of HTTP/2 the test plays by hand.

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/certificates_internal.h"
#include "net/http2_client_internal.h"
#include "net/http2_peer_internal.h"
#include "net/loop_thread_for_test.h"
#include "net/raw_socket_internal.h"
#include "net/tls_peer_internal.h"

namespace net {

// A pool on a loop against a TLS server that the test plays by hand, frame by frame.
class Http2ClientFixture : public testing::Test {
 protected:
  static constexpr std::string_view kRequest =
      "POST /v1/x?a=b HTTP/1.1\r\nHost: t\r\nX-Key: k\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";

  struct Outcome {
    std::optional<base::Code> error;
    std::string detail;  // of the error
    int status = 0;
    std::string field;
    std::string body;
    Call::Progress progress = Call::Progress::kNotSent;
    bool reused = false;
    std::shared_ptr<SharedFailure> failure;
  };

  Http2ClientFixture() : Http2ClientFixture(system_clock_) {}
  explicit Http2ClientFixture(const base::Clock& clock) : thread_(clock), resolver_(std::in_place, clock) {
    auto server = TlsServerContext::Load(files_.certificate_file, files_.key_file, Alpn::kHttp2OrHttp11);
    CHECK(server.has_value());
    server_tls_ = std::move(*server);
    auto client = TlsClientContext::Load(authority_.file());
    CHECK(client.has_value());
    options_.origin = {.host = "127.0.0.1", .port = listener_.port(), .tls = true};
    options_.tls = std::move(*client);
    options_.http2 = true;
    thread_.Start();
  }
  ~Http2ClientFixture() override {
    thread_.Do([this] { pool_.reset(); });
    thread_.Do([] {});
    thread_.Join();
  }

  // The server's end of one connection.
  struct Peer {
    Peer(RawSocket socket, SslPtr ssl) : tls(std::move(socket), std::move(ssl)), http(tls) {}
    TlsPeer tls;
    Http2Peer http;
  };
  std::unique_ptr<Peer> Accept(const std::map<std::uint16_t, std::uint32_t>& settings = {}) {
    auto peer = std::make_unique<Peer>(listener_.Accept(), *server_tls_->NewSession());
    EXPECT_TRUE(peer->tls.Handshake());
    EXPECT_EQ(peer->tls.protocol(), "h2");
    peer->http.GreetAsServer(settings);
    return peer;
  }

  std::future<Outcome> Start(const CallTimeouts& timeouts = {}, std::string request = std::string(kRequest)) {
    auto outcome = std::make_shared<std::promise<Outcome>>();
    auto result = outcome->get_future();
    thread_.loop().Post([this, timeouts, request, outcome] {
      if (!pool_) pool_.emplace(thread_.loop(), *resolver_, options_);
      Spawn(Run(timeouts, request, outcome));
    });
    return result;
  }
  Task<void> Run(CallTimeouts timeouts, std::string request, std::shared_ptr<std::promise<Outcome>> outcome) {
    Outcome got;
    {
      Call call(*pool_, timeouts, cancel_);
      const std::string_view pieces[] = {request};
      const auto sent = co_await call.Send("POST", pieces);
      if (sent) {
        got.status = call.head().status;
        got.field = call.head().fields.Find("x-a").value_or("");
        base::Buffer body;
        const auto read = co_await call.ReadAll(body, base::MiB);
        got.body = body.view();
        if (!read) {
          got.error = read.error().code;
          got.detail = read.error().detail;
        }
        EXPECT_TRUE(!read || call.done());
      } else {
        got.error = sent.error().code;
        got.detail = sent.error().detail;
      }
      got.progress = call.progress();
      got.reused = call.reused();
      if (got.error) got.failure = call.shared_failure();
    }
    outcome->set_value(got);
  }

  // The next request that a peer is sent: its stream and its fields.
  static std::pair<std::int32_t, Http2Peer::FieldList> TakeRequest(Peer& peer) {
    const Http2Frame head = peer.http.Next(NGHTTP2_HEADERS);
    if (head.none) return {0, {}};
    auto fields = peer.http.Decode(head);
    if (!head.has(NGHTTP2_FLAG_END_STREAM)) {
      while (!peer.http.Next(NGHTTP2_DATA).has(NGHTTP2_FLAG_END_STREAM)) continue;
    }
    return {head.stream, fields};
  }
  static void Answer(Peer& peer, std::int32_t stream, std::string_view body = "ok") {
    peer.http.Headers(stream, {{":status", "200"}, {"x-a", "b"}}, false);
    peer.http.Data(stream, body, true);
  }

  static void Goaway(Peer& peer, std::int32_t last_stream, std::uint32_t error) {
    peer.http.Send(NGHTTP2_GOAWAY, 0, 0,
                   Http2Peer::Number(static_cast<std::uint32_t>(last_stream)) + Http2Peer::Number(error));
  }

  base::SystemClock system_clock_;
  LoopThread thread_;
  Authority authority_;
  Authority::Issued files_ = authority_.Issue("IP:127.0.0.1");
  std::shared_ptr<const TlsServerContext> server_tls_;
  RawListener listener_;
  PoolOptions options_;
  std::optional<Resolver> resolver_;
  Cancel cancel_;
  std::optional<Pool> pool_;
};

}  // namespace net
