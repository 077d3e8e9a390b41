#include "bench/load_options.h"

#include <gtest/gtest.h>

#include <vector>

namespace bench {
namespace {

using std::chrono::milliseconds;

base::Result<LoadOptions> Parse(std::vector<const char*> arguments) {
  return ParseLoadOptions(arguments);
}

TEST(LoadOptionsTest, AddressAloneIsAClosedLoopWithTheDefaults) {
  const auto options = Parse({"--url", "http://127.0.0.1:8080"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mode, LoadOptions::Mode::kClosed);
  EXPECT_EQ(options->host, "127.0.0.1");
  EXPECT_EQ(options->port, 8080);
  EXPECT_EQ(options->path, "/v1/chat/completions");
}

TEST(LoadOptionsTest, EveryFlagLandsInItsField) {
  const auto options = Parse({"--url",
                              "http://10.0.0.1:1/x/chat/completions",
                              "--mode",
                              "open",
                              "--rate",
                              "12.5",
                              "--seconds",
                              "0.25",
                              "--warmup",
                              "0",
                              "--connections-max",
                              "9",
                              "--seed",
                              "7",
                              "--stream",
                              "--include-usage",
                              "--messages",
                              "--expect-chunks",
                              "3",
                              "--body-bytes",
                              "204800",
                              "--model",
                              "m",
                              "--key",
                              "k",
                              "--header",
                              "a: b",
                              "--header",
                              "c: d",
                              "--timeout",
                              "2",
                              "--pid",
                              "1",
                              "--other-pid",
                              "2",
                              "--other-pid",
                              "3",
                              "--late-ms",
                              "50",
                              "--sample-ms",
                              "10",
                              "--dump",
                              "f",
                              "--stagger-ms",
                              "640",
                              "--ramp",
                              "1"});
  ASSERT_TRUE(options) << options.error().detail;
  EXPECT_EQ(options->mode, LoadOptions::Mode::kOpen);
  EXPECT_EQ(options->path, "/x/chat/completions");
  EXPECT_EQ(options->rate, 12.5);
  EXPECT_EQ(options->duration, milliseconds(250));
  EXPECT_EQ(options->warmup, milliseconds(0));
  EXPECT_EQ(options->connections_max, 9u);
  EXPECT_EQ(options->seed, 7u);
  EXPECT_TRUE(options->stream && options->include_usage && options->messages);
  EXPECT_EQ(options->expect_chunks, 3u);
  EXPECT_EQ(options->body_bytes, 204'800u);
  EXPECT_EQ(options->headers, (std::vector<std::string>{"a: b", "c: d"}));
  EXPECT_EQ(options->timeout, milliseconds(2'000));
  EXPECT_EQ(options->pid, 1);
  EXPECT_EQ(options->other_pids, (std::vector<pid_t>{2, 3}));
  EXPECT_EQ(options->late, milliseconds(50));
  EXPECT_EQ(options->sample, milliseconds(10));
  EXPECT_EQ(options->stagger, milliseconds(640));
  EXPECT_EQ(options->ramp, milliseconds(1'000));
}

TEST(LoadOptionsTest, HoldingMeansStreaming) {
  const auto options = Parse({"--url", "http://127.0.0.1:1", "--mode", "hold"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->stream);
}

TEST(LoadOptionsTest, PlanFileIsAModeOfItsOwn) {
  const auto options = Parse({"--url", "http://127.0.0.1:1", "--plan", "trace.txt"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mode, LoadOptions::Mode::kPlan);
}

TEST(LoadOptionsTest, WrongFlagsAndValuesAreRefused) {
  const std::vector<std::vector<const char*>> wrong = {
      {},
      {"--url"},
      {"--url", "127.0.0.1:80"},
      {"--url", "http://127.0.0.1"},
      {"--url", "http://:80"},
      {"--url", "http://127.0.0.1:0"},
      {"--url", "http://127.0.0.1:65536"},
      {"--url", "http://127.0.0.1:1", "--no-such-flag", "1"},
      {"--url", "http://127.0.0.1:1", "--mode", "sideways"},
      {"--url", "http://127.0.0.1:1", "--rate", "0"},
      {"--url", "http://127.0.0.1:1", "--rate", "-1"},
      {"--url", "http://127.0.0.1:1", "--rate", "nan"},
      {"--url", "http://127.0.0.1:1", "--seconds", "1s"},
      {"--url", "http://127.0.0.1:1", "--connections", "0"},
      {"--url", "http://127.0.0.1:1", "--connections", "x"},
      {"--url", "http://127.0.0.1:1", "--sample-ms", "0"},
      {"--url", "http://127.0.0.1:1", "--header", "no colon"},
      {"--url", "http://127.0.0.1:1", "--header", "a: b\r\nc: d"},
  };
  for (const auto& arguments : wrong)
    EXPECT_FALSE(Parse(arguments)) << (arguments.empty() ? "" : arguments.back());
}

}  // namespace
}  // namespace bench
