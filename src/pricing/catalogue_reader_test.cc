#include "pricing/catalogue_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "pricing/amount_internal.h"
#include "pricing/day_rule_text_internal.h"
#include "pricing/json_tree_internal.h"
#include "pricing/priced_for_test.h"

namespace pricing {
namespace {

std::string Refusal(const std::string& model) {
  const auto read =
      ReadYamlCatalogue("providers:\n  p:\n    models:\n      m: " + model + "\n", "f.yaml", "test");
  return read ? "accepted" : read.error().detail;
}

TEST(CatalogueReaderTest, MistakesAreToldWithTheirPlaceAndWhatToWrite) {
  EXPECT_EQ(Refusal("{ prices: [{ USD: { input: 1 } }] }"), "accepted");
  EXPECT_EQ(Refusal("{ limits: { context: 1, output: 1000000000 }, prices: [{ USD: { input: 1 } }] }"),
            "accepted");
  EXPECT_EQ(Refusal("{ prices: [{ USD: { inptu: 1 } }] }"),
            "f.yaml:4:30: unknown key \"inptu\", there is no such member of a list of amounts, write input");
  EXPECT_EQ(Refusal("{ prices: [{ USD: { input: 1e-13/3 } }] }"),
            "f.yaml:4:37: input is \"1e-13/3\", a price comes out even in pico-units for 1000000 and is "
            "below 9 for "
            "each one, write for example 0.15, or 0.75/1000");
  for (const char* model : {"{ prices: [] }",
                            "{}",
                            "[]",
                            "{ prices: [{}] }",
                            "{ prices: [{ USD: {} }] }",
                            "{ prices: [{ usd: { input: 1 } }] }",
                            "{ prices: [{ USD: { input: -1 } }] }",
                            "{ prices: [{ USD: { image: 10/1 } }] }",
                            "{ prices: [{ as: x, USD: { input: 1 } }] }",
                            "{ prices: [{ from: yesterday, USD: { input: 1 } }] }",
                            "{ prices: [{ from: 2026-02-01, until: 2026-01-01, USD: { input: 1 } }] }",
                            "{ prices: [{ hours: night, USD: { input: 1 } }] }",
                            "{ prices: [{ batch: maybe, USD: { input: 1 } }] }",
                            "{ prices: [{ context_over: 0, USD: { input: 1 } }] }",
                            "{ prices: [{ confidence: sure, USD: { input: 1 } }] }",
                            "{ regions: { eu: 0 }, prices: [{ USD: { input: 1 } }] }",
                            "{ regions: { eu: 10% }, prices: [{ USD: { input: 1 } }] }",
                            "{ prices: [{ billed_at: noon, USD: { input: 1 } }] }",
                            "{ limits: { context: 0 }, prices: [{ USD: { input: 1 } }] }",
                            "{ limits: { output: many }, prices: [{ USD: { input: 1 } }] }",
                            "{ limits: { output: 1000000001 }, prices: [{ USD: { input: 1 } }] }",
                            "{ limits: { prompt: 9 }, prices: [{ USD: { input: 1 } }] }",
                            "{ match: [{}], prices: [{ USD: { input: 1 } }] }",
                            "{ match: [{ prefix: a, suffix: b }], prices: [{ USD: { input: 1 } }] }"}) {
    EXPECT_NE(Refusal(model).find("f.yaml:"), std::string::npos) << model;
  }
}

TEST(CatalogueReaderTest, APriceThatAnEarlierOneAlwaysHidesIsRefused) {
  EXPECT_NE(Refusal("{ prices: [{ USD: { input: 1 } }, { context_over: 9, USD: { input: 2 } }] }")
                .find("never holds"),
            std::string::npos);
  EXPECT_NE(
      Refusal(
          "{ prices: [{ from: 2026-01-01, USD: { input: 1 } }, { from: 2026-02-01, USD: { input: 2 } }] }")
          .find("never holds"),
      std::string::npos);
  for (const char* fine :
       {"{ prices: [{ context_over: 9, USD: { input: 2 } }, { USD: { input: 1 } }] }",
        "{ prices: [{ USD: { input: 1 } }, { CNY: { input: 1 } }] }",
        "{ prices: [{ USD: { input: 1 } }, { batch: true, USD: { input: 1 } }] }",
        "{ prices: [{ USD: { input: 1 } }, { service_tier: flex, USD: { input: 1 } }] }",
        "{ prices: [{ from: 2026-02-01, USD: { input: 1 } }, { from: 2026-01-01, USD: { input: 2 } }] }"}) {
    EXPECT_EQ(Refusal(fine), "accepted") << fine;
  }
}

TEST(CatalogueReaderTest, HolidaysAreDaysAndSpansOfTheirYear) {
  const auto read = [](const std::string& days) {
    return ReadYamlCatalogue("calendars: { x: { years: { 2026: [" + days + "] } } }", "f", "test");
  };
  const auto good = read("05-01..05-03, 01-01");
  ASSERT_TRUE(good) << good.error().detail;
  const Calendar& calendar = good->calendars.at("x");
  using namespace std::chrono;
  EXPECT_TRUE(calendar.Covers(2026y));
  EXPECT_FALSE(calendar.Covers(2027y));
  for (const sys_days day : {sys_days(2026y / 1 / 1), sys_days(2026y / 5 / 1), sys_days(2026y / 5 / 3)})
    EXPECT_TRUE(calendar.IsHoliday(day));
  EXPECT_FALSE(calendar.IsHoliday(2026y / 5 / 4));
  for (const char* bad : {"13-01", "02-30", "05-03..05-01", "2026-05-01", "x"})
    EXPECT_FALSE(read(bad)) << bad;
}

TEST(CatalogueReaderTest, TwoFilesDoNotSayTheSame) {
  const auto part = [] {
    return ReadYamlCatalogue("providers: { p: { models: { m: { prices: [{ USD: { input: 1 } }] } } } }", "f",
                             "t")
        .value();
  };
  EXPECT_TRUE(Join({part()}));
  EXPECT_FALSE(Join({part(), part()}));
}

TEST(ReadPriceTest, DecimalsAndExponentsAreExact) {
  const auto rate = [](std::string_view text, std::uint64_t per) {
    return ReadPrice(text, per).value().rate;
  };
  EXPECT_EQ(rate("0.15", 1'000'000), 150'000'000'000);
  EXPECT_EQ(rate("1.25e-07", 1), 125'000'000'000);
  EXPECT_EQ(rate("3.625e-9", 1), 3'625'000'000);
  EXPECT_EQ(rate("1E1", 1'000'000), 10 * base::kPico);
  EXPECT_EQ(rate("0", 1), 0);
  EXPECT_EQ(rate("0.0e5", 1), 0);
  EXPECT_EQ(rate("00010.500", 1'000), 10'500 * base::kPico);
  EXPECT_EQ(rate("0.36", 3'600), 100 * base::kPico);
}

TEST(ReadPriceTest, WhatDoesNotComeOutEvenIsRoundedAndSaysSo) {
  EXPECT_FALSE(ReadPrice("0.1", 3'600)->exact);
  EXPECT_EQ(ReadPrice("0.1", 3'600)->rate, 27'777'777'777'778);
  EXPECT_TRUE(ReadPrice("0.36", 3'600)->exact);
  EXPECT_FALSE(ReadPrice("1e-40", 1)->exact);
  EXPECT_EQ(ReadPrice("1e-40", 1)->rate, 0);
  EXPECT_FALSE(ReadPrice("2.4999999999999998e-07", 1)->exact);
}

TEST(ReadPriceTest, WhatIsNoPriceIsRefused) {
  for (const char* text : {"", "-1", "+1", ".", "1.", "1..2", "0x1", "1e", "1e+", "1e99", "nan", "1,5", " 1",
                           "10", "1e1000000000000", "1111111111111111111111111111111"}) {
    EXPECT_FALSE(ReadPrice(text, 1)) << text;
  }
}

TEST(DayRuleTest, WindowsMayGoOnOverMidnight) {
  const auto window = ParseWindow("16:30-00:30");
  ASSERT_TRUE(window);
  DayRule rule;
  rule.windows = {*window};
  const auto holds = [&rule](const char* at) { return rule.Holds(At(at), nullptr) == DayRule::Answer::kYes; };
  EXPECT_FALSE(holds("2026-01-01T16:29:59.999Z"));
  EXPECT_TRUE(holds("2026-01-01T16:30:00Z"));
  EXPECT_TRUE(holds("2026-01-02T00:29:59.999Z"));
  EXPECT_FALSE(holds("2026-01-02T00:30:00Z"));
  EXPECT_EQ(rule.Print(), "16:30-00:30 UTC");
  for (const char* bad : {"", "9:00-12:00", "09:00", "09:00-09:00", "09:00-24:01", "24:00-09:00",
                          "09:60-10:00", "09:00-12:00-"})
    EXPECT_FALSE(ParseWindow(bad)) << bad;
  EXPECT_TRUE(ParseWindow("18:00-24:00"));
}

TEST(DayRuleTest, WeekdaysAreThoseOfTheZone) {
  DayRule rule;
  rule.zone = base::TimeZone::Find("+08:00").value();
  rule.weekdays = ParseWeekdays("sat-sun").value();
  const auto holds = [&rule](const char* at) { return rule.Holds(At(at), nullptr) == DayRule::Answer::kYes; };
  EXPECT_FALSE(holds("2026-11-27T15:59:59Z"));
  EXPECT_TRUE(holds("2026-11-27T16:00:00Z"));  // Saturday there
  EXPECT_FALSE(holds("2026-11-29T16:00:00Z"));
  EXPECT_EQ(rule.Print(), "+08:00 sat-sun");
  EXPECT_EQ(ParseWeekdays("fri-mon"), 0x63);
  for (const char* bad : {"", "monday", "mon-", "Mon", "mon-fri-sat"})
    EXPECT_FALSE(ParseWeekdays(bad)) << bad;
}

TEST(JsonTreeTest, NumbersAreTheirOwnText) {
  const auto tree = ParseJson(R"({"a":[1.250e-07,true,null,"x\u00e9\ud83d\ude00\n"],"b":{}})");
  ASSERT_TRUE(tree) << tree.error().detail;
  const auto& items = tree->entries.at(0).value.items;
  EXPECT_EQ(items.at(0).text, "1.250e-07");
  EXPECT_EQ(items.at(1).text, "true");
  EXPECT_EQ(items.at(2).kind, config::Node::Kind::kNull);
  EXPECT_EQ(items.at(3).text, "x\u00e9\U0001F600\n");
}

TEST(JsonTreeTest, WhatIsNotJsonIsRefusedWithItsPlace) {
  EXPECT_EQ(ParseJson("{\n \"a\": 01}").error().detail,
            "2:7: the JSON cannot be read from here on: a value is expected");
  for (const char* text : {"",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\" 1}",
                           "{\"a\":1 \"b\":2}",
                           "[1 2]",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\t\"",
                           "nul",
                           "-",
                           "1.",
                           "1e",
                           "+1",
                           ".5",
                           "NaN",
                           "1 2",
                           "{\"a\":1,\"\\u0061\":2}",
                           "\xff",
                           "\"\xc3\""}) {
    EXPECT_FALSE(ParseJson(text)) << text;
  }
}

TEST(JsonTreeTest, ItsDepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(ParseJson(nested(kJsonDepthMax)));
  EXPECT_EQ(ParseJson(nested(kJsonDepthMax + 1)).error().code, base::Code::kTooLarge);
}

}  // namespace
}  // namespace pricing
