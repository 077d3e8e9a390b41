#include <gtest/gtest.h>

#include "chat/dialect.h"
#include "chat/endpoint.h"
#include "chat/finish.h"
#include "chat/flavour.h"
#include "chat/rung.h"
#include "chat/usage.h"

namespace chat {
namespace {

TEST(UsageTest, TotalsAddTheDisjointBuckets) {
  const Usage usage{.input = 1,
                    .cached_input = 2,
                    .cache_write_5m = 4,
                    .cache_write_1h = 8,
                    .output = 16,
                    .reasoning = 32,
                    .input_audio = 64,
                    .input_image = 128,
                    .output_audio = 256,
                    .output_image = 512};
  EXPECT_EQ(usage.TotalInput(), 1 + 2 + 4 + 8 + 64 + 128);
  EXPECT_EQ(usage.TotalOutput(), 16 + 32 + 256 + 512);
}

TEST(UsageTest, EachMeterIsOneNumberOfItsOwn) {
  Usage usage;
  for (std::size_t i = 0; i < kMeters; ++i) usage[static_cast<Meter>(i)] = 1 << i;
  EXPECT_EQ(usage.input, 1);
  EXPECT_EQ(usage.output_image, 1 << 9);
  EXPECT_FALSE(usage.CountsNothing());
  EXPECT_TRUE(Usage().CountsNothing());
  EXPECT_EQ(usage.units[0], 1 << 10);
  const Usage& same = usage;
  for (std::size_t i = 0; i < kMeters; ++i) EXPECT_EQ(same[static_cast<Meter>(i)], 1 << i);
  EXPECT_EQ(Name(Meter::kCacheWrite1h), "cache_write_1h");
  EXPECT_EQ(Name(Meter::kSecond), "second");
}

TEST(UsageTest, SourcesHaveTheNamesOfTheLedger) {
  EXPECT_EQ(Name(UsageSource::kProvider), "provider");
  EXPECT_EQ(Name(UsageSource::kCounted), "counted");
  EXPECT_EQ(Name(UsageSource::kDrained), "drained");
  EXPECT_EQ(Name(UsageSource::kEstimated), "estimated");
  EXPECT_EQ(Name(UsageSource::kNone), "none");
}

TEST(DialectTest, NamesAreThoseOfTheSettings) {
  EXPECT_EQ(Name(Dialect::kOpenai), "openai");
  EXPECT_EQ(Name(Dialect::kResponses), "responses");
  EXPECT_EQ(Name(Dialect::kAnthropic), "anthropic");
}

TEST(FlavourTest, EachHasTheNameOfItsMaker) {
  EXPECT_EQ(Name(Flavour::kOpenai), "openai");
  EXPECT_EQ(Name(Flavour::kDeepseek), "deepseek");
  EXPECT_EQ(Name(Flavour::kAnthropic), "anthropic");
  EXPECT_EQ(Name(Flavour::kCompatible), "compatible");
}

TEST(OperationTest, EachBelongsToOneDialect) {
  EXPECT_EQ(DialectOf(Operation::kChat), Dialect::kOpenai);
  EXPECT_EQ(DialectOf(Operation::kCompletion), Dialect::kOpenai);
  EXPECT_EQ(DialectOf(Operation::kEmbedding), Dialect::kOpenai);
  EXPECT_EQ(DialectOf(Operation::kResponses), Dialect::kResponses);
  EXPECT_EQ(DialectOf(Operation::kMessages), Dialect::kAnthropic);
  EXPECT_EQ(DialectOf(Operation::kCountTokens), Dialect::kAnthropic);
}

TEST(OperationTest, WhatEveryDialectHasCanBeTranslated) {
  EXPECT_TRUE(IsTranslatable(Operation::kChat));
  EXPECT_TRUE(IsTranslatable(Operation::kResponses));
  EXPECT_TRUE(IsTranslatable(Operation::kMessages));
  EXPECT_FALSE(IsTranslatable(Operation::kCompletion));
  EXPECT_FALSE(IsTranslatable(Operation::kEmbedding));
  EXPECT_FALSE(IsTranslatable(Operation::kCountTokens));
}

TEST(OperationTest, WhatGeneratesTextCanBeStreamed) {
  EXPECT_TRUE(CanStream(Operation::kChat));
  EXPECT_TRUE(CanStream(Operation::kCompletion));
  EXPECT_TRUE(CanStream(Operation::kResponses));
  EXPECT_TRUE(CanStream(Operation::kMessages));
  EXPECT_FALSE(CanStream(Operation::kEmbedding));
  EXPECT_FALSE(CanStream(Operation::kCountTokens));
}

TEST(OperationTest, NamesAreThoseOfTheGenAiConvention) {
  EXPECT_EQ(Name(Operation::kChat), "chat");
  EXPECT_EQ(Name(Operation::kCompletion), "text_completion");
  EXPECT_EQ(Name(Operation::kEmbedding), "embeddings");
  EXPECT_EQ(Name(Operation::kResponses), "chat");
  EXPECT_EQ(Name(Operation::kMessages), "chat");
  EXPECT_EQ(Name(Operation::kCountTokens), "count_tokens");
}

TEST(FinishReasonTest, NamesAreTheProvidersOwnWords) {
  EXPECT_EQ(Name(FinishReason::kNone), "none");
  EXPECT_EQ(Name(FinishReason::kStop), "stop");
  EXPECT_EQ(Name(FinishReason::kLength), "length");
  EXPECT_EQ(Name(FinishReason::kToolCalls), "tool_calls");
  EXPECT_EQ(Name(FinishReason::kContentFilter), "content_filter");
  EXPECT_EQ(Name(FinishReason::kInsufficientResource), "insufficient_system_resource");
  EXPECT_EQ(Name(FinishReason::kOther), "other");
}

TEST(RungTest, NamesAreThoseOfTheAnswerHeader) {
  EXPECT_EQ(Name(Rung::kRules), "rules");
  EXPECT_EQ(Name(Rung::kExact), "exact");
  EXPECT_EQ(Name(Rung::kSemantic), "semantic");
  EXPECT_EQ(Name(Rung::kStudent), "student");
  EXPECT_EQ(Name(Rung::kLocal), "local");
  EXPECT_EQ(Name(Rung::kCheap), "cheap");
  EXPECT_EQ(Name(Rung::kStrong), "strong");
}

}  // namespace
}  // namespace chat
