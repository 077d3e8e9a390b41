#include "wire/usage_notes.h"

#include <gtest/gtest.h>

#include <string>

namespace wire {
namespace {

using chat::Dialect;
using chat::Usage;

AnswerFacts Told(std::string_view usage) {
  AnswerFacts facts;
  facts.usage = usage;
  return facts;
}

TEST(UsageNotesTest, EachDialectHasItsOwnWayToSayItTwice) {
  UsageNotes openai(Dialect::kOpenai);
  EXPECT_FALSE(openai.Read());
  openai.Learn(Told(R"({"prompt_tokens":7,"completion_tokens":1})"));
  openai.Learn(Told(R"({"prompt_tokens":8,"completion_tokens":5})"));
  EXPECT_EQ(openai.Read(), (Usage{.input = 8, .output = 5}));
  EXPECT_EQ(openai.Verbatim(), R"({"prompt_tokens":8,"completion_tokens":5})");

  UsageNotes messages(Dialect::kAnthropic);
  EXPECT_FALSE(messages.Read());
  messages.Learn(Told(R"({"input_tokens":7,"cache_read_input_tokens":2,"output_tokens":1})"));
  EXPECT_EQ(messages.Read(), (Usage{.input = 7, .cached_input = 2, .output = 1}));
  messages.Learn(Told(R"({"output_tokens":3})"));
  messages.Learn(Told(R"({"output_tokens":5})"));
  EXPECT_EQ(messages.Read(), (Usage{.input = 7, .cached_input = 2, .output = 5}));
}

TEST(UsageNotesTest, MessagesKeepAllThatWasSaidInOneArray) {
  UsageNotes notes(Dialect::kAnthropic);
  EXPECT_EQ(notes.Verbatim(), "");
  notes.Learn(Told(R"({"input_tokens":7, "output_tokens":1})"));
  EXPECT_EQ(notes.Verbatim(), R"({"input_tokens":7, "output_tokens":1})");
  notes.Learn(Told(R"({"output_tokens":3})"));
  EXPECT_EQ(notes.Verbatim(), R"([{"input_tokens":7, "output_tokens":1},{"output_tokens":3}])");
  notes.Learn(Told(R"({"output_tokens":5})"));
  EXPECT_EQ(notes.Verbatim(),
            R"([{"input_tokens":7, "output_tokens":1},{"output_tokens":3},{"output_tokens":5}])");
}

TEST(UsageNotesTest, WhatIsTooLongIsReadButNotKept) {
  const std::string padding(kUsageTextBytesMax, ' ');
  UsageNotes openai(Dialect::kOpenai);
  openai.Learn(Told(R"({"prompt_tokens":7,"completion_tokens":1})" + std::string()));
  const std::string at_limit = R"({"prompt_tokens":9})" + padding.substr(19);
  openai.Learn(Told(at_limit));
  EXPECT_EQ(openai.Verbatim().size(), kUsageTextBytesMax);
  const std::string past = R"({"prompt_tokens":9})" + padding.substr(18);
  openai.Learn(Told(past));
  EXPECT_EQ(openai.Verbatim(), "");
  EXPECT_EQ(openai.Read(), (Usage{.input = 9}));
}

TEST(UsageNotesTest, OfALongStreamOfMessagesTheFirstAndTheNewestAreKept) {
  UsageNotes notes(Dialect::kAnthropic);
  const std::string first = R"({"input_tokens":7,"output_tokens":1})";
  notes.Learn(Told(first));
  std::string last;
  for (int i = 10; i < 4000; ++i) {
    last = R"({"output_tokens":)" + std::to_string(i) + "}";
    notes.Learn(Told(last));
    ASSERT_LE(notes.Verbatim().size(), kUsageTextBytesMax);
  }
  EXPECT_TRUE(notes.Verbatim().starts_with("[" + first + ","));
  EXPECT_TRUE(notes.Verbatim().ends_with("," + last + "]"));
  EXPECT_EQ(notes.Read(), (Usage{.input = 7, .output = 3999}));
}

TEST(UsageNotesTest, TiersAreUnescapedAndCut) {
  UsageNotes notes(Dialect::kOpenai);
  AnswerFacts facts;
  facts.service_tier = {R"("fl\u0065x")", JsonKind::kString};
  notes.Learn(facts);
  EXPECT_EQ(notes.service_tier(), "flex");
  const std::string long_one = '"' + std::string(kServiceTierBytesMax + 1, 'a') + '"';
  facts.service_tier = {long_one, JsonKind::kString};
  notes.Learn(facts);
  EXPECT_EQ(notes.service_tier(), std::string(kServiceTierBytesMax, 'a'));
}

TEST(UsageNotesTest, SpeedAndRegionArePartOfTheTier) {
  UsageNotes notes(Dialect::kAnthropic);
  AnswerFacts facts;
  const auto tier_with = [&](JsonValue AnswerFacts::*fact, std::string_view raw) {
    facts.*fact = {raw, JsonKind::kString};
    notes.Learn(facts);
    return notes.service_tier();
  };
  EXPECT_EQ(tier_with(&AnswerFacts::service_tier, R"("standard")"), "standard");
  EXPECT_EQ(tier_with(&AnswerFacts::inference_geo, R"("global")"), "standard");
  EXPECT_EQ(tier_with(&AnswerFacts::inference_geo, R"("not_available")"), "standard");
  EXPECT_EQ(tier_with(&AnswerFacts::inference_geo, R"("us")"), "us");
  EXPECT_EQ(tier_with(&AnswerFacts::speed, R"("fast")"), "fast-us");
  EXPECT_EQ(tier_with(&AnswerFacts::service_tier, R"("priority")"), "priority-fast-us");
}

}  // namespace
}  // namespace wire
