#include <gtest/gtest.h>

#include <string>

#include "wire/usage_reader.h"

namespace wire {
namespace {

using chat::Usage;

chat::Usage Read(std::string_view start, std::string_view end = {}) {
  const auto usage = ReadMessagesUsage(start, end);
  EXPECT_TRUE(usage) << start;
  return usage.value_or(Usage{});
}

TEST(MessagesUsageTest, InputExcludesWhatTheCacheTookAndGave) {
  EXPECT_EQ(
      Read(R"({"input_tokens":10,"cache_creation_input_tokens":300,"cache_read_input_tokens":2000,
                     "cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},
                     "output_tokens":50,"service_tier":"standard"})"),
      (Usage{.input = 10, .cached_input = 2000, .cache_write_5m = 100, .cache_write_1h = 200, .output = 50}));
}

TEST(MessagesUsageTest, ThoughtsAreInsideTheOutput) {
  EXPECT_EQ(Read(R"({"input_tokens":1,"output_tokens":50,"output_tokens_details":{"thinking_tokens":30}})"),
            (Usage{.input = 1, .output = 20, .reasoning = 30}));
}

TEST(MessagesUsageTest, WritesWithoutALifetimeAreOfTheOrdinaryOne) {
  EXPECT_EQ(Read(R"({"input_tokens":1,"cache_creation_input_tokens":7,"output_tokens":2})"),
            (Usage{.input = 1, .cache_write_5m = 7, .output = 2}));
  EXPECT_EQ(Read(R"({"input_tokens":1,"cache_creation_input_tokens":7,"output_tokens":2,
                     "cache_creation":{"ephemeral_1h_input_tokens":5}})"),
            (Usage{.input = 1, .cache_write_5m = 2, .cache_write_1h = 5, .output = 2}));
}

TEST(MessagesUsageTest, LifetimesWithoutASumAreEnough) {
  EXPECT_EQ(Read(R"({"input_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":4},"output_tokens":2})"),
            (Usage{.input = 1, .cache_write_5m = 4, .output = 2}));
}

TEST(MessagesUsageTest, AStreamsLastNumbersCountAndAreNotAdded) {
  const std::string_view start =
      R"({"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":20,
          "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":3},"output_tokens":1})";
  const Usage usage{.input = 10, .cached_input = 20, .cache_write_1h = 3, .output = 50};
  EXPECT_EQ(Read(start, R"({"output_tokens":50})"), usage);
  EXPECT_EQ(Read(start, R"({"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":20,
                            "output_tokens":50})"),
            usage);
  EXPECT_EQ(Read(start, R"({"input_tokens":null,"output_tokens":50})"), usage);
}

TEST(MessagesUsageTest, AServersToolMakesTheInputGrow) {
  EXPECT_EQ(Read(R"({"input_tokens":10,"output_tokens":1})", R"({"input_tokens":900,"output_tokens":5})"),
            (Usage{.input = 900, .output = 5}));
}

TEST(MessagesUsageTest, ContradictionsAreFlaggedAndNothingGetsNegative) {
  for (const auto& [start, end] :
       {std::pair(R"({"input_tokens":10,"output_tokens":5})", R"({"output_tokens":4})"),
        {R"({"input_tokens":10,"output_tokens":5,"output_tokens_details":{"thinking_tokens":6}})", ""},
        {R"({"input_tokens":10,"output_tokens":5,"cache_creation_input_tokens":1,
             "cache_creation":{"ephemeral_5m_input_tokens":2}})",
         ""},
        {R"({"input_tokens":-1,"output_tokens":5})", ""},
        {R"({"input_tokens":10,"output_tokens":"5"})", ""},
        {R"({"input_tokens":99999999999999,"output_tokens":5})", ""},
        {R"({"output_tokens":5})", ""}}) {
    const Usage usage = Read(start, end);
    EXPECT_TRUE(usage.inconsistent) << start;
    EXPECT_GE(usage.input, 0);
    EXPECT_GE(usage.output, 0);
    EXPECT_GE(usage.cache_write_5m, 0);
  }
}

TEST(MessagesUsageTest, NothingKnownIsNotZero) {
  for (const char* object :
       {"", "{}", "null", "[1]", R"({"service_tier":"standard"})", R"({"input_tokens":)"}) {
    EXPECT_FALSE(ReadMessagesUsage(object, {})) << object;
  }
  EXPECT_TRUE(ReadMessagesUsage(R"({"input_tokens":0,"output_tokens":0})", {}));
}

}  // namespace
}  // namespace wire
