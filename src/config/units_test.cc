#include "config/units.h"

#include <gtest/gtest.h>

namespace config {
namespace {

using std::chrono::milliseconds;

struct Refusal {
  const char* text;
  const char* instead;
};

TEST(DurationTest, EveryUnitIsRead) {
  EXPECT_EQ(ParseDuration("500ms"), milliseconds(500));
  EXPECT_EQ(ParseDuration("30s"), milliseconds(30'000));
  EXPECT_EQ(ParseDuration("5m"), milliseconds(300'000));
  EXPECT_EQ(ParseDuration("2h"), milliseconds(7'200'000));
  EXPECT_EQ(ParseDuration("90d"), milliseconds(7'776'000'000));
  EXPECT_EQ(ParseDuration("0s"), milliseconds(0));
}

TEST(DurationTest, ARefusalShowsWhatWasMeant) {
  for (const auto& [text, instead] : {Refusal{"30", "write 30s"},
                                      {"30 sec", "write 30s"},
                                      {"30 s", "write 30s"},
                                      {"5 minutes", "write 5m"},
                                      {"5M", "write 5m"},
                                      {"2 Hours", "write 2h"},
                                      {"7days", "write 7d"},
                                      {"20 millis", "write 20ms"},
                                      {"1.5s", "use a smaller unit, as in 1500ms for one and a half seconds"},
                                      {"", "write for example 30s"},
                                      {"s", "write for example 30s"},
                                      {"-5s", "write for example 30s"},
                                      {"+5s", "write for example 30s"},
                                      {"5s ", "write 5s"},
                                      {"1h30m", "write 1h"},
                                      {"99999999999999999999s", "write for example 30s"},
                                      {"9223372036854775807s", "write for example 30s"}}) {
    const auto parsed = ParseDuration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().instead, instead) << text;
  }
}

TEST(DurationTest, PrintsInTheLargestExactUnitAndReadsItBack) {
  for (const char* text : {"0s", "1ms", "1500ms", "90s", "15m", "25h", "90d"}) {
    EXPECT_EQ(Print(*ParseDuration(text)), text);
  }
  EXPECT_EQ(Print(milliseconds(60'000)), "1m");
}

TEST(SizeTest, OnlyBinaryUnitsAreRead) {
  EXPECT_EQ(ParseSize("512B"), 512U);
  EXPECT_EQ(ParseSize("64KiB"), 65'536U);
  EXPECT_EQ(ParseSize("16MiB"), 16'777'216U);
  EXPECT_EQ(ParseSize("2GiB"), 2'147'483'648U);
  for (const auto& [text, instead] : {Refusal{"64KB", "write 64KiB"},
                                      {"64k", "write 64KiB"},
                                      {"16M", "write 16MiB"},
                                      {"16 MiB", "write 16MiB"},
                                      {"1gb", "write 1GiB"},
                                      {"100", "write 100B"},
                                      {"1.5MiB", "use a smaller unit, as in 1536KiB for one and a half MiB"},
                                      {"99999999999GiB", "write for example 16MiB"}}) {
    const auto parsed = ParseSize(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().instead, instead) << text;
  }
}

TEST(SizeTest, PrintsInTheLargestExactUnit) {
  EXPECT_EQ(PrintSize(64 * 1024), "64KiB");
  EXPECT_EQ(PrintSize(1025), "1025B");
  EXPECT_EQ(PrintSize(0), "0B");
}

TEST(PercentTest, HundredthsOfAPercentAreExact) {
  EXPECT_EQ(ParsePercent("20%"), Percent{2000});
  EXPECT_EQ(ParsePercent("0.25%"), Percent{25});
  EXPECT_EQ(ParsePercent("0.5%"), Percent{50});
  EXPECT_EQ(ParsePercent("100%"), Percent{10'000});
  EXPECT_EQ(ParsePercent("100.00%"), Percent{10'000});
  for (const char* text :
       {"20", "20 %", "%", "0.125%", "1.%", ".5%", "-1%", "100.01%", "101%", "1000%", "0,5%", ""}) {
    EXPECT_FALSE(ParsePercent(text)) << text;
  }
}

TEST(PercentTest, PrintsAsItIsWritten) {
  for (const char* text : {"0%", "20%", "0.5%", "0.25%", "0.05%", "99.99%", "100%"}) {
    EXPECT_EQ(Print(*ParsePercent(text)), text);
  }
}

TEST(CountTest, OnlyPlainDigitsAreACount) {
  EXPECT_EQ(ParseCount("0"), 0U);
  EXPECT_EQ(ParseCount("20000"), 20'000U);
  for (const char* text :
       {"", "-1", "+1", "1.0", "1e3", "0x10", "1_000", "1,000", " 1", "18446744073709551616"}) {
    EXPECT_FALSE(ParseCount(text)) << text;
  }
}

}  // namespace
}  // namespace config
