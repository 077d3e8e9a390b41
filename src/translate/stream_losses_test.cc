#include <gtest/gtest.h>

#include "translate/played_stream_for_test.h"
#include "translate/translate.h"

namespace translate {
namespace {

using chat::Operation;
using Names = std::vector<std::string>;

// What a stream of `provider`, told as payloads, has no words for when it is told to a caller of `caller`.
struct Passed {
  Names names;
  std::string said;
  bool ended = false;
};

Passed Pass(Operation provider, Operation caller, const std::vector<std::string>& payloads) {
  const auto request = ReadRequest(caller, LeastAsked(caller));
  const Between between = Answered(*request, provider);
  StreamTranslation translation(between);
  Passed passed;
  for (const std::string& payload : payloads) {
    const auto taken = translation.Take(FrameOf(payload), passed.said);
    EXPECT_TRUE(taken) << payload;
  }
  passed.names = translation.dropped();
  passed.ended = translation.ended();
  return passed;
}

const std::vector<std::string> kMessagesStream = {
    R"({"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"c","content":[],)"
    R"("stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1,"service_tier":"standard"}}})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}})",
    R"({"type":"content_block_stop","index":0})",
    R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","mood":"good"}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"hi"}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location"}}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"newer_delta","x":1}})",
    R"({"type":"content_block_stop","index":1})",
    R"({"type":"newer_event"})",
    R"({"type":"message_delta","delta":{"stop_reason":"pause_turn","stop_sequence":null,"container":{"id":"c"}},)"
    R"("usage":{"output_tokens":2,"server_tool_use":{"web_search_requests":1}}})",
    R"({"type":"message_stop"})"};

TEST(StreamLossesTest, WhatOnlyMessagesKnowsIsNamedAsInAWholeAnswer) {
  for (const Operation caller : {Operation::kChat, Operation::kResponses}) {
    const Passed passed = Pass(Operation::kMessages, caller, kMessagesStream);
    EXPECT_TRUE(passed.ended);
    EXPECT_EQ(passed.names,
              (Names{"content[0]", "content[1].mood", "content[1].citations[0]", "content[1]", "newer_event",
                     "container", "usage.server_tool_use.web_search_requests", "stop_reason"}));
  }
}

TEST(StreamLossesTest, WhatAPageIsQuotedWithIsNamed) {
  for (const Operation caller : {Operation::kChat, Operation::kResponses}) {
    const Passed passed = Pass(
        Operation::kMessages, caller,
        {kMessagesStream[0],
         R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[]}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":)"
         R"({"type":"web_search_result_location","url":"u","title":"t","cited_text":"c","encrypted_index":"e"}}})"});
    EXPECT_EQ(passed.names,
              (Names{"content[0].citations[0].cited_text", "content[0].citations[0].encrypted_index"}));
  }
}

TEST(StreamLossesTest, APlainStreamLosesNothing) {
  const Passed passed = Pass(
      Operation::kMessages, Operation::kChat,
      {kMessagesStream[0], R"({"type":"ping"})",
       R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":null}})",
       R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}})",
       R"({"type":"content_block_stop","index":0})",
       R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}})",
       kMessagesStream.back()});
  EXPECT_TRUE(passed.ended);
  EXPECT_EQ(passed.names, Names{});
}

TEST(StreamLossesTest, WhatOnlyChatKnowsIsNamedOnce) {
  const std::string chunk =
      R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"g","system_fingerprint":"fp","obfuscation":"x",)"
      R"("choices":[{"index":0,"delta":{"role":"assistant","content":"a","mood":"good"},)"
      R"("logprobs":{"content":[{"token":"a","logprob":0}],"refusal":null},"finish_reason":null}]})";
  const std::string last =
      R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"g","choices":[{"index":0,"delta":{},"finish_reason":"odd"}]})";
  EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages, {chunk, chunk, last, "[DONE]"}).names,
            (Names{"system_fingerprint", "choices[0].message.mood", "choices[0].logprobs.content",
                   "choices[0].finish_reason"}));
  EXPECT_EQ(Pass(Operation::kChat, Operation::kResponses, {chunk, chunk, last, "[DONE]"}).names,
            (Names{"system_fingerprint", "choices[0].message.mood", "choices[0].finish_reason"}));
}

TEST(StreamLossesTest, ATierAndASecondChoiceAreNamedAsInAWholeAnswer) {
  const auto chunk = [](std::string_view more, int choice, std::string_view end) {
    return R"({"id":"c","created":1,"model":"g",)" + std::string(more) + R"("choices":[{"index":)" +
           std::to_string(choice) + R"(,"delta":{"content":"a"},"finish_reason":)" + std::string(end) + "}]}";
  };
  const std::string flex = R"("service_tier":"flex",)";
  EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages,
                 {chunk(flex, 0, "null"), chunk(flex, 1, "null"), chunk(flex, 0, "\"stop\""), "[DONE]"})
                .names,
            (Names{"service_tier", "choices[1]"}));
  // Some tell it only later.
  EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages,
                 {chunk("", 0, "null"), chunk(flex, 0, "\"stop\""), "[DONE]"})
                .names,
            Names{"service_tier"});
  const Passed kept =
      Pass(Operation::kChat, Operation::kMessages,
           {chunk("", 0, "null"), chunk(R"("service_tier":"default",)", 0, "\"stop\""), "[DONE]"});
  EXPECT_EQ(kept.names, Names{});
  EXPECT_NE(kept.said.find(R"("service_tier":"standard")"), std::string::npos) << kept.said;
  EXPECT_EQ(Pass(Operation::kChat, Operation::kResponses,
                 {chunk(flex, 0, "null"), chunk(flex, 1, "null"), chunk(flex, 0, "\"stop\""), "[DONE]"})
                .names,
            Names{"choices[1]"});
}

TEST(StreamLossesTest, SoundsThatAreCountedApartAreNamedAsInAWholeAnswer) {
  const std::string usage =
      R"({"id":"c","model":"g","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],"usage":)"
      R"({"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"audio_tokens":4}}})";
  EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages, {usage, "[DONE]"}).names,
            Names{"usage.prompt_tokens_details.audio_tokens"});
}

TEST(StreamLossesTest, AnAnswerThatWasGivenUpDoesNotLookFinished) {
  const std::string cut =
      R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"g","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"abort"}]})";
  const Passed messages = Pass(Operation::kChat, Operation::kMessages, {cut, "[DONE]"});
  EXPECT_EQ(messages.names, Names{"choices[0].finish_reason"});
  EXPECT_NE(messages.said.find(R"("stop_reason":"max_tokens")"), std::string::npos) << messages.said;
  const Passed responses = Pass(Operation::kChat, Operation::kResponses, {cut, "[DONE]"});
  EXPECT_EQ(responses.names, Names{"choices[0].finish_reason"});
  EXPECT_NE(responses.said.find("event: response.incomplete"), std::string::npos) << responses.said;
  const std::string odd =
      R"({"type":"response.incomplete","response":{"id":"r","object":"response","created_at":1,"model":"g",)"
      R"("status":"incomplete","incomplete_details":{"reason":"odd"},"output":[]}})";
  for (const Operation caller : {Operation::kChat, Operation::kMessages}) {
    const Passed passed = Pass(Operation::kResponses, caller, {odd});
    EXPECT_EQ(passed.names, Names{"incomplete_details.reason"});
    const bool cut_there = passed.said.find(R"("finish_reason":"length")") != std::string::npos ||
                           passed.said.find(R"("stop_reason":"max_tokens")") != std::string::npos;
    EXPECT_TRUE(cut_there) << passed.said;
  }
}

TEST(StreamLossesTest, WhereAPageIsCitedIsNamedAsInAWholeAnswer) {
  const std::string cited =
      R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"g","choices":[{"index":0,"delta":{"content":"AB",)"
      R"("annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":1}}]},)"
      R"("finish_reason":"stop"}]})";
  const std::string place = "choices[0].message.annotations[0].url_citation.";
  EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages, {cited, "[DONE]"}).names,
            (Names{place + "start_index", place + "end_index"}));
  const std::string second = "choices[0].message.annotations[1].url_citation.";
  EXPECT_EQ(
      Pass(Operation::kChat, Operation::kMessages, {cited, cited, "[DONE]"}).names,
      (Names{place + "start_index", place + "end_index", second + "start_index", second + "end_index"}));
  const std::vector<std::string> response = {
      R"({"type":"response.output_text.delta","output_index":1,"content_index":0,"item_id":"i","delta":"AB"})",
      R"({"type":"response.output_text.annotation.added","annotation":{"type":"url_citation","url":"u","title":"t",)"
      R"("start_index":0,"end_index":1},"annotation_index":2,"content_index":0,"item_id":"i","output_index":1})"};
  EXPECT_EQ(Pass(Operation::kResponses, Operation::kMessages, response).names,
            (Names{"output[1].content[0].annotations[2].start_index",
                   "output[1].content[0].annotations[2].end_index"}));
}

TEST(StreamLossesTest, AThoughtThatIsToldTwiceInDifferentWordsIsNamed) {
  const auto with = [](std::string_view words) {
    return R"({"id":"c","model":"g","choices":[{"index":0,"delta":{"reasoning_content":"x","reasoning":")" +
           std::string(words) + R"("},"finish_reason":"stop"}]})";
  };
  EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages, {with("x"), "[DONE]"}).names, Names{});
  EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages, {with("y"), "[DONE]"}).names,
            Names{"choices[0].message.reasoning"});
}

TEST(StreamLossesTest, AnItemThatOnlyResponsesHasIsNamedByItsPlace) {
  const std::string begun =
      R"({"type":"response.created","response":{"id":"r","object":"response","created_at":1,"model":"g","status":"in_progress",)"
      R"("tool_usage":{"web_search":{"num_requests":0}},"output":[]}})";
  const std::string search =
      R"({"type":"response.output_item.done","output_index":0,"item":{"type":"web_search_call","id":"ws","status":"completed"}})";
  const std::string text =
      R"({"type":"response.output_text.delta","output_index":1,"content_index":0,"item_id":"i","delta":"a"})";
  const std::string message =
      R"({"type":"response.output_item.done","output_index":1,"item":{"type":"message","id":"i","role":"assistant","status":"completed",)"
      R"("mood":"good","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]}]}})";
  const std::string progress =
      R"({"type":"response.web_search_call.searching","output_index":0,"item_id":"ws"})";
  const std::string ended =
      R"({"type":"response.completed","response":{"id":"r","object":"response","created_at":1,"model":"g","status":"completed","output":[],)"
      R"("newer":1,"tool_usage":{"web_search":{"num_requests":1}},"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}})";
  EXPECT_EQ(Pass(Operation::kResponses, Operation::kChat,
                 {begun, progress, search, text, message, R"({"type":"response.newer"})", ended})
                .names,
            (Names{"output[0]", "output[1].mood", "response.newer", "tool_usage", "newer"}));
}

TEST(StreamLossesTest, WhatHasNoNameIsNamedByItsHolder) {
  const std::string start = R"({"type":"message_start","message":{"id":"m","model":"c","content":[],"":1}})";
  EXPECT_EQ(Pass(Operation::kMessages, Operation::kChat, {start, R"({"type":""})"}).names,
            (Names{"message.", "type"}));
  EXPECT_EQ(
      Pass(Operation::kResponses, Operation::kChat,
           {R"({"type":"response.created","response":{"id":"r","model":"g","status":"in_progress","":1}})"})
          .names,
      Names{"response."});
}

TEST(StreamLossesTest, ArgumentsThatWereCutOffAreNamedAsInAWholeAnswer) {
  const auto chat = [](std::string_view arguments) {
    return R"({"id":"c","object":"chat.completion.chunk","created":1,"model":"g","choices":[{"index":0,"delta":{"tool_calls":[)"
           R"({"index":0,"id":"t","type":"function","function":{"name":"f","arguments":"{}"}},)"
           R"({"index":1,"id":"u","type":"function","function":{"name":"f","arguments":")" +
           std::string(arguments) + R"("}}]},"finish_reason":"length"}]})";
  };
  const std::string cut = "choices[0].message.tool_calls[1].function.arguments";
  for (const std::string_view arguments : {R"({\"a\":)", R"({\"a\":\"}\")", "[1]", "x"}) {
    EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages, {chat(arguments), "[DONE]"}).names, Names{cut})
        << arguments;
  }
  for (const std::string_view arguments : {"", " ", R"( {\"a\":1} )", R"({\"a\":\"{\"})"}) {
    EXPECT_EQ(Pass(Operation::kChat, Operation::kMessages, {chat(arguments), "[DONE]"}).names, Names{})
        << arguments;
  }
  EXPECT_EQ(Pass(Operation::kChat, Operation::kResponses, {chat("{"), "[DONE]"}).names,
            Names{});  // a text there
  const std::vector<std::string> response = {
      R"({"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"i","call_id":"t","name":"f","arguments":""}})",
      R"({"type":"response.function_call_arguments.delta","output_index":2,"item_id":"i","delta":"{"})",
      R"({"type":"response.incomplete","response":{"id":"r","object":"response","created_at":1,"model":"g",)"
      R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}})"};
  EXPECT_EQ(Pass(Operation::kResponses, Operation::kMessages, response).names, Names{"output[2].arguments"});
}

TEST(StreamLossesTest, NamesAreBounded) {
  std::vector<std::string> payloads = {kMessagesStream[0]};
  for (int i = 0; i < 100; ++i) payloads.push_back(R"({"type":"newer_)" + std::to_string(i) + "\"}");
  const Passed passed = Pass(Operation::kMessages, Operation::kChat, payloads);
  ASSERT_EQ(passed.names.size(), 33U);
  EXPECT_EQ(passed.names.back(), "...");
}

}  // namespace
}  // namespace translate
