#include <string>

#include "net/http2_fixture_internal.h"
#include "net/http2_server_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;

TEST(Http2BudgetTest, TokensComeBackWithTimeAndWorkAndNeverExceedTheBurst) {
  base::MonoTime now{};
  Http2Budget budget(2, 10ms, now);
  EXPECT_TRUE(budget.Take(now) && budget.Take(now));
  EXPECT_FALSE(budget.Take(now));
  EXPECT_FALSE(budget.Take(now + 9ms));
  EXPECT_TRUE(budget.Take(now + 10ms));
  EXPECT_FALSE(budget.Take(now + 19ms));
  budget.Earn(1);
  EXPECT_TRUE(budget.Take(now + 19ms));
  budget.Earn(5);
  EXPECT_TRUE(budget.Take(now + 1h) && budget.Take(now + 1h));
  EXPECT_FALSE(budget.Take(now + 1h));
}

class Http2LimitsTest : public Http2Fixture {
 protected:
  static constexpr std::uint32_t kCalm = NGHTTP2_ENHANCE_YOUR_CALM;

  // Sends the same frame until the server has had enough.
  std::optional<std::uint32_t> Flood(const std::string& frame, int times) {
    if (!server_) Serve(WaitForCancel());
    const auto client = Greet();
    client->peer.Headers(1, Http2Peer::Request("POST", "/"), false);
    UntilWaiting(1);
    std::string frames;
    for (int i = 0; i < times; ++i) frames += frame;
    client->socket.Send(frames);
    client->peer.Headers(3, Http2Peer::Request("GET", "/"), true);
    return client->peer.ReadGoaway();
  }
};

TEST_F(Http2LimitsTest, HeaderListAtItsLimitPassesAndOnePastItIs431) {
  ServerLimits limits = Limits();
  limits.head_bytes_max = 2000;
  Serve(Echo, limits);
  Http2Peer::FieldList fields = Http2Peer::Request("GET", "/");
  std::size_t bytes = 0;
  for (const auto& [name, value] : fields) bytes += name.size() + value.size() + 32;
  fields.emplace_back("x", std::string(2000 - bytes - 33, 'v'));
  const auto client = Greet();
  client->peer.Headers(1, fields, true);
  EXPECT_EQ(client->peer.ReadAnswer(1).status, 200);
  fields.back().second += 'v';
  client->peer.Headers(3, fields, true);
  const auto refused = client->peer.ReadAnswer(3);
  EXPECT_EQ(refused.status, 431);
  EXPECT_EQ(refused.fields.at("x-refused"), "431");
  EXPECT_FALSE(refused.goaway);
}

TEST_F(Http2LimitsTest, OneFieldTooManyIs431) {
  Serve(Echo);
  const auto client = Greet();
  Http2Peer::FieldList fields = Http2Peer::Request("GET", "/");
  for (std::size_t i = 1; i < HeadLimits().fields_max; ++i) fields.emplace_back("a", "b");
  client->peer.Headers(1, fields, true);
  EXPECT_EQ(client->peer.ReadAnswer(1).status, 200);
  fields.emplace_back("a", "b");
  client->peer.Headers(3, fields, true);
  EXPECT_EQ(client->peer.ReadAnswer(3).status, 431);
}

TEST_F(Http2LimitsTest, ListFarPastItsLimitEndsTheConnection) {
  ServerLimits limits = Limits();
  limits.head_bytes_max = 1000;
  Serve(Echo, limits);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/", {{"x", std::string(2000, 'v')}}), true);
  EXPECT_EQ(client->peer.ReadGoaway(), kCalm);
}

TEST_F(Http2LimitsTest, StreamPastTheMostAtOnceIsRefused) {
  ServerLimits limits = Limits();
  limits.streams_max = 3;
  Serve(WaitForCancel(), limits);
  const auto client = Greet();
  for (int i = 0; i < 4; ++i) client->peer.Headers(2 * i + 1, Http2Peer::Request("GET", "/"), true);
  const auto refused = client->peer.ReadAnswer(7);  // it could not know the limit yet
  EXPECT_EQ(refused.status, 0);
  EXPECT_EQ(refused.reset, NGHTTP2_REFUSED_STREAM);
  UntilWaiting(3);
  EXPECT_FALSE(refused.goaway);
  client->peer.Headers(9, Http2Peer::Request("GET", "/"), true);  // now it does
  EXPECT_EQ(client->peer.ReadGoaway(), NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(Http2LimitsTest, ResetStreamCountsUntilItsHandlerHasEnded) {
  ServerLimits limits = Limits();
  limits.streams_max = 2;
  Event stay;
  std::atomic<int> begun = 0;
  Serve(
      [&](Exchange& exchange) -> Task<void> {
        ++begun;
        if (exchange.request().path == "/stubborn") co_await stay;
        if (exchange.request().path == "/waits") {
          Cancelled cancelled(exchange.cancel());
          co_await cancelled.Wait();
        }
        co_await exchange.Reply(200, "", "");
      },
      limits);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/stubborn"), true);
  client->peer.Headers(3, Http2Peer::Request("GET", "/waits"), true);
  thread_.Until([&begun] { return begun == 2; });
  client->peer.Reset(1, NGHTTP2_CANCEL);
  client->peer.Headers(5, Http2Peer::Request("GET", "/"), true);
  EXPECT_EQ(client->peer.ReadAnswer(5).reset, NGHTTP2_REFUSED_STREAM);
  thread_.Do([&stay] { stay.Notify(); });
  client->peer.Headers(7, Http2Peer::Request("GET", "/"), true);
  EXPECT_EQ(client->peer.ReadAnswer(7).status, 200);
}

TEST_F(Http2LimitsTest, StreamsCountAsConnections) {
  ServerLimits limits = Limits();
  limits.connections_max = 4;
  Serve(WaitForCancel(), limits);
  const auto client = Greet();
  for (int i = 0; i < 3; ++i) client->peer.Headers(2 * i + 1, Http2Peer::Request("GET", "/"), true);
  UntilWaiting(3);
  EXPECT_EQ(ServerFixture::Ask("GET / HTTP/1.1\r\nhost: t\r\n\r\n").status, 503);
  client->peer.Headers(7, Http2Peer::Request("GET", "/"), true);
  UntilWaiting(4);
  client->peer.Headers(9, Http2Peer::Request("GET", "/"), true);
  EXPECT_EQ(client->peer.ReadAnswer(9).status, 503);
}

TEST_F(Http2LimitsTest, RapidResetEndsTheConnection) {
  Serve(WaitForCancel());
  const auto client = Greet();
  const std::string block = Http2Peer::Block(Http2Peer::Request("GET", "/"));
  std::string frames;
  for (int i = 0; i < 300; ++i) {
    frames += Http2Peer::Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 2 * i + 1,
                               block);
    frames += Http2Peer::Frame(NGHTTP2_RST_STREAM, 0, 2 * i + 1, Http2Peer::Number(NGHTTP2_CANCEL));
  }
  client->socket.Send(frames);
  EXPECT_EQ(client->peer.ReadGoaway(), kCalm);
  thread_.Until([this] { return server_->exchanges() == 0; });
}

TEST_F(Http2LimitsTest, ResetsWithoutAnErrorCountTheSame) {
  Serve(WaitForCancel());
  const auto client = Greet();
  std::string frames;
  for (int i = 0; i < 300; ++i) {
    frames += Http2Peer::Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 2 * i + 1,
                               Http2Peer::Block(Http2Peer::Request("POST", "/")));
    frames += Http2Peer::Frame(NGHTTP2_RST_STREAM, 0, 2 * i + 1, Http2Peer::Number(NGHTTP2_NO_ERROR));
  }
  client->socket.Send(frames);
  EXPECT_EQ(client->peer.ReadGoaway(), kCalm);
}

TEST_F(Http2LimitsTest, StreamsThatAreAnsweredDoNotCount) {
  Serve(Echo);
  const auto client = Greet();
  for (int i = 0; i < 300; ++i) {
    client->peer.Headers(2 * i + 1, Http2Peer::Request("GET", "/"), true);
    ASSERT_EQ(client->peer.ReadAnswer(2 * i + 1).status, 200);
  }
}

TEST_F(Http2LimitsTest, StreamsThatTheClientMakesUsResetCountTheSame) {
  Serve(WaitForCancel());
  const auto client = Greet();
  const std::string block = Http2Peer::Block(Http2Peer::Request("GET", "/"));
  std::string frames;
  for (int i = 0; i < 300; ++i) {
    frames += Http2Peer::Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 2 * i + 1, block);
    frames += Http2Peer::Frame(NGHTTP2_WINDOW_UPDATE, 0, 2 * i + 1, Http2Peer::Number(0x7fffffff));
  }
  client->socket.Send(frames);
  EXPECT_EQ(client->peer.ReadGoaway(), kCalm);
}

TEST_F(Http2LimitsTest, FloodsOfCheapFramesEndTheConnection) {
  const std::string ping(8, 'p');
  EXPECT_EQ(Flood(Http2Peer::Frame(NGHTTP2_PING, 0, 0, ping), 3000), kCalm);
}
TEST_F(Http2LimitsTest, FloodOfSettingsEndsTheConnection) {
  EXPECT_EQ(Flood(Http2Peer::Frame(NGHTTP2_SETTINGS, 0, 0), 3000), kCalm);
}
TEST_F(Http2LimitsTest, FloodOfPingAnswersEndsTheConnection) {
  EXPECT_EQ(Flood(Http2Peer::Frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, std::string(8, 'p')), 3000), kCalm);
}
TEST_F(Http2LimitsTest, FloodOfEmptyDataEndsTheConnection) {
  EXPECT_EQ(Flood(Http2Peer::Frame(NGHTTP2_DATA, 0, 1), 3000), kCalm);
}
TEST_F(Http2LimitsTest, FloodOfPrioritiesEndsTheConnection) {
  EXPECT_EQ(Flood(Http2Peer::Frame(NGHTTP2_PRIORITY, 0, 5, std::string("\0\0\0\0\1", 5)), 3000), kCalm);
}
TEST_F(Http2LimitsTest, FloodOfWindowUpdatesEndsTheConnection) {
  EXPECT_EQ(Flood(Http2Peer::Frame(NGHTTP2_WINDOW_UPDATE, 0, 1, Http2Peer::Number(1)), 3000), kCalm);
}

TEST_F(Http2LimitsTest, FloodOfContinuationsEndsTheConnection) {
  Serve(Echo);
  const auto client = Greet();
  client->peer.Send(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1,
                    Http2Peer::Block(Http2Peer::Request("GET", "/")));
  std::string frames;
  for (int i = 0; i < 100; ++i) frames += Http2Peer::Frame(NGHTTP2_CONTINUATION, 0, 1);
  client->socket.Send(frames);
  EXPECT_TRUE(client->peer.ReadGoaway());
}

TEST_F(Http2LimitsTest, BodyLimitIs413AtOnceWhereTheLengthIsKnown) {
  ServerLimits limits = Limits();
  limits.body_bytes_max = 10;
  Serve(Echo, limits);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/", {{"content-length", "10"}}), false);
  client->peer.Data(1, "0123456789", true);
  EXPECT_EQ(client->peer.ReadAnswer(1).status, 200);
  client->peer.Headers(3, Http2Peer::Request("POST", "/", {{"content-length", "11"}}), false);
  EXPECT_EQ(client->peer.ReadAnswer(3).status, 413);
  client->peer.Headers(5, Http2Peer::Request("POST", "/"), false);
  client->peer.Data(5, "0123456789a", false);
  EXPECT_EQ(client->peer.ReadAnswer(5).status, 413);
}

TEST_F(Http2LimitsTest, UnreadBodyStopsAtTheStreamsWindowAndStopsNoOther) {
  Event read;
  Serve([&read](Exchange& exchange) -> Task<void> {
    if (exchange.request().path == "/unread") co_await read;
    co_await Echo(exchange);
  });
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/unread"), false);
  for (int i = 0; i < 3; ++i) client->peer.Data(1, std::string(16'384, 'x'), false);
  client->peer.Data(1, std::string(Http2Stream::kWindow - 3 * 16'384, 'x'), false);
  client->peer.Headers(3, Http2Peer::Request("POST", "/"), false);
  client->peer.Data(3, std::string(16'384, 'y'), true);
  client->peer.Grant(65'535);
  EXPECT_EQ(client->peer.ReadAnswer(3).body.size(), 16'384u);
  client->peer.Data(1, "z", true);
  EXPECT_EQ(client->peer.ReadAnswer(1).reset, NGHTTP2_FLOW_CONTROL_ERROR);
  thread_.Do([&read] { read.Notify(); });
}

TEST_F(Http2LimitsTest, BodyThatStallsIs408) {
  ServerLimits limits = Limits();
  limits.body_idle_timeout = 20ms;
  Serve(Echo, limits);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/"), false);
  client->peer.Data(1, "half", false);
  EXPECT_EQ(client->peer.ReadAnswer(1).status, 408);
}

TEST_F(Http2LimitsTest, BodyThatTricklesIs408) {
  ServerLimits limits = Limits();
  limits.body_timeout = 50ms;
  Serve(Echo, limits);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/"), false);
  client->peer.Data(1, "half", false);
  EXPECT_EQ(client->peer.ReadAnswer(1).status, 408);
}

TEST_F(Http2LimitsTest, ClientThatSaysNoPrefaceToItsEndIsClosed) {
  ServerLimits limits = Limits();
  limits.header_timeout = 20ms;
  Serve(Echo, limits);
  RawSocket socket = Dial();
  socket.Send("PRI * HTTP/2.0\r\n\r\n");
  Http2Peer peer(socket);
  peer.AcknowledgeNothing();
  EXPECT_EQ(peer.ReadGoaway(), NGHTTP2_NO_ERROR);
}

TEST_F(Http2LimitsTest, HeaderBlockThatIsNotFinishedEndsTheConnection) {
  ServerLimits limits = Limits();
  limits.header_timeout = 20ms;
  Serve(Echo, limits);
  const auto client = Greet();
  client->peer.AcknowledgeNothing();
  client->peer.Send(NGHTTP2_HEADERS, 0, 1, Http2Peer::Block(Http2Peer::Request("GET", "/")));
  EXPECT_EQ(client->peer.ReadGoaway(), kCalm);
}

TEST_F(Http2LimitsTest, IdleConnectionIsClosedWhateverPingsItSends) {
  ServerLimits limits = Limits();
  limits.keep_alive = 50ms;
  Serve(Echo, limits);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  client->peer.ReadAnswer(1);
  client->peer.Send(NGHTTP2_PING, 0, 0, "12345678");
  EXPECT_EQ(client->peer.ReadGoaway(), NGHTTP2_NO_ERROR);
}

TEST_F(Http2LimitsTest, RunningStreamIsNotIdle) {
  ServerLimits limits = Limits();
  limits.keep_alive = 20ms;
  Serve(
      [this](Exchange& exchange) -> Task<void> {
        co_await Sleep(thread_.loop(), 80ms);
        co_await exchange.Reply(200, "", "late");
      },
      limits);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  EXPECT_EQ(client->peer.ReadAnswer(1).body, "late");
}

// A client that opens no window for one stream has that one ended; another of the same connection goes on.
TEST_F(Http2LimitsTest, SlowStreamIsEndedAloneAndItsMemoryStaysBounded) {
  ServerLimits limits = Limits();
  limits.write_idle_timeout = 50ms;
  std::atomic<Code> slow_end = Code::kIo;
  Serve(
      [&](Exchange& exchange) -> Task<void> {
        const bool slow = exchange.request().path == "/slow";
        const std::string chunk(100 * 1024, 's');
        const std::string_view piece = slow ? std::string_view(chunk) : "tick";
        exchange.StartStream(200, "");
        for (int i = 0; i < 10; ++i) {
          const auto sent = co_await exchange.SendChunk({&piece, 1});
          if (!sent) {
            slow_end = sent.error().code;
            co_return;
          }
          if (!slow) co_await Sleep(thread_.loop(), 20ms);
        }
        co_await exchange.EndStream();
      },
      limits);
  const auto client = Greet({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1000}});
  client->peer.Headers(1, Http2Peer::Request("GET", "/slow"), true);
  client->peer.Headers(3, Http2Peer::Request("GET", "/fast"), true);
  const auto slow = client->peer.ReadAnswer(1);
  EXPECT_EQ(slow.reset, NGHTTP2_CANCEL);
  EXPECT_EQ(slow.body.size(), 1000u);
  EXPECT_EQ(client->peer.ReadAnswer(3).body.size(), 40u);
  EXPECT_EQ(slow_end, Code::kTimeout);
}

TEST_F(Http2LimitsTest, WindowOpenedBitByBitIsASignOfLife) {
  ServerLimits limits = Limits();
  limits.write_idle_timeout = 5s;
  Serve([](Exchange& exchange) -> Task<void> { co_await exchange.Reply(200, "", "0123456789"); }, limits);
  const auto client = Greet({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1}});
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  std::string body;
  while (body.size() < 10) {
    const Http2Frame frame = client->peer.Next(NGHTTP2_DATA);
    ASSERT_FALSE(frame.none);
    body += frame.payload;
    client->peer.OpenWindow(1, 1);
  }
  EXPECT_EQ(body, "0123456789");
}

TEST_F(Http2LimitsTest, ClientThatReadsNothingAtAllLosesItsConnection) {
  ServerLimits limits = Limits();
  limits.write_idle_timeout = 50ms;
  Serve(
      [](Exchange& exchange) -> Task<void> {
        const std::string body(32 * base::MiB, 'x');
        co_await exchange.Reply(200, "", body);
      },
      limits);
  const auto client = Greet({{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0x7fffffff}}, 4096);
  client->peer.OpenWindow(0, 0x7fffffff - 65'535);
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  thread_.Until([this] { return server_->connections() == 1; });
  thread_.Until([this] { return server_->connections() == 0; });
}

}  // namespace
}  // namespace net
