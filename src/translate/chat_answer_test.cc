#include <gtest/gtest.h>

#include "translate/dialects_internal.h"
#include "translate/losses.h"
#include "wire/json_scanner.h"
#include "wire/usage_reader.h"

namespace translate {
namespace {

using Kind = Part::Kind;
using Names = std::vector<std::string>;

Answer Read(std::string_view body) {
  auto answer = ReadChatAnswer(body);
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().detail);
  return answer ? std::move(*answer) : Answer();
}

std::string WhyNot(std::string_view body) {
  const auto answer = ReadChatAnswer(body);
  EXPECT_FALSE(answer);
  return answer ? std::string() : answer.error().detail;
}

struct Said {
  std::string body;
  Names names;
};

Said Say(const Answer& answer, chat::Operation provider = chat::Operation::kChat) {
  Said said;
  Losses losses;
  const Request request;
  const Between between{.request = request, .provider = provider, .now = 99, .request_id = "r1"};
  WriteChatAnswer(answer, between, said.body, losses);
  said.names = losses.Names(answer.body);
  EXPECT_TRUE(wire::ScanJson(said.body)) << said.body;
  return said;
}

constexpr std::string_view kWhole =
    R"({"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"gpt","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"hi","refusal":null,"annotations":[{"type":"url_citation","url_citation":)"
    R"({"start_index":0,"end_index":2,"url":"u","title":"t"}}],"reasoning_content":"hm","tool_calls":[{"id":"c",)"
    R"("type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"logprobs":{"content":[{"token":"hi",)"
    R"("logprob":-0.1,"bytes":null,"top_logprobs":[]}],"refusal":null},"finish_reason":"tool_calls"}],"usage":)"
    R"({"prompt_tokens":30,"completion_tokens":9,"total_tokens":39,"prompt_tokens_details":{"cached_tokens":10,)"
    R"("cache_write_tokens":8,"cache_write_1h_tokens":3,"audio_tokens":0},"completion_tokens_details":)"
    R"({"reasoning_tokens":4,"audio_tokens":0}},"service_tier":"default"})";

TEST(ChatAnswerReaderTest, AnAnswerIsPartsAndAReasonAndCounts) {
  const Answer answer = Read(kWhole);
  EXPECT_EQ(answer.id.inside, "chatcmpl-1");
  EXPECT_EQ(answer.model.inside, "gpt");
  EXPECT_EQ(answer.created, 7);
  ASSERT_EQ(answer.parts.size(), 3U);
  EXPECT_EQ(answer.parts[0].kind, Kind::kReasoning);
  EXPECT_EQ(answer.parts[0].text.inside, "hm");
  EXPECT_EQ(answer.parts[1].text.inside, "hi");
  EXPECT_FALSE(answer.parts[1].citations_raw.empty());
  EXPECT_FALSE(answer.parts[1].logprobs_raw.empty());
  EXPECT_EQ(answer.parts[2].name.inside, "f");
  EXPECT_EQ(answer.finish.reason, chat::FinishReason::kToolCalls);
  EXPECT_EQ(answer.usage, (chat::Usage{.input = 12,
                                       .cached_input = 10,
                                       .cache_write_5m = 5,
                                       .cache_write_1h = 3,
                                       .output = 5,
                                       .reasoning = 4}));
  EXPECT_EQ(answer.service_tier.inside, "default");
  EXPECT_TRUE(answer.others.empty());
}

TEST(ChatAnswerReaderTest, WhatDeepseekSendsWhileItQueuesIsPassedOver) {
  const Answer answer = Read(
      "\n\n\n"
      R"({"id":"d","object":"chat.completion","created":1,"model":"deepseek-v4-pro","choices":[{"index":0,"message":)"
      R"({"role":"assistant","content":"4","reasoning_content":"2+2"},"logprobs":null,"finish_reason":"stop"}],)"
      R"("usage":{"prompt_tokens":5,"completion_tokens":4,"total_tokens":9,"prompt_cache_hit_tokens":2,)"
      R"("prompt_cache_miss_tokens":3,"completion_tokens_details":{"reasoning_tokens":3}},)"
      R"("system_fingerprint":"fp_1"})");
  EXPECT_EQ(answer.parts[0].mind, Mind::kNobody);
  EXPECT_EQ(answer.usage, (chat::Usage{.input = 3, .cached_input = 2, .output = 1, .reasoning = 3}));
  ASSERT_EQ(answer.others.size(), 1U);
  EXPECT_EQ(PathOf(answer.body, answer.others[0]), "system_fingerprint");
}

TEST(ChatAnswerReaderTest, WhatVllmTellsBesideIsReadOrNamed) {
  const Answer answer = Read(
      R"({"id":"v","object":"chat.completion","created":1,"model":"q","choices":[{"index":0,"message":{"role":"assistant",)"
      R"("content":"ab","refusal":null,"annotations":null,"audio":null,"function_call":null,"tool_calls":[],)"
      R"("reasoning":"r","reasoning_content":"r"},"logprobs":null,"finish_reason":"stop","stop_reason":"END",)"
      R"("token_ids":null}],"service_tier":null,"system_fingerprint":null,"usage":{"prompt_tokens":1,"total_tokens":3,)"
      R"("completion_tokens":2,"prompt_tokens_details":null},"prompt_logprobs":null,"prompt_token_ids":null,)"
      R"("kv_transfer_params":null})");
  EXPECT_EQ(answer.finish.stop_sequence.inside, "END");
  EXPECT_TRUE(answer.others.empty());
  ASSERT_EQ(answer.parts.size(), 2U);
  EXPECT_EQ(answer.parts[0].text.inside, "r");
}

TEST(ChatAnswerReaderTest, WhatSglangMetIsAStopSequenceOrATokenThatIsNamed) {
  EXPECT_EQ(Read(R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop","matched_stop":"END"}]})")
                .finish.stop_sequence.inside,
            "END");
  const Answer token =
      Read(R"({"choices":[{"message":{"content":"a"},"finish_reason":"stop","matched_stop":151645}]})");
  EXPECT_TRUE(token.finish.stop_sequence.empty());
  EXPECT_EQ(Say(token).names, Names{"choices[0].matched_stop"});
}

TEST(ChatAnswerReaderTest, ACallThatEndsWithStopIsACallNonetheless) {
  const Answer answer =
      Read(R"({"id":"x","choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":""}},)"
           R"({"function":{"name":"g","arguments":""}}]},"finish_reason":"stop"}]})");
  EXPECT_EQ(answer.finish.reason, chat::FinishReason::kToolCalls);
  EXPECT_EQ(answer.parts[0].id.inside, "call_x_0");
  EXPECT_EQ(answer.parts[1].id.inside, "call_x_1");
}

TEST(ChatAnswerReaderTest, ARefusalIsOne) {
  const Answer answer =
      Read(R"({"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop","logprobs":)"
           R"({"content":null,"refusal":[{"token":"no"}]}}]})");
  ASSERT_EQ(answer.parts.size(), 1U);
  EXPECT_EQ(answer.parts[0].kind, Kind::kRefusal);
  EXPECT_EQ(answer.parts[0].logprobs_raw, R"([{"token":"no"}])");
  EXPECT_TRUE(answer.finish.refused);
}

TEST(ChatAnswerReaderTest, WhatIsNoAnswerIsRefused) {
  EXPECT_EQ(WhyNot(R"({"error":{"message":"secret"}})"), "'error' is there: this is no answer");
  EXPECT_EQ(WhyNot(R"({"choices":[]})"), "the body has no choices");
  EXPECT_EQ(WhyNot(R"({"choices":[{"index":0}]})"), "'choices[0]' has no message");
  for (const std::string_view broken :
       {"", "<html>", "[]", R"({"choices":[{"message":{}}])", R"({"choices":[)"}) {
    EXPECT_FALSE(ReadChatAnswer(broken)) << broken;
  }
}

TEST(ChatAnswerTest, WhatChatAnsweredIsAnsweredTheSame) {
  const Said said = Say(Read(kWhole));
  EXPECT_EQ(said.body, kWhole);
  EXPECT_EQ(said.names, Names{});
}

TEST(ChatAnswerWriterTest, WhatTheProviderDidNotTellIsMadeUp) {
  Answer answer;
  answer.parts.emplace_back().text = {"hi"};
  answer.finish.reason = chat::FinishReason::kStop;
  EXPECT_EQ(
      Say(answer).body,
      R"({"id":"chatcmpl-r1","object":"chat.completion","created":99,"model":"","choices":[{"index":0,)"
      R"("message":{"role":"assistant","content":"hi","refusal":null},"logprobs":null,"finish_reason":"stop"}]})");
}

TEST(ChatAnswerWriterTest, SealedThoughtsAreWordsAndBlocks) {
  Answer answer;
  const auto thought = [&](std::string_view text, std::string_view signature, Mind mind) -> Part& {
    Part& part = answer.parts.emplace_back();
    part.kind = Kind::kReasoning;
    part.text = {text};
    part.signature = {signature};
    part.mind = mind;
    return part;
  };
  thought("a", "S", Mind::kAnthropic);
  thought("", "R", Mind::kAnthropic).redacted = true;
  thought("b", "E", Mind::kOpenai).id = {"rs_1"};
  answer.parts.emplace_back().text = {"hi"};
  EXPECT_NE(
      Say(answer).body.find(
          R"("reasoning_content":"ab","thinking_blocks":[{"type":"thinking","thinking":"a","signature":"S"},)"
          R"({"type":"redacted_thinking","data":"R"},)"
          R"({"type":"thinking","thinking":"b","signature":"sluice.openai.rs_1.E"}]})"),
      std::string::npos)
      << Say(answer).body;
}

TEST(ChatAnswerWriterTest, CitationsOfPagesBecomeAnnotationsAndOthersAreNamed) {
  Answer answer;
  answer.body =
      R"([{"type":"web_search_result_location","url":"u","title":"t","cited_text":"c"},{"type":"char_location"}])";
  answer.parts.emplace_back().text = {"h\\u00e9"};
  Part& cited = answer.parts.emplace_back();
  cited.text = {"llo"};
  cited.citations_raw = answer.body;
  const Said said = Say(answer, chat::Operation::kMessages);
  EXPECT_NE(
      said.body.find(R"("annotations":[{"type":"url_citation","url_citation":{"start_index":2,"end_index":5,)"
                     R"("url":"u","title":"t"}}])"),
      std::string::npos)
      << said.body;
  EXPECT_EQ(said.names, (Names{"[0].cited_text", "[1]"}));
}

TEST(ChatAnswerWriterTest, ReasonsHaveTheirWords) {
  const auto word = [](chat::FinishReason reason) {
    Answer answer;
    answer.finish.reason = reason;
    const std::string body = Say(answer).body;
    const auto at = body.find(R"("finish_reason":")") + 17;
    return body.substr(at, body.find('"', at) - at);
  };
  EXPECT_EQ(word(chat::FinishReason::kNone), "stop");
  EXPECT_EQ(word(chat::FinishReason::kLength), "length");
  EXPECT_EQ(word(chat::FinishReason::kToolCalls), "tool_calls");
  EXPECT_EQ(word(chat::FinishReason::kContentFilter), "content_filter");
  EXPECT_EQ(word(chat::FinishReason::kInsufficientResource), "insufficient_system_resource");
  EXPECT_EQ(word(chat::FinishReason::kOther), "stop");
}

TEST(ChatAnswerWriterTest, CountsAreTheSameWhenTheyAreReadAgain) {
  const chat::Usage usage{.input = 1,
                          .cached_input = 2,
                          .cache_write_5m = 3,
                          .cache_write_1h = 4,
                          .output = 5,
                          .reasoning = 6,
                          .input_audio = 7,
                          .input_image = 8,
                          .output_audio = 9,
                          .output_image = 10};
  Answer answer;
  answer.usage = usage;
  const std::string body = Say(answer).body;
  EXPECT_EQ(Read(body).usage, usage);
}

TEST(ChatAnswerWriterTest, WhatIsLeftOutIsNamed) {
  Answer answer;
  answer.body = R"({"content":[{"type":"server_tool_use"}],"container":{}})";
  Part& other = answer.parts.emplace_back();
  other.kind = Kind::kOther;
  other.raw = answer.body.substr(12, 26);
  answer.others.push_back(answer.body.substr(52, 2));
  EXPECT_EQ(Say(answer).names, (Names{"content[0]", "container"}));
}

}  // namespace
}  // namespace translate
