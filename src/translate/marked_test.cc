#include "translate/marked.h"

#include <gtest/gtest.h>

#include "wire/json_scanner.h"

namespace translate {
namespace {

using chat::Operation;

std::string Mark(Operation operation, Said said, std::string_view json) {
  const auto marked = MarkThoughts(operation, "box", said, json);
  if (!marked) return "unchanged";
  EXPECT_TRUE(wire::ScanJson(*marked)) << *marked;
  return *marked;
}

TEST(MarkedTest, EachSealOfAMessageIsMarkedAndNothingElseChanges) {
  EXPECT_EQ(
      Mark(Operation::kMessages, Said::kWhole,
           R"({ "content" : [ {"type":"thinking","thinking":"t", "signature" : "s/1" } ,)"
           R"({"type":"redacted_thinking","data":"d"},{"type":"text","text":"\"signature\""}]})"),
      R"({ "content" : [ {"type":"thinking","thinking":"t", "signature" : "sluice.of.box..s/1" } ,)"
      R"({"type":"redacted_thinking","data":"sluice.of.box..d"},{"type":"text","text":"\"signature\""}]})");
}

TEST(MarkedTest, AThoughtWithoutASealIsGivenOneThatIsOnlyTheMark) {
  EXPECT_EQ(Mark(Operation::kMessages, Said::kWhole,
                 R"({"content":[{"type":"thinking","thinking":"t"},{"signature":"","type":"thinking"}]})"),
            R"({"content":[{"signature":"sluice.of.box..","type":"thinking","thinking":"t"},)"
            R"({"signature":"sluice.of.box..","type":"thinking"}]})");
}

TEST(MarkedTest, AResponsesThoughtWithoutASealStaysAsItCame) {
  EXPECT_EQ(
      Mark(Operation::kResponses, Said::kWhole,
           R"({"output":[{"type":"reasoning","id":"r"},{"type":"reasoning","encrypted_content": null}]})"),
      "unchanged");
}

TEST(MarkedTest, AStreamsBlockIsMarkedWhereItsSealComes) {
  EXPECT_EQ(
      Mark(
          Operation::kMessages, Said::kEvent,
          R"({"type":"content_block_start","content_block":{"type":"thinking","thinking":"","signature":""}})"),
      "unchanged");
  EXPECT_EQ(
      Mark(Operation::kMessages, Said::kEvent,
           R"({"type":"content_block_start","content_block":{"type":"redacted_thinking","data":"d"}})"),
      R"({"type":"content_block_start","content_block":{"type":"redacted_thinking","data":"sluice.of.box..d"}})");
  EXPECT_EQ(
      Mark(Operation::kMessages, Said::kEvent,
           R"({"type":"content_block_delta","delta":{"type":"signature_delta","signature":"s"}})"),
      R"({"type":"content_block_delta","delta":{"type":"signature_delta","signature":"sluice.of.box..s"}})");
}

TEST(MarkedTest, AResponsesThoughtIsMarkedAtItsEndAndAtTheEndOfAll) {
  EXPECT_EQ(
      Mark(Operation::kResponses, Said::kEvent,
           R"({"type":"response.output_item.done","item":{"type":"reasoning","encrypted_content":"e"}})"),
      R"({"type":"response.output_item.done","item":{"type":"reasoning","encrypted_content":"sluice.of.box..e"}})");
  EXPECT_EQ(Mark(Operation::kResponses, Said::kEvent,
                 R"({"response":{"output":[{"type":"reasoning","encrypted_content":"e"}]}})"),
            R"({"response":{"output":[{"type":"reasoning","encrypted_content":"sluice.of.box..e"}]}})");
}

TEST(MarkedTest, WhatHoldsNoThoughtIsUnchanged) {
  EXPECT_EQ(Mark(Operation::kMessages, Said::kWhole, R"({"content":[{"type":"text","text":"a"}]})"),
            "unchanged");
  EXPECT_EQ(Mark(Operation::kMessages, Said::kWhole,
                 R"({"content":[{"type":"tool_use","input":{"signature":"s"}}]})"),
            "unchanged");
  EXPECT_EQ(Mark(Operation::kResponses, Said::kWhole, R"({"reasoning":{"effort":"low"},"output":[]})"),
            "unchanged");
  EXPECT_EQ(Mark(Operation::kChat, Said::kWhole, R"({"thinking_blocks":[{"signature":"s"}]})"), "unchanged");
  EXPECT_EQ(Mark(Operation::kMessages, Said::kWhole, R"({"content":[{"type":"thinking","signature":"s")"),
            "unchanged");
}

}  // namespace
}  // namespace translate
