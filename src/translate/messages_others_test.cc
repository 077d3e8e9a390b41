#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "translate/chat_generator_for_test.h"
#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "translate/losses.h"
#include "translate/messages_assembler_for_test.h"
#include "translate/messages_generator_for_test.h"
#include "translate/responses_generator_for_test.h"
#include "wire/sse.h"

// What others say, said in Messages.

namespace translate {
namespace {

constexpr std::uint64_t kSeeds = 300;
constexpr Target kClaude{.operation = chat::Operation::kMessages,
                         .flavour = chat::Flavour::kAnthropic,
                         .model = "claude-sonnet-4-5"};

Between From(chat::Operation provider, const Request& caller) {
  return {.request = caller, .provider = provider, .now = 1234, .request_id = "req_g"};
}

// The names of what was left out of it.
std::string SayToClaude(const Request& request, std::string& out, Target target = kClaude) {
  Losses losses;
  WriteMessagesRequest(request, target, out, losses);
  EXPECT_TRUE(ReadMessagesRequest(out)) << out;
  std::string names;
  for (const std::string& name : losses.Names(request.body)) names += name + " ";
  return names;
}

// What Anthropic would refuse of a conversation; empty: nothing.
std::string ProblemOf(const Request& said) {
  std::set<std::string> open;  // calls of the last answer
  Role last = Role::kSystem;
  for (const Turn& turn : said.turns) {
    if (turn.role == Role::kSystem) continue;
    if (last == Role::kSystem && turn.role == Role::kAssistant) return "the assistant begins";
    if (turn.parts.empty()) return "an empty turn";
    if (turn.role != Role::kTool && !open.empty()) return "a call without its result";
    for (const Part& part : turn.parts) {
      if (part.kind == Part::Kind::kText && part.text.empty()) return "an empty text";
      if (part.kind == Part::Kind::kToolCall) open.insert(part.id.Plain());
      if (part.kind == Part::Kind::kToolResult && open.erase(part.id.Plain()) == 0)
        return "a result without its call";
    }
    if (turn.parts.back().kind == Part::Kind::kReasoning) return "a thought at the end";
    last = turn.role;
  }
  if (last == Role::kSystem) return "no turn";
  if (!open.empty()) return "a call without its result at the end";
  const bool chosen = said.tool_choice.kind != ToolChoice::Kind::kUnset;
  if (said.tools.empty() && chosen) return "a choice among no tools";
  if (said.thinking.budget_tokens && *said.thinking.budget_tokens >= *said.max_output)
    return "a budget that is too large";
  return {};
}

std::string Translate(StreamReader& reader, StreamWriter& writer, std::string_view stream) {
  std::string out;
  wire::SseFramer framer(stream.size() + 1);
  framer.Feed(stream);
  while (const auto frame = framer.Next()) {
    if (frame->kind != wire::SseKind::kData && frame->kind != wire::SseKind::kDone) continue;
    std::vector<Event> events;
    if (const auto read = reader.Read(*frame, events); !read) return read.error().detail;
    for (const Event& event : events) writer.Write(event, out);
  }
  return out;
}

std::string Whole(const Answer& answer, const Between& between) {
  std::string out;
  Losses losses;
  WriteMessagesAnswer(answer, between, out, losses);
  return ValueOf(out);
}

// Whatever of it had to be left out.
TEST(MessagesOthersTest, WhatOthersAskIsAValidRequest) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string chat = ChatGenerator(seed).Request();
    const auto request = ReadChatRequest(chat);
    ASSERT_TRUE(request) << chat;
    const std::string responses = ResponsesGenerator(seed).Request();
    const auto other = ReadResponsesRequest(responses);
    ASSERT_TRUE(other) << responses;
    for (const std::string_view model :
         {"claude-sonnet-4-5", "claude-opus-4-8", "claude-opus-5-5", "other"}) {
      Target target = kClaude;
      target.model = model;
      std::string out;
      SayToClaude(*request, out, target);
      EXPECT_EQ(ProblemOf(*ReadMessagesRequest(out)), "") << "seed " << seed << chat << out;
      out.clear();
      SayToClaude(*other, out, target);
      EXPECT_EQ(ProblemOf(*ReadMessagesRequest(out)), "") << "seed " << seed << responses << out;
    }
  }
}

TEST(MessagesOthersTest, AChatStreamTellsTheWholeAnswer) {
  const Request caller;
  const Between between = From(chat::Operation::kChat, caller);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto told = ChatGenerator(seed).Answer();
    std::string stream;
    for (const std::string& frame : told.frames) stream += "data: " + frame + "\n\n";
    const auto answer = ReadChatAnswer(told.whole);
    ASSERT_TRUE(answer) << told.whole;
    const std::string out = Translate(*MakeChatStreamReader(), *MakeMessagesStreamWriter(between), stream);
    ASSERT_EQ(ValueOf(AssembleMessages(out)), Whole(*answer, between)) << "seed " << seed << stream << out;
  }
}

TEST(MessagesOthersTest, AStreamOfResponsesTellsTheWholeAnswer) {
  const Request caller;
  const Between between = From(chat::Operation::kResponses, caller);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    ResponsesGenerator generator(seed);
    const std::string whole = generator.Answer();
    const std::string stream = generator.Stream(whole);
    const auto answer = ReadResponsesAnswer(whole);
    ASSERT_TRUE(answer) << whole;
    const std::string out =
        Translate(*MakeResponsesStreamReader(), *MakeMessagesStreamWriter(between), stream);
    ASSERT_EQ(ValueOf(AssembleMessages(out)), Whole(*answer, between)) << "seed " << seed << stream << out;
  }
}

// Neither thoughts nor images in results of tools survive everywhere.
bool Survives(std::string_view body) {
  const bool result = body.find("\"tool_result\"") != std::string_view::npos;
  return body.find("\"thinking\"") == std::string_view::npos &&
         !(result && body.find("\"image\"") != std::string_view::npos);
}

TEST(MessagesOthersTest, ARequestThatAllCanSayComesBack) {
  int compared = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto asked = MessagesGenerator(seed).Request(MessagesGenerator::Reach::kShared);
    if (!Survives(asked.body)) continue;
    ++compared;
    const auto request = ReadMessagesRequest(asked.body);
    ASSERT_TRUE(request);
    Target target = kClaude;
    target.model = asked.model;
    Losses losses;
    std::string chat;
    WriteChatRequest(*request, {.flavour = chat::Flavour::kOpenai, .model = "gpt-4o"}, chat, losses);
    const auto from_chat = ReadChatRequest(chat);
    ASSERT_TRUE(from_chat) << chat;
    std::string back;
    SayToClaude(*from_chat, back, target);
    EXPECT_EQ(ValueOf(back), ValueOf(asked.body)) << "seed " << seed << " by way of chat: " << chat;
    std::string responses;
    WriteResponsesRequest(*request, {.operation = chat::Operation::kResponses, .model = "gpt-4o"}, responses,
                          losses);
    const auto from_responses = ReadResponsesRequest(responses);
    ASSERT_TRUE(from_responses) << responses;
    back.clear();
    SayToClaude(*from_responses, back, target);
    EXPECT_EQ(ValueOf(back), ValueOf(asked.body)) << "seed " << seed << " by way of Responses: " << responses;
  }
  EXPECT_GT(compared, 50);
}

}  // namespace
}  // namespace translate
