#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "translate/translate.h"

// What a request says twice or to nobody, and the other dialect says once or not at all.

namespace translate {
namespace {

using chat::Flavour;
using chat::Operation;
using Names = std::vector<std::string>;

Target TargetOf(Operation operation) {
  const bool messages = operation == Operation::kMessages;
  return {.operation = operation,
          .flavour = messages ? Flavour::kAnthropic : Flavour::kOpenai,
          .model = messages ? "claude-sonnet-5" : "gpt-5"};
}

// Fails the test if `body` is refused.
Names Dropped(Operation from, std::string_view body, Operation to) {
  const auto request = ReadRequest(from, body);
  EXPECT_TRUE(request) << (request ? "" : request.error().detail);
  if (!request) return {};
  const auto said = WriteRequest(*request, TargetOf(to));
  EXPECT_TRUE(said) << (said ? "" : said.error().detail);
  return said ? said->dropped : Names();
}

std::string Chat(std::string_view messages, std::string_view rest = "") {
  return R"({"model":"m","messages":[{"role":"user","content":"q"})" + std::string(messages) + "]" +
         std::string(rest) + "}";
}

TEST(RequestLossesTest, TheLargerOfTwoLimitsIsNamed) {
  for (const Operation to : {Operation::kMessages, Operation::kResponses}) {
    EXPECT_EQ(Dropped(Operation::kChat, Chat("", R"(,"max_tokens":50,"max_completion_tokens":70)"), to),
              Names{"max_completion_tokens"});
    EXPECT_EQ(Dropped(Operation::kChat, Chat("", R"(,"max_tokens":90,"max_completion_tokens":70)"), to),
              Names{"max_tokens"});
    EXPECT_EQ(Dropped(Operation::kChat, Chat("", R"(,"max_tokens":70,"max_completion_tokens":70)"), to),
              Names{});
  }
}

TEST(RequestLossesTest, AThoughtInWordsIsNamedWhereItsBlocksSayAnother) {
  const auto with = [](std::string_view words) {
    return Chat(R"(,{"role":"assistant","content":"a","reasoning_content":")" + std::string(words) +
                R"(","thinking_blocks":[{"type":"thinking","thinking":"x","signature":"s"},)" +
                R"({"type":"thinking","thinking":"\u0079","signature":"t"}]},{"role":"user","content":"q"})");
  };
  EXPECT_EQ(Dropped(Operation::kChat, with("xy"), Operation::kMessages), Names{});
  EXPECT_EQ(Dropped(Operation::kChat, with("z"), Operation::kMessages),
            Names{"messages[1].reasoning_content"});
}

TEST(RequestLossesTest, ABudgetBesideAnEffortIsNamed) {
  const std::string_view body =
      R"({"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"q"}],)"
      R"("thinking":{"type":"enabled","budget_tokens":2048,"display":"omitted"},"output_config":{"effort":"high"}})";
  EXPECT_EQ(Dropped(Operation::kMessages, body, Operation::kResponses), Names{"thinking.budget_tokens"});
  const Names to_chat = Dropped(Operation::kMessages, body, Operation::kChat);
  EXPECT_NE(std::find(to_chat.begin(), to_chat.end(), "thinking.budget_tokens"), to_chat.end());
}

TEST(RequestLossesTest, HowMuchIsToldOfThoughtsIsNamedWhereTheProviderDecidesIt) {
  const auto with = [](std::string_view summary) {
    return R"({"model":"m","input":"q","reasoning":{"effort":"high","summary":")" + std::string(summary) +
           "\"}}";
  };
  EXPECT_EQ(Dropped(Operation::kResponses, with("auto"), Operation::kMessages), Names{});
  EXPECT_EQ(Dropped(Operation::kResponses, with("detailed"), Operation::kMessages),
            Names{"reasoning.summary"});
}

TEST(RequestLossesTest, TheNameOfAResultIsNamedUnlessItsCallHasIt) {
  const auto with = [](std::string_view name) {
    return Chat(
        R"(,{"role":"assistant","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
        R"({"role":"tool","tool_call_id":"t","content":"r","name":")" +
        std::string(name) + R"("})");
  };
  for (const Operation to : {Operation::kMessages, Operation::kResponses}) {
    EXPECT_EQ(Dropped(Operation::kChat, with("f"), to), Names{});
    EXPECT_EQ(Dropped(Operation::kChat, with("g"), to), Names{"messages[2].name"});
  }
}

TEST(RequestLossesTest, AResultThatAnswersNoCallIsRefusedByName) {
  struct Case {
    Operation from;
    Operation to;
    std::string body;
    std::string field;
  };
  const std::string messages =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"hi"},)"
      R"({"type":"tool_result","tool_use_id":"zz","content":"r"}]}]})";
  const std::string responses = R"({"model":"m","input":[{"role":"user","content":"hi"},)"
                                R"({"type":"function_call_output","call_id":"zz","output":"r"}]})";
  const std::string chat = Chat(R"(,{"role":"tool","tool_call_id":"zz","content":"r"})");
  const Case cases[] = {
      {Operation::kChat, Operation::kMessages, chat, "messages[1].tool_call_id"},
      {Operation::kChat, Operation::kResponses, chat, "messages[1].tool_call_id"},
      {Operation::kMessages, Operation::kResponses, messages, "messages[0].content[1].tool_use_id"},
      {Operation::kResponses, Operation::kMessages, responses, "input[1].call_id"},
      {Operation::kResponses, Operation::kChat, responses, "input[1].call_id"},
      {Operation::kMessages, Operation::kChat, messages, "messages[0].content[1].tool_use_id"}};
  for (const Case& one : cases) {
    const auto request = ReadRequest(one.from, one.body);
    ASSERT_TRUE(request);
    Target target = TargetOf(one.to);
    const auto refused = WriteRequest(*request, target);
    ASSERT_FALSE(refused) << one.body;
    EXPECT_EQ(refused.error().field, one.field);
    target.drop_unsayable = true;
    const auto said = WriteRequest(*request, target);
    ASSERT_TRUE(said) << said.error().detail;
    EXPECT_EQ(said->dropped, Names{one.field});
    EXPECT_EQ(said->body.find("zz"), std::string::npos) << said->body;
  }
}

TEST(RequestLossesTest, DeepseekIsStrictWithAllToolsOfARequestOrWithNone) {
  const auto with = [](std::string_view first, std::string_view second) {
    std::string tools;
    for (const std::string_view strict : {first, second}) {
      tools += std::string(tools.empty() ? "" : ",") + R"({"name":"f)" + std::to_string(tools.size()) +
               R"(","input_schema":{"type":"object"})" + std::string(strict) + "}";
    }
    return R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"tools":[)" + tools +
           "]}";
  };
  constexpr std::string_view kStrict = R"(,"strict":true)";
  Target deepseek{.operation = Operation::kChat, .flavour = Flavour::kDeepseek, .model = "deepseek-flash"};
  deepseek.beta = true;
  const std::string all = with(kStrict, kStrict);
  const auto request = ReadRequest(Operation::kMessages, all);
  ASSERT_TRUE(request);
  const auto said = WriteRequest(*request, deepseek);
  ASSERT_TRUE(said) << said.error().detail;
  EXPECT_TRUE(said->beta);
  EXPECT_NE(said->body.find(R"("strict":true)"), std::string::npos) << said->body;
  EXPECT_EQ(said->dropped, Names{});

  const std::string some = with("", kStrict);
  const auto mixed = ReadRequest(Operation::kMessages, some);
  ASSERT_TRUE(mixed);
  const auto refused = WriteRequest(*mixed, deepseek);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "tools[1].strict");
  EXPECT_NE(refused.error().detail.find("all tools"), std::string::npos) << refused.error().detail;

  const std::string loose = with("", R"(,"strict":false)");
  const auto none = ReadRequest(Operation::kMessages, loose);
  EXPECT_FALSE(WriteRequest(*none, deepseek)->beta);
  deepseek.beta = false;  // a server with DeepSeek's habits and no such path
  const auto elsewhere = WriteRequest(*request, deepseek);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().field, "tools[0].strict");
}

TEST(RequestLossesTest, WhatSaysNoMoreThanNothingIsNotRefused) {
  for (const std::string_view said : {R"("metadata":{})", R"("text":{"verbosity":"medium"})"}) {
    const std::string body = R"({"model":"m","input":"q",)" + std::string(said) + "}";
    const auto request = ReadRequest(Operation::kResponses, body);
    const auto written = WriteRequest(*request, {.operation = Operation::kMessages,
                                                 .flavour = chat::Flavour::kAnthropic,
                                                 .model = "claude-sonnet-5"});
    ASSERT_TRUE(written) << written.error().detail;
    EXPECT_EQ(written->dropped, std::vector<std::string>{});
  }
}

TEST(RequestLossesTest, OfTwoNamesOfTheUserOneIsSaidAndTheOtherNamed) {
  const std::string names = R"("user":"a","safety_identifier":"b"})";
  const std::string chat = R"({"model":"m","messages":[{"role":"user","content":"q"}],)" + names;
  const std::string responses = R"({"model":"m","input":"q",)" + names;
  for (const auto& [caller, provider, body] :
       {std::tuple{Operation::kChat, Operation::kResponses, chat},
        std::tuple{Operation::kResponses, Operation::kChat, responses}}) {
    const auto request = ReadRequest(caller, body);
    const auto written = WriteRequest(*request, {.operation = provider, .model = "gpt-5"});
    ASSERT_TRUE(written) << written.error().detail;
    EXPECT_NE(written->body.find(R"("safety_identifier":"b")"), std::string::npos) << written->body;
    EXPECT_EQ(written->dropped, std::vector<std::string>{"user"});
  }
}

TEST(RequestLossesTest, TagsAreLeftOutAndNamedWhereNobodyKeepsThem) {
  for (const Operation caller : {Operation::kChat, Operation::kResponses}) {
    const std::string body = (caller == Operation::kChat
                                  ? std::string(R"({"model":"m","messages":[{"role":"user","content":"q"}],)")
                                  : std::string(R"({"model":"m","input":"q",)")) +
                             R"("metadata":{"team":"a"}})";
    const auto request = ReadRequest(caller, body);
    const auto written = WriteRequest(*request, {.operation = Operation::kMessages,
                                                 .flavour = chat::Flavour::kAnthropic,
                                                 .model = "claude-sonnet-5"});
    ASSERT_TRUE(written) << written.error().detail;
    EXPECT_EQ(written->dropped, std::vector<std::string>{"metadata"});
    EXPECT_EQ(written->unsayable, 0U);
  }
}

}  // namespace
}  // namespace translate
