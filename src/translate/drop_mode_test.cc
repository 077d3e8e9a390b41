#include <gtest/gtest.h>

#include <algorithm>

#include "translate/translate.h"

// What cannot be said is left out and named: what is sent is still the caller's question.

namespace translate {
namespace {

using chat::Flavour;
using chat::Operation;

tl::expected<SaidRequest, Unsayable> Drop(Operation from, const std::string& body, Operation to,
                                          Flavour flavour) {
  const auto request = ReadRequest(from, body);
  EXPECT_TRUE(request) << body;
  return WriteRequest(*request, {.operation = to, .flavour = flavour, .model = "m", .drop_unsayable = true});
}

TEST(DropModeTest, AQuestionOfNothingElseIsRefused) {
  const std::string chat =
      R"({"model":"m","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"a"},)"
      R"({"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]})";
  const std::string messages =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}]})";
  const std::string responses =
      R"({"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_id":"f"},{"type":"input_text","text":""}]}]})";
  struct Case {
    Operation from;
    const std::string& body;
    Operation to;
    Flavour flavour;
    std::string_view field;
  };
  const Case cases[] = {
      {Operation::kChat, chat, Operation::kMessages, Flavour::kAnthropic, "messages[2].content[0]"},
      {Operation::kMessages, messages, Operation::kChat, Flavour::kOpenai, "messages[0].content[0]"},
      {Operation::kMessages, messages, Operation::kResponses, Flavour::kOpenai, "messages[0].content[0]"},
      {Operation::kResponses, responses, Operation::kMessages, Flavour::kAnthropic, "input[0].content[0]"},
      {Operation::kResponses, responses, Operation::kChat, Flavour::kDeepseek, "input[0].content[0]"}};
  for (const Case& one : cases) {
    const auto said = Drop(one.from, one.body, one.to, one.flavour);
    ASSERT_FALSE(said) << one.body << said->body;
    EXPECT_EQ(said.error().field, one.field);
    EXPECT_NE(said.error().detail.find("nothing would be left"), std::string::npos) << said.error().detail;
  }
}

TEST(DropModeTest, AWordBesideItIsAQuestion) {
  const auto said =
      Drop(Operation::kMessages,
           R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"q"},)"
           R"({"type":"document","source":{"type":"file","file_id":"f"}}]}]})",
           Operation::kChat, Flavour::kOpenai);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->dropped, std::vector<std::string>{"messages[0].content[1]"});
}

TEST(DropModeTest, ADocumentIsSentWhereOnlyItsCitationsCannotBeSaid) {
  const std::string with =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[)"
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf",)"
      R"("data":"JVBERg=="},"citations":{"enabled":true}},{"type":"text","text":"q"}]}]})";
  std::string without = with;
  const std::string_view citations = R"(,"citations":{"enabled":true})";
  without.erase(without.find(citations), citations.size());
  for (const Operation to : {Operation::kChat, Operation::kResponses}) {
    const auto said = Drop(Operation::kMessages, with, to, Flavour::kOpenai);
    ASSERT_TRUE(said);
    EXPECT_EQ(said->dropped, std::vector<std::string>{"messages[0].content[0].citations"});
    EXPECT_EQ(said->body, Drop(Operation::kMessages, without, to, Flavour::kOpenai)->body);
  }
}

TEST(DropModeTest, ResponsesSayAgainWhatWasUsedAndNotWhatWasDropped) {
  const std::string body =
      R"({"model":"m","input":"q","temperature":1.5,"top_p":0.5,"metadata":{"a":"b"},"prompt_cache_key":"k",)"
      R"("tools":[{"type":"web_search"},{"type":"function","name":"f","parameters":{"type":"object"}}]})";
  const auto request = ReadRequest(Operation::kResponses, body);
  ASSERT_TRUE(request);
  const auto asked = WriteRequest(*request, {.operation = Operation::kMessages,
                                             .flavour = Flavour::kAnthropic,
                                             .model = "claude-sonnet-4-5",
                                             .drop_unsayable = true});
  ASSERT_TRUE(asked);
  const auto answer = TranslateAnswer(
      {.request = *request,
       .provider = Operation::kMessages,
       .flavour = Flavour::kAnthropic,
       .now = 1,
       .request_id = "req_1",
       .dropped = asked->dropped},
      R"({"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn",)"
      R"("usage":{"input_tokens":1,"output_tokens":1}})");
  ASSERT_TRUE(answer);
  const auto says = [&](std::string_view part) { return answer->body.find(part) != std::string::npos; };
  EXPECT_TRUE(says(R"("metadata":{})") && says(R"("prompt_cache_key":null)")) << answer->body;
  EXPECT_TRUE(says(R"("tools":[{"type":"function")") && !says("web_search")) << answer->body;
  EXPECT_TRUE(says(R"("temperature":1.0)")) << answer->body;
  const bool top_p_dropped =
      std::find(asked->dropped.begin(), asked->dropped.end(), "top_p") != asked->dropped.end();
  EXPECT_TRUE(says(top_p_dropped ? R"("top_p":1.0)" : R"("top_p":0.5)")) << answer->body;
}

TEST(DropModeTest, WhatAUserSaysBeforeAResultIsSaidBehindIt) {
  const auto said = Drop(
      Operation::kMessages,
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[)"
      R"({"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"text","text":"first"},{"type":"tool_result","tool_use_id":"a","content":"ra"},)"
      R"({"type":"text","text":"then"},{"type":"tool_result","tool_use_id":"b","content":"rb"}]}]})",
      Operation::kChat, Flavour::kOpenai);
  ASSERT_TRUE(said);
  const std::string& body = said->body;
  const std::size_t places[] = {body.find("\"tool_calls\""), body.find("\"ra\""), body.find("\"rb\""),
                                body.find("\"first\""), body.find("\"then\"")};
  for (std::size_t i = 1; i < std::size(places); ++i) {
    EXPECT_LT(places[i - 1], places[i]) << body;
    EXPECT_NE(places[i], std::string::npos) << body;
  }
  EXPECT_TRUE(said->dropped.empty());
}

}  // namespace
}  // namespace translate
