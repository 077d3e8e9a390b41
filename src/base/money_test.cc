#include "base/money.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace base {
namespace {

Int128 Pico(std::string_view text) {
  const auto pico = ParsePico(text);
  EXPECT_TRUE(pico) << text;
  return pico.value_or(-1);
}

TEST(MoneyTest, OneCachedTokenIsNotCut) {
  EXPECT_EQ(Print({Pico("0.000000003625"), Currency::kUsd}), "0.000000003625 USD");
}

TEST(MoneyTest, TrailingZerosAndThePointAreCut) {
  EXPECT_EQ(PrintPico(Pico("200.000")), "200");
  EXPECT_EQ(PrintPico(Pico("0.1500")), "0.15");
  EXPECT_EQ(PrintPico(0), "0");
  EXPECT_EQ(PrintPico(Pico("-1.5")), "-1.5");
}

TEST(MoneyTest, TheSmallestNumberCanBePrinted) {
  const Int128 smallest = static_cast<Int128>(1) << 126;
  EXPECT_EQ(PrintPico(-smallest - smallest), "-170141183460469231731687303.715884105728");
}

TEST(MoneyTest, WhatIsPrintedIsReadBack) {
  Random random(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto high = static_cast<Int128>(random.Below(1'000'000'000'000));
    const Int128 pico = (high * kPico + static_cast<Int128>(random.Below(kPico))) * (i % 2 == 0 ? 1 : -1);
    EXPECT_EQ(Pico(PrintPico(pico)), pico);
  }
}

TEST(MoneyTest, WhatIsNoPlainDecimalIsRefused) {
  for (const char* text :
       {"", "-", ".5", "5.", "1e3", "1,000", "+1", " 1", "1 ", "0x1", "1.2.3", "--1", "0.0000000000001"}) {
    EXPECT_FALSE(ParsePico(text)) << text;
  }
}

TEST(MoneyTest, AnAmountPastTheLimitIsRefused) {
  EXPECT_TRUE(ParsePico("1000000000000"));
  EXPECT_FALSE(ParsePico("1000000000000.000000000001"));
  EXPECT_FALSE(ParsePico(std::string(1'000, '9')));
  EXPECT_FALSE(ParsePico("5", 4 * static_cast<Int128>(kPico)));
}

TEST(MoneyTest, MoneyHasItsCurrency) {
  const auto money = ParseMoney("1500 CNY");
  ASSERT_TRUE(money);
  EXPECT_EQ(*money, (Money{static_cast<Int128>(1500) * kPico, Currency::kCny}));
  for (const char* text : {"1500", "CNY 1500", "1500CNY", "1500  CNY", "1500 cny", "1500 YUAN", " CNY"}) {
    EXPECT_FALSE(ParseMoney(text)) << text;
  }
}

TEST(MoneyTest, HalvesAreRoundedAwayFromZero) {
  EXPECT_EQ(DivideRounded(5, 2), 3);
  EXPECT_EQ(DivideRounded(-5, 2), -3);
  EXPECT_EQ(DivideRounded(4, 3), 1);
  EXPECT_EQ(DivideRounded(-4, 3), -1);
  EXPECT_EQ(DivideRounded(0, 7), 0);
}

}  // namespace
}  // namespace base
