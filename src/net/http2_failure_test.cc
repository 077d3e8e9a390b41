// What calls over HTTP/2 make of servers that refuse, go away, die or would rather speak HTTP/1.1.

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "net/http2_client_fixture_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;
using Progress = Call::Progress;

class Http2FailureTest : public Http2ClientFixture {
 protected:
  Http2FailureTest() = default;
  explicit Http2FailureTest(const base::Clock& clock) : Http2ClientFixture(clock) {}

  // The server's end of a connection that was not offered HTTP/2.
  std::unique_ptr<TlsPeer> AcceptHttp11() {
    auto peer = std::make_unique<TlsPeer>(listener_.Accept(), *server_tls_->NewSession());
    EXPECT_TRUE(peer->Handshake());
    EXPECT_EQ(peer->protocol(), "http/1.1");
    return peer;
  }
  static void AnswerHttp11(TlsPeer& peer) {
    EXPECT_TRUE(peer.ReadUntil("hello").ends_with("hello"));
    peer.Send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  }
};

// ---- what the server has not acted on

TEST_F(Http2FailureTest, RefusedStreamIsSentAgainOverAnotherConnection) {
  auto outcome = Start();
  const auto refusing = Accept();
  refusing->http.Reset(TakeRequest(*refusing).first, NGHTTP2_REFUSED_STREAM);
  const auto other = Accept();
  Answer(*other, TakeRequest(*other).first);
  EXPECT_EQ(outcome.get().body, "ok");
  EXPECT_EQ(refusing->http.ReadGoaway(), NGHTTP2_NO_ERROR);  // nothing of it is left that could be answered
}

TEST_F(Http2FailureTest, RequestIsRefusedSoManyTimesAndNoMore) {
  auto outcome = Start();
  std::vector<std::unique_ptr<Peer>> peers;  // a close could overtake what they have said
  for (int i = 0; i <= Call::kRepeatsMax; ++i) {
    peers.push_back(Accept());
    peers.back()->http.Reset(TakeRequest(*peers.back()).first, NGHTTP2_REFUSED_STREAM);
  }
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Progress::kNotSent);
  EXPECT_EQ(got.failure, nullptr);
}

TEST_F(Http2FailureTest, ConnectionThatRefusesAStreamTakesNoMoreUntilItHasAnsweredAnother) {
  auto kept = Start();
  const auto one = Accept();
  const auto stream = TakeRequest(*one).first;
  auto refused = Start();
  one->http.Reset(TakeRequest(*one).first, NGHTTP2_REFUSED_STREAM);
  const auto two = Accept();
  Answer(*two, TakeRequest(*two).first);
  EXPECT_EQ(refused.get().body, "ok");
  auto next = Start();
  Answer(*two, TakeRequest(*two).first, "of the other");
  EXPECT_EQ(next.get().body, "of the other");
  Answer(*one, stream);
  EXPECT_EQ(kept.get().body, "ok");
  auto again = Start();
  Answer(*one, TakeRequest(*one).first, "of the first");
  EXPECT_EQ(again.get().body, "of the first");
}

TEST_F(Http2FailureTest, StreamsBehindAGoawayAreSentAgainElsewhereAndThoseBeforeItFinish) {
  auto first = Start();
  const auto one = Accept();
  const auto kept = TakeRequest(*one).first;
  auto second = Start();
  TakeRequest(*one);
  Goaway(*one, kept, NGHTTP2_NO_ERROR);
  const auto two = Accept();
  Answer(*two, TakeRequest(*two).first, "elsewhere");
  EXPECT_EQ(second.get().body, "elsewhere");
  Answer(*one, kept);
  EXPECT_EQ(first.get().body, "ok");
}

// ---- failures that calls share

TEST_F(Http2FailureTest, LostConnectionFailsItsCallsAndTheNextOneIsFresh) {
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

TEST_F(Http2FailureTest, LostConnectionIsOneFailureHoweverManyCallsItCarried) {
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 3; ++i) outcomes.push_back(Start());
  auto peer = Accept();
  for (int i = 0; i < 3; ++i) TakeRequest(*peer);
  peer->tls.Close();
  const Outcome first = outcomes.front().get();
  ASSERT_NE(first.failure, nullptr);
  for (std::size_t i = 1; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].get().failure, first.failure);

  auto later = Start();
  peer = Accept();
  TakeRequest(*peer);
  peer->tls.Close();
  const Outcome other = later.get();
  EXPECT_NE(other.failure, nullptr);
  EXPECT_NE(other.failure, first.failure);
}

TEST_F(Http2FailureTest, ConnectionThatIsLostInTheMiddleOfAnswersIsOneFailure) {
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 2; ++i) outcomes.push_back(Start());
  const auto peer = Accept();
  for (int i = 0; i < 2; ++i) {
    peer->http.Headers(TakeRequest(*peer).first, {{":status", "200"}}, false);
  }
  peer->http.Send(NGHTTP2_PING, 0, 0, "12345678");
  EXPECT_TRUE(peer->http.Next(NGHTTP2_PING).has(NGHTTP2_FLAG_ACK));  // the heads have come
  peer->tls.Close();
  const Outcome first = outcomes.front().get();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.error, Code::kClosed);
  ASSERT_NE(first.failure, nullptr);
  EXPECT_EQ(outcomes.back().get().failure, first.failure);
}

TEST_F(Http2FailureTest, ServerThatOnlyGoesAwayIsOneFailureOfTheCallsThatItLeavesOut) {
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 2; ++i) outcomes.push_back(Start());
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i <= Call::kRepeatsMax; ++i) {
    peers.push_back(Accept());
    for (int j = 0; j < 2; ++j) TakeRequest(*peers.back());
    Goaway(*peers.back(), 0, NGHTTP2_INTERNAL_ERROR);
  }
  const Outcome first = outcomes.front().get();
  EXPECT_EQ(first.error, Code::kClosed);
  EXPECT_EQ(first.progress, Progress::kNotSent);
  ASSERT_NE(first.failure, nullptr);
  EXPECT_EQ(outcomes.back().get().failure, first.failure);
}

TEST_F(Http2FailureTest, StreamThatTheServerResetsIsAFailureOfItsOwn) {
  auto doomed = Start();
  const auto peer = Accept();
  const auto stream = TakeRequest(*peer).first;
  auto other = Start();
  const auto kept = TakeRequest(*peer).first;
  peer->http.Reset(stream, NGHTTP2_INTERNAL_ERROR);
  const Outcome got = doomed.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Progress::kSent);
  EXPECT_EQ(got.failure, nullptr);
  Answer(*peer, kept);
  EXPECT_EQ(other.get().body, "ok");
}

TEST_F(Http2FailureTest, CallsThatTimeOutAreOneFailureUntilAPingIsAnswered) {
  const CallTimeouts short_ones{.first_byte = 30ms};
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 2; ++i) outcomes.push_back(Start(short_ones));
  const auto peer = Accept();
  for (int i = 0; i < 2; ++i) TakeRequest(*peer);
  const Outcome first = outcomes.front().get();
  EXPECT_EQ(first.error, Code::kTimeout);
  ASSERT_NE(first.failure, nullptr);
  EXPECT_EQ(outcomes.back().get().failure, first.failure);

  EXPECT_FALSE(peer->http.Next(NGHTTP2_PING).none);  // is answered by this
  auto kept = Start();
  Answer(*peer, TakeRequest(*peer).first);
  EXPECT_EQ(kept.get().body, "ok");
  auto later = Start(short_ones);
  TakeRequest(*peer);
  const Outcome other = later.get();
  EXPECT_NE(other.failure, nullptr);
  EXPECT_NE(other.failure, first.failure);
}

TEST_F(Http2FailureTest, ConnectionThatCannotBeOpenedIsOneFailureOfAllThatWaitForIt) {
  thread_.Do([this] { pool_.emplace(thread_.loop(), *resolver_, options_); });
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 3; ++i) outcomes.push_back(Start());
  thread_.Do([] {});  // all wait now
  listener_.Accept().Close();
  const Outcome first = outcomes.front().get();
  EXPECT_EQ(first.error, Code::kUnreachable);
  ASSERT_NE(first.failure, nullptr);
  for (std::size_t i = 1; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].get().failure, first.failure);
}

// ---- servers that ask for HTTP/1.1

TEST_F(Http2FailureTest, StreamThatRequiresHttp11IsSentAgainInItAndOthersGoOn) {
  auto other = Start();
  const auto peer = Accept();
  const auto kept = TakeRequest(*peer).first;
  auto outcome = Start();
  peer->http.Reset(TakeRequest(*peer).first, NGHTTP2_HTTP_1_1_REQUIRED);
  const auto plain = AcceptHttp11();
  AnswerHttp11(*plain);
  EXPECT_EQ(outcome.get().body, "ok");
  Answer(*peer, kept);
  EXPECT_EQ(other.get().body, "ok");
}

TEST_F(Http2FailureTest, GoawayThatRequiresHttp11SendsAgainWhatItLeavesOut) {
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 2; ++i) outcomes.push_back(Start());
  const auto peer = Accept();
  for (int i = 0; i < 2; ++i) TakeRequest(*peer);
  Goaway(*peer, 0, NGHTTP2_HTTP_1_1_REQUIRED);
  std::vector<std::unique_ptr<TlsPeer>> plain;
  for (int i = 0; i < 2; ++i) plain.push_back(AcceptHttp11());  // neither waits for the other
  for (const auto& one : plain) AnswerHttp11(*one);
  for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().body, "ok");
}

TEST_F(Http2FailureTest, WhatMayHaveBeenActedOnIsNotSentAgainInHttp11) {
  auto outcome = Start();
  const auto peer = Accept();
  const auto stream = TakeRequest(*peer).first;
  Goaway(*peer, stream, NGHTTP2_HTTP_1_1_REQUIRED);
  peer->tls.Close();
  const Outcome got = outcome.get();
  EXPECT_EQ(got.error, Code::kClosed);
  EXPECT_EQ(got.progress, Progress::kSent);
}

TEST_F(Http2FailureTest, AnswerThatHasBegunIsNotAskedForAgainInHttp11) {
  auto outcome = Start();
  const auto peer = Accept();
  const auto stream = TakeRequest(*peer).first;
  peer->http.Headers(stream, {{":status", "200"}}, false);
  peer->http.Reset(stream, NGHTTP2_HTTP_1_1_REQUIRED);
  const Outcome got = outcome.get();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.error, Code::kClosed);
}

// A clock that must be there before the loop.
struct MovedClock {
  base::FakeClock clock_;
};

class Http2MemoryTest : protected MovedClock, public Http2FailureTest {
 protected:
  Http2MemoryTest() : Http2FailureTest(clock_) {}

  // Lets time pass and the idle connection end.
  void Pass(std::chrono::nanoseconds step, TlsPeer& idle) {
    thread_.Do([this, step] { clock_.Advance(step); });
    idle.Close();
    thread_.Until([this] { return pool_->idle() == 0; });
  }
};

TEST_F(Http2MemoryTest, ServerThatAskedForHttp11IsOfferedHttp2AgainAfterAWhile) {
  auto first = Start();
  const auto peer = Accept();
  peer->http.Reset(TakeRequest(*peer).first, NGHTTP2_HTTP_1_1_REQUIRED);
  auto plain = AcceptHttp11();
  AnswerHttp11(*plain);
  EXPECT_EQ(first.get().body, "ok");

  Pass(options_.http11_for - 1ns, *plain);
  auto second = Start();
  plain = AcceptHttp11();
  AnswerHttp11(*plain);
  EXPECT_EQ(second.get().body, "ok");

  Pass(1ns, *plain);
  auto third = Start();
  const auto again = Accept();
  Answer(*again, TakeRequest(*again).first);
  EXPECT_EQ(third.get().body, "ok");
}

}  // namespace
}  // namespace net
