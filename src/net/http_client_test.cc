#include "net/http_client.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "net/http_server.h"
#include "net/loop_thread_for_test.h"
#include "net/name_server_internal.h"
#include "net/raw_socket_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;
using base::Result;
using Progress = Call::Progress;

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nhost: t\r\n\r\n";

// More than two sockets hold.
constexpr std::size_t kLargeBody = 32 * base::MiB;
const std::string kLargeRequest =
    "POST / HTTP/1.1\r\nhost: t\r\ncontent-length: " + std::to_string(kLargeBody) + "\r\n\r\n" +
    std::string(kLargeBody, 'x');

// Longer than a busy machine keeps the peer's thread waiting in the middle of a transfer.
constexpr auto kHiccup = 700ms;

struct Outcome {
  std::optional<Code> error;
  std::string detail;  // of the error
  int status = 0;
  std::string body;
  Progress progress = Progress::kNotSent;
  bool reused = false;
};

// A pool on a loop against a server that the test plays by hand.
class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest() {
    options_.origin = {.host = "127.0.0.1", .port = server_.port()};
    thread_.Start();
  }
  ~HttpClientTest() override {
    thread_.Do([this] { pool_.reset(); });
    thread_.Do([] {});
    thread_.Join();
  }

  // Runs one call to its end; what the server does meanwhile is up to the test.
  std::future<Outcome> Start(const CallTimeouts& timeouts = {}, std::string request = std::string(kRequest),
                             std::string method = "GET") {
    auto outcome = std::make_shared<std::promise<Outcome>>();
    auto result = outcome->get_future();
    thread_.loop().Post([this, timeouts, request, method, outcome] {
      if (!pool_) pool_.emplace(thread_.loop(), *resolver_, options_);
      Spawn(Run(timeouts, request, method, outcome));
    });
    return result;
  }

  std::size_t Idle() {
    std::size_t idle = 0;
    thread_.Do([&] { idle = pool_->idle(); });
    return idle;
  }

  // One call that leaves a connection in the pool.
  RawSocket Warm() {
    auto outcome = Start();
    RawSocket peer = server_.Accept();
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    EXPECT_EQ(outcome.get().status, 200);
    EXPECT_EQ(Idle(), 1u);
    return peer;
  }

  // What a call makes of an answer after which the server closes.
  Outcome Answered(std::string_view answer, const std::string& method = "GET") {
    auto outcome = Start({}, std::string(kRequest), method);
    RawSocket peer = server_.Accept();
    peer.ReadUntil("\r\n\r\n");
    peer.Send(answer);
    peer.Close();
    return outcome.get();
  }

  void CancelNow(Code why = Code::kCancelled) {
    thread_.Do([&] { cancel_.Fire(why); });
  }

  Task<void> Run(CallTimeouts timeouts, std::string request, std::string method,
                 std::shared_ptr<std::promise<Outcome>> promise) {
    Outcome outcome;
    {
      Call call(*pool_, timeouts, cancel_);
      const std::string_view pieces[] = {request};
      auto done = co_await call.Send(method, pieces);
      base::Buffer body;
      if (done) {
        outcome.status = call.head().status;
        done = co_await call.ReadAll(body, 1 * base::MiB);
      }
      if (!done) {
        outcome.error = done.error().code;
        outcome.detail = done.error().detail;
      }
      outcome.body = body.view();
      outcome.progress = call.progress();
      outcome.reused = call.reused();
    }
    promise->set_value(std::move(outcome));
  }

  RawListener server_;
  LoopThread thread_;
  base::SystemClock clock_;
  std::optional<Resolver> resolver_{std::in_place, clock_};
  PoolOptions options_;
  Cancel cancel_;
  std::optional<Pool> pool_;
};

TEST_F(HttpClientTest, ConnectionIsUsedAgain) {
  RawSocket peer = Warm();
  for (int i = 0; i < 3; ++i) {
    auto outcome = Start();
    EXPECT_EQ(peer.ReadUntil("\r\n\r\n"), kRequest);
    peer.Send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    const Outcome got = outcome.get();
    EXPECT_EQ(got.body, "abc");
    EXPECT_TRUE(got.reused);
    EXPECT_EQ(got.progress, Progress::kAnswering);
  }
  EXPECT_EQ(Idle(), 1u);
}

TEST_F(HttpClientTest, IdleConnectionThatTheServerClosesLeavesThePool) {
  RawSocket peer = Warm();
  peer.Close();
  thread_.Until([this] { return pool_->idle() == 0; });
}

TEST_F(HttpClientTest, IdleConnectionIsClosedInTime) {
  options_.idle_close = 20ms;
  RawSocket peer = Warm();
  EXPECT_EQ(peer.ReadToEnd(), "");
  EXPECT_EQ(Idle(), 0u);
}

TEST_F(HttpClientTest, RequestThatTheServerReadIsNotRepeated) {
  RawSocket peer = Warm();
  auto outcome = Start();
  peer.ReadUntil("\r\n\r\n");
  peer.Close();
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Progress::kSent);
  EXPECT_TRUE(got.reused);
}

TEST_F(HttpClientTest, ResetAfterTheRequestIsNoProofThatItWasNotRead) {
  RawSocket peer = Warm();
  auto outcome = Start();
  peer.ReadUntil("\r\n\r\n");
  peer.Reset();
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Progress::kSent);
  EXPECT_TRUE(got.reused);
}

TEST_F(HttpClientTest, FreshConnectionThatIsClosedBeforeTheAnswerIsNotReplaced) {
  auto outcome = Start();
  server_.Accept().Close();
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_FALSE(got.reused);
}

TEST_F(HttpClientTest, StaleConnectionIsReplacedOnce) {
  RawSocket peer = Warm();
  std::future<Outcome> outcome;
  thread_.Do([&] {  // the loop cannot notice the closing before it sends
    peer.Close();
    auto promise = std::make_shared<std::promise<Outcome>>();
    outcome = promise->get_future();
    Spawn(Run({}, std::string(kRequest), "GET", promise));
  });
  RawSocket fresh = server_.Accept();
  EXPECT_EQ(fresh.ReadUntil("\r\n\r\n"), kRequest);
  fresh.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  const Outcome got = outcome.get();
  EXPECT_EQ(got.body, "ok");
  EXPECT_FALSE(got.reused);
}

TEST_F(HttpClientTest, RefusedConnectionIsUnreachableAndNotSent) {
  options_.origin.port = RawListener().port();
  const Outcome got = Start().get();
  EXPECT_EQ(got.error, Code::kUnreachable);
  EXPECT_EQ(got.progress, Progress::kNotSent);
}

TEST_F(HttpClientTest, InterimAnswersAreSkipped) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(Answered(interim + "HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok").status, 201);
  std::string endless;
  for (int i = 0; i < 20; ++i) endless += interim;
  EXPECT_EQ(Answered(endless).error, Code::kInvalid);
}

TEST_F(HttpClientTest, BodyMayEndWithTheConnection) {
  const Outcome got = Answered("HTTP/1.1 200 OK\r\n\r\nall of it");
  EXPECT_FALSE(got.error);
  EXPECT_EQ(got.body, "all of it");
  EXPECT_EQ(Idle(), 0u);
}

TEST_F(HttpClientTest, TruncatedAnswersAreErrors) {
  for (const std::string_view answer :
       {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n0\r\n"}) {
    const Outcome got = Answered(answer);
    EXPECT_EQ(got.error, Code::kClosed) << answer;
    EXPECT_EQ(got.progress, answer.empty() ? Progress::kSent : Progress::kAnswering) << answer;
  }
}

TEST_F(HttpClientTest, GarbageAndOversizeAreErrors) {
  options_.head_bytes_max = 1000;
  EXPECT_EQ(Answered("SSH-2.0-OpenSSH_9.2\r\n\r\n").error, Code::kInvalid);
  EXPECT_EQ(Answered("HTTP/1.1 200 OK\r\nx: " + std::string(1500, 'x')).error, Code::kTooLarge);
  EXPECT_EQ(Answered("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x5\r\n").error, Code::kInvalid);
  EXPECT_EQ(Answered("HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n").error, Code::kTooLarge);
}

TEST_F(HttpClientTest, AnswersWithoutABodyFreeTheConnection) {
  EXPECT_EQ(Answered("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", "HEAD").status, 200);
  EXPECT_EQ(Answered("HTTP/1.1 204 No Content\r\n\r\n").status, 204);
}

TEST_F(HttpClientTest, SilenceBeforeTheAnswerTimesOut) {
  auto outcome = Start({.first_byte = 20ms});
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kTimeout);
  EXPECT_EQ(got.detail, kNoAnswerBegan);
  EXPECT_EQ(got.progress, Progress::kSent);
  EXPECT_EQ(peer.ReadToEnd(), "");  // hung up on
}

TEST_F(HttpClientTest, SilenceInsideTheAnswerTimesOut) {
  auto outcome = Start({.idle = 20ms});
  RawSocket peer = server_.Accept();
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel");
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kTimeout);
  EXPECT_EQ(got.detail, kAnswerStalled);
  EXPECT_EQ(got.progress, Progress::kAnswering);
}

TEST_F(HttpClientTest, WholeCallTimesOut) {
  auto outcome = Start({.total = 30ms});
  RawSocket peer = server_.Accept();
  peer.Send("HTTP/1.1 200 OK\r\n\r\n");
  while (peer.Send("x")) std::this_thread::yield();
  EXPECT_TRUE(outcome.get().error);
}

TEST_F(HttpClientTest, CancelEndsWaitingForTheAnswer) {
  auto outcome = Start();
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  CancelNow();
  EXPECT_EQ(outcome.get().error, Code::kCancelled);
  EXPECT_EQ(peer.ReadToEnd(), "");
}

TEST_F(HttpClientTest, CancelEndsReading) {
  auto outcome = Start();
  RawSocket peer = server_.Accept();
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel");
  thread_.Do([] {});
  CancelNow(Code::kUnavailable);
  EXPECT_EQ(outcome.get().error, Code::kUnavailable);
}

TEST_F(HttpClientTest, CancelEndsSending) {
  auto outcome = Start({}, std::string(32 * base::MiB, 'x'));
  RawSocket peer = server_.Accept();
  peer.ReadExactly(1);
  CancelNow();
  EXPECT_EQ(outcome.get().error, Code::kCancelled);
}

TEST_F(HttpClientTest, RefusalBeforeTheWholeRequestIsTheAnswer) {
  auto outcome = Start({}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig");
  const Outcome got = outcome.get();
  EXPECT_EQ(got.status, 413);
  EXPECT_EQ(got.body, "big");
  EXPECT_FALSE(got.error);
  EXPECT_EQ(Idle(), 0u);  // the rest of the request would pass for the next one
}

TEST_F(HttpClientTest, RefusalIsReadAlsoWhenTheServerClosesAtOnce) {
  for (int i = 0; i < 20; ++i) {
    auto outcome = Start({}, kLargeRequest);
    RawSocket peer = server_.Accept();
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\ncontent-length: 9000\r\n\r\n" +
              std::string(9000, 'x'));
    peer.Close();  // with unread bytes, which resets the connection behind the answer
    const Outcome got = outcome.get();
    EXPECT_EQ(got.status, 429);
    EXPECT_EQ(got.body.size(), 9000u);
  }
}

TEST_F(HttpClientTest, InterimAnswerDoesNotEndTheSending) {
  auto outcome = Start({}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(peer.ReadExactly(kLargeBody).size(), kLargeBody);
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  EXPECT_EQ(outcome.get().body, "ok");
  EXPECT_EQ(Idle(), 1u);
}

TEST_F(HttpClientTest, EarlyGoodAnswerIsReadWhileTheRestIsSent) {
  auto outcome = Start({}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n");
  EXPECT_EQ(peer.ReadExactly(kLargeBody).size(), kLargeBody);
  peer.Send("3\r\ntwo\r\n0\r\n\r\n");
  EXPECT_EQ(outcome.get().body, "onetwo");
  EXPECT_EQ(Idle(), 1u);
}

TEST_F(HttpClientTest, ConnectionIsNotKeptWhenTheAnswerEndsBeforeTheRequest) {
  auto outcome = Start({}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  const Outcome got = outcome.get();  // nobody reads the rest
  EXPECT_EQ(got.body, "ok");
  EXPECT_FALSE(got.error);
  EXPECT_EQ(Idle(), 0u);
}

TEST_F(HttpClientTest, ServerThatNeitherTakesNorAnswersMoreTimesOut) {
  auto outcome = Start({.idle = kHiccup}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
  const Outcome got = outcome.get();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.error, Code::kTimeout);
}

TEST_F(HttpClientTest, SilenceAfterAnEarlyHeadTimesOutWhenAllIsSent) {
  auto outcome = Start({.idle = kHiccup}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
  EXPECT_EQ(peer.ReadExactly(kLargeBody).size(), kLargeBody);
  const Outcome got = outcome.get();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.error, Code::kTimeout);
}

TEST_F(HttpClientTest, CancelEndsAnAnswerAndWhatIsStillSent) {
  auto outcome = Start({}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
  CancelNow();
  EXPECT_EQ(outcome.get().error, Code::kCancelled);
}

TEST_F(HttpClientTest, EarlyGoodAnswerIsWholeAlsoWhenTheServerTakesNoMore) {
  auto outcome = Start({}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n" + std::string(9000, 'x'));
  peer.Close();  // with unread bytes, which resets the connection behind the answer
  EXPECT_EQ(outcome.get().body.size(), 9000u);
}

TEST_F(HttpClientTest, EarlyAnswerThatClosesEndsTheSending) {
  auto outcome = Start({}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Send("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
  EXPECT_EQ(outcome.get().body, "ok");
  EXPECT_EQ(Idle(), 0u);
}

TEST_F(HttpClientTest, SilenceAfterALargeRequestTimesOut) {
  auto outcome = Start({.first_byte = 20ms}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  EXPECT_EQ(peer.ReadExactly(kLargeBody).size(), kLargeBody);
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kTimeout);
  EXPECT_EQ(got.detail, kNoAnswerBegan);
  EXPECT_EQ(got.progress, Progress::kSent);
}

TEST_F(HttpClientTest, ServerThatTakesNothingOfALargeRequestTimesOut) {
  auto outcome = Start({.idle = 20ms}, kLargeRequest);
  RawSocket peer = server_.Accept();
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kTimeout);
  EXPECT_EQ(got.detail, kRequestNotTaken);
}

TEST_F(HttpClientTest, LargeRequestThatIsResetWithoutAnAnswerMayHaveBeenRead) {
  auto outcome = Start({}, kLargeRequest);
  RawSocket peer = server_.Accept();
  peer.ReadUntil("\r\n\r\n");
  peer.Reset();
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Progress::kSent);
}

TEST_F(HttpClientTest, NewConnectionGoesWhereTheNamePointsNow) {
  base::FakeClock clock;
  NameServer names;
  resolver_.emplace(clock, ResolverOptions{.servers = names.address()});
  const auto moved = [](Exchange& exchange) -> Task<void> {
    [[maybe_unused]] const auto sent = co_await exchange.Reply(200, "", "moved");
  };
  std::unique_ptr<Server> other;
  thread_.Do([&] {
    auto server =
        Server::Listen(thread_.loops(), {.address = *ParseAddress("127.0.0.2", server_.port()),
                                         .limits = {},
                                         .tls = nullptr,
                                         .make_handler = [&](Loop&) { return moved; },
                                         .refuse = [](int, const base::Error&) { return Refusal{}; }});
    CHECK(server.has_value());
    other = std::move(*server);
  });
  options_.origin.host = "api.test";
  options_.idle_max = 0;
  names.Know("api.test", {.addresses = {"127.0.0.1"}, .ttl = 30});
  for (int i = 0; i < 2; ++i) {
    auto outcome = Start();
    RawSocket peer = server_.Accept();
    peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhere");
    EXPECT_EQ(outcome.get().body, "here");
    names.Know("api.test", {.addresses = {"127.0.0.2"}, .ttl = 30});  // heard of when the first one is old
  }
  clock.Advance(30s);
  EXPECT_EQ(Start().get().body, "moved");
  thread_.Do([&] {
    pool_.reset();
    other->Drain();
    other->AbortAll();
  });
  thread_.Until([&] { return other->connections() == 0; });
  resolver_.reset();
}

TEST_F(HttpClientTest, CancelEndsResolving) {
  options_.origin.host = "does-not-exist.invalid";
  auto outcome = Start();
  CancelNow();
  const auto error = outcome.get().error;
  EXPECT_TRUE(error == Code::kCancelled || error == Code::kUnreachable);
}

TEST_F(HttpClientTest, CancelThatCameFirstSendsNothing) {
  CancelNow();
  const Outcome got = Start().get();
  EXPECT_EQ(got.error, Code::kCancelled);
  EXPECT_EQ(got.progress, Progress::kNotSent);
}

TEST_F(HttpClientTest, ProxyIsAskedForATunnel) {
  options_.proxy = Proxy{.host = "127.0.0.1", .port = server_.port(), .authorization = "Basic eDp5"};
  options_.origin = {.host = "api.example", .port = 80};
  auto outcome = Start();
  RawSocket peer = server_.Accept();
  EXPECT_EQ(peer.ReadUntil("\r\n\r\n"),
            "CONNECT api.example:80 HTTP/1.1\r\nhost: api.example:80\r\n"
            "proxy-authorization: Basic eDp5\r\n\r\n");
  peer.Send("HTTP/1.1 200 Connection established\r\n\r\n");
  EXPECT_EQ(peer.ReadUntil("\r\n\r\n"), kRequest);
  peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  EXPECT_EQ(outcome.get().body, "ok");
}

TEST_F(HttpClientTest, ProxyThatCannotBeReachedIsNamedAsTheOneToBlame) {
  options_.proxy = Proxy{.host = "127.0.0.1", .port = RawListener().port(), .authorization = ""};
  const Outcome got = Start().get();
  EXPECT_EQ(got.error, Code::kUnreachable);
  EXPECT_EQ(got.detail, "the proxy cannot be reached: cannot connect: Connection refused");
}

TEST_F(HttpClientTest, ProxyThatRefusesOrTalksIntoTheTunnelIsUnreachable) {
  options_.proxy = Proxy{.host = "127.0.0.1", .port = server_.port(), .authorization = ""};
  EXPECT_EQ(Answered("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").error, Code::kUnreachable);
  const Outcome got = Answered("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(got.error, Code::kUnreachable);
  EXPECT_EQ(got.progress, Progress::kNotSent);
}

}  // namespace
}  // namespace net
