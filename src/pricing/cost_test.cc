#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "pricing/price.h"

namespace pricing {
namespace {

using chat::Meter;
using chat::Usage;

// deepseek-flash off-peak in USD.
Rates Flash() {
  Rates rates;
  rates[Meter::kCachedInput] = 3'000'000'000;
  rates[Meter::kInput] = 150'000'000'000;
  rates[Meter::kOutput] = 600'000'000'000;
  return rates;
}

TEST(CostTest, EachBucketIsPricedOnceAtItsOwnRate) {
  const Terms terms = TermsOf(Flash(), {.input = 100, .cached_input = 1'000, .output = 10});
  ASSERT_EQ(terms.size, 3U);
  EXPECT_EQ(terms.numerator, base::Int128{100} * 150'000'000'000 + base::Int128{1'000} * 3'000'000'000 +
                                 base::Int128{10} * 600'000'000'000);
  EXPECT_EQ(base::PrintPico(Total(terms).value()), "0.000024");
}

TEST(CostTest, OneCachedTokenIsNotRoundedAway) {
  EXPECT_EQ(Total(TermsOf(Flash(), {.cached_input = 1})), base::Int128{3'000});
}

TEST(CostTest, MetersWithoutARateTakeTheOneOfTheirDirection) {
  const Terms terms = TermsOf(
      Flash(),
      {.cache_write_5m = 1, .cache_write_1h = 1, .reasoning = 1, .input_audio = 1, .output_image = 1});
  ASSERT_EQ(terms.size, 5U);
  for (const Term& term : terms) {
    const bool output = term.meter == Meter::kReasoning || term.meter == Meter::kOutputImage;
    EXPECT_EQ(term.priced_as, output ? Meter::kOutput : Meter::kInput) << chat::Name(term.meter);
  }
}

TEST(CostTest, CachedInputWithoutARateIsPricedAsInput) {
  Rates rates;
  rates[Meter::kInput] = 7;
  EXPECT_EQ(TermsOf(rates, {.cached_input = 3}).numerator, 21);
}

TEST(CostTest, AnHoursCacheWriteIsUnknownWhereOnlyFiveMinutesArePriced) {
  Rates rates = Flash();
  rates[Meter::kCacheWrite5m] = 187'500'000'000;
  const Terms terms = TermsOf(rates, {.input = 1, .cache_write_1h = 1});
  EXPECT_EQ(terms.unpriced, Meter::kCacheWrite1h);
  EXPECT_EQ(Total(terms), std::nullopt);
}

TEST(CostTest, ARequestWithoutARateIsFreeAndAnyOtherUnitUnknown) {
  for (std::size_t i = chat::kTokenMeters; i < chat::kMeters; ++i) {
    Usage usage;
    usage[static_cast<Meter>(i)] = 1;
    const auto total = Total(TermsOf(Flash(), usage));
    if (static_cast<Meter>(i) == Meter::kRequest) {
      EXPECT_EQ(total, base::Int128{0});
    } else {
      EXPECT_EQ(total, std::nullopt) << chat::Name(static_cast<Meter>(i));
    }
  }
}

TEST(CostTest, ACountOfZeroNeedsNoRate) {
  EXPECT_EQ(Total(TermsOf(Rates{}, Usage{})), base::Int128{0});
}

TEST(CostTest, AModelWithoutAnOutputPriceIsUnknownOnceItWrites) {
  Rates embedding;
  embedding[Meter::kInput] = 20'000'000'000;
  EXPECT_EQ(Total(TermsOf(embedding, {.input = 5})), base::Int128{100'000});
  EXPECT_EQ(Total(TermsOf(embedding, {.input = 5, .output = 1})), std::nullopt);
}

TEST(CostTest, HalvesArePaidUpOnceAtTheVeryEnd) {
  Rates rates;
  rates[Meter::kInput] = 250'000;  // a quarter of a pico-unit for one
  rates[Meter::kOutput] = 250'000;
  EXPECT_EQ(Total(TermsOf(rates, {.input = 1})), base::Int128{0});
  EXPECT_EQ(Total(TermsOf(rates, {.input = 1, .output = 1})), base::Int128{1});  // not 0 + 0
}

TEST(CostTest, TheLargestCountsAndRatesFit) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Rates rates;
  Usage usage;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    rates[static_cast<Meter>(i)] = kMost;
    usage[static_cast<Meter>(i)] = kCountMax;
  }
  const Terms terms = TermsOf(rates, usage);
  EXPECT_EQ(terms.numerator, static_cast<base::Int128>(kMost) * kCountMax * 17);
  EXPECT_EQ(terms.unpriced, std::nullopt);
}

TEST(CostTest, ACountThatNoCallHasMakesTheCostUnknown) {
  for (const std::int64_t count :
       {kCountMax + 1, std::numeric_limits<std::int64_t>::max(), std::int64_t{-1}}) {
    EXPECT_EQ(Total(TermsOf(Flash(), {.input = count})), std::nullopt) << count;
    Usage requests;
    requests[Meter::kRequest] = count;
    EXPECT_EQ(Total(TermsOf(Flash(), requests)), std::nullopt) << count;
  }
  EXPECT_NE(Total(TermsOf(Flash(), {.input = kCountMax})), std::nullopt);
}

}  // namespace
}  // namespace pricing
