#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "pricing/priced_for_test.h"

// DeepSeek's prices as they were published, each held on both sides of the instant at which it began.

namespace pricing {
namespace {

using base::Currency;

struct Row {
  const char* model;
  const char* at;
  const char* usd;
  const char* cny;
};

const Book& Shipped() {
  static const std::shared_ptr<const Book> book = ShippedBook();
  return *book;
}

std::string Usd(std::string_view model, std::string_view at) {
  return PriceAt(Shipped(), "deepseek", model, Currency::kUsd, {At(at), At(at)});
}
std::string Cny(std::string_view model, std::string_view at) {
  return PriceAt(Shipped(), "deepseek", model, Currency::kCny, {At(at), At(at)});
}

// "cn 2027 2026-12-31T16:00:00Z", as the end of the holidays is seen from an instant.
std::string EndSeen(std::string_view model, std::string_view at) {
  const ModelPrices* prices = Shipped().Find("deepseek", model, Currency::kUsd);
  const auto end = CalendarEndOf(*prices, Currency::kUsd, {At(at), At(at)});
  if (!end) return "none";
  return end->calendar + " " + std::to_string(static_cast<int>(end->year)) + " " + base::PrintTime(end->at);
}

TEST(DeepseekPricesTest, ThePriceEndsWithTheHolidaysThatAreKnown) {
  EXPECT_EQ(EndSeen("deepseek-flash", "2026-11-30T02:00:00Z"), "cn 2027 2026-12-31T16:00:00Z");
  EXPECT_EQ(EndSeen("deepseek-flash", "2026-12-31T15:59:59.999999999Z"), "cn 2027 2026-12-31T16:00:00Z");
  EXPECT_EQ(EndSeen("deepseek-flash", "2026-12-31T16:00:00Z"), "cn 2027 2026-12-31T16:00:00Z");
  EXPECT_EQ(EndSeen("deepseek-flash", "2027-05-01T00:00:00Z"), "cn 2027 2027-05-01T00:00:00Z");
  EXPECT_EQ(Usd("deepseek-flash", "2026-12-31T15:59:59.999999999Z"), "0.003 / 0.15 / 0.6 off-peak");
  EXPECT_NE(Usd("deepseek-flash", "2026-12-31T16:00:00Z").find("no calendar of 2027"), std::string::npos);
  // What ended before the holidays do is known for all of its time.
  EXPECT_EQ(EndSeen("deepseek-reasoner", "2026-12-01T00:00:00Z"), "none");
}

class DeepseekHistory : public testing::TestWithParam<Row> {};

TEST_P(DeepseekHistory, IsAsPublished) {
  const Row& row = GetParam();
  EXPECT_EQ(Usd(row.model, row.at), row.usd) << row.model << " at " << row.at;
  EXPECT_EQ(Cny(row.model, row.at), row.cny) << row.model << " at " << row.at;
}

INSTANTIATE_TEST_SUITE_P(
    Chat, DeepseekHistory,
    testing::Values(
        Row{"deepseek-chat", "2024-05-06T00:00:00Z", "- / 0.14 / 0.28", "- / 1 / 2"},
        Row{"deepseek-chat", "2024-08-01T23:59:59.999999999Z", "- / 0.14 / 0.28", "- / 1 / 2"},
        Row{"deepseek-chat", "2024-08-02T00:00:00Z", "0.014 / 0.14 / 0.28", "0.1 / 1 / 2"},
        Row{"deepseek-coder", "2024-08-02T00:00:00Z", "0.014 / 0.14 / 0.28", "0.1 / 1 / 2"},
        Row{"deepseek-chat", "2024-12-26T00:00:00Z", "0.014 / 0.14 / 0.28", "0.1 / 1 / 2"},
        Row{"deepseek-chat", "2025-02-08T15:59:59.999999999Z", "0.014 / 0.14 / 0.28", "0.1 / 1 / 2"},
        Row{"deepseek-chat", "2025-02-08T16:00:00Z", "0.07 / 0.27 / 1.1", "0.5 / 2 / 8"},
        Row{"deepseek-chat", "2025-02-26T16:29:59.999999999Z", "0.07 / 0.27 / 1.1", "0.5 / 2 / 8"},
        Row{"deepseek-chat", "2025-02-26T16:30:00Z", "0.035 / 0.135 / 0.55 off-peak",
            "0.25 / 1 / 4 off-peak"},
        Row{"deepseek-chat", "2025-02-27T00:29:59.999999999Z", "0.035 / 0.135 / 0.55 off-peak",
            "0.25 / 1 / 4 off-peak"},
        Row{"deepseek-chat", "2025-02-27T00:30:00Z", "0.07 / 0.27 / 1.1 standard", "0.5 / 2 / 8 standard"},
        Row{"deepseek-chat", "2025-09-04T16:30:00Z", "0.035 / 0.135 / 0.55 off-peak",
            "0.25 / 1 / 4 off-peak"},
        Row{"deepseek-chat", "2025-09-05T15:59:59.999999999Z", "0.07 / 0.27 / 1.1 standard",
            "0.5 / 2 / 8 standard"},
        Row{"deepseek-chat", "2025-09-05T16:00:00Z", "0.07 / 0.56 / 1.68", "0.5 / 4 / 12"},
        Row{"deepseek-chat", "2025-09-05T17:00:00Z", "0.07 / 0.56 / 1.68", "0.5 / 4 / 12"},
        Row{"deepseek-chat", "2025-09-28T23:59:59.999999999Z", "0.07 / 0.56 / 1.68", "0.5 / 4 / 12"},
        Row{"deepseek-chat", "2025-09-29T00:00:00Z", "0.028 / 0.28 / 0.42", "0.2 / 2 / 3"},
        Row{"deepseek-chat", "2025-12-01T00:00:00Z", "0.028 / 0.28 / 0.42", "0.2 / 2 / 3"},
        Row{"deepseek-chat", "2026-04-23T23:59:59.999999999Z", "0.028 / 0.28 / 0.42", "0.2 / 2 / 3"},
        Row{"deepseek-chat", "2026-04-24T00:00:00Z", "0.028 / 0.14 / 0.28", "0.2 / 1 / 2"},
        Row{"deepseek-chat", "2026-04-26T00:00:00Z", "0.0028 / 0.14 / 0.28", "0.02 / 1 / 2"},
        Row{"deepseek-chat", "2026-07-24T15:58:59.999999999Z", "0.0028 / 0.14 / 0.28", "0.02 / 1 / 2"}));

INSTANTIATE_TEST_SUITE_P(
    Reasoner, DeepseekHistory,
    testing::Values(Row{"deepseek-reasoner", "2025-01-20T00:00:00Z", "0.14 / 0.55 / 2.19", "1 / 4 / 16"},
                    Row{"deepseek-reasoner", "2025-02-08T16:00:00Z", "0.14 / 0.55 / 2.19", "1 / 4 / 16"},
                    Row{"deepseek-reasoner", "2025-02-26T16:30:00Z", "0.035 / 0.135 / 0.55 off-peak",
                        "0.25 / 1 / 4 off-peak"},
                    Row{"deepseek-reasoner", "2025-02-27T00:30:00Z", "0.14 / 0.55 / 2.19 standard",
                        "1 / 4 / 16 standard"},
                    Row{"deepseek-reasoner", "2025-09-05T15:59:59.999999999Z", "0.14 / 0.55 / 2.19 standard",
                        "1 / 4 / 16 standard"},
                    Row{"deepseek-reasoner", "2025-09-05T16:00:00Z", "0.07 / 0.56 / 1.68", "0.5 / 4 / 12"},
                    Row{"deepseek-reasoner", "2025-09-29T00:00:00Z", "0.028 / 0.28 / 0.42", "0.2 / 2 / 3"},
                    Row{"deepseek-reasoner", "2026-04-24T00:00:00Z", "0.028 / 0.14 / 0.28", "0.2 / 1 / 2"},
                    Row{"deepseek-reasoner", "2026-07-24T15:58:59Z", "0.0028 / 0.14 / 0.28",
                        "0.02 / 1 / 2"}));

// 2026-08-17 is a Monday; 01:00 to 04:00 and 06:00 to 10:00 UTC are peak.
INSTANTIATE_TEST_SUITE_P(
    Flash, DeepseekHistory,
    testing::Values(
        Row{"deepseek-v4-flash", "2026-04-24T00:00:00Z", "0.028 / 0.14 / 0.28", "0.2 / 1 / 2"},
        Row{"deepseek-v4-flash", "2026-04-25T23:59:59.999999999Z", "0.028 / 0.14 / 0.28", "0.2 / 1 / 2"},
        Row{"deepseek-v4-flash", "2026-04-26T00:00:00Z", "0.0028 / 0.14 / 0.28", "0.02 / 1 / 2"},
        Row{"deepseek-v4-flash", "2026-08-16T15:59:59.999999999Z", "0.0028 / 0.14 / 0.28", "0.02 / 1 / 2"},
        Row{"deepseek-v4-flash", "2026-08-16T16:00:00Z", "0.007 / 0.22 / 0.66 off-peak",
            "0.05 / 1.5 / 4.5 off-peak"},
        Row{"deepseek-v4-flash", "2026-08-17T00:59:59.999999999Z", "0.007 / 0.22 / 0.66 off-peak",
            "0.05 / 1.5 / 4.5 off-peak"},
        Row{"deepseek-v4-flash", "2026-08-17T01:00:00Z", "0.014 / 0.44 / 1.32 peak", "0.1 / 3 / 9 peak"},
        Row{"deepseek-v4-flash", "2026-09-10T03:59:59.999999999Z", "0.014 / 0.44 / 1.32 peak",
            "0.1 / 3 / 9 peak"},
        Row{"deepseek-v4-flash", "2026-09-10T04:00:00Z", "0.003 / 0.15 / 0.6 off-peak",
            "0.02 / 1 / 4 off-peak"},
        Row{"deepseek-flash", "2026-09-10T04:00:00Z", "0.003 / 0.15 / 0.6 off-peak", "0.02 / 1 / 4 off-peak"},
        Row{"deepseek-flash", "2026-09-10T06:00:00Z", "0.006 / 0.3 / 1.2 peak", "0.04 / 2 / 8 peak"},
        Row{"deepseek-v4.1-flash-1017", "2026-11-30T06:00:00Z", "0.006 / 0.3 / 1.2 peak",
            "0.04 / 2 / 8 peak"}));

INSTANTIATE_TEST_SUITE_P(
    Pro, DeepseekHistory,
    testing::Values(
        Row{"deepseek-v4-pro", "2026-04-24T00:00:00Z", "0.145 / 1.74 / 3.48", "1 / 12 / 24"},
        Row{"deepseek-v4-pro", "2026-04-26T00:00:00Z", "0.003625 / 0.435 / 0.87", "0.025 / 3 / 6"},
        Row{"deepseek-v4-pro", "2026-08-16T15:59:59.999999999Z", "0.003625 / 0.435 / 0.87", "0.025 / 3 / 6"},
        Row{"deepseek-v4-pro", "2026-08-16T16:00:00Z", "0.022 / 0.66 / 1.98 off-peak",
            "0.15 / 4.5 / 13.5 off-peak"},
        Row{"deepseek-v4-pro", "2026-08-17T01:00:00Z", "0.044 / 1.32 / 3.96 peak", "0.3 / 9 / 27 peak"},
        Row{"deepseek-v4-pro", "2026-11-30T06:00:00Z", "0.044 / 1.32 / 3.96 peak", "0.3 / 9 / 27 peak"},
        Row{"deepseek-v4-pro-0813", "2026-11-30T10:00:00Z", "0.022 / 0.66 / 1.98 off-peak",
            "0.15 / 4.5 / 13.5 off-peak"}));

TEST(DeepseekNamesTest, NamesHaveNoPriceBeforeTheyExistedAndAfterTheyWereRetired) {
  EXPECT_NE(Usd("deepseek-chat", "2026-07-24T15:59:00Z").find("is known for 2026-07-24"), std::string::npos);
  EXPECT_NE(Usd("deepseek-reasoner", "2026-11-30").find("no price"), std::string::npos);
  EXPECT_NE(Usd("deepseek-chat", "2024-05-05").find("no price"), std::string::npos);
  EXPECT_NE(Usd("deepseek-flash", "2026-09-10T03:59:59Z").find("no price"), std::string::npos);
  EXPECT_EQ(Shipped().Find("deepseek", "deepseek-v9"), nullptr);
  EXPECT_EQ(Shipped().Find("deepsek", "deepseek-chat"), nullptr);
}

// The phase at each hour of a day of Beijing.
std::string Phases(std::string_view day) {
  std::string phases;
  for (int hour = 0; hour < 24; ++hour) {
    const auto at = At(std::string(day) + "T00:00:00+08:00") + std::chrono::hours(hour);
    const ModelPrices* prices = Shipped().Find("deepseek", "deepseek-v4-pro");
    const PriceVersion* version = Shipped().VersionAt(prices, Currency::kUsd, 0, {at, at}, nullptr);
    phases += version == nullptr ? '?' : version->phase == "peak" ? 'P' : '.';
  }
  return phases;
}

constexpr std::string_view kPeakDay = ".........PPP..PPPP......";
constexpr std::string_view kOffPeakDay = "........................";
constexpr std::string_view kUnknownDay = "????????????????????????";

TEST(DeepseekPhasesTest, EveryDayHasPeaksUntilWeekendsAreExempt) {
  EXPECT_EQ(Phases("2026-08-17"), kPeakDay);
  EXPECT_EQ(Phases("2026-08-22"), kPeakDay);     // the last Saturday
  EXPECT_EQ(Phases("2026-08-23"), kOffPeakDay);  // the first Sunday
  EXPECT_EQ(Phases("2026-08-24"), kPeakDay);
  EXPECT_EQ(Phases("2026-08-29"), kOffPeakDay);
  EXPECT_EQ(Phases("2026-08-30"), kOffPeakDay);
}

TEST(DeepseekPhasesTest, StatutoryHolidaysAreOffPeakAllDay) {
  EXPECT_EQ(Phases("2026-09-24"), kPeakDay);
  for (const char* day : {"2026-09-25", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"})
    EXPECT_EQ(Phases(day), kOffPeakDay) << day;
  EXPECT_EQ(Phases("2026-10-08"), kPeakDay);
  EXPECT_EQ(Phases("2026-10-10"), kOffPeakDay);  // a Saturday
}

TEST(DeepseekPhasesTest, AYearWithoutItsCalendarIsUnknownAndSaysWhy) {
  EXPECT_EQ(Phases("2026-12-31"), kPeakDay);
  EXPECT_EQ(Phases("2027-01-04"), kUnknownDay);
  EXPECT_NE(Usd("deepseek-flash", "2027-01-04T02:00:00Z").find("no calendar of 2027"), std::string::npos);
  // The year is that of Beijing.
  EXPECT_EQ(Usd("deepseek-flash", "2026-12-31T15:59:59Z"), "0.003 / 0.15 / 0.6 off-peak");
  EXPECT_NE(Usd("deepseek-flash", "2026-12-31T16:00:00Z").find("no calendar of 2027"), std::string::npos);
}

TEST(DeepseekPhasesTest, PeakIsExactlyTwiceOffPeakInBothCurrencies) {
  for (const char* model : {"deepseek-flash", "deepseek-v4-flash", "deepseek-v4-pro"}) {
    for (const Currency currency : {Currency::kUsd, Currency::kCny}) {
      for (const char* day : {"2026-08-18", "2026-09-09", "2026-09-15", "2026-11-30"}) {
        const ModelPrices* prices = Shipped().Find("deepseek", model, currency);
        const auto at = [&](const char* time) {
          const base::WallTime instant = At(std::string(day) + time);
          return Shipped().VersionAt(prices, currency, 0, {instant, instant}, nullptr);
        };
        const PriceVersion* peak = at("T02:00:00Z");
        const PriceVersion* off = at("T12:00:00Z");
        if (peak == nullptr && off == nullptr) continue;  // the name did not exist yet
        ASSERT_TRUE(peak != nullptr && off != nullptr);
        for (const chat::Meter meter :
             {chat::Meter::kCachedInput, chat::Meter::kInput, chat::Meter::kOutput}) {
          EXPECT_EQ(peak->rates[meter].value(), 2 * off->rates[meter].value()) << model << " " << day;
        }
      }
    }
  }
}

TEST(DeepseekBilledAtTest, CompletionDecidesIn2025AndDispatchSince) {
  const auto price = [](const char* dispatched, const char* completed, const char* model) {
    return PriceAt(Shipped(), "deepseek", model, Currency::kUsd, {At(dispatched), At(completed)});
  };
  EXPECT_EQ(price("2025-03-03T16:29:50Z", "2025-03-03T16:30:00Z", "deepseek-chat"),
            "0.035 / 0.135 / 0.55 off-peak");
  EXPECT_EQ(price("2025-03-03T00:29:50Z", "2025-03-03T00:30:00Z", "deepseek-chat"),
            "0.07 / 0.27 / 1.1 standard");
  EXPECT_EQ(price("2026-11-30T00:59:50Z", "2026-11-30T01:00:10Z", "deepseek-flash"),
            "0.003 / 0.15 / 0.6 off-peak");
  EXPECT_EQ(price("2026-11-30T03:59:50Z", "2026-11-30T04:00:10Z", "deepseek-flash"),
            "0.006 / 0.3 / 1.2 peak");
}

TEST(DeepseekBilledAtTest, ACallAcrossTheChangeOfTheRuleIsPricedByItsDispatch) {
  EXPECT_EQ(PriceAt(Shipped(), "deepseek", "deepseek-chat", Currency::kUsd,
                    {At("2025-09-05T15:59:00Z"), At("2025-09-05T16:01:00Z")}),
            "0.07 / 0.27 / 1.1 standard");
}

TEST(DeepseekNamesTest, ClaudesNamesAreAnsweredByDeepseeksModelsInMessagesOnly) {
  const auto at = At("2026-11-30T12:00:00Z");
  const auto model = [&](std::string_view name, chat::Dialect dialect) -> std::string {
    const ModelPrices* prices = Shipped().Find("deepseek", name, dialect);
    if (prices == nullptr) return "none";
    return Shipped().VersionAt(prices, Currency::kUsd, 0, {at, at}, nullptr)->model;
  };
  EXPECT_EQ(model("claude-opus-4-8", chat::Dialect::kAnthropic), "deepseek-v4-pro");
  EXPECT_EQ(model("claude-sonnet-5", chat::Dialect::kAnthropic), "deepseek-flash");
  EXPECT_EQ(model("claude-haiku-4-5-20251001", chat::Dialect::kAnthropic), "deepseek-flash");
  EXPECT_EQ(model("whatever", chat::Dialect::kAnthropic), "deepseek-flash");
  EXPECT_EQ(model("whatever", chat::Dialect::kOpenai), "none");
}

TEST(DeepseekUnitsTest, SearchesPagesAndCharactersArePriced) {
  const auto price = [](std::string_view model, chat::Meter meter, std::int64_t count, Currency currency) {
    chat::Usage usage;
    usage[meter] = count;
    const auto at = At("2026-11-30T12:00:00Z");
    const Cost cost = Shipped().Price(Shipped().Find("deepseek", model, currency), currency, usage, {at, at});
    return cost.pico ? base::PrintPico(*cost.pico) : cost.why_unknown;
  };
  EXPECT_EQ(price("tools/search", chat::Meter::kSearch, 1, Currency::kUsd), "0.00075");
  EXPECT_EQ(price("tools/search", chat::Meter::kSearch, 1'000, Currency::kCny), "5");
  EXPECT_EQ(price("tools/fetch", chat::Meter::kFetch, 2, Currency::kUsd), "0.0015");
  EXPECT_EQ(price("deepseek-flash", chat::Meter::kSearch, 4, Currency::kUsd), "0.003");
  EXPECT_EQ(price("ocr", chat::Meter::kPage, 2, Currency::kCny), "0.003");
  EXPECT_EQ(price("tts", chat::Meter::kCharacter, 1, Currency::kCny), "0.0003");
  EXPECT_EQ(price("tts", chat::Meter::kCharacter, 1, Currency::kUsd), "no price of this model is known");
}

}  // namespace
}  // namespace pricing
