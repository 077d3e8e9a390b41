#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "translate/played_stream_for_test.h"
#include "translate/translate.h"

// What a whole answer says that the caller's dialect has no words for.

namespace translate {
namespace {

using chat::Operation;
using Names = std::vector<std::string>;

// `answer` of `provider` as a caller of `caller` gets it. Fails the test if it cannot be read.
SaidAnswer Say(Operation provider, Operation caller, std::string_view answer) {
  const auto request = ReadRequest(caller, LeastAsked(caller));
  const Between between = Answered(*request, provider);
  auto said = TranslateAnswer(between, answer);
  EXPECT_TRUE(said) << (said ? "" : said.error().detail);
  return said ? std::move(*said) : SaidAnswer();
}

bool Holds(const SaidAnswer& said, std::string_view text) {
  return said.body.find(text) != std::string::npos;
}

std::string ChatAnswer(std::string_view message, std::string_view finish) {
  return R"({"id":"c","object":"chat.completion","created":1,"model":"g","choices":[{"index":0,"message":)"
         R"({"role":"assistant",)" +
         std::string(message) + "}" + std::string(finish) + "}]}";
}

TEST(AnswerLossesTest, AReasonThatNobodyElseHasAWordForIsNamed) {
  const std::string odd = ChatAnswer(R"("content":"a")", R"(,"finish_reason":"weird")");
  for (const Operation caller : {Operation::kMessages, Operation::kResponses}) {
    EXPECT_EQ(Say(Operation::kChat, caller, odd).dropped, Names{"choices[0].finish_reason"});
  }
  EXPECT_TRUE(Holds(Say(Operation::kChat, Operation::kMessages, odd), R"("stop_reason":"end_turn")"));
}

TEST(AnswerLossesTest, AnAnswerThatWasGivenUpDoesNotLookFinished) {
  const std::string cut = ChatAnswer(R"("content":"a")", R"(,"finish_reason":"abort")");
  const SaidAnswer messages = Say(Operation::kChat, Operation::kMessages, cut);
  EXPECT_EQ(messages.dropped, Names{"choices[0].finish_reason"});
  EXPECT_TRUE(Holds(messages, R"("stop_reason":"max_tokens")")) << messages.body;
  EXPECT_TRUE(Holds(Say(Operation::kChat, Operation::kResponses, cut), R"("status":"incomplete")"));
  const std::string odd = R"({"id":"r","object":"response","created_at":1,"model":"g","status":"incomplete",)"
                          R"("incomplete_details":{"reason":"weird"},"output":[]})";
  for (const Operation caller : {Operation::kChat, Operation::kMessages}) {
    const SaidAnswer said = Say(Operation::kResponses, caller, odd);
    EXPECT_EQ(said.dropped, Names{"incomplete_details.reason"});
    EXPECT_TRUE(Holds(said, R"("finish_reason":"length")") || Holds(said, R"("stop_reason":"max_tokens")"))
        << said.body;
  }
}

TEST(AnswerLossesTest, AnAnswerThatDoesNotSayWhyItEndedIsSaidNotTo) {
  for (const Operation caller : {Operation::kMessages, Operation::kResponses}) {
    EXPECT_EQ(
        Say(Operation::kChat, caller, ChatAnswer(R"("content":"a")", R"(,"finish_reason":null)")).dropped,
        Names{"choices[0].finish_reason"});
    EXPECT_EQ(Say(Operation::kChat, caller, ChatAnswer(R"("content":"a")", "")).dropped, Names{"choices[0]"});
  }
  const std::string null = ChatAnswer(R"("content":"a")", R"(,"finish_reason":null)");
  EXPECT_TRUE(Holds(Say(Operation::kChat, Operation::kMessages, null), R"("stop_reason":"end_turn")"));
}

TEST(AnswerLossesTest, AnAnswerOfMessagesThatDoesNotSayWhyItEndedIsSaidNotTo) {
  const auto with = [](std::string_view reason) {
    return R"({"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"a"}])" +
           std::string(reason) + "}";
  };
  for (const Operation caller : {Operation::kChat, Operation::kResponses}) {
    EXPECT_EQ(Say(Operation::kMessages, caller, with(R"(,"stop_reason":null)")).dropped,
              Names{"stop_reason"});
    EXPECT_EQ(Say(Operation::kMessages, caller, with("")).dropped, Names{"$"});
  }
}

TEST(AnswerLossesTest, WhereAPageIsCitedIsNamedToWhoHasOnlyWholeTexts) {
  const std::string cited = ChatAnswer(
      R"("content":"AB","annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t",)"
      R"("start_index":0,"end_index":1}}])",
      R"(,"finish_reason":"stop")");
  const std::string place = "choices[0].message.annotations[0].url_citation.";
  EXPECT_EQ(Say(Operation::kChat, Operation::kMessages, cited).dropped,
            (Names{place + "start_index", place + "end_index"}));
  EXPECT_EQ(Say(Operation::kChat, Operation::kResponses, cited).dropped, Names{});
  const std::string response =
      R"({"id":"r","object":"response","created_at":1,"model":"g","status":"completed","output":[{"type":"message",)"
      R"("id":"i","role":"assistant","status":"completed","content":[{"type":"output_text","text":"AB","annotations":)"
      R"([{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":1}]}]}]})";
  const std::string in_part = "output[0].content[0].annotations[0].";
  EXPECT_EQ(Say(Operation::kResponses, Operation::kMessages, response).dropped,
            (Names{in_part + "start_index", in_part + "end_index"}));
}

TEST(AnswerLossesTest, CitationsOfWhichNoneCanBeSaidLeaveNoList) {
  const std::string of_a_file =
      R"({"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"yes",)"
      R"("citations":[{"type":"char_location","cited_text":"x"}]}],"stop_reason":"end_turn","stop_sequence":null})";
  const SaidAnswer said = Say(Operation::kMessages, Operation::kChat, of_a_file);
  EXPECT_EQ(said.dropped, Names{"content[0].citations[0]"});
  EXPECT_FALSE(Holds(said, "annotations")) << said.body;
}

TEST(AnswerLossesTest, ArgumentsThatWereCutAreNamed) {
  const std::string cut = ChatAnswer(
      R"("content":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\":"}}])",
      R"(,"finish_reason":"length")");
  const SaidAnswer said = Say(Operation::kChat, Operation::kMessages, cut);
  EXPECT_EQ(said.dropped, Names{"choices[0].message.tool_calls[0].function.arguments"});
  EXPECT_TRUE(Holds(said, R"("input":{"arguments":"{\"a\":"})")) << said.body;
}

}  // namespace
}  // namespace translate
