#include <array>
#include <string>

#include "net/http2_fixture_internal.h"
#include "net/http2_server_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;

class Http2ServerTest : public Http2Fixture {
 protected:
  // What a request with one more field, or other pseudo-header fields, is answered.
  Http2Peer::Answer Ask(const Http2Peer::FieldList& fields, std::string_view body = {}) {
    if (!server_) Serve(Echo);
    const auto client = Greet();
    client->peer.Headers(1, fields, body.empty());
    if (!body.empty()) client->peer.Data(1, body, true);
    return client->peer.ReadAnswer(1);
  }
};

TEST_F(Http2ServerTest, RequestIsReadAndAnsweredAsOverHttp11) {
  Serve([](Exchange& exchange) -> Task<void> {
    const RequestHead& head = exchange.request();
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.path, "/v1/x");
    EXPECT_EQ(head.query, "a=b");
    EXPECT_EQ(head.host, "t");
    EXPECT_EQ(head.fields.Find("x-a"), "b c");
    EXPECT_FALSE(head.fields.Find(":path"));
    EXPECT_FALSE(exchange.tls());
    const auto body = co_await exchange.ReadBody();
    co_await exchange.Reply(201, "X-Upper: Kept\r\nconnection: close\r\nx-b:\r\n", body->view());
    EXPECT_TRUE(exchange.finished());
    EXPECT_EQ(exchange.body_bytes_sent(), 5u);
  });
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/v1/x?a=b", {{"x-a", "b c"}}), false);
  client->peer.Data(1, "hel", false);
  client->peer.Data(1, "lo", true);
  const auto answer = client->peer.ReadAnswer(1);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.fields.at("content-length"), "5");
  EXPECT_EQ(answer.fields.at("x-upper"), "Kept");
  EXPECT_EQ(answer.fields.at("x-b"), "");
  EXPECT_EQ(answer.fields.count("connection"), 0u);
  EXPECT_EQ(answer.fields.count("date"), 1u);
  EXPECT_TRUE(answer.ended);
  EXPECT_FALSE(answer.reset);
}

TEST_F(Http2ServerTest, Http11GoesOnBesideIt) {
  Serve(Echo);
  EXPECT_EQ(ServerFixture::Ask("POST /a HTTP/1.1\r\nhost: t\r\ncontent-length: 2\r\n\r\nhi").body, "hi");
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/b"), true);
  EXPECT_EQ(client->peer.ReadAnswer(1).fields.at("x-path"), "/b");
}

TEST_F(Http2ServerTest, PrefaceIsNoRequestWhereHttp2IsOff) {
  ServerFixture::Serve(Echo);
  EXPECT_EQ(ServerFixture::Ask(NGHTTP2_CLIENT_MAGIC).status, 400);
}

TEST_F(Http2ServerTest, PrefaceBehindARequestIsRefused) {
  Serve(Echo);
  RawSocket client = Dial();
  client.Send("GET / HTTP/1.1\r\nhost: t\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 200);
  client.Send(NGHTTP2_CLIENT_MAGIC);
  EXPECT_EQ(client.ReadAnswer().status, 400);
}

TEST_F(Http2ServerTest, WhatIsNoHttpAtAllIsClosedWithoutAnAnswer) {
  Serve(Echo);
  RawSocket client = Dial();
  client.Send("INVALID CONNECTION PREFACE\r\n\r\n");
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(Http2ServerTest, PrefaceMayComeByteByByte) {
  Serve(Echo);
  RawSocket socket = Dial();
  Http2Peer peer(socket);
  const std::string bytes =
      NGHTTP2_CLIENT_MAGIC + Http2Peer::Frame(NGHTTP2_SETTINGS, 0, 0) +
      Http2Peer::Frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
                       Http2Peer::Block(Http2Peer::Request("GET", "/")));
  for (const char c : bytes) ASSERT_TRUE(socket.Send({&c, 1}));
  EXPECT_EQ(peer.ReadAnswer(1).status, 200);
}

TEST_F(Http2ServerTest, StreamsOfOneConnectionDoNotWaitForEachOther) {
  Event slow;
  Serve([&slow](Exchange& exchange) -> Task<void> {
    if (exchange.request().path == "/slow") co_await slow;
    co_await exchange.Reply(200, "", exchange.request().path);
  });
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/slow"), true);
  client->peer.Headers(3, Http2Peer::Request("GET", "/fast"), true);
  EXPECT_EQ(client->peer.ReadAnswer(3).body, "/fast");
  thread_.Do([&slow] { slow.Notify(); });
  EXPECT_EQ(client->peer.ReadAnswer(1).body, "/slow");
}

TEST_F(Http2ServerTest, ChunksLeaveAsTheyCome) {
  Event next;
  Serve([&next](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "x-a: b\r\n");
    EXPECT_FALSE(exchange.finished());
    co_await exchange.FlushHead();
    co_await next;
    const std::array<std::string_view, 3> pieces = {"data: ", "", "one\n\n"};
    co_await exchange.SendChunk(pieces);
    co_await exchange.SendChunk({});
    co_await next;
    co_await exchange.EndStream();
    EXPECT_TRUE(exchange.finished());
    EXPECT_EQ(exchange.body_bytes_sent(), 11u);
  });
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  EXPECT_EQ(client->peer.ReadHead(1).fields.at("x-a"), "b");
  thread_.Do([&next] { next.Notify(); });
  EXPECT_EQ(client->peer.Next(NGHTTP2_DATA).payload, "data: one\n\n");
  thread_.Do([&next] { next.Notify(); });
  EXPECT_TRUE(client->peer.Next(NGHTTP2_DATA).has(NGHTTP2_FLAG_END_STREAM));
}

TEST_F(Http2ServerTest, HeadAndStatusWithoutABodyEndWithTheirHead) {
  Serve([](Exchange& exchange) -> Task<void> {
    const bool none = exchange.request().path == "/none";
    co_await exchange.Reply(none ? 204 : 200, "", none ? "" : "12345");
    EXPECT_EQ(exchange.body_bytes_sent(), 0u);
  });
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("HEAD", "/"), true);
  const auto head = client->peer.ReadAnswer(1);
  EXPECT_EQ(head.fields.at("content-length"), "5");
  EXPECT_EQ(head.body, "");
  client->peer.Headers(3, Http2Peer::Request("GET", "/none"), true);
  EXPECT_EQ(client->peer.ReadAnswer(3).fields.count("content-length"), 0u);
}

TEST_F(Http2ServerTest, AnswerThatIsNotEndedIsReset) {
  Serve([](Exchange& exchange) -> Task<void> {
    exchange.StartStream(200, "");
    const std::string_view piece = "half";
    co_await exchange.SendChunk({&piece, 1});
  });
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  const auto answer = client->peer.ReadAnswer(1);
  EXPECT_EQ(answer.body, "half");
  EXPECT_FALSE(answer.ended);
  EXPECT_EQ(answer.reset, NGHTTP2_INTERNAL_ERROR);
}

TEST_F(Http2ServerTest, RequestAnsweredBeforeItsBodyIsStoppedWithoutAFault) {
  ServerLimits limits = Limits();
  limits.body_idle_timeout = 20ms;
  Serve([](Exchange& exchange) -> Task<void> { co_await exchange.Reply(401, "", "no"); }, limits);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/"), false);
  const auto answer = client->peer.ReadAnswer(1);
  EXPECT_EQ(answer.status, 401);
  EXPECT_TRUE(answer.ended);
  const Http2Frame reset = client->peer.Next(NGHTTP2_RST_STREAM);
  EXPECT_EQ(reset.error(), NGHTTP2_NO_ERROR);
  client->peer.Data(1, "late", true);
  client->peer.Headers(3, Http2Peer::Request("GET", "/"), true);
  EXPECT_EQ(client->peer.ReadAnswer(3).status, 401);
}

TEST_F(Http2ServerTest, BodyIsAskedForWhereTheClientWaitsToBeAsked) {
  Serve(Echo);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/", {{"expect", "100-continue"}}), false);
  EXPECT_EQ(client->peer.ReadHead(1).status, 100);
  client->peer.Data(1, "asked", true);
  EXPECT_EQ(client->peer.ReadAnswer(1).body, "asked");
}

TEST_F(Http2ServerTest, TrailersAreDropped) {
  Serve(Echo);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/", {{"te", "trailers"}}), false);
  client->peer.Data(1, "body", false);
  client->peer.Headers(1, {{"x-check", "sum"}}, true);
  EXPECT_EQ(client->peer.ReadAnswer(1).body, "body");
}

TEST_F(Http2ServerTest, LargeBodiesPassInBothDirections) {
  Serve(Echo);
  const auto client = Greet();
  client->peer.Grant(64 * 1024);
  const std::string piece(16 * 1024, 'x');
  client->peer.Headers(1, Http2Peer::Request("POST", "/"), false);
  // Behind what a stream may send unasked, the server has to open its window as it reads.
  for (int i = 0; i < 3; ++i) client->peer.Data(1, piece, false);
  std::size_t open = Http2Stream::kWindow - 3 * piece.size();
  std::size_t sent = 3 * piece.size();
  while (sent < 3 * base::MiB) {
    while (open < piece.size()) {
      const Http2Frame frame = client->peer.Next(NGHTTP2_WINDOW_UPDATE);
      ASSERT_FALSE(frame.none);
      if (frame.stream != 1) continue;
      std::uint32_t more = 0;
      for (const char c : frame.payload) more = more << 8 | static_cast<unsigned char>(c);
      open += more;
    }
    client->peer.Data(1, piece, false);
    open -= piece.size();
    sent += piece.size();
  }
  client->peer.Data(1, "", true);
  const auto answer = client->peer.ReadAnswer(1);
  EXPECT_EQ(answer.body.size(), sent);
  EXPECT_EQ(answer.fields.at("content-length"), std::to_string(sent));
}

// ---- what is refused

TEST_F(Http2ServerTest, HostAndAuthorityMustAgree) {
  EXPECT_EQ(Ask(Http2Peer::Request("GET", "/", {{"host", "T"}})).status, 200);
  EXPECT_EQ(Ask(Http2Peer::Request("GET", "/", {{"host", "other"}})).status, 400);
  EXPECT_EQ(Ask(Http2Peer::Request("GET", "/", {{"host", "t"}, {"host", "t"}})).reset,
            NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(Ask({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "t"}}).status, 200);
  EXPECT_EQ(Ask({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}}).reset, NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(Http2ServerTest, TargetIsAPathOfVisibleCharacters) {
  for (const char* const path : {"x", "http://t/", "/a b", "/a#b", "/\xc3\xa4", "*"}) {
    const auto answer = Ask(Http2Peer::Request("GET", path));
    EXPECT_TRUE(answer.status == 400 || answer.reset == NGHTTP2_PROTOCOL_ERROR) << path;
  }
  EXPECT_EQ(Ask(Http2Peer::Request("OPTIONS", "*")).status, 200);
  EXPECT_EQ(Ask({{":method", "CONNECT"}, {":authority", "t:443"}}).status, 400);
}

TEST_F(Http2ServerTest, ForbiddenFieldsAreRefusedAndNotCutOut) {
  const std::string nul("a\0b", 3);
  const Http2Peer::FieldList forbidden = {{"x-a", "a\r\nb: c"},
                                          {"x-a", "a\nb"},
                                          {"x-a", "a\rb"},
                                          {"x-a", nul},
                                          {"x-a", " a"},
                                          {"x-a", "a "},
                                          {"x-a", "a\x7f"},
                                          {"X-Upper", "a"},
                                          {"x a", "b"},
                                          {"x:a", "b"},
                                          {"", "b"},
                                          {"connection", "close"},
                                          {"keep-alive", "1"},
                                          {"te", "gzip"},
                                          {"transfer-encoding", "chunked"},
                                          {"upgrade", "h2c"},
                                          {":extra", "1"},
                                          {"proxy-connection", "a"},
                                          {"content-length", "+5"},
                                          {"content-length", ""}};
  for (const auto& [name, value] : forbidden) {
    const auto answer = Ask(Http2Peer::Request("POST", "/", {{name, value}}), "hello");
    EXPECT_EQ(answer.status, 0) << name << ": " << value;
    EXPECT_EQ(answer.reset, NGHTTP2_PROTOCOL_ERROR) << name << ": " << value;
  }
  EXPECT_EQ(Ask(Http2Peer::Request("POST", "/", {{"x-a", "a\tb \x80"}}), "hello").status, 200);
}

TEST_F(Http2ServerTest, LengthThatIsNotTheBodysIsRefused) {
  const auto with_length = [](const char* length) {
    return Http2Peer::Request("POST", "/", {{"content-length", length}});
  };
  EXPECT_EQ(Ask(with_length("5"), "hello").body, "hello");
  EXPECT_EQ(Ask(with_length("4"), "hello").reset, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(Ask(with_length("6"), "hello").reset, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(Ask(with_length("6")).reset, NGHTTP2_PROTOCOL_ERROR);
  EXPECT_EQ(
      Ask(Http2Peer::Request("POST", "/", {{"content-length", "5"}, {"content-length", "5"}}), "hello").reset,
      NGHTTP2_PROTOCOL_ERROR);
}

TEST_F(Http2ServerTest, RefusalLeavesTheOtherStreamsAlone) {
  Serve(Echo);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/kept"), false);
  client->peer.Headers(3, Http2Peer::Request("GET", "/", {{"connection", "close"}}), true);
  EXPECT_EQ(client->peer.ReadAnswer(3).reset, NGHTTP2_PROTOCOL_ERROR);
  client->peer.Data(1, "on", true);
  EXPECT_EQ(client->peer.ReadAnswer(1).body, "on");
}

// ---- the end of a client, of a connection, of the server

TEST_F(Http2ServerTest, ResetOfAStreamCancelsItsExchangeAlone) {
  Serve(WaitForCancel());
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  client->peer.Headers(3, Http2Peer::Request("GET", "/"), true);
  UntilWaiting(2);
  client->peer.Reset(3, NGHTTP2_CANCEL);
  UntilCancelled(1);
  EXPECT_EQ(last_cancel_, Code::kCancelled);
  EXPECT_EQ(server_->exchanges(), 1u);
}

TEST_F(Http2ServerTest, EndOfTheConnectionCancelsEveryExchange) {
  Serve(WaitForCancel());
  auto client = Greet();
  for (int i = 0; i < 5; ++i) client->peer.Headers(2 * i + 1, Http2Peer::Request("GET", "/"), true);
  UntilWaiting(5);
  client->socket.Close();
  UntilCancelled(5);
  thread_.Until([this] { return server_->connections() == 0; });
  EXPECT_EQ(server_->exchanges(), 0u);
}

TEST_F(Http2ServerTest, ResetInTheMiddleOfABodyEndsItsReading) {
  std::atomic<Code> error = Code::kIo;
  Serve([&error, this](Exchange& exchange) -> Task<void> {
    ++waiting_;
    const auto body = co_await exchange.ReadBody();
    error = body.error().code;
  });
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("POST", "/"), false);
  client->peer.Data(1, "half", false);
  UntilWaiting(1);
  client->peer.Reset(1, NGHTTP2_CANCEL);
  thread_.Until([&error] { return error != Code::kIo; });
  EXPECT_EQ(error, Code::kClosed);
}

TEST_F(Http2ServerTest, DrainLetsStreamsFinishAndSaysGoodbye) {
  Event go;
  std::atomic<bool> begun = false;
  Serve([&](Exchange& exchange) -> Task<void> {
    begun = true;
    co_await go;
    co_await exchange.Reply(200, "", "done");
  });
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  thread_.Until([&begun] { return begun.load(); });
  server_->Drain();
  thread_.Do([&go] { go.Notify(); });
  EXPECT_EQ(client->peer.ReadAnswer(1).body, "done");
  EXPECT_EQ(client->peer.Next(NGHTTP2_GOAWAY).error(), NGHTTP2_NO_ERROR);
  EXPECT_TRUE(client->peer.Next().none);
  client->socket.Close();
  thread_.Until([this] { return server_->connections() == 0; });
}

TEST_F(Http2ServerTest, DrainClosesAnIdleConnectionAtOnce) {
  Serve(Echo);
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  client->peer.ReadAnswer(1);
  server_->Drain();
  EXPECT_EQ(client->peer.ReadGoaway(), NGHTTP2_NO_ERROR);
}

TEST_F(Http2ServerTest, GiveUpFiresEveryStreamsCancel) {
  Serve(WaitForCancel());
  const auto client = Greet();
  for (int i = 0; i < 3; ++i) client->peer.Headers(2 * i + 1, Http2Peer::Request("GET", "/"), true);
  UntilWaiting(3);
  server_->GiveUp();
  UntilCancelled(3);
  EXPECT_EQ(last_cancel_, Code::kUnavailable);
}

TEST_F(Http2ServerTest, AbortAllEndsStreamsAndConnection) {
  Serve(WaitForCancel());
  const auto client = Greet();
  client->peer.Headers(1, Http2Peer::Request("GET", "/"), true);
  UntilWaiting(1);
  server_->AbortAll();
  UntilCancelled(1);
  thread_.Until([this] { return server_->connections() == 0; });
}

}  // namespace
}  // namespace net
