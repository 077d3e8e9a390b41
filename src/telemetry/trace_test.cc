#include <gtest/gtest.h>

#include <set>

#include "telemetry/otlp.h"
#include "telemetry/trace.h"

namespace telemetry {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kHeader = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceparentTest, ParsedAndFormattedIsTheSameText) {
  const auto context = ParseTraceparent(kHeader);
  ASSERT_TRUE(context);
  EXPECT_TRUE(context->Sampled());
  EXPECT_EQ(HexOf(context->trace_id), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(HexOf(context->span_id), "b7ad6b7169203331");
  EXPECT_EQ(FormatTraceparent(*context), kHeader);
}

TEST(TraceparentTest, FlagsAreKeptAsTheyCame) {
  const auto context = ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fe");
  ASSERT_TRUE(context);
  EXPECT_FALSE(context->Sampled());
  EXPECT_EQ(context->flags, 0xfe);
}

TEST(TraceparentTest, AnythingElseIsNoTraceContext) {
  for (const std::string_view header : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ",
                                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
                                        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
                                        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333x-01",
                                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0G",
                                        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
                                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01"}) {
    EXPECT_FALSE(ParseTraceparent(header)) << header;
  }
}

TEST(SpanIdsTest, AChildStaysInItsTraceWithItsOwnSpan) {
  SpanIds ids(1);
  const TraceContext root = ids.NewTrace(true);
  const TraceContext child = ids.ChildOf(root);
  EXPECT_EQ(child.trace_id, root.trace_id);
  EXPECT_EQ(child.flags, root.flags);
  EXPECT_NE(child.span_id, root.span_id);
  EXPECT_EQ(ParseTraceparent(FormatTraceparent(child)), child);
  EXPECT_FALSE(ids.NewTrace(false).Sampled());
}

TEST(SpanIdsTest, GeneratorsOfTwoThreadsDoNotRepeatEachOther) {
  SpanIds one;
  SpanIds two;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(HexOf(one.NewTrace(true).trace_id));
    seen.insert(HexOf(two.NewTrace(true).trace_id));
  }
  EXPECT_EQ(seen.size(), 2000U);
}

GenAiSpan FullSpan() {
  return {
      .context = *ParseTraceparent(kHeader),
      .parent = SpanId{0, 1, 2, 3, 4, 5, 6, 0xff},
      .start = base::WallTime{1790000000s + 5ns},
      .end = base::WallTime{1790000001s},
      .operation = "chat",
      .provider = "anthropic",
      .request_model = "claude \"x\"",
      .response_model = "claude-x-1",
      .usage = SpanUsage{.input = 100, .cached_input = 1000, .cache_write = 10, .output = 7, .reasoning = 30},
      .finish_reasons = {"stop", "length"},
      .time_to_first_chunk = 250ms,
      .server_address = "api.example.com",
      .server_port = 443,
      .error_type = "timeout",
      .attributes = {{"sluice.rung", "strong"}, {"sluice.empty", ""}}};
}

TEST(OtlpTest, GoldenSpanIncludesCachedTokensInTheInput) {
  const std::vector<GenAiSpan> spans{FullSpan()};
  EXPECT_EQ(
      EncodeTraces({.service_version = "1.0.0"}, spans),
      R"({"resourceSpans":[{"resource":{"attributes":[)"
      R"({"key":"service.name","value":{"stringValue":"sluice"}},)"
      R"({"key":"service.version","value":{"stringValue":"1.0.0"}}]},)"
      R"("scopeSpans":[{"scope":{"name":"sluice"},"spans":[{)"
      R"("traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331",)"
      R"("parentSpanId":"00010203040506ff","flags":1,"name":"chat claude \"x\"","kind":3,)"
      R"("startTimeUnixNano":"1790000000000000005","endTimeUnixNano":"1790000001000000000","attributes":[)"
      R"({"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},)"
      R"({"key":"gen_ai.provider.name","value":{"stringValue":"anthropic"}},)"
      R"({"key":"gen_ai.request.model","value":{"stringValue":"claude \"x\""}},)"
      R"({"key":"gen_ai.response.model","value":{"stringValue":"claude-x-1"}},)"
      R"({"key":"gen_ai.usage.input_tokens","value":{"intValue":"1110"}},)"
      R"({"key":"gen_ai.usage.output_tokens","value":{"intValue":"37"}},)"
      R"({"key":"gen_ai.usage.cache_read.input_tokens","value":{"intValue":"1000"}},)"
      R"({"key":"gen_ai.usage.cache_creation.input_tokens","value":{"intValue":"10"}},)"
      R"({"key":"gen_ai.usage.reasoning.output_tokens","value":{"intValue":"30"}},)"
      R"({"key":"gen_ai.response.finish_reasons","value":{"arrayValue":{"values":[)"
      R"({"stringValue":"stop"},{"stringValue":"length"}]}}},)"
      R"({"key":"gen_ai.response.time_to_first_chunk","value":{"doubleValue":0.25}},)"
      R"({"key":"server.address","value":{"stringValue":"api.example.com"}},)"
      R"({"key":"server.port","value":{"intValue":"443"}},)"
      R"({"key":"error.type","value":{"stringValue":"timeout"}},)"
      R"({"key":"sluice.rung","value":{"stringValue":"strong"}}],)"
      R"("status":{"code":2}}]}]}]})");
}

TEST(OtlpTest, WhatIsNotKnownIsNotReported) {
  GenAiSpan span{.context = *ParseTraceparent(kHeader), .operation = "embeddings"};
  const std::string text = EncodeTraces({}, std::span(&span, 1));
  EXPECT_NE(text.find(R"("name":"embeddings")"), std::string::npos) << text;
  for (const std::string_view absent :
       {"usage", "parentSpanId", "status", "server.", "first_chunk", "version"}) {
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
  }
}

TEST(SpanBufferTest, GivesTheOldestFirstAndDropsTheNewestWhenFull) {
  SpanBuffer buffer(3);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(buffer.Push({.operation = name}));
  EXPECT_FALSE(buffer.Push({.operation = "d"}));
  EXPECT_EQ(buffer.Dropped(), 1U);
  auto batch = buffer.TakeBatch(2);
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch[0].operation, "a");
  EXPECT_EQ(buffer.Size(), 1U);
  EXPECT_EQ(buffer.TakeBatch(10).size(), 1U);
  EXPECT_TRUE(buffer.TakeBatch(10).empty());
}

}  // namespace
}  // namespace telemetry
