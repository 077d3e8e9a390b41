#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "net/certificates_internal.h"
#include "net/http2_client_internal.h"
#include "net/http2_peer_internal.h"
#include "net/loop_thread_for_test.h"
#include "net/raw_socket_internal.h"
#include "net/tls_peer_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Result;
using Progress = Call::Progress;

constexpr std::string_view kRequest =
    "POST /v1/x?a=b HTTP/1.1\r\nHost: t\r\nX-Key: k\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";

struct Outcome {
  std::optional<Code> error;
  int status = 0;
  std::string field;
  std::string body;
  Progress progress = Progress::kNotSent;
  bool reused = false;
};

// A pool on a loop against a TLS server that the test plays by hand, frame by frame.
class Http2ClientTest : public testing::Test {
 protected:
  Http2ClientTest() {
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
  ~Http2ClientTest() override {
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
        if (!read) got.error = read.error().code;
        EXPECT_TRUE(!read || call.done());
      } else {
        got.error = sent.error().code;
      }
      got.progress = call.progress();
      got.reused = call.reused();
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

  LoopThread thread_;
  Authority authority_;
  Authority::Issued files_ = authority_.Issue("IP:127.0.0.1");
  std::shared_ptr<const TlsServerContext> server_tls_;
  RawListener listener_;
  PoolOptions options_;
  base::SystemClock clock_;
  std::optional<Resolver> resolver_{std::in_place, clock_};
  Cancel cancel_;
  std::optional<Pool> pool_;
};

TEST_F(Http2ClientTest, RequestIsTheSameAsOverHttp11) {
  auto outcome = Start();
  const auto peer = Accept();
  const Http2Frame head = peer->http.Next(NGHTTP2_HEADERS);
  const Http2Peer::FieldList expected = {{":method", "POST"}, {":scheme", "https"},
                                         {":authority", "t"}, {":path", "/v1/x?a=b"},
                                         {"x-key", "k"},      {"content-length", "5"}};
  EXPECT_EQ(peer->http.Decode(head), expected);
  EXPECT_EQ(peer->http.Next(NGHTTP2_DATA).payload, "hello");
  peer->http.Headers(head.stream, {{":status", "103"}}, false);
  Answer(*peer, head.stream, "answer");
  const Outcome got = outcome.get();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.field, "b");
  EXPECT_EQ(got.body, "answer");
  EXPECT_EQ(got.progress, Progress::kAnswering);
  EXPECT_FALSE(got.reused);
}

TEST_F(Http2ClientTest, AllFieldsThatAClientMaySendFitBesideOurOwn) {
  std::string request = "POST / HTTP/1.1\r\nhost: t\r\n";
  for (std::size_t i = 0; i < HeadLimits().fields_max; ++i) request += "x-" + std::to_string(i) + ": v\r\n";
  auto outcome = Start({}, request + "content-length: 0\r\n\r\n");
  const auto peer = Accept();
  const auto [stream, fields] = TakeRequest(*peer);
  EXPECT_GE(fields.size(), HeadLimits().fields_max);
  Answer(*peer, stream);
  EXPECT_EQ(outcome.get().status, 200);
}

TEST_F(Http2ClientTest, AHeadThatIsNoneIsAnErrorOfTheCall) {
  auto outcome = Start({}, "POST / HTTP/1.1\r\nno colon\r\n\r\n");
  const auto peer = Accept();
  EXPECT_EQ(outcome.get().error, Code::kInvalid);
}

TEST_F(Http2ClientTest, CallsShareOneConnectionAlsoThoseThatBeginBeforeItIsThere) {
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 20; ++i) outcomes.push_back(Start());
  const auto peer = Accept();
  std::vector<std::int32_t> streams;
  for (int i = 0; i < 20; ++i) streams.push_back(TakeRequest(*peer).first);
  for (auto stream = streams.rbegin(); stream != streams.rend(); ++stream) Answer(*peer, *stream);
  for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().body, "ok");
  auto again = Start();
  Answer(*peer, TakeRequest(*peer).first);
  EXPECT_TRUE(again.get().reused);
}

TEST_F(Http2ClientTest, ServerThatChoosesHttp11GetsConnectionsOfItsOwn) {
  auto plain = TlsServerContext::Load(files_.certificate_file, files_.key_file, Alpn::kHttp11);
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 2; ++i) outcomes.push_back(Start());
  std::vector<std::unique_ptr<TlsPeer>> peers;
  for (int i = 0; i < 2; ++i) {
    peers.push_back(std::make_unique<TlsPeer>(listener_.Accept(), *(*plain)->NewSession()));
    ASSERT_TRUE(peers.back()->Handshake());
  }
  for (const auto& peer : peers) {
    peer->ReadUntil("hello");
    peer->Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  }
  for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().body, "ok");
}

TEST_F(Http2ClientTest, MoreCallsThanTheServerTakesOpenAnotherConnection) {
  auto first = Start();
  const auto one = Accept({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}});
  const auto stream = TakeRequest(*one).first;
  EXPECT_TRUE(one->http.Next(NGHTTP2_SETTINGS).has(NGHTTP2_FLAG_ACK));  // it knows the limit
  auto second = Start();
  const auto two = Accept({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1}});
  Answer(*two, TakeRequest(*two).first);
  EXPECT_EQ(second.get().body, "ok");
  Answer(*one, stream);
  EXPECT_EQ(first.get().body, "ok");
}

TEST_F(Http2ClientTest, RefusedStreamIsSentAgainOnce) {
  auto outcome = Start();
  const auto peer = Accept();
  peer->http.Reset(TakeRequest(*peer).first, NGHTTP2_REFUSED_STREAM);
  Answer(*peer, TakeRequest(*peer).first);
  EXPECT_EQ(outcome.get().body, "ok");

  auto twice = Start();
  for (int i = 0; i < 2; ++i) peer->http.Reset(TakeRequest(*peer).first, NGHTTP2_REFUSED_STREAM);
  const Outcome got = twice.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Progress::kNotSent);
}

TEST_F(Http2ClientTest, StreamsBehindAGoawayAreSentAgainElsewhereAndThoseBeforeItFinish) {
  auto first = Start();
  const auto one = Accept();
  const auto kept = TakeRequest(*one).first;
  auto second = Start();
  TakeRequest(*one);
  one->http.Send(NGHTTP2_GOAWAY, 0, 0,
                 Http2Peer::Number(static_cast<std::uint32_t>(kept)) + Http2Peer::Number(NGHTTP2_NO_ERROR));
  const auto two = Accept();
  Answer(*two, TakeRequest(*two).first, "elsewhere");
  EXPECT_EQ(second.get().body, "elsewhere");
  Answer(*one, kept);
  EXPECT_EQ(first.get().body, "ok");
}

TEST_F(Http2ClientTest, LostConnectionFailsItsCallsAndTheNextOneIsFresh) {
  auto first = Start();
  auto peer = Accept();
  TakeRequest(*peer);
  peer->tls.Close();
  const Outcome got = first.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Progress::kSent);
  auto second = Start();
  peer = Accept();
  Answer(*peer, TakeRequest(*peer).first);
  EXPECT_EQ(second.get().body, "ok");
}

TEST_F(Http2ClientTest, CancelResetsItsStreamAndNoOther) {
  auto other = Start();
  const auto peer = Accept();
  const auto stream = TakeRequest(*peer).first;
  Cancel cancel;
  std::promise<Code> ended;
  thread_.loop().Post([&] {
    Spawn([](Pool& pool, Cancel& gives_up, std::promise<Code>& end) -> Task<void> {
      Call call(pool, {}, gives_up);
      const std::string_view pieces[] = {kRequest};
      const auto sent = co_await call.Send("POST", pieces);
      end.set_value(sent.error().code);
    }(*pool_, cancel, ended));
  });
  const auto doomed = TakeRequest(*peer).first;
  thread_.Do([&cancel] { cancel.Fire(Code::kCancelled); });
  EXPECT_EQ(ended.get_future().get(), Code::kCancelled);
  const Http2Frame reset = peer->http.Next(NGHTTP2_RST_STREAM);
  EXPECT_EQ(reset.stream, doomed);
  EXPECT_EQ(reset.error(), NGHTTP2_CANCEL);
  Answer(*peer, stream);
  EXPECT_EQ(other.get().body, "ok");
}

TEST_F(Http2ClientTest, TimeoutsAreThoseOfTheCall) {
  auto silent = Start({.first_byte = 30ms});
  const auto peer = Accept();
  const auto stream = TakeRequest(*peer).first;
  Outcome got = silent.get();
  EXPECT_EQ(got.error, Code::kTimeout);
  EXPECT_EQ(got.progress, Progress::kSent);
  EXPECT_EQ(peer->http.Next(NGHTTP2_RST_STREAM).stream, stream);

  auto stalls = Start({.idle = 30ms});
  const auto stalling = TakeRequest(*peer).first;
  peer->http.Headers(stalling, {{":status", "200"}}, false);
  got = stalls.get();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.error, Code::kTimeout);

  auto whole = Start({.total = 30ms});
  TakeRequest(*peer);
  EXPECT_EQ(whole.get().error, Code::kTimeout);
}

TEST_F(Http2ClientTest, ConnectionThatDoesNotAnswerAPingAfterATimeoutIsClosed) {
  options_.ping_timeout = 20ms;
  auto first = Start({.first_byte = 20ms});
  const auto dead = Accept();
  EXPECT_EQ(first.get().error, Code::kTimeout);
  thread_.Until([this] { return pool_->shared() == 0; });
  auto second = Start();
  const auto fresh = Accept();
  Answer(*fresh, TakeRequest(*fresh).first);
  EXPECT_EQ(second.get().body, "ok");
}

TEST_F(Http2ClientTest, IdleConnectionIsPingedAndClosedInTime) {
  options_.ping_after = 20ms;
  options_.idle_close = 200ms;
  auto outcome = Start();
  const auto peer = Accept();
  Answer(*peer, TakeRequest(*peer).first);
  EXPECT_EQ(outcome.get().body, "ok");
  const Http2Frame ping = peer->http.Next(NGHTTP2_PING);
  EXPECT_FALSE(ping.none);
  EXPECT_EQ(peer->http.ReadGoaway(), NGHTTP2_NO_ERROR);
}

TEST_F(Http2ClientTest, UnreadAnswerStopsItsServerAndNoOther) {
  std::promise<void> head_came;
  Event read_on;
  auto body = std::make_shared<std::promise<std::size_t>>();
  thread_.loop().Post([&, body] {
    pool_.emplace(thread_.loop(), *resolver_, options_);
    Spawn([](Pool& pool, Cancel& cancel, std::promise<void>& came, Event& go,
             std::shared_ptr<std::promise<std::size_t>> size) -> Task<void> {
      Call call(pool, {}, cancel);
      const std::string_view pieces[] = {kRequest};
      const auto sent = co_await call.Send("POST", pieces);
      EXPECT_TRUE(sent.has_value());
      came.set_value();
      co_await go;
      std::size_t count = 0;
      while (true) {
        const auto piece = co_await call.Read();
        if (!piece || piece->empty()) break;
        count += piece->size();
      }
      size->set_value(count);
    }(*pool_, cancel_, head_came, read_on, body));
  });
  const auto peer = Accept();
  const auto slow = TakeRequest(*peer).first;
  peer->http.Headers(slow, {{":status", "200"}}, false);
  head_came.get_future().wait();
  const std::string piece(16 * 1024, 'x');
  for (int i = 0; i < Http2Call::kWindow / 16384; ++i) peer->http.Data(slow, piece, false);
  auto other = Start();
  Answer(*peer, TakeRequest(*peer).first);
  EXPECT_EQ(other.get().body, "ok");
  thread_.Do([&read_on] { read_on.Notify(); });
  Http2Frame update = peer->http.Next(NGHTTP2_WINDOW_UPDATE);
  while (!update.none && update.stream != slow) update = peer->http.Next(NGHTTP2_WINDOW_UPDATE);
  EXPECT_FALSE(update.none);
  peer->http.Data(slow, piece, true);
  EXPECT_EQ(body->get_future().get(), static_cast<std::size_t>(Http2Call::kWindow) + piece.size());
}

TEST_F(Http2ClientTest, ForbiddenFieldInAnAnswerMakesItMalformed) {
  auto outcome = Start();
  const auto peer = Accept();
  const auto stream = TakeRequest(*peer).first;
  peer->http.Headers(stream, {{":status", "200"}, {"x-a", "a\r\nb: c"}}, true);
  EXPECT_EQ(outcome.get().error, Code::kInvalid);
}

TEST_F(Http2ClientTest, LargeRequestWaitsForTheServersWindowAndAnEarlyRefusalEndsIt) {
  const std::string large =
      "POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 1000000\r\n\r\n" + std::string(1'000'000, 'x');
  auto outcome = Start({}, large);
  const auto peer = Accept();
  const Http2Frame head = peer->http.Next(NGHTTP2_HEADERS);
  std::size_t came = 0;
  while (came < 65'535) came += peer->http.Next(NGHTTP2_DATA).payload.size();
  EXPECT_EQ(came, 65'535u);
  peer->http.Headers(head.stream, {{":status", "413"}}, false);
  peer->http.Data(head.stream, "too large", true);
  const Outcome got = outcome.get();
  EXPECT_EQ(got.status, 413);
  EXPECT_EQ(got.body, "too large");
  EXPECT_EQ(peer->http.Next(NGHTTP2_RST_STREAM).error(), NGHTTP2_CANCEL);
}

}  // namespace
}  // namespace net
