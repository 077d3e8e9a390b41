#include <gtest/gtest.h>

#include "translate/played_stream_for_test.h"
#include "translate/translate.h"
#include "wire/json_scanner.h"

// What chat had before it had tools: `functions`, `function_call` and the role `function`.

namespace translate {
namespace {

using chat::Flavour;
using chat::Operation;

constexpr std::string_view kAsked =
    R"({"model":"m","messages":[{"role":"user","content":"q"},)"
    R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{\"x\":1}"}},)"
    R"({"role":"function","name":"f","content":"r"}],)"
    R"("functions":[{"name":"f","description":"d","parameters":{"type":"object"}}],"function_call":{"name":"f"}})";

Between From(const Request& request, Operation provider) {
  return {.request = request,
          .provider = provider,
          .flavour = provider == Operation::kMessages ? Flavour::kAnthropic : Flavour::kOpenai,
          .now = 1,
          .request_id = "req_1"};
}

std::string Stream(const Between& between, const std::vector<std::string>& payloads,
                   std::vector<std::string>& lost) {
  StreamTranslation translation(between);
  std::string said;
  for (const std::string& payload : payloads) {
    EXPECT_TRUE(translation.Take(FrameOf(payload), said));
  }
  lost = translation.dropped();
  return said;
}

TEST(ChatFunctionsTest, BecomeToolsOneAtATime) {
  const auto request = ReadRequest(Operation::kChat, kAsked);
  ASSERT_TRUE(request) << request.error().detail;
  const auto messages = WriteRequest(*request, {.operation = Operation::kMessages,
                                                .flavour = Flavour::kAnthropic,
                                                .model = "claude-opus-4-6",
                                                .max_output = 9});
  ASSERT_TRUE(messages) << messages.error().detail;
  EXPECT_NE(messages->body.find(R"({"type":"tool_use","id":"call_function_0","name":"f","input":{"x":1}})"),
            std::string::npos)
      << messages->body;
  EXPECT_NE(messages->body.find(R"({"type":"tool_result","tool_use_id":"call_function_0","content":"r"})"),
            std::string::npos)
      << messages->body;
  EXPECT_NE(
      messages->body.find(R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}])"),
      std::string::npos)
      << messages->body;
  EXPECT_NE(messages->body.find(R"("disable_parallel_tool_use":true)"), std::string::npos) << messages->body;
  EXPECT_TRUE(messages->dropped.empty());
  const auto responses = WriteRequest(
      *request, {.operation = Operation::kResponses, .flavour = Flavour::kOpenai, .model = "gpt-5.2"});
  ASSERT_TRUE(responses) << responses.error().detail;
  EXPECT_NE(responses->body.find(R"("parallel_tool_calls":false)"), std::string::npos) << responses->body;
  EXPECT_TRUE(WriteRequest(
      *request,
      {.operation = Operation::kMessages, .flavour = Flavour::kDeepseek, .model = "deepseek-flash"}));
}

TEST(ChatFunctionsTest, WhatAnswersNoCallIsMalformed) {
  for (const std::string turns :
       {R"({"role":"user","content":"q"})",
        R"({"role":"assistant","content":null,"function_call":{"name":"g","arguments":""}})"}) {
    const std::string asked =
        R"({"model":"m","messages":[)" + turns + R"(,{"role":"function","name":"f","content":"r"}]})";
    const auto read = ReadRequest(Operation::kChat, asked);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().detail, "'messages[1]' must follow the function_call that it answers");
  }
}

TEST(ChatFunctionsTest, BesideToolsTheyAreRefused) {
  const std::string asked =
      R"({"model":"m","messages":[{"role":"user","content":"q"}],"functions":[{"name":"f"}],)"
      R"("tools":[{"type":"function","function":{"name":"g"}}]})";
  const auto request = ReadRequest(Operation::kChat, asked);
  const auto said = WriteRequest(
      *request,
      {.operation = Operation::kMessages, .flavour = Flavour::kAnthropic, .model = "claude-opus-4-6"});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().field, "functions");
}

TEST(ChatFunctionsTest, AWholeAnswerSaysFunctionCallAndNamesASecondOne) {
  const auto request = ReadRequest(Operation::kChat, kAsked);
  const auto said = TranslateAnswer(
      From(*request, Operation::kMessages),
      R"({"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"tool_use","id":"t","name":"f","input":{"x":2}},)"
      R"({"type":"tool_use","id":"u","name":"f","input":{}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":1}})");
  ASSERT_TRUE(said);
  EXPECT_NE(said->body.find(R"("function_call":{"name":"f","arguments":"{\"x\":2}"})"), std::string::npos)
      << said->body;
  EXPECT_NE(said->body.find(R"("finish_reason":"function_call")"), std::string::npos) << said->body;
  EXPECT_EQ(said->body.find("tool_calls"), std::string::npos) << said->body;
  EXPECT_EQ(said->dropped, std::vector<std::string>{"content[1]"});
}

TEST(ChatFunctionsTest, AStreamSaysFunctionCallToo) {
  const auto request = ReadRequest(Operation::kChat, kAsked);
  std::vector<std::string> lost;
  const std::string said = Stream(
      From(*request, Operation::kMessages),
      {R"({"type":"message_start","message":{"id":"m","model":"c","content":[]}})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}})",
       R"({"type":"content_block_stop","index":0})",
       R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"u","name":"f","input":{}}})",
       R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}})",
       R"({"type":"content_block_stop","index":1})",
       R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":1}})",
       R"({"type":"message_stop"})"},
      lost);
  EXPECT_NE(said.find(R"("delta":{"function_call":{"name":"f","arguments":""}})"), std::string::npos) << said;
  const std::size_t piece = said.find(R"("delta":{"function_call":{"arguments":"{}"}})");
  EXPECT_NE(piece, std::string::npos) << said;
  EXPECT_EQ(said.find(R"("delta":{"function_call":{"arguments")", piece + 1), std::string::npos) << said;
  EXPECT_NE(said.find(R"("finish_reason":"function_call")"), std::string::npos) << said;
  EXPECT_EQ(lost, std::vector<std::string>{"content[1].id"});
}

}  // namespace
}  // namespace translate
