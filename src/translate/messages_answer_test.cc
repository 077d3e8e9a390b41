#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "translate/dialects_internal.h"
#include "translate/json_value_for_test.h"
#include "translate/losses.h"

namespace translate {
namespace {

using Names = std::vector<std::string>;

const Request& Caller() {
  static const Request request;
  return request;
}

Between From(chat::Operation provider) {
  return {.request = Caller(), .provider = provider, .request_id = "r1"};
}

// Fails the test and answers an empty answer if `body` is refused. The body must outlive it.
Answer Read(std::string_view body) {
  auto answer = ReadMessagesAnswer(body);
  EXPECT_TRUE(answer.has_value()) << answer.error().detail;
  return answer ? std::move(*answer) : Answer();
}

std::string Write(const Answer& answer, Names* names = nullptr,
                  chat::Operation provider = chat::Operation::kChat) {
  std::string out;
  Losses losses;
  WriteMessagesAnswer(answer, From(provider), out, losses);
  if (names != nullptr) *names = losses.Names(answer.body);
  return ValueOf(out);
}

Part TextPart(std::string_view text, Part::Kind kind = Part::Kind::kText) {
  Part part{.kind = kind};
  part.text = {text};
  return part;
}

TEST(MessagesAnswerTest, AnAnswerIsReadWithAllItSays) {
  const std::string body =
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[)"
      R"({"type":"thinking","thinking":"hm","signature":"sig"},{"type":"redacted_thinking","data":"dd"},)"
      R"({"type":"text","text":"yes","citations":[{"type":"char_location"}]},)"
      R"({"type":"tool_use","id":"t1","name":"f","input":{"a":1},"caller":{"type":"direct"}}],)"
      R"("stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":10,)"
      R"("cache_creation_input_tokens":7,"cache_read_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":3,)"
      R"("ephemeral_1h_input_tokens":4},"output_tokens":9,"output_tokens_details":{"thinking_tokens":2},)"
      R"("server_tool_use":{"web_search_requests":0,"web_fetch_requests":0},"service_tier":"priority","inference_geo":"global"}})";
  const Answer answer = Read(body);
  EXPECT_EQ(answer.id.inside, "msg_1");
  EXPECT_EQ(answer.model.inside, "claude-x");
  ASSERT_EQ(answer.parts.size(), 4U);
  EXPECT_EQ(answer.parts[0].mind, Mind::kAnthropic);
  EXPECT_TRUE(answer.parts[1].redacted);
  EXPECT_FALSE(answer.parts[2].citations_raw.empty());
  EXPECT_EQ(answer.parts[3].input_raw, R"({"a":1})");
  EXPECT_EQ(answer.finish.reason, chat::FinishReason::kToolCalls);
  EXPECT_EQ(answer.service_tier.inside, "priority");
  ASSERT_TRUE(answer.usage);
  EXPECT_EQ(answer.usage->TotalInput(), 37);
  EXPECT_EQ(answer.usage->cache_write_1h, 4);
  EXPECT_EQ(answer.usage->reasoning, 2);
  EXPECT_TRUE(answer.others.empty());
}

TEST(MessagesAnswerTest, WhatIsSaidOnlyInMessagesIsNamed) {
  const std::string body =
      R"({"content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}}],"stop_reason":"refusal",)"
      R"("stop_details":{"type":"refusal","category":"cyber"},"container":{"id":"c"},)"
      R"("usage":{"input_tokens":1,"output_tokens":1,"server_tool_use":{"web_search_requests":2},"inference_geo":"us","speed":"fast"}})";
  const Answer answer = Read(body);
  Names names;
  for (const std::string_view other : answer.others) names.push_back(PathOf(body, other));
  EXPECT_EQ(names, (Names{"stop_details", "container", "usage.server_tool_use.web_search_requests",
                          "usage.inference_geo", "usage.speed"}));
  EXPECT_EQ(answer.parts[0].kind, Part::Kind::kOther);
  EXPECT_EQ(answer.finish.reason, chat::FinishReason::kContentFilter);
  EXPECT_TRUE(answer.finish.refused);
}

TEST(MessagesAnswerTest, WhatIsNoAnswerIsRefused) {
  for (const std::string_view body :
       {R"({"type":"error","error":{}})", R"({"content":"text"})", R"([])", R"({"content":[1]})",
        R"({"content":[)", R"({"content":[],"usage":1})", R"({"content":[],"stop_reason":1})"}) {
    EXPECT_FALSE(ReadMessagesAnswer(body)) << body;
  }
}

TEST(MessagesAnswerTest, AnAnswerIsWrittenAsTheApiDoes) {
  Answer answer;
  answer.id = {"chatcmpl-1"};
  answer.model = {"gpt-5"};
  Part thought = TextPart("hm", Part::Kind::kReasoning);
  answer.parts.push_back(thought);
  answer.parts.push_back(TextPart(""));
  answer.parts.push_back(TextPart("yes"));
  Part call{.kind = Part::Kind::kToolCall};
  call.id = {"call_1"};
  call.name = {"f"};
  call.arguments = {R"({\"q\":\"a\"})"};
  answer.parts.push_back(call);
  answer.finish.reason = chat::FinishReason::kStop;
  answer.service_tier = {"default"};
  answer.usage = chat::Usage{
      .input = 5, .cached_input = 6, .cache_write_5m = 1, .cache_write_1h = 2, .output = 3, .reasoning = 4};
  EXPECT_EQ(
      Write(answer),
      R"({"content":[{"signature":"sluice.plain.","thinking":"hm","type":"thinking"},{"text":"yes","type":"text"},)"
      R"({"id":"call_1","input":{"q":"a"},"name":"f","type":"tool_use"}],"id":"chatcmpl-1","model":"gpt-5","role":"assistant",)"
      R"("stop_reason":"tool_use","stop_sequence":null,"type":"message","usage":{"cache_creation":{"ephemeral_1h_input_tokens":2,)"
      R"("ephemeral_5m_input_tokens":1},"cache_creation_input_tokens":3,"cache_read_input_tokens":6,"input_tokens":5,)"
      R"("output_tokens":7,"output_tokens_details":{"thinking_tokens":4},"service_tier":"standard"}})");
}

TEST(MessagesAnswerTest, SealsOfOthersTravelInTheSignature) {
  Answer answer;
  Part thought{.kind = Part::Kind::kReasoning};
  thought.mind = Mind::kOpenai;
  thought.id = {"rs_1"};
  thought.signature = {"enc"};
  answer.parts.push_back(thought);
  thought.mind = Mind::kAnthropic;
  thought.redacted = true;
  answer.parts.push_back(thought);
  EXPECT_EQ(
      Write(answer).find(
          R"({"content":[{"signature":"sluice.openai.rs_1.enc","thinking":"","type":"thinking"},{"data":"enc","type":"redacted_thinking"}])"),
      0U)
      << Write(answer);
}

TEST(MessagesAnswerTest, ArgumentsThatAreNoObjectAreWrappedInOne) {
  Answer answer;
  for (const std::string_view arguments : {"", "  ", "[1]", "{\\\"a", "null"}) {
    Part call{.kind = Part::Kind::kToolCall};
    call.arguments = {arguments};
    answer.parts.push_back(call);
  }
  const std::string out = Write(answer);
  for (const std::string_view input : {R"("input":{})", R"("input":{"arguments":[1]})",
                                       R"("input":{"arguments":"{\"a"})", R"("input":{"arguments":null})"}) {
    EXPECT_NE(out.find(input), std::string::npos) << out;
  }
}

TEST(MessagesAnswerTest, ReasonsForTheEndAreSaidInTheWordsOfMessages) {
  const auto word = [](Finish finish, bool refusal = false) {
    Answer answer;
    answer.finish = finish;
    if (refusal) answer.parts.push_back(TextPart("no", Part::Kind::kRefusal));
    const std::string out = Write(answer);
    const std::size_t at = out.find(R"("stop_reason":)") + 14;
    return out.substr(at, out.find(R"(,"type")", at) - at);
  };
  using enum chat::FinishReason;
  EXPECT_EQ(word({.reason = kNone}), R"(null,"stop_sequence":null)");
  EXPECT_EQ(word({.reason = kStop}), R"("end_turn","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kStop, .stop_sequence = {"x"}}), R"("stop_sequence","stop_sequence":"x")");
  EXPECT_EQ(word({.reason = kStop}, true), R"("refusal","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kLength}), R"("max_tokens","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kLength, .word = {"model_context_window_exceeded"}}),
            R"("model_context_window_exceeded","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kToolCalls}), R"("end_turn","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kContentFilter}), R"("refusal","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kInsufficientResource}), R"("max_tokens","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kOther, .word = {"pause_turn"}}), R"("pause_turn","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kOther, .word = {"odd"}}), R"("end_turn","stop_sequence":null)");
  EXPECT_EQ(word({.reason = kOther, .word = {"odd"}, .cut = true}), R"("max_tokens","stop_sequence":null)");
}

TEST(MessagesAnswerTest, WhatMessagesCannotSayIsNamed) {
  Answer answer;
  const std::string body = R"({"image":{},"logprobs":[],"tier":"flex","odd":1,"cites":[2]})";
  const std::string_view text = body;
  answer.body = body;
  answer.parts.push_back({.kind = Part::Kind::kImage, .raw = text.substr(text.find("{}"), 2)});
  Part said = TextPart("t");
  said.logprobs_raw = text.substr(text.find("[]"), 2);
  said.citations_raw = text.substr(text.find("[2]"), 3);
  answer.parts.push_back(said);
  answer.service_tier = {text.substr(text.find("flex"), 4)};
  answer.others = {text.substr(text.find("1,"), 1)};
  Names names;
  Write(answer, &names);
  EXPECT_EQ(names, (Names{"image", "logprobs", "cites[0]", "tier", "odd"}));
}

TEST(MessagesAnswerTest, AnnotationsThatPointAtPagesAreCitations) {
  Answer answer;
  const std::string body =
      R"([{"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":0,"end_index":1}},)"
      R"({"type":"url_citation","url":"https://b","start_index":0,"end_index":1},{"type":"file_citation","file_id":"f"}])";
  answer.body = body;
  answer.parts.push_back(TextPart("t"));
  answer.parts.back().citations_raw = body;
  Names names;
  EXPECT_EQ(
      Write(answer, &names)
          .find(
              R"({"content":[{"citations":[{"cited_text":"","encrypted_index":"sluice.plain.","title":"A",)"
              R"("type":"web_search_result_location","url":"https://a"},{"cited_text":"","encrypted_index":"sluice.plain.",)"
              R"("title":null,"type":"web_search_result_location","url":"https://b"}],"text":"t","type":"text"}])"),
      0U);
  EXPECT_EQ(names, (Names{"[0].url_citation.start_index", "[0].url_citation.end_index", "[1].start_index",
                          "[1].end_index", "[2]"}));
}

TEST(MessagesAnswerTest, AnIdIsMadeOfTheRequestsWhereTheProviderHasNone) {
  EXPECT_NE(Write(Answer()).find(R"("id":"msg_r1")"), std::string::npos);
}

}  // namespace
}  // namespace translate
