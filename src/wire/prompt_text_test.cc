#include "wire/prompt_text.h"

#include <gtest/gtest.h>

#include "wire/json_scanner.h"
#include "wire/json_string.h"

namespace wire {
namespace {

using chat::Operation;

PromptText Read(Operation operation, const std::string& body) {
  const auto request = ParseRequest(operation, body);
  EXPECT_TRUE(request) << body;
  return ReadPromptText(*request);
}

TEST(PromptTextTest, MessagesAreReadAsPeopleReadThem) {
  const PromptText found = Read(
      Operation::kChat,
      R"({"model":"m","messages":[{"role":"system","content":"be br\u0069ef"},{"role":"user","content":[)"
      R"({"type":"text","text":" now"}]}],"stop":"no prompt"})");
  EXPECT_EQ(found.text, "be brief now");
  EXPECT_EQ(found.messages, 2);
  EXPECT_TRUE(found.complete);
}

TEST(PromptTextTest, InstructionsCountAsAMessage) {
  const PromptText messages = Read(
      Operation::kMessages,
      R"({"model":"m","max_tokens":1,"system":"be brief ","messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(messages.text, "be brief hi");
  EXPECT_EQ(messages.messages, 2);
  const PromptText responses =
      Read(Operation::kResponses, R"({"model":"m","input":"hi","instructions":" brief"})");
  EXPECT_EQ(responses.text, "hi brief");
  EXPECT_EQ(responses.messages, 2);
}

TEST(PromptTextTest, APictureIsNoText) {
  const PromptText found = Read(
      Operation::kChat,
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}},)"
      R"({"type":"text","text":"what is it"}]}]})");
  EXPECT_EQ(found.text, "what is it");
  EXPECT_FALSE(found.complete);
}

TEST(PromptTextTest, ToolsAndTheirCallsAreReadByTheModel) {
  const PromptText found = Read(
      Operation::kChat,
      R"({"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function",)"
      R"("function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"4"}],)"
      R"("tools":[{"a":1}]})");
  EXPECT_EQ(found.text, R"(f{}4[{"a":1}])");
  EXPECT_FALSE(found.complete);
}

TEST(PromptTextTest, PromptsOfCompletionsMayBeMany) {
  const PromptText found = Read(Operation::kCompletion, R"({"model":"m","prompt":["a","b"],"suffix":"c"})");
  EXPECT_EQ(found.text, "abc");
}

TEST(PromptTextTest, OfAVeryLongPromptTheBeginningIsKeptAndAllOfItMeasured) {
  const std::string escapes = "\\u00e9";
  std::string content;
  while (content.size() < 7 * PromptText::kTextBytesMax) content += escapes;
  const PromptText found =
      Read(Operation::kChat, R"({"model":"m","messages":[{"role":"user","content":")" + content + R"("}]})");
  EXPECT_EQ(found.bytes, content.size());
  EXPECT_LE(found.text.size(), PromptText::kTextBytesMax);
  EXPECT_GT(found.text.size(), PromptText::kTextBytesMax / 4);
}

TEST(CutInsideTest, NoEscapeAndNoCharacterIsCutInTwo) {
  const std::string inside = "a\\u00e9\\\\b\\n\xc3\xa9\xe4\xbd\xa0\\ud83d\\ude00z";
  for (std::size_t most = 0; most <= inside.size() + 1; ++most) {
    const std::string_view cut = CutInside(inside, most);
    EXPECT_LE(cut.size(), most);
    EXPECT_TRUE(inside.starts_with(cut));
    EXPECT_TRUE(ScanJson("\"" + std::string(cut) + "\"")) << cut;
    std::string text;
    AppendUnescaped(text, cut);
  }
  EXPECT_EQ(CutInside(inside, inside.size()), inside);
}

}  // namespace
}  // namespace wire
