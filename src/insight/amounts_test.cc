#include "insight/amounts.h"

#include <gtest/gtest.h>

namespace insight {
namespace {

using base::Currency;
using base::Int128;

constexpr Int128 kUnit = base::kPico;

TEST(AmountsTest, NumbersAreGroupedByThousands) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1'204), "1,204");
  EXPECT_EQ(Grouped(-1'234'567), "-1,234,567");
}

TEST(AmountsTest, MillionthsOfAPicoUnitArePrintedExactly) {
  EXPECT_EQ(PrintMillionths(0), "0");
  EXPECT_EQ(PrintMillionths(Int128{1'204} * 6'000'000'000), "0.000007224");
  EXPECT_EQ(PrintMillionths(1), "0.000000000000000001");
  EXPECT_EQ(PrintMillionths(-1'500'000), "-0.0000000000015");
  EXPECT_EQ(PrintMillionths(kUnit * 2'000'000 + 10), "2.00000000000000001");
}

TEST(AmountsTest, ChangesAreInTenthsOfAPercent) {
  EXPECT_EQ(PrintChange(0, 5), "");
  EXPECT_EQ(PrintChange(1'000, 729), "-27.1%");
  EXPECT_EQ(PrintChange(1'000, 1'500), "+50.0%");
  EXPECT_EQ(PrintChange(1'000, 1'000), "0.0%");
}

TEST(AmountsTest, AConversionRoundsOnceAndKeepsTheTarget) {
  const auto conversion = Conversion::Parse({"CNY=0.14 USD", "EUR=1.1 USD"});
  ASSERT_TRUE(conversion) << conversion.error().detail;
  EXPECT_EQ(conversion->to(), Currency::kUsd);
  EXPECT_EQ(conversion->Convert(kUnit * 100, Currency::kCny), kUnit * 14);
  EXPECT_EQ(conversion->Convert(7, Currency::kUsd), 7);
  EXPECT_EQ(conversion->Convert(4, Currency::kCny), 1);  // 0.56
  EXPECT_EQ(conversion->Convert(3, Currency::kCny), 0);  // 0.42
  EXPECT_EQ(conversion->Convert(kUnit, Currency::Parse("GBP").value()), std::nullopt);
  EXPECT_EQ(conversion->Print(), "1 CNY = 0.14 USD, 1 EUR = 1.1 USD");
}

TEST(AmountsTest, RatesThatAreNoneAreRefused) {
  for (const std::string text : {"", "CNY", "CNY=", "CNY=0.14", "CNY=0 USD", "CNY=-1 USD", "cny=1 USD",
                                 "USD=1 USD", "CNY=1000001 USD"}) {
    EXPECT_FALSE(Conversion::Parse({text})) << text;
  }
  EXPECT_FALSE(Conversion::Parse({"CNY=0.14 USD", "CNY=0.15 USD"}));
  EXPECT_FALSE(Conversion::Parse({"CNY=0.14 USD", "EUR=7 CNY"}));
}

}  // namespace
}  // namespace insight
