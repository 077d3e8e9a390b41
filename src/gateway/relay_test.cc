// tidy: long because one fixture plays the streams of all three dialects
#include "gateway/relay.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/loop_thread_for_test.h"
#include "net/loopback_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;
using routing::Outcome;

constexpr std::string_view kEnd = "data: [DONE]\n\n";

// A client, a gateway that only relays, and a provider, on one loop whose clock the test moves. The provider
// says what the test tells it to.
class RelayTest : public testing::Test {
 protected:
  RelayTest() {
    options_.answer_bytes_max = base::MiB;
    options_.frame_bytes_max = base::MiB;
    options_.commit_after = 5s;
    far_ = net::PlayServer(thread_.loops(), [this](net::Exchange& exchange) -> net::Task<void> {
      exchange.StartStream(200, "content-type: text/event-stream\r\n");
      [[maybe_unused]] const auto begun = co_await exchange.FlushHead();
      speaker_ = &exchange;
      co_await silent_;
      speaker_ = nullptr;
    });
    near_ = net::PlayServer(thread_.loops(), [this](net::Exchange& exchange) { return Relayed(exchange); });
    provider_ = std::make_shared<upstream::Provider>("p", config::ProviderSettings(), routing::RetryPolicy{},
                                                     net::PoolTo(far_->local()), clock_, metrics_,
                                                     [](std::string_view, const std::string&) {});
    to_far_ = std::make_shared<net::Pool>(loop(), resolver_, net::PoolTo(far_->local()));
    to_near_ = std::make_shared<net::Pool>(loop(), resolver_, net::PoolTo(near_->local()));
    thread_.Start();
  }
  ~RelayTest() override {
    Do([this] {
      to_far_.reset();
      to_near_.reset();
    });
    for (net::Server* server : {near_.get(), far_.get()}) {
      server->Drain();
      server->AbortAll();
    }
    Until([this] { return near_->connections() + far_->connections() == 0; });
    thread_.Join();
  }

  // Asks, and waits until the provider has begun to answer.
  void Begin() {
    ended_ = false;
    got_.clear();
    status_ = 0;
    record_ = {};
    error_.clear();
    settlement_.emplace(nullptr, nullptr, record_);
    loop().Post([this] { net::Spawn(Ask()); });
    Until([this] { return speaker_ != nullptr; });
  }
  void Say(std::string_view words) {
    Do([this, words] { net::Spawn(Send(words)); });
  }
  // The provider ends its answer; then the client has had all that it gets.
  void Finish() {
    Do([this] {
      net::Spawn(End());
      silent_.Notify();
    });
    Until([this] { return ended_; });
  }
  // One answer from its beginning to its end.
  std::string Pass(std::string_view words) {
    Begin();
    Say(words);
    Finish();
    return got_;
  }

  void Do(const std::function<void()>& work) { thread_.Do(work); }
  void Until(const std::function<bool()>& condition) { thread_.Until(condition); }
  // What was to happen by the clock's time happens.
  void Turn() { thread_.loop().timers().Advance(); }
  // As long as a beginning is held back, and a tick of the timers.
  void WaitOut() {
    Do([this] {
      clock_.Advance(options_.commit_after + 10ms);
      Turn();
    });
  }
  // What has been said so far has been heard.
  void Heard(std::string_view words) {
    Until([&] { return got_.ends_with(words); });
  }

  RelayOptions options_;
  base::FakeClock clock_;
  bool whole_ = false;  // the answer is relayed as one that is not a stream
  std::string got_;     // what the client has received of the body
  int status_ = 0;
  Outcome outcome_ = Outcome::kStopped;
  std::string error_;
  RequestRecord record_;
  std::optional<Settlement> settlement_;

 private:
  net::Task<void> Ask() {
    {
      net::Call call(*to_near_, {}, cancel_);
      const std::string_view message[] = {"GET / HTTP/1.1\r\nhost: t\r\n\r\n"};
      const auto sent = co_await call.Send("GET", message);
      while (sent) {
        const auto piece = co_await call.Read();
        if (!piece || piece->empty()) break;
        got_ += *piece;
      }
      if (sent) status_ = call.head().status;
    }
    ended_ = true;
  }
  net::Task<void> Relayed(net::Exchange& exchange) {
    auto place = co_await provider_->Enter("x", loop(), exchange.cancel());
    upstream::Attempt attempt(provider_, to_far_, std::move(*place), exchange.cancel());
    upstream::Request request;
    request.method = "GET";
    request.path = "/";
    outcome_ = co_await attempt.Start(request);
    Relay relay(exchange, attempt, exchange.cancel(), options_, record_, *settlement_);
    if (whole_) {
      outcome_ = co_await relay.PassWhole("");
    } else {
      outcome_ = co_await relay.PassStream("");
    }
    error_ = attempt.error();
    if (!exchange.started()) co_await exchange.Reply(502, "", "");
  }
  net::Task<void> Send(std::string_view words) {
    const std::string_view pieces[] = {words};
    [[maybe_unused]] const auto sent = co_await speaker_->SendChunk(pieces);
  }
  net::Task<void> End() { [[maybe_unused]] const auto ended = co_await speaker_->EndStream(); }
  net::Loop& loop() { return thread_.loop(); }

  telemetry::Registry registry_;
  upstream::Metrics metrics_{registry_, {"p"}};
  net::Cancel cancel_;
  net::LoopThread thread_{clock_};
  net::Resolver resolver_{clock_};
  std::unique_ptr<net::Server> far_;
  std::unique_ptr<net::Server> near_;
  std::shared_ptr<upstream::Provider> provider_;
  std::shared_ptr<net::Pool> to_far_;
  std::shared_ptr<net::Pool> to_near_;
  net::Exchange* speaker_ = nullptr;
  net::Event silent_;
  bool ended_ = false;
};

std::string Chunk(std::string_view rest) {
  return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]" + std::string(rest) + "}\n\n";
}

constexpr std::string_view kUsage = R"(,"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12})";

TEST_F(RelayTest, BytesAreTheSameWhereverTheyAreCut) {
  const std::string text = ": hello\n\n" + Chunk("") + "event: x\r\ndata: {\"a\":\ndata: 1}\r\n\r\n" +
                           Chunk(kUsage) + "\n" + std::string(kEnd);
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    Begin();
    Say(std::string_view(text).substr(0, cut));
    Say(std::string_view(text).substr(cut));
    Finish();
    EXPECT_EQ(got_, text) << cut;
    EXPECT_EQ(outcome_, Outcome::kAnswered) << cut;
    EXPECT_EQ(record_.usage->output, 5) << cut;
  }
}

TEST_F(RelayTest, SignsOfLifeWaitForTheAnswerToBegin) {
  Begin();
  Say(": queued\n\n");
  Say(": queued\n\n");
  Say(Chunk(""));
  Heard(": queued\n\n: queued\n\n" + Chunk(""));
  Say(kEnd);
  Finish();
}

TEST_F(RelayTest, SignsOfLifeLeaveWhenTheAnswerTakesTooLongToBegin) {
  Begin();
  Say(": queued\n\n");
  Do([this] { clock_.Advance(options_.commit_after); });
  Say(": still queued\n\n");
  Heard(": queued\n\n: still queued\n\n");
  Say(": and again\n\n");
  Heard(": and again\n\n");
  Finish();
  EXPECT_EQ(outcome_, Outcome::kAnswered);  // the client has a beginning, so nobody else can be asked
  EXPECT_NE(got_.find("upstream_error"), std::string::npos);
  EXPECT_EQ(record_.error_code, "upstream_error");
}

TEST_F(RelayTest, HeldBackSignsOfLifeAreBounded) {
  const std::string sign = ": " + std::string(1020, 'x') + "\n\n";
  Begin();
  for (int i = 0; i < 10; ++i) Say(sign);
  Say(Chunk("") + std::string(kEnd));
  Finish();
  EXPECT_EQ(got_, sign + sign + sign + sign + Chunk("") + std::string(kEnd));
}

TEST_F(RelayTest, FailureBeforeTheBeginningGivesUpWithItsUsage) {
  const std::string reason =
      R"(data: {"choices":[{"finish_reason":"insufficient_system_resource","delta":{}}]})";
  EXPECT_EQ(Pass(reason + "\n\n" + Chunk(kUsage) + std::string(kEnd)), "");
  EXPECT_EQ(status_, 502);
  EXPECT_EQ(outcome_, Outcome::kServerError);
  EXPECT_EQ(error_, "insufficient_system_resource");
  EXPECT_EQ(record_.usage->input, 7);
  EXPECT_EQ(record_.usage->output, 5);
}

TEST_F(RelayTest, FailureBeforeTheBeginningHasItsUsageAlsoWhereThatComesInAWriteOfItsOwn) {
  const std::string reason =
      "data: {\"choices\":[{\"finish_reason\":\"insufficient_system_resource\",\"delta\":{}}]}\n\n";
  const std::string usage = "data: {\"choices\":[]" + std::string(kUsage) + "}\n\n";
  Begin();
  Say(reason);
  Until([this] { return record_.finish == chat::FinishReason::kInsufficientResource; });
  Say(usage);
  Until([this] { return record_.usage.has_value(); });
  Finish();
  EXPECT_EQ(status_, 502);
  EXPECT_EQ(error_, "insufficient_system_resource");
  EXPECT_EQ(record_.usage->input, 7);

  Begin();  // and where it does not come, that is waited for a moment only
  Say(reason);
  Until([this] { return record_.finish == chat::FinishReason::kInsufficientResource; });
  Do([this] {
    clock_.Advance(1s);
    Turn();
  });
  Until([this] { return outcome_ == Outcome::kServerError && error_ == "insufficient_system_resource"; });
  Finish();
  EXPECT_FALSE(record_.usage);
}

constexpr std::string_view kNo = "data: {\"error\":{\"message\":\"no\"}}\n\n";

// A role, and no text yet.
std::string Role(std::string_view rest = "") {
  return "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]" +
         std::string(rest) + "}\n\n";
}

TEST_F(RelayTest, ErrorBeforeAnythingIsSaidGivesUpHoweverItComes) {
  const std::string text = Role(kUsage) + ": still here\n\n" + std::string(kNo);
  for (std::size_t cut = 1; cut < text.size(); cut += 3) {
    Begin();
    Say(std::string_view(text).substr(0, cut));
    Say(std::string_view(text).substr(cut));
    Finish();
    EXPECT_EQ(got_, "") << cut;
    EXPECT_EQ(outcome_, Outcome::kServerError) << cut;
    EXPECT_EQ(error_, "error_in_200") << cut;
    EXPECT_EQ(record_.usage->output, 5) << cut;
  }
}

TEST_F(RelayTest, ErrorBehindAFirstWordIsPassedOnHoweverItComes) {
  const std::string text = Role() + Chunk(kUsage) + std::string(kNo);
  for (std::size_t cut = 1; cut < text.size(); cut += 3) {
    Begin();
    Say(std::string_view(text).substr(0, cut));
    Say(std::string_view(text).substr(cut));
    Finish();
    EXPECT_EQ(got_, text) << cut;
    EXPECT_EQ(outcome_, Outcome::kAnswered) << cut;
    EXPECT_EQ(error_, "error_in_stream") << cut;
    EXPECT_EQ(record_.error_code, "upstream_error") << cut;
    EXPECT_EQ(record_.usage->output, 5) << cut;
  }
}

TEST_F(RelayTest, ABeginningThatSaysNothingIsHeldForALimitedTime) {
  Begin();
  Say(": hello\n\n");
  Say(Role());
  WaitOut();
  Heard(": hello\n\n" + Role());  // though nothing else has come
  Say(Role());
  Heard(Role() + Role());
  Say(kNo);
  Finish();
  EXPECT_EQ(got_, ": hello\n\n" + Role() + Role() + std::string(kNo));
  EXPECT_EQ(error_, "error_in_stream");
}

TEST_F(RelayTest, WhatIsHeldStaysWithAFailureWhosePriceIsWaitedFor) {
  Begin();
  Say(Role());
  Say("data: {\"choices\":[{\"finish_reason\":\"insufficient_system_resource\",\"delta\":{}}]}\n\n");
  Until([this] { return record_.finish == chat::FinishReason::kInsufficientResource; });
  WaitOut();
  Until([this] { return outcome_ == Outcome::kServerError; });
  Finish();
  EXPECT_EQ(got_, "");
  EXPECT_EQ(status_, 502);
}

TEST_F(RelayTest, ABeginningThatSaysNothingIsHeldUpToItsLimit) {
  const std::string large = Role(",\"pad\":\"" + std::string(Relay::kHeldMax / 2, 'x') + "\"");
  Begin();
  Say(large);
  Say(large);
  Heard(large);
  Say(kNo);
  Finish();
  EXPECT_EQ(got_, large + large + std::string(kNo));
  EXPECT_EQ(outcome_, Outcome::kAnswered);
}

TEST_F(RelayTest, AStreamThatEndsBeforeItSaysAnythingIsAFailure) {
  EXPECT_EQ(Pass(Role()), "");
  EXPECT_EQ(outcome_, Outcome::kServerError);
  EXPECT_EQ(error_, "truncated");
  EXPECT_EQ(Pass(Role() + std::string(kEnd)),
            Role() + std::string(kEnd));  // an end is an answer, if an empty one
}

TEST_F(RelayTest, HalfAFrameAtTheEndIsDroppedAndTheClientTold) {
  Begin();
  Say(Chunk(""));
  Heard(Chunk(""));
  Say("data: {\"choices\":[");
  Finish();
  EXPECT_TRUE(got_.starts_with(Chunk("") + "data: {\"error\":")) << got_;
  EXPECT_EQ(error_, "truncated");
}

TEST_F(RelayTest, UsageThatTheClientDidNotAskForIsKeptFromIt) {
  options_.hide_usage = true;
  const std::string usage = "data: {\"choices\":[]" + std::string(kUsage) + "}\n\n";
  EXPECT_EQ(Pass(Chunk("") + usage + std::string(kEnd)), Chunk("") + std::string(kEnd));
  EXPECT_EQ(record_.usage->input, 7);
}

TEST_F(RelayTest, WholeAnswerPassesUpToItsLimitAndFailsBeyondIt) {
  whole_ = true;
  const std::string answer = R"({"choices":[],"pad":"xxxxxxxx"})";
  options_.answer_bytes_max = answer.size();
  EXPECT_EQ(Pass(answer), answer);
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  options_.answer_bytes_max = answer.size() - 1;
  EXPECT_EQ(Pass(answer), "");
  EXPECT_EQ(outcome_, Outcome::kServerError);
  EXPECT_EQ(error_, "too_large");
}

std::string Named(std::string_view name, std::string_view rest = "") {
  return "event: " + std::string(name) + "\ndata: {\"type\":\"" + std::string(name) + "\"" +
         std::string(rest) + "}\n\n";
}

const std::string kStart = Named("message_start", R"(,"message":{"model":"c","usage":{"input_tokens":7,)"
                                                  R"("cache_read_input_tokens":20,"output_tokens":1}})");
const std::string kText =
    Named("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"hello"})");
const std::string kLast =
    Named("message_delta", R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5})");
const std::string kStop = Named("message_stop");

class MessagesRelayTest : public RelayTest {
 protected:
  MessagesRelayTest() { options_.operation = chat::Operation::kMessages; }
};

TEST_F(MessagesRelayTest, BytesAreTheSameWhereverTheyAreCut) {
  const std::string text = kStart + Named("ping") + kText + kLast + kStop;
  for (std::size_t cut = 1; cut < text.size(); cut += 7) {
    Begin();
    Say(std::string_view(text).substr(0, cut));
    Say(std::string_view(text).substr(cut));
    Finish();
    EXPECT_EQ(got_, text) << cut;
    EXPECT_EQ(outcome_, Outcome::kAnswered) << cut;
    EXPECT_EQ(record_.usage, (chat::Usage{.input = 7, .cached_input = 20, .output = 5})) << cut;
    EXPECT_EQ(record_.finish, chat::FinishReason::kStop) << cut;
    EXPECT_EQ(record_.text_bytes, 5u) << cut;
    EXPECT_EQ(record_.response_model, "c") << cut;
    EXPECT_TRUE(record_.first_token) << cut;
  }
}

TEST_F(MessagesRelayTest, PingsWaitForTheAnswerToBeginAndAreNoToken) {
  Begin();
  Say(Named("ping"));
  Say(Named("ping"));
  Say(kStart);
  Say(Named("ping"));
  WaitOut();
  Heard(Named("ping") + Named("ping") + kStart + Named("ping"));
  EXPECT_FALSE(record_.first_token);
  Say(kText + kLast + kStop);
  Finish();
  EXPECT_TRUE(record_.first_token);
}

TEST_F(MessagesRelayTest, PingsLeaveWhenTheAnswerTakesTooLongToBegin) {
  Begin();
  Say(Named("ping"));
  Do([this] { clock_.Advance(options_.commit_after); });
  Say(Named("ping"));
  Heard(Named("ping") + Named("ping"));
  Finish();
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(error_, "truncated");
}

TEST_F(MessagesRelayTest, AStreamWithoutItsStopEndsWithAnErrorEvent) {
  for (const std::string& end : {std::string(), std::string(kEnd), Named("ping")}) {
    Begin();
    Say(kStart + kText + end);
    Heard(end.empty() ? kText : end);
    Finish();
    EXPECT_EQ(outcome_, Outcome::kAnswered);
    EXPECT_EQ(error_, "truncated");
    EXPECT_EQ(record_.error_code, "upstream_error");
    EXPECT_TRUE(got_.starts_with(kStart + kText + end + "event: error\ndata: {\"type\":\"error\",")) << got_;
    EXPECT_NE(got_.find("without message_stop"), std::string::npos) << got_;
    EXPECT_EQ(record_.usage, (chat::Usage{.input = 7, .cached_input = 20, .output = 1}));
  }
}

TEST_F(MessagesRelayTest, TheStopMayLackItsBlankLine) {
  EXPECT_EQ(Pass(kStart + kText + kLast + kStop.substr(0, kStop.size() - 2)),
            kStart + kText + kLast + kStop.substr(0, kStop.size() - 2));
  EXPECT_EQ(error_, "");
}

TEST_F(MessagesRelayTest, OverloadedBeforeAnythingHasLeftIsAFailure) {
  const std::string overloaded =
      Named("error", R"(,"error":{"type":"overloaded_error","message":"Overloaded"})");
  for (const std::string& before : {std::string(), kStart, Named("ping")}) {
    EXPECT_EQ(Pass(before + overloaded), "");
    EXPECT_EQ(outcome_, Outcome::kServerError);
    EXPECT_EQ(error_, "error_in_200");
  }
}

TEST_F(MessagesRelayTest, OverloadedInTheMiddleIsPassedOn) {
  const std::string overloaded =
      Named("error", R"(,"error":{"type":"overloaded_error","message":"Overloaded"})");
  Begin();
  Say(kStart + kText);
  Heard(kText);
  Say(overloaded);
  Finish();
  EXPECT_EQ(got_, kStart + kText + overloaded);
  EXPECT_EQ(error_, "error_in_stream");
  EXPECT_EQ(record_.error_code, "upstream_error");
}

TEST_F(MessagesRelayTest, AStopAloneIsAFailure) {
  EXPECT_EQ(Pass(kStop), "");
  EXPECT_EQ(outcome_, Outcome::kServerError);
  EXPECT_EQ(error_, "empty");
}

TEST_F(MessagesRelayTest, WholeAnswerTellsItsUsage) {
  whole_ = true;
  const std::string answer =
      R"({"type":"message","model":"c","content":[{"type":"text","text":"hi"}],"stop_reason":"max_tokens",)"
      R"("usage":{"input_tokens":7,"output_tokens":5}})";
  EXPECT_EQ(Pass(answer), answer);
  EXPECT_EQ(record_.usage, (chat::Usage{.input = 7, .output = 5}));
  EXPECT_EQ(record_.finish, chat::FinishReason::kLength);
  EXPECT_EQ(record_.text_bytes, 2u);
}

// ---- Responses

std::string Numbered(std::string_view type, int number, std::string_view more = {}) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) +
         "\",\"sequence_number\":" + std::to_string(number) + std::string(more) + "}\n\n";
}

std::string Ended(std::string_view type, int number, std::string_view response) {
  return Numbered(type, number, R"(,"response":{"model":"g",)" + std::string(response) + "}");
}

const std::string kCreated =
    Ended("response.created", 0, R"("status":"in_progress","output":[],"usage":null)");
const std::string kDelta = Numbered("response.output_text.delta", 1, R"(,"delta":"hello")");
const std::string kCompleted = Ended(
    "response.completed", 2,
    R"("status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"hello"}]}],)"
    R"("usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":5})");

class ResponsesRelayTest : public RelayTest {
 protected:
  ResponsesRelayTest() { options_.operation = chat::Operation::kResponses; }
};

TEST_F(ResponsesRelayTest, BytesAreTheSameWhereverTheyAreCut) {
  const std::string text = kCreated + kDelta + kCompleted;
  for (std::size_t cut = 1; cut < text.size(); cut += 7) {
    Begin();
    Say(std::string_view(text).substr(0, cut));
    Say(std::string_view(text).substr(cut));
    Finish();
    EXPECT_EQ(got_, text) << cut;
    EXPECT_EQ(outcome_, Outcome::kAnswered) << cut;
    EXPECT_EQ(error_, "") << cut;
    EXPECT_EQ(record_.usage, (chat::Usage{.input = 4, .cached_input = 3, .output = 5})) << cut;
    EXPECT_EQ(record_.finish, chat::FinishReason::kStop) << cut;
    EXPECT_EQ(record_.text_bytes, 5u) << cut;
    EXPECT_EQ(record_.response_model, "g") << cut;
    EXPECT_TRUE(record_.first_token) << cut;
  }
}

TEST_F(ResponsesRelayTest, TheLastEventAloneIsAnAnswer) {
  EXPECT_EQ(Pass(kCompleted), kCompleted);
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(error_, "");
}

TEST_F(ResponsesRelayTest, AnIncompleteAnswerIsAGoodEnd) {
  const std::string end =
      Ended("response.incomplete", 2,
            R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})");
  EXPECT_EQ(Pass(kCreated + kDelta + end), kCreated + kDelta + end);
  EXPECT_EQ(error_, "");
  EXPECT_EQ(record_.finish, chat::FinishReason::kLength);
}

TEST_F(ResponsesRelayTest, AStreamWithoutItsEndEndsWithAnErrorEventOfTheNextNumber) {
  Begin();
  Say(kCreated + kDelta);
  Heard(kDelta);
  Finish();
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(error_, "truncated");
  EXPECT_EQ(record_.error_code, "upstream_error");
  const std::string event = got_.substr((kCreated + kDelta).size());
  EXPECT_TRUE(event.starts_with("event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_error\","))
      << event;
  EXPECT_NE(event.find("without response.completed"), std::string::npos) << event;
  EXPECT_NE(event.find(R"("sequence_number":2,)"), std::string::npos) << event;
}

TEST_F(ResponsesRelayTest, AFailureBeforeAnythingHasLeftIsTriedElsewhereWithItsUsage) {
  const std::string failed = Ended("response.failed", 1,
                                   R"("status":"failed","error":{"code":"server_error","message":"m"},)"
                                   R"("usage":{"input_tokens":7,"output_tokens":0})");
  const std::string error = Numbered("error", 1, R"(,"code":"server_error","message":"m")");
  for (const std::string& end : {failed, error, kCreated + failed, kCreated + error}) {
    EXPECT_EQ(Pass(end), "");
    EXPECT_EQ(outcome_, Outcome::kServerError);
    EXPECT_EQ(error_, "error_in_200");
  }
  Pass(failed);
  EXPECT_EQ(record_.usage, (chat::Usage{.input = 7}));
}

TEST_F(ResponsesRelayTest, AFailureInTheMiddleIsPassedOnAndIsNoGoodEnd) {
  const std::string failed =
      Ended("response.failed", 2, R"("status":"failed","error":{"code":"server_error","message":"m"})");
  const std::string error = Numbered("error", 2, R"(,"code":"server_error","message":"m")");
  for (const std::string& end : {failed, error}) {
    Begin();
    Say(kCreated + kDelta);
    Heard(kDelta);
    Say(end);
    Finish();
    EXPECT_EQ(got_, kCreated + kDelta + end);
    EXPECT_EQ(outcome_, Outcome::kAnswered);
    EXPECT_EQ(error_, "error_in_stream");
    EXPECT_EQ(record_.error_code, "upstream_error");
  }
}

TEST_F(ResponsesRelayTest, AFailureThatLiesInTheRequestIsAnAnswer) {
  const std::string failed =
      Ended("response.failed", 1, R"("status":"failed","error":{"code":"invalid_prompt","message":"m"})");
  EXPECT_EQ(Pass(kCreated + failed), kCreated + failed);
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(error_, "");
  EXPECT_EQ(record_.error_code, "");
}

TEST_F(ResponsesRelayTest, WholeAnswerTellsItsUsage) {
  whole_ = true;
  Pass(R"({"status":"completed","model":"g","output":[{"type":"function_call","arguments":"{}"}],)"
       R"("usage":{"input_tokens":7,"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2}}})");
  EXPECT_EQ(outcome_, Outcome::kAnswered);
  EXPECT_EQ(record_.usage, (chat::Usage{.input = 7, .output = 3, .reasoning = 2}));
  EXPECT_EQ(record_.finish, chat::FinishReason::kToolCalls);
}

TEST_F(RelayTest, ThoughtsOfACopyOfAnApiAreMarkedAndAllOtherBytesAreItsOwn) {
  options_.operation = chat::Operation::kMessages;
  options_.maker = "box";
  const std::string begun =
      "event: message_start\ndata: "
      "{\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"content\":[]}}\n\n";
  const std::string text =
      "data:{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}"
      "\r\n\r\n";
  const std::string end =
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  const std::string sealed =
      "event: content_block_delta\ndata: "
      "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":"
      "\"s\"}}\n\n";
  const std::string in_lines =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\ndata: \"index\":0,"
      "\"delta\":{\"type\":\"signature_delta\",\"signature\":\"s\"}}\n\n";
  const std::string marked =
      "event: content_block_delta\ndata: "
      "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\","
      "\"signature\":\"sluice.of.box..s\"}}\n\n";
  EXPECT_EQ(Pass(begun + sealed + text + end), begun + marked + text + end);
  std::string joined = marked;
  joined.insert(joined.find("\"index\""), " ");
  EXPECT_EQ(Pass(begun + in_lines + text + end), begun + joined + text + end);
}

}  // namespace
}  // namespace gateway
