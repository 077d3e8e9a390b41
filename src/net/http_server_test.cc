#include "net/http_server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "net/server_fixture_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;

class HttpServerTest : public ServerFixture {};

std::string Post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nhost: t\r\ncontent-length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string Patterned(std::size_t size) {
  std::string body(size, '\0');
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return body;
}

TEST_F(HttpServerTest, OneConnectionCarriesManyRequests) {
  Serve(Echo);
  RawSocket client = Dial();
  for (int i = 0; i < 20; ++i) {
    const std::string body = "body " + std::to_string(i);
    client.Send(Post("/" + std::to_string(i), body));
    const auto answer = client.ReadAnswer();
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, body);
    EXPECT_EQ(answer.head.find("connection:"), std::string::npos);
    EXPECT_NE(answer.head.find("\r\ndate: "), std::string::npos);
  }
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Serve(Echo);
  std::string all;
  for (int i = 0; i < 50; ++i) all += Post("/" + std::to_string(i), "body " + std::to_string(i));
  RawSocket client = Dial();
  client.Send(all);
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.ReadAnswer();
    ASSERT_EQ(answer.status, 200) << i;
    EXPECT_EQ(answer.body, "body " + std::to_string(i));
  }
}

TEST_F(HttpServerTest, RequestMayComeByteByByte) {
  Serve(Echo);
  RawSocket client = Dial();
  const std::string chunked =
      "POST /c HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nt: "
      "v\r\n\r\n";
  for (const std::string& request : {Post("/p", "hello"), chunked}) {
    for (const char c : request) ASSERT_TRUE(client.Send({&c, 1}));
    const auto answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, request == chunked ? "abcde" : "hello");
  }
}

TEST_F(HttpServerTest, LargeBodiesArriveWhole) {
  Serve(Echo);
  const std::string body = Patterned(1'000'003);
  RawSocket client = Dial();
  const auto ask = [&client](std::string request) {
    std::jthread sender([&client, request = std::move(request)] { client.Send(request); });
    return client.ReadAnswer();
  };
  EXPECT_EQ(ask(Post("/", body)).body, body);
  std::string chunked = "POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n";
  for (std::size_t at = 0, step = 1; at < body.size(); at += step, step = step * 3 % 40'009) {
    const std::string_view piece = std::string_view(body).substr(at, step);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
    chunked.append(size).append(piece).append("\r\n");
  }
  EXPECT_EQ(ask(chunked + "0\r\n\r\n").body, body);
  EXPECT_EQ(ask(Post("/", "after")).body, "after");
}

TEST_F(HttpServerTest, ExpectationIsAnsweredBeforeTheBody) {
  Serve(Echo);
  RawSocket client = Dial();
  client.Send("POST / HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hello");
  EXPECT_EQ(client.ReadAnswer().body, "hello");
}

TEST_F(HttpServerTest, ExpectationOfTooLargeABodyIsRefusedAtOnce) {
  Serve(Echo, {.body_bytes_max = 4});
  RawSocket client = Dial();
  client.Send("POST / HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 413);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, HeadHasTheLengthButNoBody) {
  Serve([](Exchange& exchange) -> Task<void> { co_await exchange.Reply(200, "", "12345"); });
  RawSocket client = Dial();
  client.Send("HEAD / HTTP/1.1\r\nhost: t\r\n\r\nGET / HTTP/1.1\r\nhost: t\r\n\r\n");
  const auto head = client.ReadAnswer(false);
  EXPECT_NE(head.head.find("content-length: 5\r\n"), std::string::npos);
  EXPECT_EQ(client.ReadAnswer().body, "12345");
}

TEST_F(HttpServerTest, NoContentHasNoLength) {
  Serve([](Exchange& exchange) -> Task<void> { co_await exchange.Reply(204, "", ""); });
  RawSocket client = Dial();
  client.Send("GET / HTTP/1.1\r\nhost: t\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer(false).head.find("content-length"), std::string::npos);
}

TEST_F(HttpServerTest, Http10ClosesUnlessAskedToStay) {
  Serve(Echo);
  RawSocket client = Dial();
  client.Send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
  auto answer = client.ReadAnswer();
  EXPECT_NE(answer.head.find("connection: keep-alive\r\n"), std::string::npos);
  EXPECT_TRUE(answer.head.starts_with("HTTP/1.0 200 "));
  client.Send("GET / HTTP/1.0\r\n\r\n");
  answer = client.ReadAnswer();
  EXPECT_NE(answer.head.find("connection: close\r\n"), std::string::npos);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, ConnectionCloseIsHonoured) {
  Serve(Echo);
  RawSocket client = Dial();
  client.Send("GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n");
  EXPECT_NE(client.ReadAnswer().head.find("connection: close\r\n"), std::string::npos);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(HttpServerTest, HandlerThatDoesNotAnswerCutsTheConnection) {
  Serve([](Exchange&) -> Task<void> { co_return; });
  EXPECT_EQ(Ask("GET / HTTP/1.1\r\nhost: t\r\n\r\n").status, 0);
}

// ---- refusals

TEST_F(HttpServerTest, MalformedHeadIsRefusedWithTheListenersBody) {
  Serve(Echo);
  RawSocket client = Dial();
  client.Send("GET / HTTP/1.1\r\nhost : t\r\n\r\nGET / HTTP/1.1\r\nhost: t\r\n\r\n");
  const auto answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.head.find("x-refused: 400\r\n"), std::string::npos);
  EXPECT_NE(answer.head.find("connection: close\r\n"), std::string::npos);
  EXPECT_FALSE(answer.body.empty());
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, MalformedChunksAreRefused) {
  Serve(Echo);
  RawSocket client = Dial();
  client.Send("POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().status, 400);
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, RefusalIsReadableAlthoughTheClientStillSends) {
  Serve(Echo, {.body_bytes_max = 1000});
  RawSocket client = Dial();
  const std::string body = Patterned(4'000'000);
  ASSERT_TRUE(client.Send(Post("/", body)));  // all of it, before anything is read
  const auto answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(HttpServerTest, BodyOfExactlyTheLimitIsAccepted) {
  Serve(Echo, {.body_bytes_max = 1000});
  EXPECT_EQ(Ask(Post("/", Patterned(1000))).status, 200);
  EXPECT_EQ(Ask(Post("/", Patterned(1001))).status, 413);
  const std::string head = "POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n";
  EXPECT_EQ(Ask(head + "3e8\r\n" + Patterned(1000) + "\r\n0\r\n\r\n").status, 200);
  EXPECT_EQ(Ask(head + "3e8\r\n" + Patterned(1000) + "\r\n1\r\nx\r\n0\r\n\r\n").status, 413);
}

TEST_F(HttpServerTest, HeadPastTheLimitIs431) {
  Serve(Echo, {.head_bytes_max = 1000});
  const std::string start = "GET / HTTP/1.1\r\nhost: t\r\nx: ";
  const std::string end = "\r\n\r\n";
  const std::size_t room = 1000 - start.size() - end.size();
  EXPECT_EQ(Ask(start + std::string(room, 'x') + end).status, 200);
  EXPECT_EQ(Ask(start + std::string(room + 1, 'x') + end).status, 431);
  EXPECT_EQ(Ask(start + std::string(5000, 'x')).status, 431);  // the end never comes
}

TEST_F(HttpServerTest, TooManyFieldsAre431) {
  Serve(Echo);
  std::string request = "GET / HTTP/1.1\r\nhost: t\r\n";
  for (int i = 0; i < 128; ++i) request += "x: y\r\n";
  EXPECT_EQ(Ask(request + "\r\n").status, 431);
}

TEST_F(HttpServerTest, LargestHeadIsAccepted) {
  Serve(Echo);
  const std::string start = "GET / HTTP/1.1\r\nhost: t\r\nx: ";
  EXPECT_EQ(Ask(start + std::string(64 * base::KiB - start.size() - 4, 'x') + "\r\n\r\n").status, 200);
}

TEST_F(HttpServerTest, HalfAHeadIs408) {
  Serve(Echo, {.header_timeout = 20ms});
  const auto answer = Ask("GET / HTTP/1.1\r\nhost:");
  EXPECT_EQ(answer.status, 408);
  EXPECT_NE(answer.head.find("x-refused: 408"), std::string::npos);
}

TEST_F(HttpServerTest, HeadThatKeepsDrippingIs408) {
  Serve(Echo, {.header_timeout = 50ms});
  RawSocket client = Dial();
  client.Send("GET / HTTP/1.1\r\n");
  std::jthread dripping([&client](const std::stop_token& stop) {
    while (!stop.stop_requested() && client.Send("x: y\r\n")) std::this_thread::yield();
  });
  const int status = client.ReadAnswer().status;
  EXPECT_TRUE(status == 408 || status == 431) << status;  // whichever limit the dripping meets first
}

TEST_F(HttpServerTest, BodyThatStopsIs408) {
  Serve(Echo, {.body_idle_timeout = 20ms});
  EXPECT_EQ(Ask("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nhel").status, 408);
  EXPECT_EQ(Ask("POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel").status, 408);
}

TEST_F(HttpServerTest, BodyThatTakesTooLongInAllIs408) {
  Serve(Echo, {.body_timeout = 30ms});
  RawSocket client = Dial();
  client.Send("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 50000000\r\n\r\n");
  std::jthread dripping([&client](const std::stop_token& stop) {
    while (!stop.stop_requested() && client.Send("x")) std::this_thread::yield();
  });
  EXPECT_EQ(client.ReadAnswer().status, 408);
}

TEST_F(HttpServerTest, BodyCutOffIsNotAnswered) {
  Serve(Echo);
  RawSocket client = Dial();
  client.Send("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 5\r\n\r\nhel");
  client.FinishSending();
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, IdleConnectionIsClosed) {
  Serve(Echo, {.keep_alive = 20ms});
  RawSocket fresh = Dial();
  EXPECT_EQ(fresh.ReadToEnd(), "");
  RawSocket used = Dial();
  used.Send("GET / HTTP/1.1\r\nhost: t\r\n\r\n");
  EXPECT_EQ(used.ReadAnswer().status, 200);
  EXPECT_EQ(used.ReadToEnd(), "");
  EXPECT_FALSE(used.was_reset());
}

TEST_F(HttpServerTest, ConnectionPastTheLimitIs503) {
  Serve(Echo, {.connections_max = 1});
  RawSocket first = Dial();
  first.Send("GET / HTTP/1.1\r\nhost: t\r\n\r\n");
  EXPECT_EQ(first.ReadAnswer().status, 200);
  const auto answer = Ask("GET / HTTP/1.1\r\nhost: t\r\n\r\n");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.head.find("x-refused: 503"), std::string::npos);
  first.Send("GET / HTTP/1.1\r\nhost: t\r\n\r\n");
  EXPECT_EQ(first.ReadAnswer().status, 200);
}

TEST_F(HttpServerTest, ChangedLimitsHoldForNewConnections) {
  Serve(Echo);
  RawSocket old = Dial();
  EXPECT_TRUE(old.Send(Post("/", "hello")));
  EXPECT_EQ(old.ReadAnswer().status, 200);
  server_->SetLimits({.body_bytes_max = 4});
  EXPECT_EQ(Ask(Post("/", "hello")).status, 413);
  EXPECT_TRUE(old.Send(Post("/", "hello")));
  EXPECT_EQ(old.ReadAnswer().status, 200);
}

TEST_F(HttpServerTest, ConnectionThatComesWithoutADescriptorLeftIsTakenLater) {
  Serve(Echo);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = dup(STDIN_FILENO);
  close(lowest_free);
  rlimit one_more = before;
  one_more.rlim_cur = static_cast<rlim_t>(lowest_free) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &one_more), 0);
  RawSocket client = Dial();  // takes the last one
  for (int turn = 0; turn < 3; ++turn) thread_.Do([] {});
  EXPECT_EQ(server_->connections(), 0u);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  client.Send(Post("/", "hello"));
  EXPECT_EQ(client.ReadAnswer().body, "hello");
}

TEST_F(HttpServerTest, ManyConnectionsAtOnceAreAllTaken) {
  Serve(Echo);
  std::vector<RawSocket> clients;
  thread_.Do([&] {  // none is taken before all have come
    for (int i = 0; i < 200; ++i) clients.push_back(Dial());
  });
  for (RawSocket& client : clients) {
    client.Send(Post("/", "hello"));
    EXPECT_EQ(client.ReadAnswer().body, "hello");
  }
}

TEST_F(HttpServerTest, TakenPortIsAnError) {
  Serve(Echo);
  LoopThread other;
  Server::Options options;
  options.address = server_->local();
  options.make_handler = [](Loop&) { return Echo; };
  const auto second = Server::Listen(other.loops(), std::move(options));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kIo);
}

// ---- hang-ups

class HttpHangUpTest : public ServerFixture {
 protected:
  void ServeUntilCancelled() {
    Serve([this](Exchange& exchange) -> Task<void> {
      auto body = co_await exchange.ReadBody();
      Cancelled cancelled(exchange.cancel());
      waiting_.set_value();
      why_.set_value(co_await cancelled.Wait());
    });
  }
  std::promise<void> waiting_;
  std::promise<Code> why_;
};

TEST_F(HttpHangUpTest, ClosingCancels) {
  ServeUntilCancelled();
  RawSocket client = Dial();
  client.Send(Post("/", "hello"));
  waiting_.get_future().wait();
  client.Close();
  EXPECT_EQ(why_.get_future().get(), Code::kCancelled);
}

TEST_F(HttpHangUpTest, ResettingCancels) {
  ServeUntilCancelled();
  RawSocket client = Dial();
  client.Send("GET / HTTP/1.1\r\nhost: t\r\n\r\n");
  waiting_.get_future().wait();
  client.Reset();
  EXPECT_EQ(why_.get_future().get(), Code::kCancelled);
}

TEST_F(HttpHangUpTest, FinishingToSendCancels) {
  ServeUntilCancelled();
  RawSocket client = Dial();
  client.Send(Post("/", "hello"));
  client.FinishSending();
  EXPECT_EQ(why_.get_future().get(), Code::kCancelled);
}

TEST_F(HttpHangUpTest, ClosingBehindManyPipelinedBytesCancels) {
  ServeUntilCancelled();
  RawSocket client = Dial();
  client.Send(Post("/", "hello") + std::string(300 * base::KiB, 'x'));
  waiting_.get_future().wait();
  client.Close();
  EXPECT_EQ(why_.get_future().get(), Code::kCancelled);
}

TEST_F(HttpHangUpTest, EndlessPipelinedBytesCancel) {
  ServeUntilCancelled();
  RawSocket client = Dial();
  client.Send(Post("/", "hello"));
  waiting_.get_future().wait();
  const std::string piece(base::MiB, 'x');
  for (int i = 0; i < 10; ++i) client.Send(piece);
  EXPECT_EQ(why_.get_future().get(), Code::kCancelled);
}

TEST_F(HttpHangUpTest, PipelinedBytesAreKeptUpToTheLimitAndCloseTheConnectionBeyondIt) {
  Connection* watched = nullptr;
  Event go;
  Serve([&](Exchange& exchange) -> Task<void> {
    if (exchange.request().path == "/slow") {
      watched = &exchange.connection_for_faults();
      co_await go;
      watched = nullptr;
    }
    EXPECT_FALSE(exchange.cancel().why());
    co_await exchange.Reply(200, "", exchange.request().path);
  });
  for (const bool kept : {true, false}) {
    const std::size_t size = Connection::kBufferUsual + (kept ? 0 : 1);
    std::string next = "GET /next HTTP/1.1\r\nhost: t\r\nx: ";
    next += std::string(size - next.size() - 4, 'x') + "\r\n\r\n";
    RawSocket client = Dial();
    client.Send("GET /slow HTTP/1.1\r\nhost: t\r\n\r\n");
    thread_.Until([&] { return watched != nullptr; });
    client.Send(next);
    thread_.Until([&] { return watched->overrun() || watched->Unread().size() == size; });
    thread_.Do([&] { go.Notify(); });
    const auto first = client.ReadAnswer();
    EXPECT_EQ(first.body, "/slow");
    EXPECT_EQ(first.head.find("connection: close") == std::string::npos, kept);
    EXPECT_EQ(client.ReadAnswer().body, kept ? "/next" : "");
  }
}

TEST_F(HttpHangUpTest, PipelinedHeadBehindAWatchedExchangeIsKeptForLater) {
  std::promise<Event*> parked;
  Event go;
  Serve([&](Exchange& exchange) -> Task<void> {
    if (exchange.request().path == "/slow") {
      parked.set_value(&go);
      co_await go;
    }
    EXPECT_FALSE(exchange.cancel().why());
    co_await exchange.Reply(200, "", exchange.request().path);
  });
  RawSocket client = Dial();
  client.Send("GET /slow HTTP/1.1\r\nhost: t\r\n\r\n");
  parked.get_future().wait();
  client.Send("GET /quick HTTP/1.1\r\nhost: t\r\n");
  thread_.Do([] {});
  client.Send("\r\nGET /third HTTP/1.1\r\nhost: t\r\n\r\n");
  thread_.Do([&] { go.Notify(); });
  EXPECT_EQ(client.ReadAnswer().body, "/slow");
  EXPECT_EQ(client.ReadAnswer().body, "/quick");
  EXPECT_EQ(client.ReadAnswer().body, "/third");
}

}  // namespace
}  // namespace net
