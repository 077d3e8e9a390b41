#include "wire/answer_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "wire/json_string.h"

namespace wire {
namespace {

using chat::FinishReason;
using chat::Operation;

AnswerFacts Chunk(std::string_view payload, Operation operation = Operation::kChat) {
  const auto facts = ReadChunk(operation, payload);
  EXPECT_TRUE(facts) << payload;
  return facts.value_or(AnswerFacts{});
}

AnswerFacts Delta(const std::string& delta) {
  return Chunk(R"({"choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":null}]})");
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

TEST(AnswerReaderTest, AnOrdinaryChunk) {
  const auto facts = Chunk(
      R"({"id":"c","object":"chat.completion.chunk","model":"gpt-x-1","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}],"usage":null})");
  EXPECT_TRUE(facts.has_text);
  EXPECT_FALSE(facts.choices_empty);
  EXPECT_EQ(facts.finish, FinishReason::kNone);
  EXPECT_TRUE(facts.usage.empty());
  EXPECT_EQ(facts.model.Text(), "gpt-x-1");
  EXPECT_FALSE(facts.error);
  EXPECT_FALSE(facts.IsUsageOnly());
}

TEST(AnswerReaderTest, WhatIsAFirstToken) {
  for (const char* delta :
       {R"({"content":"x"})", R"({"content":null,"reasoning_content":"hm"})", R"({"refusal":"no"})",
        R"({"tool_calls":[{"index":0,"id":"t"}]})", R"({"audio":{"id":"a"}})",
        R"({"function_call":{"name":"f"}})", R"({"content":[{"type":"text","text":"x"}]})",
        R"({"content":" "})", R"({"content":null,"reasoning":"hm"})",
        R"({"content":"","thinking_blocks":[{"type":"thinking","thinking":"hm"}]})",
        R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]})"}) {
    EXPECT_TRUE(Delta(delta).has_text) << delta;
  }
}

TEST(AnswerReaderTest, WhatIsNotAFirstToken) {
  for (const char* delta :
       {"{}", R"({"role":"assistant"})", R"({"role":"assistant","content":""})",
        R"({"role":"assistant","content":null,"reasoning_content":""})", R"({"refusal":null})",
        R"({"content":"","reasoning":"","reasoning_content":null})", R"({"reasoning":{"text":"x"}})",
        R"({"thinking_blocks":[{"type":"thinking","thinking":"","signature":"s"}]})", R"({"tool_calls":[]})",
        R"({"audio":null})", R"({"content":[]})", "null", "7"}) {
    EXPECT_FALSE(Delta(delta).has_text) << delta;
  }
}

TEST(AnswerReaderTest, FinishReasonsInTheProvidersWords) {
  const auto finish = [](const std::string& word) {
    return Chunk(R"({"choices":[{"delta":{},"finish_reason":)" + word + "}]}").finish;
  };
  EXPECT_EQ(finish("null"), FinishReason::kNone);
  EXPECT_EQ(finish(R"("")"), FinishReason::kNone);
  EXPECT_EQ(finish(R"("stop")"), FinishReason::kStop);
  EXPECT_EQ(finish(R"("length")"), FinishReason::kLength);
  EXPECT_EQ(finish(R"("tool_calls")"), FinishReason::kToolCalls);
  EXPECT_EQ(finish(R"("function_call")"), FinishReason::kToolCalls);
  EXPECT_EQ(finish(R"("content_filter")"), FinishReason::kContentFilter);
  EXPECT_EQ(finish(R"("insufficient_system_resource")"), FinishReason::kInsufficientResource);
  EXPECT_EQ(finish(R"("tired")"), FinishReason::kOther);
}

TEST(AnswerReaderTest, TheExtraUsageChunkIsToldFromUsageBesideTheFinish) {
  const auto extra = Chunk(R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}})");
  EXPECT_TRUE(extra.IsUsageOnly());
  EXPECT_EQ(extra.usage, R"({"prompt_tokens":1,"completion_tokens":2})");
  const auto beside =
      Chunk(R"({"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})");
  EXPECT_FALSE(beside.IsUsageOnly());
  EXPECT_EQ(beside.usage, R"({"prompt_tokens":1})");
}

TEST(AnswerReaderTest, EmptyChoicesWithoutUsageAreNotTheUsageChunk) {
  EXPECT_FALSE(Chunk(R"({"choices":[],"usage":null})").IsUsageOnly());
  EXPECT_FALSE(Chunk(R"({"choices":[ ],"prompt_filter_results":[]})").IsUsageOnly());
  EXPECT_FALSE(Chunk(R"({"choices":null,"usage":{"a":1}})").IsUsageOnly());
  EXPECT_FALSE(Chunk(R"({"usage":{"a":1}})").IsUsageOnly());
}

TEST(AnswerReaderTest, CompletionsHaveText) {
  EXPECT_TRUE(Chunk(R"({"choices":[{"text":"x","index":0}]})", Operation::kCompletion).has_text);
  EXPECT_FALSE(Chunk(R"({"choices":[{"text":"","finish_reason":"stop"}]})", Operation::kCompletion).has_text);
  EXPECT_FALSE(Chunk(R"({"choices":[{"text":"x"}]})", Operation::kChat).has_text);
}

TEST(AnswerReaderTest, ErrorsAreFound) {
  const auto facts = Chunk(R"({"error":{"message":"over \"there\"","type":"server_error","code":503}})");
  ASSERT_TRUE(facts.error);
  EXPECT_EQ(facts.error->message, R"("over \"there\"")");
  EXPECT_EQ(facts.error->type, R"("server_error")");
  EXPECT_EQ(facts.error->code, "503");
  EXPECT_EQ(Chunk(R"({"error":"broken"})").error->message, R"("broken")");
  EXPECT_TRUE(Chunk(R"({"error":{}})").error);
  EXPECT_FALSE(Chunk(R"({"error":null,"choices":[]})").error);
}

TEST(AnswerReaderTest, TextIsHandedOutInOrder) {
  Collector sink;
  ASSERT_TRUE(ReadChunk(Operation::kChat,
                        R"({"choices":[{"delta":{"reasoning_content":"why\n","content":"\u00e9",
      "tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}},{"function":{"arguments":""}}]}},
      {"index":1,"delta":{"refusal":"no","content":[{"text":"part"}]}}]})",
                        &sink));
  EXPECT_EQ(sink.text, "1(why\n)0(\xc3\xa9)3({\"a\":1})2(no)0(part)");
}

TEST(AnswerReaderTest, AThoughtIsToldOnceInWhicheverMembersItStands) {
  const auto told = [](const std::string& members) {
    Collector sink;
    EXPECT_TRUE(ReadChunk(Operation::kChat, R"({"choices":[{"delta":{)" + members + "}}]}", &sink))
        << members;
    return sink.text;
  };
  const std::string blocks =
      R"("thinking_blocks":[{"type":"thinking","thinking":"h\u006d","signature":"s"}])";
  const std::string once = "1(hm)";
  EXPECT_EQ(told(R"("reasoning":"hm")"), once);
  EXPECT_EQ(told(R"("reasoning":"hm","reasoning_content":"hm")"), once);
  EXPECT_EQ(told(R"("reasoning_content":"hm","reasoning":"hm")"), once);
  EXPECT_EQ(told(R"("reasoning_content":null,"reasoning":"hm",)" + blocks), once);
  EXPECT_EQ(told(R"("reasoning_content":"hm",)" + blocks), once);
  EXPECT_EQ(told(blocks), once);
  EXPECT_EQ(told(R"("content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}])"), once);
  EXPECT_EQ(told(R"("content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"so"}])"),
            "1(hm)0(so)");
}

TEST(AnswerReaderTest, WhatAToolOfFreeTextIsGivenIsTold) {
  Collector sink;
  ASSERT_TRUE(ReadChunk(
      Operation::kChat,
      R"({"choices":[{"delta":{"tool_calls":[{"index":0,"type":"custom","custom":{"input":"SELECT 1"}}]}}]})",
      &sink));
  EXPECT_EQ(sink.text, "3(SELECT 1)");
}

TEST(AnswerReaderTest, AWholeAnswer) {
  Collector sink;
  const auto facts = ReadAnswer(Operation::kChat,
                                R"({"model":"m-1","choices":[{"index":0,"message":{"role":"assistant",
      "content":"hello"},"finish_reason":"stop","logprobs":null}],"usage":{"prompt_tokens":1}})",
                                &sink);
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->has_text);
  EXPECT_EQ(facts->finish, FinishReason::kStop);
  EXPECT_EQ(facts->usage, R"({"prompt_tokens":1})");
  EXPECT_EQ(facts->model.Text(), "m-1");
  EXPECT_EQ(sink.text, "0(hello)");
}

TEST(AnswerReaderTest, BlankLinesBeforeAnAnswerAreKeepAlives) {
  EXPECT_TRUE(ReadAnswer(Operation::kChat, "\n\n\r\n\n{\"choices\":[]}\n"));
}

TEST(AnswerReaderTest, BrokenAnswersAreFound) {
  for (const char* body : {"", "\n\n", "<html>", "[]", "null", "\"x\"", R"({"choices":[)", "{}{}", "{} x",
                           R"({"choices":[{"message":{"content":"abc)"}) {
    EXPECT_FALSE(ReadAnswer(Operation::kChat, body)) << body;
  }
}

TEST(AnswerReaderTest, EmbeddingsHaveUsageAndModel) {
  const auto facts = ReadAnswer(Operation::kEmbedding,
                                R"({"object":"list","data":[{"embedding":[0.1,-2e-3]}],"model":"e",
      "usage":{"prompt_tokens":8,"total_tokens":8}})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->model.Text(), "e");
  EXPECT_FALSE(facts->usage.empty());
}

TEST(AnswerReaderTest, TheLastUsageWinsAndNullDoesNotUndoIt) {
  EXPECT_EQ(Chunk(R"({"usage":{"a":1},"usage":{"b":2},"usage":null})").usage, R"({"b":2})");
}

TEST(AnswerReaderTest, MembersOfTheWrongKindAreIgnored) {
  const auto facts = Chunk(R"({"choices":{"a":1},"usage":7,"model":[1],"error":false})");
  EXPECT_FALSE(facts.has_text);
  EXPECT_TRUE(facts.usage.empty());
  EXPECT_TRUE(facts.model.IsNull());
  EXPECT_FALSE(facts.error);
}

}  // namespace
}  // namespace wire
