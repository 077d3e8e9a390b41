#include "gateway/answer.h"

#include "gateway/forward.h"
#include "gateway/played_gateway_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// Answers each request by the plan that the test has made.
class AnswerTest : public PlayedGateway {
 protected:
  void Start(std::vector<config::ModelRef> candidates) {
    for (config::ModelRef& one : candidates) {
      plan_.candidates.push_back({std::move(one), chat::Rung::kStrong, "as the test says", {}, {}});
    }
    Open([this](net::Exchange& exchange) { return Serve(exchange); });
  }

  net::Task<void> Serve(net::Exchange& exchange) {
    const auto body = co_await exchange.ReadBody();
    const Asked asked = ReadRoute(exchange.request());
    const auto request = wire::ParseRequest(asked.operation, body->view());
    record_ = {};
    record_.stream = request->stream;
    ended_ = false;
    net::Cancel cancel;
    const net::Cancel::Hook client(exchange.cancel(), [&cancel](base::Code why) { cancel.Fire(why); });
    cancel_ = &cancel;
    Settlement settlement(nullptr, nullptr, record_);
    Answer answer({.exchange = exchange,
                   .cancel = cancel,
                   .settings = settings_,
                   .directory = *directory_,
                   .pools = *pools_,
                   .record = record_,
                   .settlement = settlement},
                  asked, *request, RequestFields(exchange.request().fields, ""));
    const auto refusal = co_await answer.Give(plan_);
    cancel_ = nullptr;
    ended_ = true;
    if (!refusal) co_return;
    message_ = refusal->message;
    [[maybe_unused]] const auto sent = co_await exchange.Reply(refusal->Status(), refusal->Fields(), "");
  }

  // The answer, when its record is complete.
  net::Heard Ask() { return Ended(PlayedGateway::Ask(kBody)); }
  net::Heard Await(const std::optional<net::Heard>& heard) { return Ended(PlayedGateway::Await(heard)); }
  net::Heard Ended(net::Heard heard) {
    thread_.Until([this] { return ended_; });
    return heard;
  }
  std::string Attempts() const {
    std::string out;
    for (const AttemptNote& note : record_.attempts) {
      out += (out.empty() ? "" : " ") + std::string(note.provider) + ":" +
             (note.error.empty() ? std::to_string(note.status) : note.error);
    }
    return out;
  }

  const std::string kBody = R"({"model":"asked","messages":[]})";
  routing::Plan plan_;
  RequestRecord record_;
  std::string message_;  // of the refusal
  net::Cancel* cancel_ = nullptr;
  bool ended_ = false;
};

TEST_F(AnswerTest, FirstCandidateIsAskedByItsOwnNameUnderItsKey) {
  const PlayedProvider& a = Add("a", {"key-a"});
  const PlayedProvider& b = Add("b");
  Start({{"a", "small"}, {"b", "large"}});
  const net::Heard heard = Ask();
  EXPECT_EQ(heard.status, 200);
  EXPECT_EQ(heard.body, kGoodAnswer);
  EXPECT_EQ(heard.Find("x-sluice-model"), "a/small");
  EXPECT_EQ(heard.Find("x-sluice-reason"), "as the test says");
  ASSERT_EQ(a.heard.size(), 1u);
  EXPECT_EQ(a.heard[0], "POST /v1/chat/completions Bearer key-a {\"model\":\"small\",\"messages\":[]}");
  EXPECT_TRUE(b.heard.empty());
  EXPECT_EQ(Attempts(), "a:200");
  EXPECT_EQ(record_.usage->input, 3u);
}

TEST_F(AnswerTest, NextCandidateAnswersForOneThatFails) {
  Add("a").replies = {{.status = 503}};
  Add("b");
  Start({{"a", "x"}, {"b", "y"}});
  const net::Heard heard = Ask();
  EXPECT_EQ(heard.status, 200);
  EXPECT_EQ(heard.Find("x-sluice-model"), "b/y");
  EXPECT_NE(heard.Find("x-sluice-reason").find("a/x: it answered with status 503"), std::string::npos);
  EXPECT_EQ(Attempts(), "a:503 b:200");
  EXPECT_EQ(metrics_.retries.With({"a"}).Value(), 1u);
}

TEST_F(AnswerTest, BrokenAnswerThatNobodyHasSeenIsTriedElsewhere) {
  Add("a").replies = {{.body = R"({"error":{"message":"overloaded"}})"}};
  Add("b");
  Start({{"a", "x"}, {"b", "y"}});
  EXPECT_EQ(Ask().Find("x-sluice-model"), "b/y");
  EXPECT_EQ(Attempts(), "a:error_in_200 b:200");
}

TEST_F(AnswerTest, MistakeOfTheCallerIsNotTriedElsewhere) {
  Add("a").replies = {{.status = 422, .body = "as it came"}};
  const PlayedProvider& b = Add("b");
  Start({{"a", "x"}, {"b", "y"}});
  const net::Heard heard = Ask();
  EXPECT_EQ(heard.status, 422);
  EXPECT_EQ(heard.body, "as it came");
  EXPECT_TRUE(b.heard.empty());
}

TEST_F(AnswerTest, OnlyCandidateIsAskedOnceAndItsStatusPassedOn) {
  PlayedProvider& a = Add("a");
  a.replies = {{.status = 503}, {}};
  Start({{"a", "x"}});
  const net::Heard heard = Ask();
  EXPECT_EQ(heard.status, 503);
  EXPECT_EQ(heard.Find("x-should-retry"), "true");
  EXPECT_EQ(a.heard.size(), 1u);
  EXPECT_NE(message_.find("a/x: it answered with status 503"), std::string::npos);
}

TEST_F(AnswerTest, RefusedKeyGivesWayToTheNextAndIsPutAside) {
  PlayedProvider& a = Add("a", {"dead", "good"});
  a.replies = {{.status = 401}, {}};
  Start({{"a", "x"}});
  EXPECT_EQ(Ask().status, 200);
  EXPECT_EQ(Ask().status, 200);
  ASSERT_EQ(a.heard.size(), 3u);
  EXPECT_NE(a.heard[0].find("Bearer dead"), std::string::npos);
  EXPECT_NE(a.heard[1].find("Bearer good"), std::string::npos);
  EXPECT_NE(a.heard[2].find("Bearer good"), std::string::npos);
  EXPECT_EQ(alarms_, std::vector<std::string>{"key_put_aside"});
}

TEST_F(AnswerTest, WhenNoKeyIsLeftTheCallersIsNotBlamed) {
  Add("a").replies = {{.status = 401}};
  Start({{"a", "x"}});
  EXPECT_EQ(Ask().status, 502);
  EXPECT_EQ(Ask().status, 502);
  EXPECT_EQ(Attempts(), "a:key_refused");
}

TEST_F(AnswerTest, RejectedCandidatesAreNotAsked) {
  const PlayedProvider& a = Add("a");
  Add("b");
  Start({{"a", "x"}, {"b", "y"}});
  plan_.candidates[0].rejected = "for a reason";
  EXPECT_EQ(Ask().Find("x-sluice-model"), "b/y");
  EXPECT_TRUE(a.heard.empty());
}

TEST_F(AnswerTest, CallsForOneRequestAreLimited) {
  settings_.retry.attempts_max = 2;
  for (const char* name : {"a", "b", "c"}) Add(name).replies = {{.status = 500}};
  Start({{"a", "x"}, {"b", "x"}, {"c", "x"}});
  EXPECT_EQ(Ask().status, 500);
  EXPECT_EQ(Attempts(), "a:500 b:500");
}

TEST_F(AnswerTest, RetryBudgetEndsTheTries) {
  settings_.retry.budget = config::Percent{0};
  settings_.retry.budget_min = 1;
  Add("a").replies = {{.status = 500}};
  Add("b");
  Start({{"a", "x"}, {"b", "y"}});
  EXPECT_EQ(Ask().status, 200);
  EXPECT_EQ(Ask().status, 500);
  Pass(60s);
  EXPECT_EQ(Ask().status, 200);
}

TEST_F(AnswerTest, ShortRetryAfterOfTheOnlyCandidateIsWaitedFor) {
  PlayedProvider& a = Add("a");
  a.replies = {{.status = 429, .fields = "retry-after: 2\r\n"}, {}};
  Start({{"a", "x"}});
  std::optional<net::Heard> heard;
  Begin(heard, kBody);
  thread_.Until([&] { return !record_.attempts.empty() && !record_.attempts.back().error.empty(); });
  EXPECT_FALSE(heard);
  Pass(2s + 20ms);
  EXPECT_EQ(Await(heard).status, 200);
  EXPECT_EQ(a.heard.size(), 2u);
}

TEST_F(AnswerTest, LaterRequestWaitsForABriefRestAsWell) {
  PlayedProvider& a = Add("a");
  a.replies = {{.status = 429, .fields = "retry-after: 2\r\n"}, {}};
  settings_.retry.attempts_max = 1;  // the first one is told at once
  Start({{"a", "x"}});
  EXPECT_EQ(Ask().status, 429);
  std::optional<net::Heard> heard;
  Begin(heard, kBody);
  thread_.Until([&] { return record_.attempts.size() == 1; });
  EXPECT_FALSE(heard);
  EXPECT_EQ(a.heard.size(), 1u);
  Pass(2s + 20ms);
  EXPECT_EQ(Await(heard).status, 200);
  EXPECT_EQ(Attempts(), "a:no_room a:200");
}

TEST_F(AnswerTest, RestThatIsTooLongToWaitForIsToldAtOnce) {
  Add("a").replies = {{.status = 429, .fields = "retry-after: 30\r\n"}};
  Start({{"a", "x"}});
  EXPECT_EQ(Ask().status, 429);
  const net::Heard heard = Ask();
  EXPECT_EQ(heard.status, 429);
  EXPECT_EQ(heard.Find("retry-after"), "30");
  EXPECT_EQ(Attempts(), "a:no_room");
}

TEST_F(AnswerTest, WhoeverIsFreeAnswersForOneThatRests) {
  PlayedProvider& a = Add("a");
  a.replies = {{.status = 429, .fields = "retry-after: 2\r\n"}};
  Add("b");
  Start({{"a", "x"}, {"b", "y"}});
  EXPECT_EQ(Ask().Find("x-sluice-model"), "b/y");
  EXPECT_EQ(Ask().Find("x-sluice-model"), "b/y");
  EXPECT_EQ(Attempts(), "a:no_room b:200");
}

TEST_F(AnswerTest, ModelThatAKeyMayNotUseLeavesOthersOfItsProviderAsTheyWere) {
  PlayedProvider& a = Add("a");
  a.replies = {{.status = 403, .body = R"({"error":{"message":"no access to model x"}})"}, {}};
  Start({{"a", "x"}});
  EXPECT_EQ(Ask().status, 502);
  EXPECT_EQ(Ask().status, 502);
  EXPECT_EQ(a.heard.size(), 1u);
  EXPECT_EQ(message_, "no candidate answered: a/x: no key of a may use this model");
  plan_.candidates[0].target.model = "y";
  EXPECT_EQ(Ask().status, 200);
}

TEST_F(AnswerTest, LongRetryAfterIsPassedOn) {
  Add("a").replies = {{.status = 429, .fields = "retry-after: 30\r\n"}};
  Start({{"a", "x"}});
  const net::Heard heard = Ask();
  EXPECT_EQ(heard.status, 429);
  EXPECT_EQ(heard.Find("retry-after"), "30");
  EXPECT_EQ(heard.Find("x-should-retry"), "true");
}

TEST_F(AnswerTest, SilentProviderIsGivenUpForTheNext) {
  PlayedProvider& a = Add("a");
  a.replies = {{.stalls = true}};
  Add("b");
  settings_.providers["a"].timeout.first_byte = 1s;
  Start({{"a", "x"}, {"b", "y"}});
  std::optional<net::Heard> heard;
  Begin(heard, kBody);
  thread_.Until([&] { return a.stalling; });
  Pass(1s + 20ms);
  EXPECT_EQ(Await(heard).Find("x-sluice-model"), "b/y");
  EXPECT_EQ(Attempts(), "a:timeout b:200");
  EXPECT_TRUE(record_.attempts[0].untold) << "what it had done by then nobody tells";
  thread_.Until([&] { return a.given_up; });
}

TEST_F(AnswerTest, DeadlineEndsTheCallAndNobodyElseIsAsked) {
  PlayedProvider& a = Add("a");
  a.replies = {{.stalls = true}};
  const PlayedProvider& b = Add("b");
  Start({{"a", "x"}, {"b", "y"}});
  std::optional<net::Heard> heard;
  Begin(heard, kBody);
  thread_.Until([&] { return a.stalling; });
  thread_.Do([&] { cancel_->Fire(base::Code::kTimeout); });
  EXPECT_EQ(Await(heard).status, 504);
  EXPECT_TRUE(b.heard.empty());
  thread_.Until([&] { return a.given_up; });
}

// No timer is involved: the clock stands still from the hang-up until the provider's connection has ended.
TEST_F(AnswerTest, ClientThatHangsUpEndsTheCallAtOnce) {
  PlayedProvider& a = Add("a");
  a.replies = {{.stalls = true}};
  const PlayedProvider& b = Add("b");
  Start({{"a", "x"}, {"b", "y"}});
  std::optional<net::Call> call;
  net::Cancel hang_up;
  const std::string message =
      "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\ncontent-length: " + std::to_string(kBody.size()) +
      "\r\n\r\n" + kBody;
  const std::string_view pieces[] = {message};
  const auto ask = [&]() -> net::Task<void> {
    [[maybe_unused]] const auto sent = co_await call->Send("POST", pieces);
  };
  thread_.Do([&] {
    call.emplace(*to_near_, net::CallTimeouts(), hang_up);
    net::Spawn(ask());
  });
  thread_.Until([&] { return a.stalling; });
  const base::MonoTime then = clock_.Now();
  thread_.Do([&] { hang_up.Fire(base::Code::kCancelled); });
  thread_.Until([&] { return a.given_up && ended_; });
  thread_.Do([&] { call.reset(); });
  EXPECT_EQ(clock_.Now(), then);
  EXPECT_TRUE(b.heard.empty());
  EXPECT_EQ(Attempts(), "a:cancelled");
}

// ---- providers that speak another dialect than the caller

constexpr std::string_view kMessage =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"x","content":[{"type":"text","text":"hi"}],)"
    R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}})";
constexpr std::string_view kMessageStart =
    "event: message_start\n"
    R"(data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"x",)"
    R"("content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}})"
    "\n\n";
constexpr std::string_view kMessageRest =
    "event: content_block_start\n"
    R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
    "\n\nevent: content_block_delta\n"
    R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}})"
    "\n\nevent: content_block_stop\n"
    R"(data: {"type":"content_block_stop","index":0})"
    "\n\nevent: message_delta\n"
    R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}})"
    "\n\nevent: message_stop\n"
    R"(data: {"type":"message_stop"})"
    "\n\n";

// A chat request to a provider of Messages, and another behind it.
class TranslatedAnswerTest : public AnswerTest {
 protected:
  void Answers(Reply first) {
    Add("a").replies = {std::move(first)};
    Add("b").replies = {{.body = std::string(kMessage)}};
    for (const char* name : {"a", "b"}) settings_.providers[name].dialect = config::ApiDialect::kAnthropic;
    Start({{"a", "x"}, {"b", "y"}});
  }
  static Reply Stream(std::string frames) {
    return {.body = std::move(frames), .fields = "content-type: text/event-stream\r\n"};
  }
  net::Heard Chat(bool stream) {
    return Ended(
        PlayedGateway::Ask(R"({"model":"asked","messages":[{"role":"user","content":"q"}],"stream":)" +
                           std::string(stream ? "true}" : "false}")));
  }
};

TEST_F(TranslatedAnswerTest, WholeAnswerComesInTheCallersDialect) {
  Answers({.body = std::string(kMessage)});
  const net::Heard heard = Chat(false);
  EXPECT_EQ(heard.status, 200);
  EXPECT_NE(heard.body.find(R"("object":"chat.completion")"), std::string::npos);
  EXPECT_NE(heard.body.find(R"("content":"hi")"), std::string::npos);
  EXPECT_NE(providers_["a"].heard.at(0).find("/messages "), std::string::npos);
  EXPECT_EQ(record_.usage->input, 3u);
}

TEST_F(TranslatedAnswerTest, StreamComesInTheCallersDialect) {
  Answers(Stream(std::string(kMessageStart) + std::string(kMessageRest)));
  const net::Heard heard = Chat(true);
  EXPECT_EQ(heard.status, 200);
  EXPECT_NE(heard.body.find(R"("content":"hi")"), std::string::npos);
  EXPECT_TRUE(heard.body.ends_with("data: [DONE]\n\n"));
  EXPECT_EQ(heard.body.find("event:"), std::string::npos);
  EXPECT_EQ(Attempts(), "a:200");
}

TEST_F(TranslatedAnswerTest, AnswerThatCannotBeTranslatedIsTriedElsewhere) {
  Answers({.body = R"({"type":"message","content":7})"});
  const net::Heard heard = Chat(false);
  EXPECT_EQ(heard.Find("x-sluice-model"), "b/y");
  EXPECT_EQ(Attempts(), "a:not_translatable b:200");
}

TEST_F(TranslatedAnswerTest, StreamThatCannotBeTranslatedIsTriedElsewhereWhileNothingHasLeft) {
  Answers(Stream("event: message_start\ndata: {\"type\":\"message_start\",\"message\":7}\n\n"));
  const net::Heard heard = Chat(true);
  EXPECT_EQ(heard.Find("x-sluice-model"), "b/y");
  EXPECT_EQ(Attempts(), "a:not_translatable b:200");
}

TEST_F(TranslatedAnswerTest, OfAStreamThatOnlyWeCannotTranslateNobodyKnowsTheEnd) {
  Answers(Stream(std::string(kMessageStart) +
                 "event: content_block_start\ndata: "
                 "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":7}\n\n"));
  EXPECT_EQ(Chat(true).Find("x-sluice-model"), "b/y");
  EXPECT_EQ(Attempts(), "a:not_translatable b:200");
  ASSERT_TRUE(record_.attempts[0].usage);
  EXPECT_EQ(record_.attempts[0].usage->input, 3) << "as its beginning said";
  EXPECT_TRUE(record_.attempts[0].untold);
}

TEST_F(TranslatedAnswerTest, FrameAtTheLimitIsTranslated) {
  settings_.stream_frame_max = kMessageStart.size();
  Answers(Stream(std::string(kMessageStart) + std::string(kMessageRest)));
  EXPECT_EQ(Chat(true).Find("x-sluice-model"), "a/x");
  EXPECT_EQ(Attempts(), "a:200");
}

TEST_F(TranslatedAnswerTest, FrameBeyondTheLimitIsTriedElsewhereWhileNothingHasLeft) {
  settings_.stream_frame_max = settings_.answer_max = kMessageStart.size() - 1;
  Answers(Stream(std::string(kMessageStart) + std::string(kMessageRest)));
  EXPECT_EQ(Chat(true).Find("x-sluice-model"), "b/y");
  EXPECT_EQ(Attempts(), "a:not_translatable b:200");
}

}  // namespace
}  // namespace gateway
