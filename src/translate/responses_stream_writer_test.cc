#include <gtest/gtest.h>

#include "translate/dialects_internal.h"
#include "translate/responses_events_internal.h"

namespace translate {
namespace {

class ResponsesStreamWriterTest : public ::testing::Test {
 protected:
  ResponsesStreamWriterTest()
      : request_(*ReadResponsesRequest(R"({"model":"m","input":"q","stream":true})")),
        between_{.request = request_, .now = 1234, .request_id = "req_7"},
        writer_(MakeResponsesStreamWriter(between_)) {}

  std::string Write(const Event& event) {
    std::string out;
    writer_->Write(event, out);
    return out;
  }
  void Start() {
    start_ = Write({.kind = Event::Kind::kStart, .id = {"chatcmpl-1"}, .model = {"deep"}, .created = 1000});
  }
  // The frames without their `event` lines, each cut before what says again what was asked.
  static std::string Brief(std::string_view frames) {
    std::string brief;
    while (!frames.empty()) {
      const std::size_t line = frames.find('\n') + 1;
      const std::size_t end = frames.find("\n\n");
      std::string_view data = frames.substr(line + 6, end - line - 6);
      data = data.substr(0, data.find(R"(,"service_tier")"));
      brief.append(data).append("\n");
      frames.remove_prefix(end + 2);
    }
    return brief;
  }

  const Request request_;
  const Between between_;
  std::unique_ptr<StreamWriter> writer_;
  std::string start_;
};

TEST_F(ResponsesStreamWriterTest, AStreamBeginsWithTheResponseAsItWillBe) {
  Start();
  EXPECT_TRUE(start_.starts_with("event: response.created\ndata: {\"type\":\"response.created\""));
  EXPECT_EQ(
      Brief(start_),
      R"({"type":"response.created","sequence_number":0,"response":{"id":"resp_7","object":"response",)"
      R"("created_at":1000,"status":"in_progress","completed_at":null,"error":null,"incomplete_details":null,)"
      R"("model":"deep","output":[])"
      "\n"
      R"({"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_7","object":"response",)"
      R"("created_at":1000,"status":"in_progress","completed_at":null,"error":null,"incomplete_details":null,)"
      R"("model":"deep","output":[])"
      "\n");
}

TEST_F(ResponsesStreamWriterTest, TextComesInTheOrderThatClientsExpect) {
  Start();
  std::string out = Write({.kind = Event::Kind::kPartBegin, .part = 0});
  EXPECT_EQ(out, "");
  out += Write({.kind = Event::Kind::kText, .part = 0, .text = {""}});
  EXPECT_EQ(out, "");
  writer_->Write({.kind = Event::Kind::kText, .part = 0, .text = {"a"}}, out);
  writer_->Write({.kind = Event::Kind::kLogprobs, .part = 0, .raw = R"([{"token":"a"}])"}, out);
  out += Write({.kind = Event::Kind::kText, .part = 0, .text = {"b"}});
  out += Write({.kind = Event::Kind::kCitation, .part = 0, .raw = R"({"type":"x","url":"u","title":"t"})"});
  out += Write({.kind = Event::Kind::kPartEnd, .part = 0});
  out += Write({.kind = Event::Kind::kFinish, .finish = {.reason = chat::FinishReason::kLength}});
  out += Write({.kind = Event::Kind::kUsage, .usage = {.input = 1, .output = 2}});
  EXPECT_EQ(
      Brief(out),
      R"({"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_7_0",)"
      R"("type":"message","status":"in_progress","role":"assistant","content":[]}})"
      "\n"
      R"({"type":"response.content_part.added","sequence_number":3,"item_id":"msg_7_0","output_index":0,)"
      R"("content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}})"
      "\n"
      R"({"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_7_0","output_index":0,)"
      R"("content_index":0,"delta":"a","logprobs":[{"token":"a"}]})"
      "\n"
      R"({"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_7_0","output_index":0,)"
      R"("content_index":0,"delta":"b","logprobs":[]})"
      "\n"
      R"({"type":"response.output_text.annotation.added","sequence_number":6,"item_id":"msg_7_0","output_index":0,)"
      R"("content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","start_index":0,"end_index":2,)"
      R"("url":"u","title":"t"}})"
      "\n"
      R"({"type":"response.output_text.done","sequence_number":7,"item_id":"msg_7_0","output_index":0,)"
      R"("content_index":0,"text":"ab","logprobs":[{"token":"a"}]})"
      "\n"
      R"({"type":"response.content_part.done","sequence_number":8,"item_id":"msg_7_0","output_index":0,)"
      R"("content_index":0,"part":{"type":"output_text","annotations":[{"type":"url_citation","start_index":0,)"
      R"("end_index":2,"url":"u","title":"t"}],"logprobs":[{"token":"a"}],"text":"ab"}})"
      "\n");
  const std::string item =
      R"({"id":"msg_7_0","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text",)"
      R"("annotations":[{"type":"url_citation","start_index":0,"end_index":2,"url":"u","title":"t"}],)"
      R"("logprobs":[{"token":"a"}],"text":"ab"}]})";
  const std::string end = Write({.kind = Event::Kind::kEnd});
  EXPECT_EQ(
      Brief(end),
      R"({"type":"response.output_item.done","sequence_number":9,"output_index":0,"item":)" + item + "}\n" +
          R"({"type":"response.incomplete","sequence_number":10,"response":{"id":"resp_7","object":"response",)"
          R"("created_at":1000,"status":"incomplete","completed_at":null,"error":null,)"
          R"("incomplete_details":{"reason":"max_output_tokens"},"model":"deep","output":[)" +
          item + "]\n");
  EXPECT_NE(end.find(R"("usage":{"input_tokens":1,)"), std::string::npos);
  EXPECT_EQ(Write({.kind = Event::Kind::kAlive}), "");
}

TEST_F(ResponsesStreamWriterTest, AThoughtIsASummaryAndSealedForItsMind) {
  Start();
  std::string out = Write({.kind = Event::Kind::kPartBegin, .part = 0, .part_kind = Part::Kind::kReasoning});
  out += Write({.kind = Event::Kind::kReasoning, .part = 0, .text = {"hm"}});
  out += Write({.kind = Event::Kind::kSignature, .part = 0, .text = {"Eq"}, .mind = Mind::kAnthropic});
  out += Write({.kind = Event::Kind::kPartEnd, .part = 0});
  out += Write({.kind = Event::Kind::kEnd});
  const std::string thought =
      R"({"id":"rs_7_0","type":"reasoning","status":"completed","summary":[{"type":"summary_text","text":"hm"}],)"
      R"("encrypted_content":"sluice.anthropic.Eq"})";
  EXPECT_EQ(
      Brief(out),
      R"({"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"rs_7_0",)"
      R"("type":"reasoning","status":"in_progress","summary":[]}})"
      "\n"
      R"({"type":"response.reasoning_summary_part.added","sequence_number":3,"item_id":"rs_7_0","output_index":0,)"
      R"("summary_index":0,"part":{"type":"summary_text","text":""}})"
      "\n"
      R"({"type":"response.reasoning_summary_text.delta","sequence_number":4,"item_id":"rs_7_0","output_index":0,)"
      R"("summary_index":0,"delta":"hm"})"
      "\n"
      R"({"type":"response.reasoning_summary_text.done","sequence_number":5,"item_id":"rs_7_0","output_index":0,)"
      R"("summary_index":0,"text":"hm"})"
      "\n"
      R"({"type":"response.reasoning_summary_part.done","sequence_number":6,"item_id":"rs_7_0","output_index":0,)"
      R"("summary_index":0,"part":{"type":"summary_text","text":"hm"}})"
      "\n"
      R"({"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":)" +
          thought +
          "}\n"
          R"({"type":"response.completed","sequence_number":8,"response":{"id":"resp_7","object":"response",)"
          R"("created_at":1000,"status":"completed","completed_at":1234,"error":null,"incomplete_details":null,)"
          R"("model":"deep","output":[)" +
          thought + "]\n");
}

TEST_F(ResponsesStreamWriterTest, CallsSideBySideAreItemsOfTheirOwn) {
  Start();
  std::string out;
  for (int part = 0; part < 2; ++part) {
    out += Write({.kind = Event::Kind::kPartBegin,
                  .part = part,
                  .part_kind = Part::Kind::kToolCall,
                  .custom = part == 1,
                  .id = {part == 0 ? "c1" : "c2"},
                  .name = {"f"}});
  }
  out += Write({.kind = Event::Kind::kArguments, .part = 1, .text = {"free"}});
  out += Write({.kind = Event::Kind::kArguments, .part = 0, .text = {"{}"}});
  out += Write({.kind = Event::Kind::kPartEnd, .part = 1});
  out += Write({.kind = Event::Kind::kPartEnd, .part = 0});
  out += Write({.kind = Event::Kind::kEnd});
  const std::string call =
      R"({"id":"fc_7_0","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{}"})";
  const std::string custom =
      R"({"id":"ctc_7_1","type":"custom_tool_call","status":"completed","call_id":"c2","name":"f","input":"free"})";
  EXPECT_EQ(
      Brief(out),
      R"({"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"fc_7_0",)"
      R"("type":"function_call","status":"in_progress","call_id":"c1","name":"f","arguments":""}})"
      "\n"
      R"({"type":"response.output_item.added","sequence_number":3,"output_index":1,"item":{"id":"ctc_7_1",)"
      R"("type":"custom_tool_call","status":"in_progress","call_id":"c2","name":"f","input":""}})"
      "\n"
      R"({"type":"response.custom_tool_call_input.delta","sequence_number":4,"item_id":"ctc_7_1",)"
      R"("output_index":1,"delta":"free"})"
      "\n"
      R"({"type":"response.function_call_arguments.delta","sequence_number":5,"item_id":"fc_7_0",)"
      R"("output_index":0,"delta":"{}"})"
      "\n"
      R"({"type":"response.custom_tool_call_input.done","sequence_number":6,"item_id":"ctc_7_1",)"
      R"("output_index":1,"input":"free"})"
      "\n"
      R"({"type":"response.function_call_arguments.done","sequence_number":7,"item_id":"fc_7_0",)"
      R"("output_index":0,"name":"f","arguments":"{}"})"
      "\n"
      R"({"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":)" +
          call + "}\n" +
          R"({"type":"response.output_item.done","sequence_number":9,"output_index":1,"item":)" + custom +
          "}\n"
          R"({"type":"response.completed","sequence_number":10,"response":{"id":"resp_7","object":"response",)"
          R"("created_at":1000,"status":"completed","completed_at":1234,"error":null,"incomplete_details":null,)"
          R"("model":"deep","output":[)" +
          call + "," + custom + "]\n");
}

TEST_F(ResponsesStreamWriterTest, LogProbabilitiesThatComeLateHaveAnEventWithoutText) {
  Start();
  Write({.kind = Event::Kind::kPartBegin, .part = 0});
  Write({.kind = Event::Kind::kText, .part = 0, .text = {"a"}});
  EXPECT_EQ(
      Brief(Write({.kind = Event::Kind::kLogprobs, .part = 0, .raw = R"([{"token":"a"}])"})),
      R"({"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_7_0","output_index":0,)"
      R"("content_index":0,"delta":"","logprobs":[{"token":"a"}]})"
      "\n");
}

TEST_F(ResponsesStreamWriterTest, ARedactedThoughtIsAnItemWithoutText) {
  Start();
  Part whole{.kind = Part::Kind::kReasoning};
  whole.mind = Mind::kAnthropic;
  whole.redacted = true;
  whole.signature = {"xyz"};
  std::string out = Write(
      {.kind = Event::Kind::kPartBegin, .part = 0, .part_kind = Part::Kind::kReasoning, .whole = &whole});
  out += Write({.kind = Event::Kind::kPartEnd, .part = 0});
  out += Write({.kind = Event::Kind::kEnd});
  EXPECT_NE(out.find(R"("summary":[],"encrypted_content":"sluice.anthropic-redacted.xyz"})"),
            std::string::npos)
      << out;
}

TEST_F(ResponsesStreamWriterTest, ASignOfLifeIsACommentAndAnErrorEndsTheStream) {
  Start();
  EXPECT_EQ(Write({.kind = Event::Kind::kAlive}), ": keep-alive\n\n");
  EXPECT_EQ(Write({.kind = Event::Kind::kError, .error = {{"overloaded_error"}, {"bo\\nom"}}}),
            "event: error\ndata: "
            "{\"type\":\"error\",\"code\":\"overloaded_error\",\"message\":\"bo\\nom\",\"param\":"
            "null,\"sequence_number\":2,\"error\":{\"message\":\"bo\\nom\",\"type\":\"overloaded_error\","
            "\"param\":null,"
            "\"code\":\"overloaded_error\"}}\n\n");
  EXPECT_EQ(Write({.kind = Event::Kind::kEnd}), "");
}

TEST_F(ResponsesStreamWriterTest, WhatDoesNotBelongToAPartSaysNothing) {
  Start();
  for (const Part::Kind kind : {Part::Kind::kText, Part::Kind::kReasoning, Part::Kind::kOther}) {
    EXPECT_EQ(Write({.kind = Event::Kind::kPartBegin, .part = 0, .part_kind = kind}), "");
    EXPECT_EQ(Write({.kind = Event::Kind::kArguments, .part = 0, .text = {"{}"}}), "");
    EXPECT_EQ(Write({.kind = Event::Kind::kPartEnd, .part = 0}), "");
  }
  EXPECT_EQ(Write({.kind = Event::Kind::kText, .part = 7, .text = {"x"}}), "");
}

TEST_F(ResponsesStreamWriterTest, AnAnswerThatMayNotBeKeptIsToBeBroken) {
  Between narrow = between_;
  narrow.answer_max = internal::ResponseEvents::kPieceBytes + 10;
  const auto writer = MakeResponsesStreamWriter(narrow);
  std::string out;
  EXPECT_TRUE(writer->Write({.kind = Event::Kind::kPartBegin, .part = 0}, out));
  EXPECT_TRUE(writer->Write({.kind = Event::Kind::kText, .part = 0, .text = {"0123456789"}}, out));
  const std::size_t said = out.size();
  const auto past = writer->Write({.kind = Event::Kind::kText, .part = 0, .text = {"x"}}, out);
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().code, base::Code::kTooLarge);
  EXPECT_EQ(out.size(), said);
  writer->WriteError("server_error", "not_translatable", "It broke.", out);
  EXPECT_EQ(out.find("event: error\n", said), said);
}

TEST_F(ResponsesStreamWriterTest, PartsThatSayNothingAreCountedToo) {
  Between narrow = between_;
  narrow.answer_max = 3 * internal::ResponseEvents::kPieceBytes;
  const auto writer = MakeResponsesStreamWriter(narrow);
  std::string out;
  for (int part = 0; part < 3; ++part) {
    EXPECT_TRUE(writer->Write({.kind = Event::Kind::kPartBegin, .part = part}, out));
    EXPECT_TRUE(writer->Write({.kind = Event::Kind::kPartEnd, .part = part}, out));
  }
  EXPECT_FALSE(writer->Write({.kind = Event::Kind::kPartBegin, .part = 3}, out));
}

TEST_F(ResponsesStreamWriterTest, WhatAProviderWroteOnSeveralLinesIsSaidOnOne) {
  Start();
  Write({.kind = Event::Kind::kPartBegin, .part = 0});
  std::string out = Write({.kind = Event::Kind::kLogprobs, .part = 0, .raw = "[\n{\"token\":\"a\"}\n]"});
  out += Write(
      {.kind = Event::Kind::kCitation, .part = 0, .raw = "{\n\"type\":\"url_citation\",\r\n\"url\":\"u\"}"});
  out += Write({.kind = Event::Kind::kPartEnd, .part = 0});
  out += Write({.kind = Event::Kind::kEnd});
  EXPECT_NE(out.find(R"("logprobs":[ {"token":"a"} ])"), std::string::npos) << out;
  EXPECT_NE(out.find(R"("annotation":{ "type":"url_citation",  "url":"u"})"), std::string::npos) << out;
  for (std::size_t at = out.find('\n'); at != std::string::npos; at = out.find('\n', at + 1)) {
    const std::string_view next = std::string_view(out).substr(at + 1);
    EXPECT_TRUE(next.empty() || next[0] == '\n' || next.starts_with("event: ") || next.starts_with("data: "))
        << next;
  }
}

}  // namespace
}  // namespace translate
