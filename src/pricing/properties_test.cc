#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "pricing/priced_for_test.h"
#include "pricing/version_text.h"

// What holds for every price of the catalogue and any usage.

namespace pricing {
namespace {

// A small generator with a seed, so that a failure can be repeated (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::int64_t Below(std::uint64_t most) { return static_cast<std::int64_t>(Next() % most); }

 private:
  std::uint64_t state_;
};

chat::Usage AnyUsage(Dice& dice) {
  chat::Usage usage;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    if (dice.Below(2) == 0)
      usage[static_cast<chat::Meter>(i)] = dice.Below(i < chat::kTokenMeters ? 400'000 : 20);
  }
  return usage;
}

const Book& Shipped() {
  static const std::shared_ptr<const Book> book = ShippedBook();
  return *book;
}

std::vector<const PriceVersion*> AllVersions() {
  std::vector<const PriceVersion*> all;
  for (const Book::Listed& listed : Shipped().List()) {
    for (const PriceVersion* version : VersionsOf(*listed.prices)) all.push_back(version);
  }
  return all;
}

TEST(PricePropertiesTest, ACostNeverFallsWhenACountRises) {
  Dice dice(1);
  for (const PriceVersion* version : AllVersions()) {
    const chat::Usage usage = AnyUsage(dice);
    const auto before = Total(TermsOf(version->rates, usage));
    for (std::size_t i = 0; i < chat::kMeters; ++i) {
      chat::Usage more = usage;
      more[static_cast<chat::Meter>(i)] += 1 + dice.Below(1'000);
      const auto after = Total(TermsOf(version->rates, more));
      if (before && after) {
        EXPECT_GE(*after, *before) << version->id;
      }
      EXPECT_TRUE(before || !after) << version->id;  // more of something never makes it known
    }
  }
}

TEST(PricePropertiesTest, LinesSumToTheWholeAndRoundOnce) {
  Dice dice(2);
  for (const PriceVersion* version : AllVersions()) {
    const Terms terms = TermsOf(version->rates, AnyUsage(dice));
    base::Int128 sum = 0;
    for (const Term& term : terms) {
      EXPECT_EQ(term.numerator, static_cast<base::Int128>(term.count) * term.rate);
      sum += term.numerator;
    }
    EXPECT_EQ(sum, terms.numerator);
    if (const auto total = Total(terms)) {
      const base::Int128 rest = *total * kRatePer - sum;
      EXPECT_TRUE(rest <= kRatePer / 2 && rest >= -kRatePer / 2) << version->id;
    }
  }
}

TEST(PricePropertiesTest, AnOldRowIsPricedAgainToTheLastDigitByWhatTheLedgerKeeps) {
  Dice dice(3);
  for (const PriceVersion* version : AllVersions()) {
    const chat::Usage usage = AnyUsage(dice);
    const auto kept = ReadVersion(WriteVersion(*version));
    ASSERT_TRUE(kept) << kept.error().detail;
    EXPECT_EQ(*kept, *version);
    EXPECT_EQ(Total(TermsOf(kept->rates, usage)), Total(TermsOf(version->rates, usage)));
  }
}

TEST(PricePropertiesTest, AStreamCostsWhatTheWholeAnswerCosts) {
  // The price sees only the usage and the two instants: the same for both.
  Dice dice(4);
  for (int i = 0; i < 200; ++i) {
    const chat::Usage usage = AnyUsage(dice);
    const base::WallTime at = At("2026-08-01") + std::chrono::minutes(dice.Below(60 * 24 * 150));
    const ModelPrices* prices = Shipped().Find("deepseek", "deepseek-v4-pro");
    const Cost one = Shipped().Price(prices, base::Currency::kUsd, usage, {at, at + std::chrono::seconds(5)});
    const Cost other =
        Shipped().Price(prices, base::Currency::kUsd, usage, {at, at + std::chrono::seconds(90)});
    EXPECT_EQ(one.pico, other.pico);
    EXPECT_EQ(one.version, other.version);
  }
}

TEST(PricePropertiesTest, TheDearestRatesCoverEveryCallOfTheirTime) {
  Dice dice(5);
  for (const Book::Listed& listed : Shipped().List()) {
    for (int i = 0; i < 20; ++i) {
      const base::WallTime from = At("2026-08-10") + std::chrono::minutes(dice.Below(60 * 24 * 130));
      const base::WallTime until = from + std::chrono::minutes(dice.Below(60 * 24 * (i % 2 == 0 ? 2 : 60)));
      const auto dearest = Shipped().DearestRates(listed.prices, listed.currency, {from, until});
      const auto within = [&] {
        const auto span = static_cast<std::uint64_t>((until - from) / std::chrono::milliseconds(1)) + 1;
        return from + std::chrono::milliseconds(dice.Below(span));
      };
      const base::WallTime dispatched = within();
      const base::WallTime completed = std::max(dispatched, within());
      const PriceVersion* version = Shipped().VersionAt(listed.prices, listed.currency, dice.Below(500'000),
                                                        {dispatched, completed}, nullptr);
      if (!dearest) continue;
      if (version == nullptr) continue;
      for (std::size_t m = 0; m < chat::kMeters; ++m) {
        const auto meter = static_cast<chat::Meter>(m);
        const auto priced_as = PricedAs(version->rates, meter);
        if (!priced_as) continue;
        ASSERT_TRUE((*dearest)[meter]) << version->id;
        EXPECT_GE(*(*dearest)[meter], *version->rates[*priced_as]) << version->id << " " << chat::Name(meter);
      }
    }
  }
}

TEST(PricePropertiesTest, TheDearestRateOfAnHourIsTheOneInForce) {
  const ModelPrices* prices = Shipped().Find("deepseek", "deepseek-flash");
  const auto input = [&](const char* from, const char* until) {
    return PrintRate(Shipped().DearestRates(prices, base::Currency::kUsd, {At(from), At(until)}).value(),
                     chat::Meter::kInput);
  };
  EXPECT_EQ(input("2026-11-30T12:00:00Z", "2026-11-30T12:15:00Z"), "0.15");
  EXPECT_EQ(input("2026-11-30T00:50:00Z", "2026-11-30T01:05:00Z"), "0.3");
  EXPECT_EQ(input("2026-11-30T03:50:00Z", "2026-11-30T04:05:00Z"), "0.3");
  EXPECT_EQ(input("2026-11-30T00:00:00Z", "2026-11-30T00:59:59Z"), "0.15");
  EXPECT_FALSE(Shipped().DearestRates(prices, base::Currency::kUsd, {At("2026-12-31"), At("2027-01-02")}));
}

TEST(PricePropertiesTest, TheDearestRateKnowsHowLargeACallCanBe) {
  const ModelPrices* prices = Shipped().Find("openai", "gpt-5.6-sol");
  const auto input = [&](std::int64_t most) {
    const Reach reach{.from = At("2026-11-30"), .until = At("2026-11-30T00:10Z"), .input_max = most};
    return PrintRate(Shipped().DearestRates(prices, base::Currency::kUsd, reach).value(),
                     chat::Meter::kInput);
  };
  EXPECT_EQ(input(272'000), "4");
  EXPECT_EQ(input(272'001), "8");
}

}  // namespace
}  // namespace pricing
