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

TEST(PromptTextTest, TheInputOfAToolIsReadAsItStands) {
  const PromptText found = Read(
      Operation::kMessages,
      R"({"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1",)"
      R"("name":"f","input":{"city":"Par\u0069s","n":[1]}}]}]})");
  EXPECT_EQ(found.text, R"(f{"city":"Par\u0069s","n":[1]})");
}

TEST(PromptTextTest, ADocumentInWordsIsText) {
  const PromptText found = Read(
      Operation::kMessages,
      R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"document","title":"T ",)"
      R"("source":{"type":"text","media_type":"text/plain","data":"plain "}},{"type":"document","source":)"
      R"({"type":"content","content":[{"type":"text","text":"pieces"}]}}]}]})");
  EXPECT_EQ(found.text, "T plain pieces");
  EXPECT_EQ(found.other_tokens, 0);
  EXPECT_FALSE(found.complete);
}

TEST(PromptTextTest, WhatIsNoTextIsEstimatedByRulesOfThumb) {
  const std::string page(kPageBytes / 3 * 4, 'A');
  const auto messages = [](const std::string& block) {
    return Read(Operation::kMessages,
                R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":[)" + block + "]}]}")
        .other_tokens;
  };
  const std::string pdf =
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":")";
  EXPECT_EQ(messages(pdf + "AAAA\"}}"), kPageTokens);
  EXPECT_EQ(messages(pdf + page + page + "\"}}"), 2 * kPageTokens);
  EXPECT_EQ(messages(R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}})"),
            kPictureTokens);
  EXPECT_EQ(messages(R"({"type":"tool_result","tool_use_id":"t","content":[)"
                     R"({"type":"image","source":{"type":"url","url":"https://h/i.png"}}]})"),
            kPictureTokens);
  const auto file = [](const std::string& data) {
    return Read(Operation::kChat,
                R"({"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"filename":"f",)"
                R"("file_data":")" +
                    data + R"("}}]}]})")
        .other_tokens;
  };
  EXPECT_EQ(file("data:application/pdf;base64," + page), kPageTokens);
  EXPECT_EQ(file("data:text/plain;base64," + page),
            static_cast<std::int64_t>(page.size() / 4 * 3 / kTextFileBytesPerToken));
  EXPECT_EQ(file("no data URL"), 0);
  EXPECT_EQ(
      Read(Operation::kResponses,
           R"({"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_data":)"
           R"("data:application/pdf;base64,AAAA"},{"type":"input_image","image_url":"https://h/i.png"}]}]})")
          .other_tokens,
      kPageTokens + kPictureTokens);
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
