#include <gtest/gtest.h>

#include <set>

#include "translate/json_value_for_test.h"
#include "translate/messages_assembler_for_test.h"
#include "translate/played_stream_for_test.h"
#include "translate/translate.h"

namespace translate {
namespace {

using chat::Operation;
using Payloads = std::vector<std::string>;

// What a caller of `caller` gets of a stream of `provider`, told as payloads.
std::string Pass(Operation provider, Operation caller, const Payloads& payloads) {
  const auto request = ReadRequest(caller, LeastAsked(caller));
  const Between between = Answered(*request, provider);
  StreamTranslation translation(between);
  std::string said;
  for (const std::string& payload : payloads) {
    EXPECT_TRUE(translation.Take(FrameOf(payload), said)) << payload;
  }
  EXPECT_TRUE(translation.ended());
  return said;
}

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

Payloads MessagesCall(const Payloads& deltas) {
  Payloads stream = {
      R"({"type":"message_start","message":{"id":"m","model":"c","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})",
      R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})"};
  for (const std::string& json : deltas) {
    stream.push_back(
        R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":")" +
        json + R"("}})");
  }
  stream.push_back(R"({"type":"content_block_stop","index":0})");
  stream.push_back(
      R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}})");
  stream.push_back(R"({"type":"message_stop"})");
  return stream;
}

std::string ChatCall(std::string_view calls, std::string_view finish = "null") {
  return R"({"id":"c","model":"g","choices":[{"index":0,"delta":{"tool_calls":[)" + std::string(calls) +
         R"(]},"finish_reason":)" + std::string(finish) + "}]}";
}

std::string Called(int index, std::string_view arguments) {
  const std::string number = std::to_string(index);
  return R"({"index":)" + number + R"(,"id":"t)" + number +
         R"(","type":"function","function":{"name":"f","arguments":")" + std::string(arguments) + R"("}})";
}

std::string More(int index, std::string_view arguments) {
  return R"({"index":)" + std::to_string(index) + R"(,"function":{"arguments":")" + std::string(arguments) +
         R"("}})";
}

TEST(StreamCallsTest, ACallWithoutArgumentsHasAnEmptyObject) {
  for (const Payloads& deltas :
       {Payloads{}, Payloads{""}, Payloads{"", ""}, Payloads{"{}"}, Payloads{"", "{}"}}) {
    const std::string chat = Pass(Operation::kMessages, Operation::kChat, MessagesCall(deltas));
    EXPECT_EQ(Count(chat, R"("arguments":"{}")"), 1U) << chat;
    const std::string responses = Pass(Operation::kMessages, Operation::kResponses, MessagesCall(deltas));
    EXPECT_EQ(Count(responses, R"("delta":"{}")"), 1U) << responses;
    EXPECT_EQ(Count(responses, R"("arguments":"{}")"), 3U)
        << responses;  // at its end, in the item, in the end
  }
  const std::string none =
      Pass(Operation::kChat, Operation::kResponses, {ChatCall(Called(0, ""), R"("tool_calls")"), "[DONE]"});
  EXPECT_EQ(Count(none, R"("arguments":"{}")"), 3U) << none;
}

TEST(StreamCallsTest, CallsThatInterleaveAreToldOneBehindTheOther) {
  const std::string said =
      Pass(Operation::kChat, Operation::kMessages,
           {ChatCall(Called(0, "") + "," + Called(1, "")), ChatCall(More(1, R"({\"b\":)")),
            ChatCall(More(0, R"({\"a\":1)")), ChatCall(More(1, "2}")),
            ChatCall(More(0, "}"), R"("tool_calls")"), "[DONE]"});
  const std::size_t first_stop = said.find(R"({"type":"content_block_stop","index":0})");
  const std::size_t second = said.find(R"({"type":"content_block_start","index":1)");
  ASSERT_NE(first_stop, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(first_stop, second);
  EXPECT_LT(said.find(R"("partial_json":"{\"a\":1")"), first_stop);
  EXPECT_GT(said.find(R"("partial_json":"{\"b\":2}")"), second) << said;
  EXPECT_EQ(Count(said, R"("type":"content_block_stop")"), 2U);
}

TEST(StreamCallsTest, ACallAfterACallStreamsAtOnce) {
  const auto request = ReadRequest(Operation::kMessages, LeastAsked(Operation::kMessages));
  const Between between = Answered(*request, Operation::kChat);
  StreamTranslation translation(between);
  std::string said;
  for (const std::string& payload :
       {ChatCall(Called(0, "{}")), ChatCall(Called(1, "")), ChatCall(More(1, R"({\"b\")"))}) {
    ASSERT_TRUE(translation.Take(FrameOf(payload), said));
  }
  EXPECT_NE(said.find(R"("partial_json":"{\"b\"")"), std::string::npos) << said;
}

TEST(StreamCallsTest, WhatWaitsIsBounded) {
  const auto request = ReadRequest(Operation::kMessages, LeastAsked(Operation::kMessages));
  Between between = Answered(*request, Operation::kChat);
  between.answer_max = 100;
  StreamTranslation translation(between);
  std::string said;
  ASSERT_TRUE(translation.Take(FrameOf(ChatCall(Called(0, "") + "," + Called(1, ""))), said));
  const std::size_t waiting = std::string_view("t1f").size();
  ASSERT_TRUE(translation.Take(FrameOf(ChatCall(More(1, std::string(100 - waiting, ' ')))), said));
  const auto taken = translation.Take(FrameOf(ChatCall(More(1, " "))), said);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, base::Code::kTooLarge);
}

TEST(StreamCallsTest, AWholeAnswerBecomesAStreamForWhoAskedForOne) {
  const std::string body =
      R"({"id":"c","object":"chat.completion","created":1,"model":"g","mood":1,"choices":[{"index":0,"message":)"
      R"({"role":"assistant","content":"hi","tool_calls":[{"id":"t","type":"function","function":{"name":"f",)"
      R"("arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":2}})";
  for (const Operation caller : {Operation::kMessages, Operation::kResponses}) {
    const auto request = ReadRequest(caller, LeastAsked(caller));
    const Between between = Answered(*request, Operation::kChat);
    const auto whole = TranslateAnswer(between, body);
    const auto stream = TranslateAnswerToStream(between, body);
    ASSERT_TRUE(whole && stream);
    EXPECT_EQ(stream->dropped, std::vector<std::string>{"mood"});
    EXPECT_EQ(stream->dropped, whole->dropped);
    if (caller == Operation::kMessages) {
      EXPECT_EQ(ValueOf(AssembleMessages(stream->body)), ValueOf(whole->body));
    } else {
      EXPECT_EQ(Count(stream->body, "event: response.completed\n"), 1U);
      EXPECT_EQ(Count(stream->body, R"("delta":"hi")"), 1U);
    }
  }
}

TEST(StreamCallsTest, AWholeAnswersLossesAreNamedTheSameInAStream) {
  const std::string body =
      R"({"id":"r","object":"response","created_at":1,"model":"g","status":"completed","service_tier":"flex","newer":1,"output":[)"
      R"({"type":"web_search_call","id":"w","status":"completed"},)"
      R"({"type":"function_call","id":"i","call_id":"t","name":"f","arguments":"[1]"}]})";
  const auto request = ReadRequest(Operation::kMessages, LeastAsked(Operation::kMessages));
  const Between between = Answered(*request, Operation::kResponses);
  const auto whole = TranslateAnswer(between, body);
  const auto stream = TranslateAnswerToStream(between, body);
  ASSERT_TRUE(whole && stream);
  EXPECT_EQ(std::set<std::string>(stream->dropped.begin(), stream->dropped.end()),
            std::set<std::string>(whole->dropped.begin(), whole->dropped.end()));
}

}  // namespace
}  // namespace translate
