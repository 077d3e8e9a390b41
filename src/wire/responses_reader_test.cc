#include <gtest/gtest.h>

#include <string>

#include "wire/answer_reader.h"
#include "wire/json_string.h"

namespace wire {
namespace {

using chat::FinishReason;
using chat::Operation;

AnswerFacts Event(std::string_view payload, TextSink* sink = nullptr) {
  const auto facts = ReadChunk(Operation::kResponses, payload, sink);
  EXPECT_TRUE(facts) << payload;
  return facts.value_or(AnswerFacts{});
}

AnswerFacts Whole(std::string_view body, TextSink* sink = nullptr) {
  const auto facts = ReadAnswer(Operation::kResponses, body, sink);
  EXPECT_TRUE(facts) << body;
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

TEST(ResponsesReaderTest, AWholeAnswer) {
  Collector collector;
  const auto facts = Whole(
      R"( {"id":"resp_1","object":"response","status":"completed","error":null,"incomplete_details":null,)"
      R"("instructions":"not an answer","model":"gpt-x","output":[)"
      R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"e"},)"
      R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"h\u0069","annotations":[]},)"
      R"({"type":"refusal","refusal":"no"}]}],"usage":{"input_tokens":3,"output_tokens":5}})",
      &collector);
  EXPECT_TRUE(facts.has_text);
  EXPECT_EQ(collector.text, "1(hm)0(hi)2(no)");
  EXPECT_EQ(facts.finish, FinishReason::kStop);
  EXPECT_EQ(facts.model.Text(), "gpt-x");
  EXPECT_EQ(facts.usage, R"({"input_tokens":3,"output_tokens":5})");
  EXPECT_FALSE(facts.error);
  EXPECT_FALSE(facts.ends || facts.sign_of_life || facts.IsUsageOnly());
}

TEST(ResponsesReaderTest, ACompletedAnswerThatCallsFunctionsStoppedForThem) {
  for (const char* item :
       {R"({"arguments":"{}","type":"function_call"})", R"({"type":"custom_tool_call","input":"{}"})"}) {
    Collector collector;
    const auto facts =
        Whole(R"({"output":[)" + std::string(item) + R"(],"status":"completed","model":"m"})", &collector);
    EXPECT_EQ(facts.finish, FinishReason::kToolCalls) << item;
    EXPECT_EQ(collector.text, "3({})") << item;
    EXPECT_TRUE(facts.has_text) << item;
  }
}

TEST(ResponsesReaderTest, WhyAnAnswerIsIncomplete) {
  const auto finish = [](std::string_view details) {
    return Whole(R"({"status":"incomplete","output":[],"incomplete_details":)" + std::string(details) + "}")
        .finish;
  };
  EXPECT_EQ(finish(R"({"reason":"max_output_tokens"})"), FinishReason::kLength);
  EXPECT_EQ(finish(R"({"reason":"content_filter"})"), FinishReason::kContentFilter);
  EXPECT_EQ(finish(R"({"reason":"something_new"})"), FinishReason::kOther);
  EXPECT_EQ(finish("null"), FinishReason::kOther);
  EXPECT_EQ(Whole(R"({"status":"in_progress"})").finish, FinishReason::kNone);
  EXPECT_EQ(Whole(R"({"status":"cancelled"})").finish, FinishReason::kOther);
}

TEST(ResponsesReaderTest, AFailureOfTheProviderIsAnErrorAndOneOfTheRequestAnAnswer) {
  std::string body;  // which the facts look into
  const auto failed = [&body](std::string_view error) {
    body = R"({"status":"failed","error":)" + std::string(error) + "}";
    return Whole(body);
  };
  EXPECT_EQ(failed(R"({"code":"server_error","message":"m"})").error->code, R"("server_error")");
  EXPECT_TRUE(failed(R"({"code":"rate_limit_exceeded"})").error);
  EXPECT_TRUE(failed(R"({"code":"something_new"})").error);
  EXPECT_TRUE(failed("null").error);
  for (const char* code :
       {"invalid_prompt", "image_too_large", "empty_image_file", "context_length_exceeded"}) {
    const auto facts = failed(R"({"message":"m","code":")" + std::string(code) + "\"}");
    EXPECT_FALSE(facts.error) << code;
    EXPECT_EQ(facts.finish, FinishReason::kOther) << code;
  }
  EXPECT_TRUE(Whole(R"({"error":{"message":"m"}})").error);
}

TEST(ResponsesReaderTest, TheStartOfAStreamTellsTheModelAndIsNoToken) {
  const auto facts =
      Event(R"({"type":"response.created","sequence_number":0,"response":{"id":"r","status":"in_progress",)"
            R"("error":null,"model":"gpt-x","output":[],"usage":null,"instructions":"long"}})");
  EXPECT_FALSE(facts.has_text || facts.ends || facts.error);
  EXPECT_EQ(facts.model.Text(), "gpt-x");
  EXPECT_EQ(facts.sequence_number, 0);
  EXPECT_EQ(facts.finish, FinishReason::kNone);
}

TEST(ResponsesReaderTest, WhatIsAFirstToken) {
  for (const char* payload :
       {R"({"type":"response.output_text.delta","delta":"x"})",
        R"({"delta":"x","type":"response.refusal.delta"})",
        R"({"type":"response.reasoning_summary_text.delta","delta":"x"})",
        R"({"type":"response.reasoning_text.delta","delta":"x"})",
        R"({"type":"response.function_call_arguments.delta","delta":"{"})",
        R"({"type":"response.audio.delta","delta":"AAAA"})",
        R"({"type":"response.of_tomorrow.delta","delta":"x"})",
        R"({"type":"response.output_item.added","item":{"type":"function_call","name":"f","arguments":""}})",
        R"({"type":"response.output_item.added","item":{"type":"web_search_call"}})"}) {
    EXPECT_TRUE(Event(payload).has_text) << payload;
  }
  for (const char* payload :
       {R"({"type":"response.output_text.delta","delta":""})", R"({"type":"response.output_text.delta"})",
        R"({"type":"response.in_progress","response":{"output":[]}})",
        R"({"type":"response.output_item.added","item":{"type":"message","content":[]}})",
        R"({"type":"response.output_item.added","item":{"type":"reasoning","summary":[]}})",
        R"({"type":"response.content_part.added","part":{"type":"output_text","text":""}})",
        R"({"type":"keepalive","sequence_number":3})"}) {
    EXPECT_FALSE(Event(payload).has_text) << payload;
  }
}

TEST(ResponsesReaderTest, TextIsToldOnceThoughItIsRepeatedAtTheEnd) {
  Collector collector;
  for (
      const char* payload :
      {R"({"type":"response.reasoning_summary_text.delta","delta":"hm"})",
       R"({"type":"response.reasoning_summary_text.done","text":"hm"})",
       R"({"type":"response.output_text.delta","delta":"hi"})",
       R"({"type":"response.output_text.done","text":"hi"})",
       R"({"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"hi"}]}})",
       R"({"type":"response.function_call_arguments.delta","delta":"{}"})",
       R"({"type":"response.function_call_arguments.done","arguments":"{}"})",
       R"({"type":"response.completed","response":{"status":"completed","output":[{"type":"message",)"
       R"("content":[{"type":"output_text","text":"hi"}]},{"type":"function_call","arguments":"{}"}]}})"}) {
    Event(payload, &collector);
  }
  EXPECT_EQ(collector.text, "1(hm)0(hi)3({})");
}

TEST(ResponsesReaderTest, TheLastEventTellsUsageAndWhyItEnded) {
  const auto completed = Event(
      R"({"response":{"usage":{"input_tokens":3},"status":"completed","output":[{"type":"function_call"}]},)"
      R"("sequence_number":12,"type":"response.completed"})");
  EXPECT_TRUE(completed.ends);
  EXPECT_EQ(completed.finish, FinishReason::kToolCalls);
  EXPECT_EQ(completed.usage, R"({"input_tokens":3})");
  EXPECT_EQ(completed.sequence_number, 12);
  const auto incomplete = Event(
      R"({"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}})");
  EXPECT_TRUE(incomplete.ends && !incomplete.error);
  EXPECT_EQ(incomplete.finish, FinishReason::kLength);
  const auto failed = Event(
      R"({"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"m"}}})");
  EXPECT_TRUE(failed.ends && failed.error);
  const auto refused =
      Event(R"({"type":"response.failed","response":{"status":"failed","error":{"code":"invalid_prompt"}}})");
  EXPECT_TRUE(refused.ends && !refused.error);
}

TEST(ResponsesReaderTest, AnErrorEventIsReadInBothOfItsShapes) {
  const auto flat =
      Event(R"({"type":"error","code":"server_error","message":"m","param":null,"sequence_number":4})");
  EXPECT_EQ(flat.error->code, R"("server_error")");
  EXPECT_EQ(flat.error->message, R"("m")");
  EXPECT_FALSE(flat.ends);
  const auto nested = Event(R"({"error":{"type":"t","code":"c","message":"m"},"type":"error"})");
  EXPECT_EQ(nested.error->code, R"("c")");
  EXPECT_TRUE(Event(R"({"type":"error"})").error);
  EXPECT_FALSE(Event(R"({"type":"response.output_text.done","code":"c","message":"m"})").error);
}

TEST(ResponsesReaderTest, ASequenceNumberThatIsNoneIsNotRead) {
  for (const char* number : {"-1", "1.5", "\"3\"", "9223372036854775807", "null"}) {
    EXPECT_FALSE(Event(R"({"type":"x","sequence_number":)" + std::string(number) + "}").sequence_number)
        << number;
  }
}

TEST(ResponsesReaderTest, AKeepaliveIsASignOfLifeAndDoneIsNoEnd) {
  EXPECT_TRUE(Event(R"({"type":"keepalive","sequence_number":3})").sign_of_life);
  SseFrame frame;
  frame.kind = SseKind::kDone;
  frame.payload = "[DONE]";
  EXPECT_FALSE(ReadFrame(Operation::kResponses, frame));
  EXPECT_EQ(EndOfStream(chat::Dialect::kResponses), "response.completed");
}

TEST(ResponsesReaderTest, WhatIsNotAnObjectIsRefused) {
  for (const char* body : {"", "[]", "null", "<html>", R"({"output":[)", R"({"output":[]} x)"}) {
    EXPECT_FALSE(ReadAnswer(Operation::kResponses, body)) << body;
    EXPECT_FALSE(ReadChunk(Operation::kResponses, body)) << body;
  }
}

TEST(ResponsesReaderTest, MembersOfOddKindsAreNoAnswer) {
  for (
      const char* body :
      {R"({"output":{},"status":7,"incomplete_details":[],"usage":[],"model":1,"error":""})",
       R"({"output":[1,{"content":{},"summary":"x","arguments":{},"type":3},{"content":[1,{"text":1,"refusal":[]}]}]})",
       R"({"type":3,"delta":{},"response":[],"item":"x","error":null})"}) {
    for (const auto& facts : {Whole(body), Event(body)}) {
      EXPECT_FALSE(facts.ends || facts.error) << body;
      EXPECT_EQ(facts.finish, FinishReason::kNone) << body;
    }
  }
}

}  // namespace
}  // namespace wire
