#include <gtest/gtest.h>

#include <future>
#include <string>

#include "net/http2_client_fixture_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;
using Progress = Call::Progress;

class Http2ClientTest : public Http2ClientFixture {};

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
  EXPECT_EQ(got.detail, kNoAnswerBegan);
  EXPECT_EQ(got.progress, Progress::kSent);
  EXPECT_EQ(peer->http.Next(NGHTTP2_RST_STREAM).stream, stream);

  auto stalls = Start({.idle = 30ms});
  const auto stalling = TakeRequest(*peer).first;
  peer->http.Headers(stalling, {{":status", "200"}}, false);
  got = stalls.get();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.error, Code::kTimeout);
  EXPECT_EQ(got.detail, kAnswerStalled);

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
