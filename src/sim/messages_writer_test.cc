#include "sim/messages_writer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/json_find.h"
#include "sim/messages_ask.h"
#include "wire/json_scanner.h"

namespace sim {
namespace {

Answer Plan(const std::string& more, const Fault& fault = {}) {
  const MessagesRules rules;
  const std::string body =
      R"({"model":"claude-sonnet-5","messages":[{"role":"user","content":"Explain the tides"}])" +
      (more.find("max_tokens") == std::string::npos ? std::string(R"(,"max_tokens":4000)") : std::string()) +
      more + "}";
  const auto read = ReadMessagesAsk(body, rules);
  EXPECT_TRUE(read) << read.error().message;
  base::Random random(9);
  Answer answer = PlanAnswer(read->ask, HabitsOf(read->ask, Dialect::kAnthropic), fault, random);
  answer.usage.prompt = read->prompt.tokens.size();
  answer.choices[0].signature = "c2ln";
  return answer;
}

struct Event {
  std::string name;
  std::string data;
  std::size_t token;
};

std::vector<Event> Stream(const Answer& answer) {
  std::vector<Event> events;
  MessagesWriter writer(answer);
  while (const auto frame = writer.Next()) {
    const std::string bytes(frame->bytes);
    const std::size_t data = bytes.find("\ndata: ");
    EXPECT_TRUE(bytes.starts_with("event: ") && bytes.ends_with("\n\n") && data != std::string::npos);
    events.push_back({bytes.substr(7, data - 7), bytes.substr(data + 7), frame->token});
    EXPECT_TRUE(wire::ScanJson(events.back().data)) << bytes;
    EXPECT_EQ(FindText(events.back().data, "type"), events.back().name);
  }
  return events;
}

std::string Joined(const std::vector<Event>& events, std::string_view member) {
  std::string joined;
  for (const Event& event : events) {
    if (const auto delta = FindMember(event.data, "delta")) joined += FindText(delta->raw, member);
  }
  return joined;
}

std::int64_t UsageOf(const std::string& object, std::string_view name) {
  return FindInteger(FindMember(object, "usage")->raw, name).value_or(-1);
}

constexpr const char* kThinking = R"(,"thinking":{"type":"enabled","budget_tokens":1024})";
constexpr const char* kTools =
    R"(,"tools":[{"name":"f","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}])";

TEST(MessagesWriterTest, AStreamOfTextHasItsEventsInOrder) {
  const Answer answer = Plan(R"(,"max_tokens":2)");
  std::vector<std::string> names;
  std::vector<std::size_t> tokens;
  for (const Event& event : Stream(answer)) names.push_back(event.name), tokens.push_back(event.token);
  EXPECT_EQ(names, (std::vector<std::string>{"message_start", "content_block_start", "ping",
                                             "content_block_delta", "content_block_delta",
                                             "content_block_stop", "message_delta", "message_stop"}));
  EXPECT_EQ(tokens, (std::vector<std::size_t>{0, 1, 0, 1, 2, 2, 2, 2}));
}

TEST(MessagesWriterTest, AStreamSaysWhatTheWholeAnswerSays) {
  for (const char* more : {"", kThinking, kTools}) {
    const Answer answer = Plan(more);
    const Choice& choice = answer.choices[0];
    const std::vector<Event> events = Stream(answer);
    EXPECT_EQ(Joined(events, "text"), choice.text);
    EXPECT_EQ(Joined(events, "thinking"), choice.reasoning);
    EXPECT_EQ(Joined(events, "signature"), choice.reasoning.empty() ? "" : "c2ln");
    EXPECT_EQ(Joined(events, "partial_json"), choice.calls.empty() ? "" : choice.calls[0].arguments);
    const std::string whole = MessagesWriter(answer).Whole();
    ASSERT_TRUE(wire::ScanJson(whole)) << whole;
    EXPECT_EQ(FindText(whole, "stop_reason"), Joined(events, "stop_reason"));
    EXPECT_EQ(UsageOf(whole, "output_tokens"), static_cast<std::int64_t>(answer.usage.completion));
    EXPECT_EQ(UsageOf(events[events.size() - 2].data, "output_tokens"), UsageOf(whole, "output_tokens"));
  }
}

TEST(MessagesWriterTest, StopReasonsHaveAnthropicsNames) {
  EXPECT_EQ(FindText(MessagesWriter(Plan("")).Whole(), "stop_reason"), "end_turn");
  EXPECT_EQ(FindText(MessagesWriter(Plan(R"(,"max_tokens":3)")).Whole(), "stop_reason"), "max_tokens");
  EXPECT_EQ(FindText(MessagesWriter(Plan(kTools)).Whole(), "stop_reason"), "tool_use");
  const std::string stopped = MessagesWriter(Plan(R"(,"stop_sequences":["e"])")).Whole();
  EXPECT_EQ(FindText(stopped, "stop_reason"), "stop_sequence");
  EXPECT_EQ(FindText(stopped, "stop_sequence"), "e");
}

TEST(MessagesWriterTest, InputTokensAreWithoutTheCache) {
  Answer answer = Plan("");
  answer.usage.prompt = 2000;
  answer.usage.cached = 1200;
  answer.usage.written_5m = 300;
  answer.usage.written_1h = 100;
  const std::string whole = MessagesWriter(answer).Whole();
  EXPECT_EQ(UsageOf(whole, "input_tokens"), 400);
  EXPECT_EQ(UsageOf(whole, "cache_creation_input_tokens"), 400);
  EXPECT_EQ(UsageOf(whole, "cache_read_input_tokens"), 1200);
  const std::string usage(FindMember(whole, "usage")->raw);
  EXPECT_EQ(FindInteger(FindMember(usage, "cache_creation")->raw, "ephemeral_1h_input_tokens"), 100);
}

TEST(MessagesWriterTest, AToolUseCutByTheLimitIsStillJson) {
  const Answer answer = Plan(std::string(kTools) + R"(,"max_tokens":3)");
  ASSERT_FALSE(wire::ScanJson(answer.choices[0].calls[0].arguments));
  EXPECT_TRUE(wire::ScanJson(MessagesWriter(answer).Whole()));
}

TEST(MessagesWriterTest, ACallWithoutArgumentsIsToldByEmptyPieces) {
  const Answer answer = Plan(R"(,"tools":[{"name":"now","input_schema":{"type":"object","properties":{}}}],)"
                             R"("tool_choice":{"type":"any"})");
  ASSERT_EQ(answer.choices[0].calls.at(0).arguments, "{}");
  const std::vector<Event> events = Stream(answer);
  EXPECT_EQ(Joined(events, "partial_json"), "");
  EXPECT_NE(events.back().name, "error");
}

TEST(MessagesWriterTest, FaultsTakeTheEndOrTheUsageAway) {
  Fault fault;
  fault.no_done = true;
  fault.no_usage = true;
  const std::vector<Event> events = Stream(Plan("", fault));
  EXPECT_EQ(events.back().name, "message_delta");
  for (const Event& event : events) EXPECT_EQ(event.data.find("\"usage\""), std::string::npos);
}

TEST(MessagesWriterTest, ARunOutOfResourcesIsAnErrorEvent) {
  Fault fault;
  fault.insufficient_after = 2;
  const std::vector<Event> events = Stream(Plan("", fault));
  EXPECT_EQ(events.back().name, "error");
  EXPECT_EQ(FindText(FindMember(events.back().data, "error")->raw, "type"), "overloaded_error");
}

}  // namespace
}  // namespace sim
