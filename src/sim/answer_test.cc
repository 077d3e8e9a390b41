#include "sim/answer.h"

#include <gtest/gtest.h>

#include "sim/chat_writer.h"
#include "sim/json_find.h"
#include "sim/tokenizer.h"
#include "wire/json_scanner.h"

namespace sim {
namespace {

using chat::Operation;

Answer Plan(const std::string& body, Dialect dialect = Dialect::kOpenai, const Fault& fault = {},
            Operation operation = Operation::kChat) {
  const auto ask = ReadAsk(operation, body);
  EXPECT_TRUE(ask) << body;
  base::Random random(9);
  Answer answer = PlanAnswer(*ask, HabitsOf(*ask, dialect), fault, random);
  answer.usage.prompt = PromptTokens(*ask).size();
  return answer;
}

std::string Ask(const std::string& more) {
  return R"({"model":"m","messages":[{"role":"user","content":"Explain the tides"}])" + more + "}";
}

TEST(AnswerTest, CompletionTokensAreTheStreamedPieces) {
  for (const Dialect dialect : {Dialect::kOpenai, Dialect::kDeepseek}) {
    const Answer answer = Plan(Ask(R"(,"n":3)"), dialect);
    std::size_t pieces = 0;
    for (const Choice& choice : answer.choices) {
      std::string joined;
      for (const Piece& piece : choice.pieces) {
        if (piece.kind == Piece::Kind::kText) joined += choice.TextOf(piece);
      }
      EXPECT_EQ(joined, choice.text);
      pieces += choice.pieces.size();
    }
    EXPECT_EQ(answer.usage.completion, pieces);
    EXPECT_EQ(answer.choices.size(), 3u);
  }
}

TEST(AnswerTest, TheTokenLimitIsHonouredExactly) {
  const std::size_t whole = Plan(Ask("")).usage.completion;
  ASSERT_GT(whole, 10u);
  for (std::size_t limit = 1; limit <= whole + 1; ++limit) {
    const Answer answer = Plan(Ask(",\"max_tokens\":" + std::to_string(limit)));
    EXPECT_EQ(answer.usage.completion, std::min(limit, whole));
    EXPECT_EQ(answer.choices[0].ending, limit < whole ? Ending::kLength : Ending::kStop);
    EXPECT_EQ(CountTokens(answer.choices[0].text), answer.usage.completion);
  }
}

TEST(AnswerTest, TheLimitCountsReasoningToo) {
  const Answer shown = Plan(Ask(R"(,"max_tokens":5)"), Dialect::kDeepseek);
  EXPECT_EQ(shown.usage.completion, 5u);
  EXPECT_EQ(shown.usage.reasoning, 5u);
  EXPECT_TRUE(shown.choices[0].text.empty());
  const Answer hidden = Plan(
      R"({"model":"gpt-5-mini","max_completion_tokens":7,"messages":[{"role":"user","content":"Explain"}]})");
  EXPECT_EQ(hidden.usage.completion, 7u);
  EXPECT_EQ(hidden.usage.reasoning, 7u);
  EXPECT_EQ(hidden.choices[0].ending, Ending::kLength);
}

TEST(AnswerTest, ThinkingCanBeSwitchedOff) {
  EXPECT_GT(Plan(Ask(""), Dialect::kDeepseek).usage.reasoning, 0u);
  EXPECT_EQ(Plan(Ask(R"(,"thinking":{"type":"disabled"})"), Dialect::kDeepseek).usage.reasoning, 0u);
}

TEST(AnswerTest, AStopSequenceIsNotPartOfTheAnswer) {
  const std::string whole = Plan(Ask("")).choices[0].text;
  const std::size_t at = whole.find(' ', 20);
  ASSERT_NE(at, std::string::npos);
  const std::string stop = whole.substr(at, 4);
  const Answer cut = Plan(Ask(",\"stop\":[\"never there\",\"" + stop + "\"]"));
  EXPECT_EQ(cut.choices[0].text, whole.substr(0, whole.find(stop)));
  EXPECT_EQ(cut.choices[0].ending, Ending::kStopSequence);
  EXPECT_EQ(cut.choices[0].stopped_at, stop);
}

TEST(AnswerTest, ExactlyTheTokensThatWereAskedFor) {
  Fault fault;
  for (const std::int64_t tokens : {1, 2, 50, 1000}) {
    fault.tokens = tokens;
    EXPECT_EQ(Plan(Ask(""), Dialect::kDeepseek, fault).usage.completion, static_cast<std::size_t>(tokens));
  }
}

TEST(AnswerTest, TheSameRequestHasTheSameIdAndText) {
  EXPECT_EQ(Plan(Ask("")).id, Plan(Ask("")).id);
  EXPECT_EQ(Plan(Ask("")).choices[0].text, Plan(Ask("")).choices[0].text);
}

TEST(AnswerTest, EachMessageCostsThreeTokensMore) {
  const auto ask = ReadAsk(Operation::kChat, R"({"model":"m","messages":[{"role":"system","content":"hello"},
    {"role":"user","content":[{"type":"text","text":"hello"},{"type":"image_url","image_url":{"url":"x"}}]}]})");
  ASSERT_TRUE(ask);
  EXPECT_EQ(PromptTokens(*ask).size(), 2 + 3 * kMessageOverheadTokens + kImageTokens);
}

TEST(ChatWriterTest, WholeAnswersAndChunksAreJson) {
  for (const Dialect dialect : {Dialect::kOpenai, Dialect::kDeepseek}) {
    for (const char* more :
         {"", R"(,"logprobs":true,"top_logprobs":3,"stream_options":{"include_usage":true})",
          R"(,"tools":[{"type":"function","function":{"name":"f"}}])"}) {
      const Answer answer = Plan(Ask(more), dialect);
      const std::string whole = ChatWriter(answer).Whole();
      EXPECT_TRUE(wire::ScanJson(whole)) << whole;
      ChatWriter writer(answer);
      std::string last;
      while (const auto frame = writer.Next()) {
        ASSERT_TRUE(frame->bytes.starts_with("data: ") && frame->bytes.ends_with("\n\n"));
        last = frame->bytes;
        if (last == "data: [DONE]\n\n") continue;
        EXPECT_TRUE(wire::ScanJson(frame->bytes.substr(6))) << last;
        EXPECT_EQ(last.find("\"usage\"") != std::string::npos, answer.include_usage) << last;
      }
      EXPECT_EQ(last, "data: [DONE]\n\n");
    }
  }
}

TEST(ChatWriterTest, ChoicesTakeTurnsAndAFrameTellsItsToken) {
  const Answer answer = Plan(Ask(R"(,"n":2,"max_tokens":3)"));
  ChatWriter writer(answer);
  std::vector<std::size_t> tokens;
  while (const auto frame = writer.Next()) tokens.push_back(frame->token);
  EXPECT_EQ(tokens, (std::vector<std::size_t>{1, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3}));  // role, three tokens, end
}

TEST(ChatWriterTest, TheFrameWithTheUsageTellsAll) {
  const auto telling = [](const Answer& answer) {
    ChatWriter writer(answer);
    std::string frames;
    while (const auto frame = writer.Next()) {
      if (frame->tells_all)
        frames += frame->bytes.find("\"choices\":[]") == std::string::npos ? "end " : "usage ";
    }
    return frames;
  };
  const std::string kUsageToo = R"(,"stream_options":{"include_usage":true})";
  Answer answer = Plan(Ask(kUsageToo), Dialect::kDeepseek);
  EXPECT_EQ(telling(answer), "end usage ");
  answer.no_usage = true;
  EXPECT_EQ(telling(answer), "");
  EXPECT_EQ(telling(Plan(Ask(kUsageToo))), "usage ");
  EXPECT_EQ(telling(Plan(Ask(""))), "");
}

TEST(ChatWriterTest, DeepseekSpellsItsCacheTwice) {
  Answer answer = Plan(Ask(""), Dialect::kDeepseek);
  answer.usage.cached = 4;
  const std::string usage = WriteUsage(answer);
  EXPECT_EQ(FindInteger(usage, "prompt_cache_hit_tokens"), 4);
  EXPECT_EQ(FindInteger(usage, "prompt_cache_miss_tokens"),
            static_cast<std::int64_t>(answer.usage.prompt) - 4);
  EXPECT_EQ(FindInteger(FindMember(usage, "prompt_tokens_details")->raw, "cached_tokens"), 4);
}

}  // namespace
}  // namespace sim
