#include <gtest/gtest.h>

#include <string>

#include "wire/answer_reader.h"
#include "wire/json_string.h"

namespace wire {
namespace {

using chat::FinishReason;
using chat::Operation;

AnswerFacts Event(std::string_view payload, TextSink* sink = nullptr) {
  const auto facts = ReadChunk(Operation::kMessages, payload, sink);
  EXPECT_TRUE(facts) << payload;
  return facts.value_or(AnswerFacts{});
}

class Collector : public TextSink {
 public:
  void OnText(TextKind kind, std::string_view inside) override {
    text += std::to_string(static_cast<int>(kind)) + "(";
    AppendUnescaped(text, inside);
    text += ")";
  }
  std::string text;
};

TEST(MessagesReaderTest, AWholeAnswer) {
  Collector collector;
  const auto facts = ReadAnswer(
      Operation::kMessages,
      R"( {"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[)"
      R"({"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"h\u0069"},)"
      R"({"type":"tool_use","id":"toolu_1","name":"f","input":{"text":"not an answer"}}],)"
      R"("stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":5}})",
      &collector);
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->has_text);
  EXPECT_EQ(collector.text, "1(hm)0(hi)");
  EXPECT_EQ(facts->finish, FinishReason::kToolCalls);
  EXPECT_EQ(facts->model.Text(), "claude-x");
  EXPECT_EQ(facts->usage, R"({"input_tokens":3,"output_tokens":5})");
  EXPECT_FALSE(facts->error);
  EXPECT_FALSE(facts->ends || facts->sign_of_life || facts->IsUsageOnly());
}

TEST(MessagesReaderTest, TheStartOfAStreamTellsModelAndUsageAndIsNoToken) {
  const auto facts = Event(R"({"message":{"id":"m","model":"claude-x","content":[],"stop_reason":null,)"
                           R"("usage":{"input_tokens":3,"output_tokens":1}},"type":"message_start"})");
  EXPECT_FALSE(facts.has_text);
  EXPECT_EQ(facts.model.Text(), "claude-x");
  EXPECT_EQ(facts.usage, R"({"input_tokens":3,"output_tokens":1})");
  EXPECT_EQ(facts.finish, FinishReason::kNone);
}

TEST(MessagesReaderTest, WhatIsAFirstToken) {
  for (
      const char* payload :
      {R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" "}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"x"}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","input":{}}})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"x"}})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"e"}})"}) {
    EXPECT_TRUE(Event(payload).has_text) << payload;
  }
}

TEST(MessagesReaderTest, WhatIsNotAFirstToken) {
  for (const char* payload :
       {R"({"type":"ping"})", R"({"type":"message_stop"})", R"({"type":"content_block_stop","index":0})",
        R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
        R"({"type":"content_block_start","content_block":{"thinking":"","signature":"","type":"thinking"}})",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}})",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}})",
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}})", "{}"}) {
    EXPECT_FALSE(Event(payload).has_text) << payload;
  }
}

TEST(MessagesReaderTest, PiecesOfTextAreGivenByKind) {
  Collector collector;
  Event(R"({"delta":{"type":"text_delta","text":"a\n"}})", &collector);
  Event(R"({"delta":{"type":"thinking_delta","thinking":"b"}})", &collector);
  Event(R"({"delta":{"type":"input_json_delta","partial_json":"{\"c\""}})", &collector);
  EXPECT_EQ(collector.text, "0(a\n)1(b)3({\"c\")");
}

TEST(MessagesReaderTest, TheEndTellsReasonAndUsageAndComesInTwoEvents) {
  const auto delta =
      Event(R"({"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},)"
            R"("usage":{"output_tokens":9}})");
  EXPECT_EQ(delta.finish, FinishReason::kLength);
  EXPECT_EQ(delta.usage, R"({"output_tokens":9})");
  EXPECT_FALSE(delta.ends);
  EXPECT_TRUE(Event(R"({"type":"message_stop"})").ends);
}

TEST(MessagesReaderTest, StopReasonsHaveTheirNoun) {
  const auto finish = [](const std::string& word) {
    return Event(R"({"delta":{"stop_reason":")" + word + R"("}})").finish;
  };
  EXPECT_EQ(finish("end_turn"), FinishReason::kStop);
  EXPECT_EQ(finish("stop_sequence"), FinishReason::kStop);
  EXPECT_EQ(finish("max_tokens"), FinishReason::kLength);
  EXPECT_EQ(finish("model_context_window_exceeded"), FinishReason::kLength);
  EXPECT_EQ(finish("tool_use"), FinishReason::kToolCalls);
  EXPECT_EQ(finish("refusal"), FinishReason::kContentFilter);
  EXPECT_EQ(finish("pause_turn"), FinishReason::kOther);
  EXPECT_EQ(finish(""), FinishReason::kNone);
}

TEST(MessagesReaderTest, APingIsASignOfLife) {
  EXPECT_TRUE(Event(R"({"type":"ping"})").sign_of_life);
  EXPECT_TRUE(Event(R"({"\u0074ype": "p\u0069ng"})").sign_of_life);
  EXPECT_FALSE(Event(R"({"type":"pong"})").sign_of_life);
  EXPECT_FALSE(Event(R"({"delta":{"type":"ping"}})").sign_of_life);
}

TEST(MessagesReaderTest, AnErrorIsFoundInAStreamAndInABody) {
  const auto facts = Event(
      R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"})");
  ASSERT_TRUE(facts.error);
  EXPECT_EQ(facts.error->type, "\"overloaded_error\"");
  EXPECT_EQ(facts.error->message, "\"Overloaded\"");
  EXPECT_FALSE(Event(R"({"error":null})").error);
}

TEST(MessagesReaderTest, CountedTokensAreNoUsage) {
  const auto facts = ReadAnswer(Operation::kCountTokens, R"({"input_tokens":14})");
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->usage.empty());
}

TEST(MessagesReaderTest, MembersOfTheWrongKindArePassedOver) {
  for (
      const char* payload :
      {R"({"type":7,"message":"x","delta":[1],"content_block":null,"usage":3,"model":{},"content":{"text":1}})",
       R"({"message":{"usage":[],"model":1,"content":[1,null,{"text":[]}]},"delta":{"text":{},"stop_reason":7}})"}) {
    const auto facts = Event(payload);
    EXPECT_FALSE(facts.has_text || facts.ends || facts.sign_of_life || facts.error) << payload;
    EXPECT_TRUE(facts.usage.empty()) << payload;
  }
}

TEST(MessagesReaderTest, WhatIsNoJsonObjectIsAnError) {
  for (const char* payload : {"", "[]", "[DONE]", "<html>", R"({"type":"ping")", R"({"a":1}})", "null"}) {
    EXPECT_FALSE(ReadChunk(Operation::kMessages, payload)) << payload;
  }
}

TEST(ReadFrameTest, DoneIsTheEndOfOneDialectAndNothingInTheOther) {
  SseFrame done;
  done.kind = SseKind::kDone;
  done.payload = "[DONE]";
  const auto openai = ReadFrame(Operation::kChat, done);
  ASSERT_TRUE(openai);
  EXPECT_TRUE(openai->ends);
  EXPECT_FALSE(ReadFrame(Operation::kMessages, done));
  EXPECT_EQ(EndOfStream(chat::Dialect::kOpenai), "[DONE]");
  EXPECT_EQ(EndOfStream(chat::Dialect::kAnthropic), "message_stop");
}

}  // namespace
}  // namespace wire
