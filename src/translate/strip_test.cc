#include "translate/strip.h"

#include <gtest/gtest.h>

#include "wire/json_scanner.h"

namespace translate {
namespace {

using chat::Flavour;
using chat::Operation;

std::string Strip(Operation operation, Flavour flavour, std::string_view body) {
  const auto stripped = StripForeign(operation, flavour, "box", body);
  if (!stripped) return "unchanged";
  EXPECT_TRUE(wire::ScanJson(stripped->body)) << stripped->body;
  std::string names;
  for (const std::string& name : stripped->dropped) names += name + " ";
  return stripped->body + " " + names;
}

TEST(StripTest, AConversationThatNeverLeftItsFamilyIsUntouched) {
  EXPECT_EQ(
      Strip(
          Operation::kMessages, Flavour::kAnthropic,
          R"({"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a \"sluice.","signature":"Eq"}]}]})"),
      "unchanged");
  EXPECT_EQ(Strip(Operation::kChat, Flavour::kDeepseek, R"({"messages":[{"reasoning_content":"a"}]})"),
            "unchanged");
  EXPECT_EQ(Strip(Operation::kEmbedding, Flavour::kOpenai, R"({"input":"\"thinking_blocks\""})"),
            "unchanged");
}

TEST(StripTest, AnotherFamilysThoughtsLeaveAMessageAndTheRestStays) {
  EXPECT_EQ(
      Strip(
          Operation::kMessages, Flavour::kAnthropic,
          R"({"messages":[ {"content":[ {"type":"thinking","signature":"sluice.openai.rs_1.x"} , )"
          R"({"type":"text","text":"hi"}, {"data":"sluice.plain.","type":"redacted_thinking"} ]}],"max_tokens":1})"),
      R"({"messages":[ {"content":[ {"type":"text","text":"hi"} ]}],"max_tokens":1} )"
      "messages[0].content[0] messages[0].content[2] ");
}

TEST(StripTest, CitationsThatAnotherFamilyMadeLeaveTheirText) {
  EXPECT_EQ(
      Strip(
          Operation::kMessages, Flavour::kAnthropic,
          R"({"messages":[{"content":[{"type":"text","text":"a","citations":[{"type":"char_location"},)"
          R"({"type":"web_search_result_location","encrypted_index":"sluice.plain."}]},{"type":"text","citations":[)"
          R"({"type":"web_search_result_location","encrypted_index":"sluice.plain."}],"text":"b"}]}]})"),
      R"({"messages":[{"content":[{"type":"text","text":"a","citations":[{"type":"char_location"}]},)"
      R"({"type":"text","text":"b"}]}]} messages[0].content[0].citations[1] messages[0].content[1].citations )");
}

TEST(StripTest, WhoIsGivenResultsWithoutTheThoughtBeforeThemAnswersWithoutThinking) {
  const std::string turns =
      R"("messages":[{"role":"user","content":"q"},{"role":"assistant","content":[)"
      R"({"type":"thinking","thinking":"h","signature":"sluice.plain."},{"type":"tool_use","id":"t","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]})";
  EXPECT_EQ(Strip(Operation::kMessages, Flavour::kAnthropic,
                  R"({"thinking":{"type":"enabled","budget_tokens":1024},)" + turns + "]}"),
            R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[)"
            R"({"type":"tool_use","id":"t","name":"f","input":{}}]},)"
            R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}]} )"
            "messages[1].content[0] thinking ");
  EXPECT_EQ(
      Strip(Operation::kMessages, Flavour::kAnthropic,
            "{" + turns + R"(,{"role":"assistant","content":"a"},{"role":"user","content":"q"}],)" +
                R"("thinking":{"type":"adaptive"}})"),
      R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[)"
      R"({"type":"tool_use","id":"t","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]},)"
      R"({"role":"assistant","content":"a"},{"role":"user","content":"q"}],"thinking":{"type":"adaptive"}} )"
      "messages[1].content[0] ");
}

TEST(StripTest, AConversationOfNothingElseIsEmptyThere) {
  EXPECT_EQ(Strip(Operation::kMessages, Flavour::kAnthropic,
                  R"({"messages":[{"content":[{"type":"thinking","signature":"sluice.plain."}]} ],"n":1})"),
            R"({"messages":[ ],"n":1} messages[0] )");
  EXPECT_EQ(Strip(Operation::kResponses, Flavour::kOpenai,
                  R"({"input":[{"type":"reasoning","encrypted_content":"sluice.plain."},)"
                  R"({"type":"reasoning","encrypted_content":"sluice.of.box..e"}]})"),
            R"({"input":[]} input[0] input[1] )");
}

TEST(StripTest, AProvidersOwnThoughtsLoseTheirMarkAndOthersGo) {
  const std::string turns =
      R"({"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"sluice.of.deepseek..s1"},)"
      R"({"type":"thinking","signature":"sluice.of.box..s2"},{"type":"text","text":"a"}]}]})";
  EXPECT_EQ(
      Strip(Operation::kMessages, Flavour::kDeepseek, turns),
      R"({"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s1"},)"
      R"({"type":"text","text":"a"}]}]} messages[0].content[1] )");
  EXPECT_EQ(Strip(Operation::kMessages, Flavour::kCompatible, turns),
            R"({"messages":[{"role":"assistant","content":[)"
            R"({"type":"thinking","signature":"s2"},{"type":"text","text":"a"}]}]} messages[0].content[0] )");
  for (const auto operation : {Operation::kMessages, Operation::kCountTokens}) {
    EXPECT_EQ(Strip(operation, Flavour::kAnthropic, turns),
              R"({"messages":[{"role":"assistant","content":[{"type":"text","text":"a"}]}]} )"
              "messages[0].content[0] messages[0].content[1] ");
  }
  EXPECT_EQ(
      Strip(Operation::kResponses, Flavour::kCompatible,
            R"({"input":[{"type":"reasoning","encrypted_content":"sluice.of.box..e"},)"
            R"({"encrypted_content":"sluice.of.box..","type":"reasoning"},)"
            R"({"type":"reasoning","encrypted_content":"of the family"}]})"),
      R"({"input":[{"type":"reasoning","encrypted_content":"e"},{"encrypted_content":null,"type":"reasoning"}]} )"
      "input[2] ");
}

TEST(StripTest, ThoughtsInPlainTextAreReadByCopiesAndRefusedByAnthropic) {
  const std::string turns =
      R"({"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":""},{"type":"text","text":"a"}]}]})";
  EXPECT_EQ(Strip(Operation::kMessages, Flavour::kDeepseek, turns), "unchanged");
  EXPECT_EQ(
      Strip(Operation::kMessages, Flavour::kAnthropic, turns),
      R"({"messages":[{"role":"assistant","content":[{"type":"text","text":"a"}]}]} messages[0].content[0] )");
  EXPECT_EQ(
      Strip(
          Operation::kMessages, Flavour::kDeepseek,
          R"({"messages":[{"content":[{"type":"redacted_thinking","data":"d"},{"type":"thinking","signature":"s"}]}]})"),
      R"({"messages":[{"content":[{"type":"thinking","signature":"s"}]}]} messages[0].content[0] )");
  EXPECT_EQ(
      Strip(Operation::kMessages, Flavour::kCompatible,
            R"({"messages":[{"content":[{"type":"thinking","signature":"s"},{"type":"text","text":"a"}]}]})"),
      R"({"messages":[{"content":[{"type":"text","text":"a"}]}]} messages[0].content[0] )");
}

TEST(StripTest, AMessageOfNothingElseGoesWhole) {
  EXPECT_EQ(
      Strip(
          Operation::kMessages, Flavour::kAnthropic,
          R"({"messages":[{"role":"user","content":"q"},{"content":[{"type":"thinking","signature":"sluice.plain."}]}]})"),
      R"({"messages":[{"role":"user","content":"q"}]} messages[1] )");
}

TEST(StripTest, NeighboursAtTheEndShareACommaAndGoTogether) {
  EXPECT_EQ(
      Strip(Operation::kResponses, Flavour::kOpenai,
            R"({"input":[{"role":"user"},{"type":"reasoning","encrypted_content":"sluice.anthropic.a"}, )"
            R"({"type":"reasoning","encrypted_content":"sluice.anthropic.b"}]})"),
      R"({"input":[{"role":"user"}]} input[1] input[2] )");
}

TEST(StripTest, ChatLosesOurOwnMembersAndOpenaiWhatItDoesNotKnow) {
  constexpr std::string_view kBody =
      R"({"messages":[{"role":"assistant","reasoning_content":"r","thinking_blocks":[{"signature":"x"}],"content":"c"}]})";
  EXPECT_EQ(
      Strip(Operation::kChat, Flavour::kDeepseek, kBody),
      R"({"messages":[{"role":"assistant","reasoning_content":"r","content":"c"}]} messages[0].thinking_blocks )");
  EXPECT_EQ(Strip(Operation::kChat, Flavour::kOpenai, kBody),
            R"({"messages":[{"role":"assistant","content":"c"}]} )"
            "messages[0].reasoning_content messages[0].thinking_blocks ");
  EXPECT_EQ(Strip(Operation::kChat, Flavour::kCompatible,
                  R"({"messages":[{"content":"c", "thinking_blocks" : [] }]})"),
            R"({"messages":[{"content":"c" }]} messages[0].thinking_blocks )");
}

}  // namespace
}  // namespace translate
