#include <gtest/gtest.h>

#include "translate/dialects_internal.h"

namespace translate {
namespace {

using Names = std::vector<std::string>;

Part Text(std::string_view text) {
  Part part;
  part.text = {text};
  return part;
}

Part Thought(Mind mind, std::string_view text, std::string_view seal) {
  Part part{.kind = Part::Kind::kReasoning};
  part.mind = mind;
  part.text = {text};
  part.signature = {seal};
  return part;
}

class ResponsesAnswerTest : public ::testing::Test {
 protected:
  ResponsesAnswerTest() : request_(*ReadResponsesRequest(R"({"model":"m","input":"q"})")) {}

  std::string Write(const Answer& answer) {
    const Between between{.request = request_, .now = 1234, .request_id = "req_ab-1"};
    std::string body;
    Losses losses;
    WriteResponsesAnswer(answer, between, body, losses);
    lost_ = losses.Names(answer.body);
    EXPECT_TRUE(ReadResponsesAnswer(body).has_value() ||
                answer.finish.reason == chat::FinishReason::kInsufficientResource)
        << body;
    return body;
  }
  // The member of that name and what follows it, up to `end`.
  static std::string Cut(const std::string& body, std::string_view begin, std::string_view end) {
    const std::size_t at = body.find(begin);
    if (at == std::string::npos) return body;
    return body.substr(at, body.find(end, at) - at);
  }
  static Answer Finished(chat::FinishReason reason) {
    Answer answer;
    answer.model = {"deep"};
    answer.finish.reason = reason;
    return answer;
  }

  Request request_;
  Names lost_;
};

TEST_F(ResponsesAnswerTest, AnAnswerIsTheWholeObjectThatClientsExpect) {
  Answer answer = Finished(chat::FinishReason::kStop);
  answer.created = 1000;
  answer.service_tier = {"standard"};
  answer.parts.push_back(Text("Hi \\\"you\\\""));
  answer.usage = chat::Usage{.input = 5, .cached_input = 3, .cache_write_5m = 2, .output = 7, .reasoning = 1};
  EXPECT_EQ(
      Write(answer),
      R"({"id":"resp_ab-1","object":"response","created_at":1000,"status":"completed","completed_at":1234,)"
      R"("error":null,"incomplete_details":null,"model":"deep","output":[{"id":"msg_ab-1_0","type":"message",)"
      R"("status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],)"
      R"("text":"Hi \"you\""}]}],"service_tier":"default","background":false,"instructions":null,)"
      R"("max_output_tokens":null,"max_tool_calls":null,"metadata":{},"parallel_tool_calls":true,)"
      R"("previous_response_id":null,"prompt_cache_key":null,"reasoning":{"effort":null,"summary":null},)"
      R"("safety_identifier":null,"store":false,"temperature":1.0,"text":{"format":{"type":"text"}},)"
      R"("tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,"truncation":"disabled",)"
      R"("usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},)"
      R"("output_tokens":8,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":18}})");
}

TEST_F(ResponsesAnswerTest, WhatWasAskedIsSaidAgain) {
  request_ = std::move(*ReadResponsesRequest(
      R"({"model":"m","instructions":"Be brief","input":"q","max_output_tokens":9,"metadata":{"a":"b"},)"
      R"("parallel_tool_calls":false,"reasoning":{"effort":"low"},"temperature":0.1,"top_p":0.2,)"
      R"("text":{"format":{"type":"json_object"},"verbosity":"low"},"tool_choice":"required",)"
      R"("tools":[{"type":"function","name":"f","parameters":{},"strict":true}],"safety_identifier":"u"})"));
  const std::string body = Write(Finished(chat::FinishReason::kStop));
  EXPECT_EQ(
      Cut(body, "\"background\"", ",\"usage\""),
      R"("background":false,"instructions":"Be brief","max_output_tokens":9,"max_tool_calls":null,)"
      R"("metadata":{"a":"b"},"parallel_tool_calls":false,"previous_response_id":null,"prompt_cache_key":null,)"
      R"("reasoning":{"effort":"low","summary":null},"safety_identifier":"u","store":false,"temperature":0.1,)"
      R"("text":{"format":{"type":"json_object"},"verbosity":"low"},"tool_choice":"required",)"
      R"("tools":[{"type":"function","name":"f","parameters":{},"strict":true}],"top_logprobs":0,"top_p":0.2,)"
      R"("truncation":"disabled")");
}

TEST_F(ResponsesAnswerTest, ThoughtsTextsAndCallsAreItemsOfTheirOwn) {
  Answer answer = Finished(chat::FinishReason::kToolCalls);
  answer.parts.push_back(Thought(Mind::kAnthropic, "hm", "EqQB"));
  answer.parts.push_back(Thought(Mind::kNobody, "plain", ""));
  answer.parts.push_back(Text(""));
  answer.parts.push_back(Text("a"));
  Part refusal{.kind = Part::Kind::kRefusal};
  refusal.text = {"no"};
  answer.parts.push_back(refusal);
  Part call{.kind = Part::Kind::kToolCall};
  call.id = {"toolu_1"};
  call.name = {"f"};
  call.input_raw = R"({"x":"y"})";
  answer.parts.push_back(call);
  EXPECT_EQ(
      Cut(Write(answer), "\"output\":", ",\"service_tier\""),
      R"("output":[{"id":"rs_ab-1_0","type":"reasoning","status":"completed","summary":[{"type":"summary_text",)"
      R"("text":"hm"}],"encrypted_content":"sluice.anthropic.EqQB"},{"id":"rs_ab-1_1","type":"reasoning",)"
      R"("status":"completed","summary":[{"type":"summary_text","text":"plain"}],"encrypted_content":"sluice.plain."},)"
      R"({"id":"msg_ab-1_2","type":"message","status":"completed","role":"assistant","content":[)"
      R"({"type":"output_text","annotations":[],"logprobs":[],"text":"a"},{"type":"refusal","refusal":"no"}]},)"
      R"({"id":"fc_ab-1_3","type":"function_call","status":"completed","call_id":"toolu_1","name":"f",)"
      R"("arguments":"{\"x\":\"y\"}"}])");
}

TEST_F(ResponsesAnswerTest, AnAnswerThatWasCutSaysWhy) {
  Answer answer = Finished(chat::FinishReason::kLength);
  answer.parts.push_back(Text("a"));
  std::string body = Write(answer);
  EXPECT_NE(body.find(R"("status":"incomplete","completed_at":null)"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("incomplete_details":{"reason":"max_output_tokens"})"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("type":"message","status":"incomplete")"), std::string::npos) << body;
  answer.finish.reason = chat::FinishReason::kContentFilter;
  body = Write(answer);
  EXPECT_NE(body.find(R"("incomplete_details":{"reason":"content_filter"})"), std::string::npos) << body;
  answer.finish.reason = chat::FinishReason::kInsufficientResource;
  body = Write(answer);
  EXPECT_NE(body.find(R"("status":"failed")"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("error":{"code":"server_error")"), std::string::npos) << body;
}

TEST_F(ResponsesAnswerTest, CitationsOfOtherDialectsBecomeAnnotationsOrAreNamed) {
  Answer answer = Finished(chat::FinishReason::kStop);
  answer.body =
      R"({"c":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":1,"end_index":2}},)"
      R"({"type":"web_search_result_location","url":"v","title":"w","cited_text":"x"},)"
      R"({"type":"char_location","cited_text":"x","document_index":0}]})";
  answer.parts.push_back(Text("abc"));
  answer.parts.back().citations_raw = answer.body.substr(5, answer.body.size() - 6);
  EXPECT_EQ(Cut(Write(answer), "\"annotations\"", ",\"logprobs\""),
            R"("annotations":[{"type":"url_citation","url":"u","title":"t","start_index":1,"end_index":2},)"
            R"({"type":"url_citation","start_index":0,"end_index":3,"url":"v","title":"w"}])");
  EXPECT_EQ(lost_, (Names{"c[2]", "c[1].cited_text"}));
}

TEST_F(ResponsesAnswerTest, WritesToTheCacheForAnHourAreTold) {
  Answer answer = Finished(chat::FinishReason::kStop);
  answer.usage = chat::Usage{.input = 1, .cache_write_5m = 2, .cache_write_1h = 4};
  EXPECT_NE(Write(answer).find(R"("cache_write_tokens":6,"cache_write_1h_tokens":4})"), std::string::npos);
}

TEST_F(ResponsesAnswerTest, AnAnswerOfOpenaiIsRead) {
  const auto answer = ReadResponsesAnswer(R"({"id":"resp_68","object":"response","created_at":1741476777.5,
    "status":"completed","completed_at":1741476778,"background":false,"billing":{"payer":"developer"},"error":null,
    "incomplete_details":null,"instructions":null,"max_output_tokens":null,"model":"gpt-5.2-2025-12-11","output":[
    {"id":"rs_68","type":"reasoning","summary":[],"encrypted_content":"gAAA"},
    {"id":"ws_1","type":"web_search_call","status":"completed"},
    {"id":"msg_68","type":"message","status":"completed","content":[{"type":"output_text","annotations":[
      {"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":1}],
      "logprobs":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}],"text":"a"}],"role":"assistant"},
    {"id":"fc_68","type":"function_call","status":"completed","arguments":"{}","call_id":"call_1","name":"f"}],
    "parallel_tool_calls":true,"reasoning":{"effort":"medium","summary":null},"service_tier":"default","store":false,
    "usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":6,
    "output_tokens_details":{"reasoning_tokens":5},"total_tokens":16},"user":null,"metadata":{},"tool_usage":{
    "image_gen":{"input_tokens":0},"web_search":{"num_requests":1}},"novel":1})");
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
  EXPECT_EQ(answer->id.inside, "resp_68");
  EXPECT_EQ(answer->created, 1741476777);
  EXPECT_EQ(answer->finish.reason, chat::FinishReason::kToolCalls);
  ASSERT_EQ(answer->parts.size(), 3U);
  EXPECT_EQ(answer->parts[0].mind, Mind::kOpenai);
  EXPECT_EQ(answer->parts[0].id.inside, "rs_68");
  EXPECT_FALSE(answer->parts[1].citations_raw.empty());
  EXPECT_FALSE(answer->parts[1].logprobs_raw.empty());
  EXPECT_EQ(answer->parts[2].id.inside, "call_1");
  EXPECT_EQ(answer->usage, (chat::Usage{.input = 6, .cached_input = 4, .output = 1, .reasoning = 5}));
  Names others;
  for (const std::string_view other : answer->others) others.push_back(PathOf(answer->body, other));
  EXPECT_EQ(others, (Names{"tool_usage", "novel", "output[1]"}));
}

TEST_F(ResponsesAnswerTest, WhatIsNoFinishedAnswerIsRefused) {
  const auto refused = [](std::string_view body) {
    const auto answer = ReadResponsesAnswer(body);
    return answer ? "accepted" : answer.error().detail;
  };
  EXPECT_EQ(refused(R"({"status":"failed","output":[]})"),
            "the body is no finished response: its status is neither completed nor incomplete");
  EXPECT_EQ(refused(R"({"status":"completed"})"), "the body has no list 'output'");
  EXPECT_EQ(refused(R"({"status":"completed","output":[{"type":"message","role":"assistant"}]})"),
            "'output[0]' lacks 'content'");
  EXPECT_EQ(refused("[]"), "the body must be an object");
}

TEST_F(ResponsesAnswerTest, AnAnswerComesBackAsItWas) {
  Answer answer = Finished(chat::FinishReason::kLength);
  answer.parts.push_back(Thought(Mind::kOpenai, "sum", "gAAA"));
  answer.parts.back().id = {"rs_9"};
  answer.parts.push_back(Text("a"));
  answer.parts.back().logprobs_raw = R"([{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}])";
  Part call{.kind = Part::Kind::kToolCall};
  call.custom = true;
  call.id = {"c"};
  call.name = {"g"};
  call.arguments = {"free"};
  answer.parts.push_back(call);
  const std::string body = Write(answer);
  const auto again = ReadResponsesAnswer(body);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->finish.reason, chat::FinishReason::kLength);
  ASSERT_EQ(again->parts.size(), 3U);
  EXPECT_EQ(again->parts[0].signature.inside, "gAAA");
  EXPECT_EQ(again->parts[0].id.inside, "rs_9");
  EXPECT_EQ(again->parts[0].text.inside, "sum");
  EXPECT_EQ(again->parts[1].logprobs_raw, answer.parts[1].logprobs_raw);
  EXPECT_TRUE(again->parts[2].custom);
  EXPECT_EQ(again->parts[2].arguments.inside, "free");
}

}  // namespace
}  // namespace translate
