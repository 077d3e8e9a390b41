#include "sim/tariff.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace sim {
namespace {

using base::Currency;

base::WallTime At(std::string_view text) {
  const auto time = base::ParseTime(text);
  EXPECT_TRUE(time) << text;
  return time.value_or(base::WallTime{});
}

PricedCall Call(std::string_view model, std::string_view time, Currency currency = Currency::kUsd) {
  const Dialect dialect = model.starts_with("deepseek") ? Dialect::kDeepseek
                          : model.starts_with("claude") ? Dialect::kAnthropic
                                                        : Dialect::kOpenai;
  return {.dialect = dialect,
          .model = model,
          .currency = currency,
          .tier = {},
          .dispatched = At(time),
          .completed = At(time),
          .prompt_tokens = 1000};
}

// A million fresh tokens, a million hits, a million generated: what the price list says.
std::string List(const std::optional<Quote>& quote) {
  if (!quote) return "unknown";
  constexpr base::Int128 kMillion = 1'000'000;
  std::string text;
  for (const std::int64_t rate : {quote->rates.hit, quote->rates.fresh, quote->rates.out}) {
    text += (text.empty() ? "" : " / ") + WriteAmount(rate * kMillion);
  }
  return text + " " + std::string(quote->currency.code()) +
         (quote->phase.empty() ? "" : " " + std::string(quote->phase));
}

std::string ListOf(std::string_view model, std::string_view time, Currency currency = Currency::kUsd) {
  return List(QuoteOf(Call(model, time, currency)));
}

TEST(TariffTest, ThePricesOfDeepseekChangeAtTheirInstants) {
  EXPECT_EQ(ListOf("deepseek-v4-flash", "2026-04-24T00:00Z"), "0.028 / 0.14 / 0.28 USD");
  EXPECT_EQ(ListOf("deepseek-v4-flash", "2026-04-26T00:00Z"), "0.0028 / 0.14 / 0.28 USD");
  EXPECT_EQ(ListOf("deepseek-v4-pro", "2026-04-26T00:00Z"), "0.003625 / 0.435 / 0.87 USD");
  EXPECT_EQ(ListOf("deepseek-v4-flash", "2026-08-16T15:59:59Z"), "0.0028 / 0.14 / 0.28 USD");
  EXPECT_EQ(ListOf("deepseek-v4-flash", "2026-08-16T16:00Z"), "0.007 / 0.22 / 0.66 USD off-peak");
  EXPECT_EQ(ListOf("deepseek-v4-flash", "2026-08-17T01:00Z"), "0.014 / 0.44 / 1.32 USD peak");
  EXPECT_EQ(ListOf("deepseek-v4-flash", "2026-09-10T03:59:59Z"), "0.014 / 0.44 / 1.32 USD peak");
  EXPECT_EQ(ListOf("deepseek-flash", "2026-09-10T04:00Z"), "0.003 / 0.15 / 0.6 USD off-peak");
  EXPECT_EQ(ListOf("deepseek-flash", "2026-11-23T01:12Z"), "0.006 / 0.3 / 1.2 USD peak");
  EXPECT_EQ(ListOf("deepseek-flash", "2026-11-23T01:12Z", Currency::kCny), "0.04 / 2 / 8 CNY peak");
  EXPECT_EQ(ListOf("deepseek-v4-pro", "2026-11-23T01:12Z", Currency::kCny), "0.3 / 9 / 27 CNY peak");
  EXPECT_EQ(ListOf("deepseek-chat", "2026-07-24T15:58Z"), "0.028 / 0.28 / 0.42 USD");
  EXPECT_EQ(ListOf("deepseek-chat", "2026-07-24T15:59Z"), "unknown");
}

TEST(TariffTest, PeakIsTwiceOffPeakInBothCurrencies) {
  for (const std::string_view model : {"deepseek-flash", "deepseek-v4-flash", "deepseek-v4-pro"}) {
    for (const Currency currency : {Currency::kUsd, Currency::kCny}) {
      const auto peak = QuoteOf(Call(model, "2026-11-23T07:00Z", currency));
      const auto cheap = QuoteOf(Call(model, "2026-11-23T05:00Z", currency));
      ASSERT_TRUE(peak && cheap);
      EXPECT_EQ(peak->rates.fresh, cheap->rates.fresh * 2);
      EXPECT_EQ(peak->rates.hit, cheap->rates.hit * 2);
      EXPECT_EQ(peak->rates.out, cheap->rates.out * 2);
    }
  }
}

TEST(TariffTest, PeakHoursBeginAtTheirFirstInstantAndEndBeforeTheirLast) {
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-23T08:59:59.999+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-23T09:00+08:00")), true);
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-23T11:59:59.999+08:00")), true);
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-23T12:00+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-23T13:59+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-23T14:00+08:00")), true);
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-23T18:00+08:00")), false);
}

TEST(TariffTest, WeekendsAndHolidaysOfBeijingAreCheap) {
  EXPECT_EQ(IsDeepseekPeak(At("2026-08-22T10:00+08:00")), true) << "a Saturday before the rule";
  EXPECT_EQ(IsDeepseekPeak(At("2026-08-23T10:00+08:00")), false) << "the first Sunday under it";
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-28T10:00+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-29T17:59+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2026-11-30T09:00+08:00")), true);
  EXPECT_EQ(IsDeepseekPeak(At("2026-09-25T10:00+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2026-10-01T10:00+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2026-10-07T10:00+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2026-10-08T10:00+08:00")), true);
  EXPECT_EQ(IsDeepseekPeak(At("2026-09-30T10:00+08:00")), true);
}

TEST(TariffTest, AYearWithoutItsHolidaysIsUnknownWhereTheyDecide) {
  EXPECT_EQ(IsDeepseekPeak(At("2027-01-04T10:00+08:00")), std::nullopt);
  EXPECT_EQ(IsDeepseekPeak(At("2027-01-04T20:00+08:00")), false);
  EXPECT_EQ(IsDeepseekPeak(At("2027-01-09T10:00+08:00")), false) << "a Saturday";
  EXPECT_EQ(ListOf("deepseek-flash", "2027-01-04T10:00+08:00"), "unknown");
}

TEST(TariffTest, TheNightsOf2025GoByTheEndOfTheCall) {
  PricedCall call = Call("deepseek-chat", "2025-03-03T16:29:59Z");
  EXPECT_EQ(List(QuoteOf(call)), "0.07 / 0.27 / 1.1 USD peak");
  call.completed = At("2025-03-03T16:30Z");
  EXPECT_EQ(List(QuoteOf(call)), "0.035 / 0.135 / 0.55 USD off-peak");
  call.dispatched = At("2025-03-03T00:29Z");
  call.completed = At("2025-03-03T00:30Z");
  EXPECT_EQ(List(QuoteOf(call)), "0.07 / 0.27 / 1.1 USD peak");
}

TEST(TariffTest, ThePeaksOf2026GoByItsBeginning) {
  PricedCall call = Call("deepseek-flash", "2026-11-23T08:59:59+08:00");
  call.completed = At("2026-11-23T09:00:30+08:00");
  EXPECT_EQ(QuoteOf(call)->phase, "off-peak");
}

TEST(TariffTest, AnthropicPricesFollowTheirRatios) {
  const auto quote = QuoteOf(Call("claude-sonnet-5-20260901", "2026-11-23"));
  ASSERT_TRUE(quote);
  EXPECT_EQ(quote->rates, (Rates{.fresh = 2'000'000,
                                 .hit = 200'000,
                                 .write_short = 2'500'000,
                                 .write_long = 4'000'000,
                                 .out = 10'000'000}));
  EXPECT_EQ(ListOf("claude-sonnet-5-5", "2026-10-06T23:59:59Z"), "0.2 / 2 / 10 USD");
  EXPECT_EQ(ListOf("claude-sonnet-5-5", "2026-10-07"), "0.1 / 2 / 10 USD");
}

TEST(TariffTest, ALongPromptIsDearerAltogether) {
  PricedCall call = Call("gpt-5.6-luna", "2026-11-23");
  call.prompt_tokens = 272'000;
  EXPECT_EQ(List(QuoteOf(call)), "0.02 / 0.2 / 1.2 USD");
  call.prompt_tokens = 272'001;
  EXPECT_EQ(List(QuoteOf(call)), "0.04 / 0.4 / 1.8 USD");
}

TEST(TariffTest, FlexIsHalfAndOtherTiersAreUnknown) {
  PricedCall call = Call("gpt-5-mini", "2026-11-23");
  call.tier = "default";
  EXPECT_EQ(List(QuoteOf(call)), "0.025 / 0.25 / 2 USD");
  call.tier = "flex";
  EXPECT_EQ(List(QuoteOf(call)), "0.0125 / 0.125 / 1 USD");
  call.tier = "priority";
  EXPECT_EQ(List(QuoteOf(call)), "unknown");
}

TEST(TariffTest, AModelThatOnlyBeginsLikeAnotherHasNotItsPrice) {
  EXPECT_EQ(ListOf("gpt-5-mini-2025-08-07", "2026-11-23"), "0.025 / 0.25 / 2 USD");
  EXPECT_EQ(ListOf("gpt-5-minimal", "2026-11-23"), "unknown");
  EXPECT_EQ(ListOf("some-model", "2026-11-23"), "unknown");
}

TEST(TariffTest, EachTokenIsPaidOnce) {
  const Rates rates{.fresh = 1, .hit = 10, .write_short = 100, .write_long = 1000, .out = 10000};
  Counts counts;
  counts.prompt = 10;
  counts.cached = 2;
  counts.written_5m = 3;
  counts.written_1h = 4;
  counts.completion = 5;
  counts.reasoning = 5;
  EXPECT_EQ(static_cast<std::int64_t>(CostOf(rates, counts)), 1 + 20 + 300 + 4000 + 50000);
}

TEST(TariffTest, AmountsAreExactDecimals) {
  EXPECT_EQ(WriteAmount(0), "0");
  EXPECT_EQ(WriteAmount(1), "0.000000000001");
  EXPECT_EQ(WriteAmount(base::kPico), "1");
  EXPECT_EQ(WriteAmount(base::Int128{base::kPico} * 110, 2), "110.00");
  EXPECT_EQ(WriteAmount(base::Int128{base::kPico} * 3 / 2, 2), "1.50");
  EXPECT_EQ(WriteAmount(base::Int128{base::kPico} / -8), "-0.125");
}

}  // namespace
}  // namespace sim
