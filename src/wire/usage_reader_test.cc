#include "wire/usage_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace wire {
namespace {

using chat::Usage;

TEST(UsageReaderTest, OpenAiChat) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
      "prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10,"audio_tokens":5},
      "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":3,
        "accepted_prediction_tokens":4,"rejected_prediction_tokens":2}})"),
            (Usage{.input = 25,
                   .cached_input = 60,
                   .cache_write_5m = 10,
                   .output = 27,
                   .reasoning = 20,
                   .input_audio = 5,
                   .output_audio = 3}));
}

TEST(UsageReaderTest, OpenAiResponses) {
  EXPECT_EQ(ReadUsage(R"({"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},
      "output_tokens":7,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":17})"),
            (Usage{.input = 5, .cached_input = 4, .cache_write_5m = 1, .output = 2, .reasoning = 5}));
}

TEST(UsageReaderTest, WritesForAnHourArePartOfAllWrites) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":20,"completion_tokens":1,
      "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":9,"cache_write_1h_tokens":4}})"),
            (Usage{.input = 11, .cache_write_5m = 5, .cache_write_1h = 4, .output = 1}));
}

TEST(UsageReaderTest, Embeddings) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":8,"total_tokens":8})"), (Usage{.input = 8}));
}

TEST(UsageReaderTest, ImagesHaveTheirOwnBuckets) {
  EXPECT_EQ(ReadUsage(R"({"input_tokens":30,"output_tokens":100,"total_tokens":130,
      "input_tokens_details":{"text_tokens":10,"image_tokens":20},"output_tokens_details":{"image_tokens":100}})"),
            (Usage{.input = 10, .input_image = 20, .output_image = 100}));
}

TEST(UsageReaderTest, DeepSeekInItsOwnSpelling) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,
      "prompt_cache_hit_tokens":896,"prompt_cache_miss_tokens":104})"),
            (Usage{.input = 104, .cached_input = 896, .output = 200}));
}

TEST(UsageReaderTest, DeepSeekInBothSpellings) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":1000,"completion_tokens":200,"total_tokens":1200,
      "prompt_tokens_details":{"cached_tokens":896},"completion_tokens_details":{"reasoning_tokens":150},
      "prompt_cache_hit_tokens":896,"prompt_cache_miss_tokens":104})"),
            (Usage{.input = 104, .cached_input = 896, .output = 50, .reasoning = 150}));
}

TEST(UsageReaderTest, TheMissAloneTellsTheHits) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":10,"completion_tokens":1,"prompt_cache_miss_tokens":4})"),
            (Usage{.input = 4, .cached_input = 6, .output = 1}));
  EXPECT_EQ(ReadUsage(R"({"completion_tokens":1,"prompt_cache_hit_tokens":6,"prompt_cache_miss_tokens":4})"),
            (Usage{.input = 4, .cached_input = 6, .output = 1}));
}

TEST(UsageReaderTest, NullAndAbsentDetailsAreZero) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":3,"completion_tokens":2,"total_tokens":null,
      "prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}})"),
            (Usage{.input = 3, .output = 2}));
}

TEST(UsageReaderTest, ExplicitZeroIsNotNothing) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":0,"completion_tokens":0,"total_tokens":0})"), Usage{});
  EXPECT_EQ(ReadUsage("{}"), std::nullopt);
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":null,"tokens":5})"), std::nullopt);
  EXPECT_EQ(ReadUsage("null"), std::nullopt);
  EXPECT_EQ(ReadUsage(""), std::nullopt);
  EXPECT_EQ(ReadUsage("[]"), std::nullopt);
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":3)"), std::nullopt);
}

TEST(UsageReaderTest, PartsAboveTheirWholeAreKeptAndFlagged) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,
      "prompt_tokens_details":{"cached_tokens":12},"completion_tokens_details":{"reasoning_tokens":9}})"),
            (Usage{.cached_input = 12, .reasoning = 9, .inconsistent = true}));
}

TEST(UsageReaderTest, SoundsAndPicturesThatAreCachedCountAsCached) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":100,"completion_tokens":1,
      "prompt_tokens_details":{"cached_tokens":60,"audio_tokens":30,"image_tokens":50}})"),
            (Usage{.cached_input = 60, .output = 1, .input_audio = 30, .input_image = 10}));
  EXPECT_TRUE(ReadUsage(R"({"prompt_tokens":100,"completion_tokens":1,
      "prompt_tokens_details":{"audio_tokens":60,"image_tokens":41}})")
                  ->inconsistent);
}

TEST(UsageReaderTest, SpellingsThatDifferAreFlaggedAndTheOpenAiOneWins) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":100,"completion_tokens":1,"prompt_cache_hit_tokens":64,
      "prompt_tokens_details":{"cached_tokens":32}})"),
            (Usage{.input = 68, .cached_input = 32, .output = 1, .inconsistent = true}));
}

TEST(UsageReaderTest, HitsAndMissesThatDoNotAddUpAreFlagged) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":100,"completion_tokens":1,"prompt_cache_hit_tokens":64,
      "prompt_cache_miss_tokens":64})"),
            (Usage{.input = 36, .cached_input = 64, .output = 1, .inconsistent = true}));
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":10,"completion_tokens":1,"prompt_cache_miss_tokens":11})"),
            (Usage{.input = 10, .output = 1, .inconsistent = true}));
}

TEST(UsageReaderTest, ATotalThatIsNotTheSumIsFlagged) {
  EXPECT_TRUE(ReadUsage(R"({"prompt_tokens":10,"completion_tokens":1,"total_tokens":12})")->inconsistent);
}

TEST(UsageReaderTest, AMissingPromptIsFlagged) {
  EXPECT_EQ(ReadUsage(R"({"completion_tokens":5})"), (Usage{.output = 5, .inconsistent = true}));
}

TEST(UsageReaderTest, CountsThatAreNoCountsAreFlaggedAndLeftOut) {
  for (const char* value :
       {"-1", "1.5", "\"7\"", "1e3", "10000000001", "99999999999999999999", "[1]", "true"}) {
    const auto usage = ReadUsage(
        R"({"prompt_tokens":10,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":)" +
        std::string(value) + "}}");
    EXPECT_EQ(usage, (Usage{.input = 10, .output = 5, .inconsistent = true})) << value;
  }
}

TEST(UsageReaderTest, TheSameCountTwiceWithTwoValuesIsFlagged) {
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":10,"completion_tokens":5,"prompt_tokens":11})"),
            (Usage{.input = 10, .output = 5, .inconsistent = true}));
  EXPECT_EQ(ReadUsage(R"({"prompt_tokens":10,"input_tokens":10,"completion_tokens":5})"),
            (Usage{.input = 10, .output = 5}));
}

TEST(UsageReaderTest, BucketsAddUpToTheProvidersTotals) {
  for (int cached = 0; cached <= 20; cached += 5) {
    for (int reasoning = 0; reasoning <= 30; reasoning += 6) {
      const auto usage =
          ReadUsage(R"({"prompt_tokens":20,"completion_tokens":30,"total_tokens":50,
          "prompt_tokens_details":{"cached_tokens":)" +
                    std::to_string(cached) + R"(},"completion_tokens_details":{"reasoning_tokens":)" +
                    std::to_string(reasoning) + "}}");
      EXPECT_EQ(usage->TotalInput(), 20);
      EXPECT_EQ(usage->TotalOutput(), 30);
      EXPECT_FALSE(usage->inconsistent);
    }
  }
}

}  // namespace
}  // namespace wire
