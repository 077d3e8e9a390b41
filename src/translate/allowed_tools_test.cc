#include "translate/allowed_tools_internal.h"

#include <gtest/gtest.h>

#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"

namespace translate {
namespace {

constexpr std::string_view kOfChat =
    R"({"model":"gpt-5.2","messages":[{"role":"user","content":"q"}],)"
    R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"g"}}],)"
    R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":)"
    R"([{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"g"}}]}}})";
constexpr std::string_view kOfResponses =
    R"("tool_choice":{"type":"allowed_tools","mode":"required","tools":)"
    R"([{"type":"function","name":"f"},{"type":"custom","name":"g"}]})";

TEST(AllowedToolsTest, AChoiceOfSomeToolsIsSaidInBothDialectsOfOpenai) {
  const auto request = ReadChatRequest(kOfChat);
  ASSERT_TRUE(request);
  std::string said;
  Losses losses;
  WriteResponsesRequest(*request, {.operation = chat::Operation::kResponses, .model = "gpt-5.2"}, said,
                        losses);
  EXPECT_NE(said.find(kOfResponses), std::string::npos) << said;
  const auto again = ReadResponsesRequest(said);
  ASSERT_TRUE(again);
  std::string back;
  WriteChatRequest(*again, {.model = "gpt-5.2"}, back, losses);
  EXPECT_NE(ValueOf(back).find(
                ValueOf(kOfChat.substr(kOfChat.find(R"({"type":"allowed_tools")"),
                                       kOfChat.size() - 1 - kOfChat.find(R"({"type":"allowed_tools")")))),
            std::string::npos)
      << back;
  EXPECT_FALSE(losses.AnyUnsayable());
}

TEST(AllowedToolsTest, OtherServersDoNotKnowIt) {
  const auto request = ReadChatRequest(kOfChat);
  ASSERT_TRUE(request);
  for (const auto flavour : {chat::Flavour::kDeepseek, chat::Flavour::kCompatible}) {
    std::string said;
    Losses losses;
    WriteChatRequest(*request, {.flavour = flavour, .model = "m"}, said, losses);
    EXPECT_TRUE(losses.AnyUnsayable());
    EXPECT_EQ(said.find("allowed_tools"), std::string::npos);
  }
}

TEST(AllowedToolsTest, WhatNamesToolsOfOneDialectOnlyIsNoneOfThese) {
  using internal::ReadAllowedTools;
  constexpr auto kResponses = chat::Operation::kResponses;
  EXPECT_TRUE(ReadAllowedTools(kResponses, R"({"type":"allowed_tools","mode":"auto","tools":[]})"));
  EXPECT_FALSE(
      ReadAllowedTools(kResponses, R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"mcp"}]})"));
  EXPECT_FALSE(ReadAllowedTools(kResponses,
                                R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function"}]})"));
  EXPECT_FALSE(ReadAllowedTools(kResponses, R"({"type":"allowed_tools","tools":[]})"));
  EXPECT_FALSE(ReadAllowedTools(kResponses, R"({"type":"mcp","server_label":"s"})"));
  EXPECT_FALSE(ReadAllowedTools(kResponses, R"("auto")"));
  EXPECT_FALSE(
      ReadAllowedTools(chat::Operation::kChat, R"({"type":"allowed_tools","mode":"auto","tools":[]})"));
}

}  // namespace
}  // namespace translate
