#include "gateway/record.h"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "wire/json_scanner.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

class RecordTest : public testing::Test {
 protected:
  RecordTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-record-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    log_ = *telemetry::LineLog::ToFile(directory_ / "log");
    recorder_.emplace(clock_, registry_, *log_, &spans_);
  }
  ~RecordTest() override { std::filesystem::remove_all(directory_); }

  // An answered request, as the pipeline leaves it.
  RequestRecord Answered() {
    RequestRecord record;
    record.id = "req_1";
    record.started = clock_.WallNow();
    record.begun = clock_.Now();
    record.key_id = "k1";
    record.team = "search";
    record.path = "/chat/completions";
    record.operation = chat::Operation::kChat;
    record.asked_model = "fast";
    record.model_label = "fast";
    record.provider = "deepseek";
    record.model = "deepseek-chat";
    record.response_model = "deepseek-chat-0324";
    record.rung = chat::Rung::kCheap;
    record.reason = "the default rung";
    record.attempts.push_back(
        {.provider = "openai", .model = "x", .status = 503, .error = "503", .took = 7ms});
    record.attempts.push_back(
        {.provider = "deepseek", .model = "deepseek-chat", .status = 200, .error = "", .took = 90ms});
    record.stream = true;
    record.status = 200;
    record.finish = chat::FinishReason::kStop;
    record.usage = chat::Usage{.input = 10, .cached_input = 20, .output = 30, .reasoning = 40};
    clock_.Advance(50ms);
    record.first_token = clock_.Now();
    clock_.Advance(50ms);
    record.waited = 99ms;
    return record;
  }

  std::string Line() {
    log_->Flush();
    std::ifstream file(directory_ / "log");
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // The members of the only line, each as it stands there.
  std::map<std::string, std::string> Members() {
    const std::string line = Line();
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    std::map<std::string, std::string> members;
    wire::JsonCursor cursor(line);
    EXPECT_TRUE(cursor.EnterObject());
    while (cursor.NextMember()) {
      const std::string key(cursor.Key());
      EXPECT_TRUE(members.emplace(key, std::string(cursor.Take().raw)).second) << key;
    }
    EXPECT_TRUE(cursor.End());
    return members;
  }

  bool Exposed(const std::string& line) {
    return registry_.Exposition().find(line + "\n") != std::string::npos;
  }

  base::FakeClock clock_;
  std::filesystem::path directory_;
  telemetry::Registry registry_;
  std::unique_ptr<telemetry::LineLog> log_;
  telemetry::SpanBuffer spans_;
  std::optional<Recorder> recorder_;
};

TEST_F(RecordTest, FailedAttemptsAlsoHaveTheirTokens) {
  RequestRecord record = Answered();
  record.attempts.front().usage = chat::Usage{.input = 1, .cached_input = 2, .output = 3, .reasoning = 4};
  recorder_->Write(record);
  EXPECT_NE(Members().at("attempts").find(R"("error":"503","usage":{"input":1,)"), std::string::npos);
  EXPECT_TRUE(Exposed("sluice_tokens_total{kind=\"input\"} 11"));
  EXPECT_TRUE(Exposed("sluice_tokens_total{kind=\"cached_input\"} 22"));
  EXPECT_TRUE(Exposed("sluice_tokens_total{kind=\"output\"} 33"));
  EXPECT_TRUE(Exposed("sluice_tokens_total{kind=\"reasoning\"} 44"));
}

TEST_F(RecordTest, LineSaysWhatHappened) {
  recorder_->Write(Answered());
  const auto line = Members();
  EXPECT_EQ(line.at("event"), "\"request\"");
  EXPECT_EQ(line.at("at"), "\"2026-09-21T14:13:20.000000Z\"");
  EXPECT_EQ(line.at("request_id"), "\"req_1\"");
  EXPECT_EQ(line.at("path"), "\"/chat/completions\"");
  EXPECT_EQ(line.at("status"), "200");
  EXPECT_EQ(line.at("key_id"), "\"k1\"");
  EXPECT_EQ(line.at("team"), "\"search\"");
  EXPECT_EQ(line.at("asked_model"), "\"fast\"");
  EXPECT_EQ(line.at("model"), "\"deepseek/deepseek-chat\"");
  EXPECT_EQ(line.at("response_model"), "\"deepseek-chat-0324\"");
  EXPECT_EQ(line.at("rung"), "\"cheap\"");
  EXPECT_EQ(line.at("stream"), "true");
  EXPECT_EQ(line.at("finish_reason"), "\"stop\"");
  EXPECT_EQ(line.at("attempts"), R"([{"model":"openai/x","status":503,"ms":7,"error":"503"},)"
                                 R"({"model":"deepseek/deepseek-chat","status":200,"ms":90}])");
  EXPECT_EQ(line.at("usage"), R"({"input":10,"cached_input":20,"output":30,"reasoning":40})");
  EXPECT_EQ(line.at("first_token_us"), "50000");
  EXPECT_EQ(line.at("took_us"), "100000");
  EXPECT_EQ(line.at("overhead_us"), "1000");
}

TEST_F(RecordTest, WhatIsNotKnownIsNotSaid) {
  RequestRecord record;
  record.id = "req_2";
  record.path = "unknown";
  record.status = 404;
  record.error_code = "not_found";
  recorder_->Write(record);
  const auto line = Members();
  EXPECT_EQ(line.at("error"), "\"not_found\"");
  for (const char* absent :
       {"key_id", "org", "team", "project", "asked_model", "model", "response_model", "rung", "reason",
        "attempts", "stream", "aborted", "finish_reason", "usage", "first_token_us", "trace_id"}) {
    EXPECT_EQ(line.count(absent), 0u) << absent;
  }
}

TEST_F(RecordTest, TextOfStrangersCannotForgeALine) {
  RequestRecord record = Answered();
  record.asked_model = "x\",\"status\":200}\n{\"event\":\"request\xff";
  record.reason = std::string_view("a\0b", 3);
  recorder_->Write(record);
  EXPECT_EQ(Members().at("status"), "200");
}

TEST_F(RecordTest, NameThatAProviderGivesItsModelIsCut) {
  const std::string name(100'000, 'm');
  RequestRecord record = Answered();
  record.response_model = name;
  record.trace = telemetry::SpanIds(1).NewTrace(true);
  recorder_->Write(record);
  EXPECT_LT(Line().size(), 2000u);
  EXPECT_EQ(spans_.TakeBatch(1).at(0).response_model.size(), 256u);
}

TEST_F(RecordTest, EveryBucketOfUsageIsInTheLine) {
  RequestRecord record = Answered();
  record.usage = chat::Usage{.input = 1,
                             .cached_input = 2,
                             .cache_write_5m = 3,
                             .cache_write_1h = 4,
                             .output = 5,
                             .reasoning = 6,
                             .input_audio = 7,
                             .input_image = 8,
                             .output_audio = 9,
                             .output_image = 10,
                             .inconsistent = true};
  recorder_->Write(record);
  EXPECT_EQ(Members().at("usage"),
            R"({"input":1,"cached_input":2,"output":5,"reasoning":6,"cache_write_5m":3,"cache_write_1h":4,)"
            R"("input_audio":7,"input_image":8,"output_audio":9,"output_image":10,"inconsistent":true})");
}

TEST_F(RecordTest, NoteIsALineOfItsOwn) {
  recorder_->Note("provider", "key 1 of \"p\" is put aside");
  const auto line = Members();
  EXPECT_EQ(line.at("event"), "\"provider\"");
  EXPECT_EQ(line.at("message"), R"("key 1 of \"p\" is put aside")");
  EXPECT_EQ(line.size(), 3u);
}

TEST_F(RecordTest, AnsweredRequestIsCounted) {
  recorder_->Write(Answered());
  EXPECT_TRUE(
      Exposed(R"(sluice_requests_total{model="fast",rung="cheap",provider="deepseek",status="200"} 1)"));
  EXPECT_TRUE(Exposed(R"(sluice_request_duration_seconds_count 1)"));
  EXPECT_TRUE(Exposed(R"(sluice_request_duration_seconds_sum 0.1)"));
  EXPECT_TRUE(Exposed(R"(sluice_overhead_seconds_sum 0.001)"));
  EXPECT_TRUE(Exposed(R"(sluice_time_to_first_token_seconds_sum 0.05)"));
}

TEST_F(RecordTest, TokensAreCountedInDisjointBuckets) {
  RequestRecord record = Answered();
  record.usage->cache_write_5m = 100;
  record.usage->output_audio = 1000;
  recorder_->Write(record);
  EXPECT_TRUE(Exposed(R"(sluice_tokens_total{kind="input"} 110)"));
  EXPECT_TRUE(Exposed(R"(sluice_tokens_total{kind="cached_input"} 20)"));
  EXPECT_TRUE(Exposed(R"(sluice_tokens_total{kind="output"} 1030)"));
  EXPECT_TRUE(Exposed(R"(sluice_tokens_total{kind="reasoning"} 40)"));
}

TEST_F(RecordTest, NegativeTokensOfABrokenProviderCountAsNone) {
  RequestRecord record = Answered();
  record.usage = chat::Usage{.input = -5, .output = -7};
  recorder_->Write(record);
  EXPECT_TRUE(Exposed(R"(sluice_tokens_total{kind="input"} 0)"));
  EXPECT_TRUE(Exposed(R"(sluice_tokens_total{kind="output"} 0)"));
}

TEST_F(RecordTest, ModelsThatNoPlanKnewAreNoLabel) {
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "stranger-" + std::to_string(i);
    RequestRecord record;
    record.asked_model = name;
    record.status = 404;
    recorder_->Write(record);
  }
  EXPECT_TRUE(
      Exposed(R"(sluice_requests_total{model="none",rung="none",provider="none",status="404"} 3000)"));
  EXPECT_EQ(registry_.Exposition().find("stranger"), std::string::npos);
}

TEST_F(RecordTest, NameThatIsNotInTheSettingsIsNoLabel) {
  RequestRecord record = Answered();
  record.model_label = RequestRecord().model_label;
  record.asked_model = "deepseek/invented";
  recorder_->Write(record);
  EXPECT_TRUE(
      Exposed(R"(sluice_requests_total{model="other",rung="cheap",provider="deepseek",status="200"} 1)"));
}

TEST_F(RecordTest, LabelsAreBoundedWhateverIsAsked) {
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "deepseek/m" + std::to_string(i);
    RequestRecord record = Answered();
    record.asked_model = name;
    record.model_label = name;
    recorder_->Write(record);
  }
  EXPECT_LT(registry_.Exposition().size(), 400'000u);
  EXPECT_TRUE(Exposed(R"(sluice_metric_series_dropped_total 2000)"));
}

TEST_F(RecordTest, SpanHasTheFieldsOfTheConventions) {
  RequestRecord record = Answered();
  record.trace = telemetry::SpanIds(1).NewTrace(true);
  record.parent_span = telemetry::SpanId{1, 2, 3, 4, 5, 6, 7, 8};
  record.server_address = "api.deepseek.com";
  record.server_port = 443;
  recorder_->Write(record);
  const auto batch = spans_.TakeBatch(10);
  ASSERT_EQ(batch.size(), 1u);
  const telemetry::GenAiSpan& span = batch[0];
  EXPECT_EQ(span.context, *record.trace);
  EXPECT_EQ(span.parent, record.parent_span);
  EXPECT_EQ(span.end - span.start, 100ms);
  EXPECT_EQ(span.operation, "chat");
  EXPECT_EQ(span.provider, "deepseek");
  EXPECT_EQ(span.request_model, "fast");
  EXPECT_EQ(span.response_model, "deepseek-chat-0324");
  EXPECT_EQ(span.usage->input + span.usage->cached_input, 30u);
  EXPECT_EQ(span.usage->output + span.usage->reasoning, 70u);
  EXPECT_EQ(span.finish_reasons, std::vector<std::string>{"stop"});
  EXPECT_EQ(span.time_to_first_chunk, 50ms);
  EXPECT_EQ(span.server_address, "api.deepseek.com");
  EXPECT_EQ(span.server_port, 443);
  EXPECT_EQ(span.error_type, "");
  EXPECT_EQ(Members().at("trace_id"), '"' + telemetry::HexOf(record.trace->trace_id) + '"');
}

TEST_F(RecordTest, SpanOfAFailureNamesItsStatus) {
  RequestRecord record = Answered();
  record.trace = telemetry::SpanIds(1).NewTrace(true);
  record.status = 502;
  recorder_->Write(record);
  EXPECT_EQ(spans_.TakeBatch(1).at(0).error_type, "502");
}

TEST_F(RecordTest, SpanOfAStreamThatBrokeNamesItsError) {
  RequestRecord record = Answered();
  record.trace = telemetry::SpanIds(1).NewTrace(true);
  record.error_code = "upstream_error";  // told in an event, behind a status of 200
  recorder_->Write(record);
  EXPECT_EQ(spans_.TakeBatch(1).at(0).error_type, "upstream_error");
}

TEST_F(RecordTest, SpanTellsWhatWasWrittenToTheCacheApart) {
  RequestRecord record = Answered();
  record.trace = telemetry::SpanIds(1).NewTrace(true);
  record.usage = chat::Usage{.input = 10,
                             .cached_input = 20,
                             .cache_write_5m = 3,
                             .cache_write_1h = 4,
                             .output = 5,
                             .input_audio = 6};
  recorder_->Write(record);
  const auto usage = spans_.TakeBatch(1).at(0).usage;
  EXPECT_EQ(usage->input, 16u);
  EXPECT_EQ(usage->cached_input, 20u);
  EXPECT_EQ(usage->cache_write, 7u);
}

TEST_F(RecordTest, OnlyTracedGenerationsMakeSpans) {
  RequestRecord untraced = Answered();
  recorder_->Write(untraced);
  RequestRecord listing;
  listing.trace = telemetry::SpanIds(1).NewTrace(true);
  recorder_->Write(listing);
  EXPECT_EQ(spans_.Size(), 0u);
}

TEST_F(RecordTest, WithoutABufferNothingIsTraced) {
  telemetry::Registry registry;
  Recorder recorder(clock_, registry, *log_, nullptr);
  RequestRecord record = Answered();
  record.trace = telemetry::SpanIds(1).NewTrace(true);
  recorder.Write(record);
  EXPECT_FALSE(recorder.traces());
  EXPECT_TRUE(recorder_->traces());
}

}  // namespace
}  // namespace gateway
