#include "insight/balance.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/time_text.h"
#include "store/directory_for_test.h"
#include "store/played_disk_for_test.h"

namespace insight {
namespace {

using base::Currency;
using base::Int128;

BalanceReading Reading(std::string_view at, std::string_view granted, std::string_view topped_up,
                       int decimals = 2) {
  BalanceReading reading;
  reading.at = base::ParseTime(at).value();
  reading.provider = "deepseek";
  reading.currency = Currency::kUsd;
  reading.granted = base::ParsePico(granted).value();
  reading.topped_up = base::ParsePico(topped_up).value();
  reading.total = reading.granted + reading.topped_up;
  reading.decimals = decimals;
  return reading;
}

Int128 Pico(std::string_view text) {
  return base::ParsePico(text).value();
}

const BalanceReading kBefore = Reading("2026-11-28T00:00:00Z", "10", "100");

TEST(BalanceCheckTest, AgreesAsFinelyAsTheProviderSaysIt) {
  const BalanceReading after = Reading("2026-11-29T00:00:00Z", "7.66", "100");
  EXPECT_EQ(Compare(kBefore, after, {.recorded = Pico("2.34")}).verdict, BalanceVerdict::kAgrees);
  EXPECT_EQ(Compare(kBefore, after, {.recorded = Pico("2.35")}).verdict, BalanceVerdict::kAgrees);
  const BalanceComparison more = Compare(kBefore, after, {.recorded = Pico("2.350000000001")});
  EXPECT_EQ(more.verdict, BalanceVerdict::kDiffers);
  EXPECT_EQ(base::PrintPico(more.difference()), "-0.010000000001");
}

TEST(BalanceCheckTest, WhoeverMissesMoneyIsToldOfBrokenAnswers) {
  BalanceReading after = kBefore;
  after.at += std::chrono::hours(1);
  after.total -= base::kPico;
  const BalanceComparison one = Compare(kBefore, after, {});
  ASSERT_EQ(one.verdict, BalanceVerdict::kDiffers);
  for (const char* cause : {"did not pass this gateway", "price is unknown", "answer was broken"})
    EXPECT_NE(one.words.find(cause), std::string::npos) << one.words;
}

TEST(BalanceCheckTest, WhatWasUnderWayAtAReadingMayCountOnEitherSide) {
  const BalanceReading after = Reading("2026-11-29T00:00:00Z", "7", "100");
  EXPECT_EQ(Compare(kBefore, after, {.recorded = Pico("2.5")}).verdict, BalanceVerdict::kDiffers);
  EXPECT_EQ(Compare(kBefore, after, {.recorded = Pico("2.5"), .straddling = Pico("0.5")}).verdict,
            BalanceVerdict::kAgrees);
}

TEST(BalanceCheckTest, SpendingMoreThanTheGrantIsNoTopUp) {
  const BalanceReading after = Reading("2026-11-29T00:00:00Z", "0", "95");
  EXPECT_EQ(Compare(kBefore, after, {.recorded = Pico("15")}).verdict, BalanceVerdict::kAgrees);
}

TEST(BalanceCheckTest, ATopUpInBetweenIsSaidWithWhatItMustHaveBeen) {
  const BalanceReading after = Reading("2026-11-29T00:00:00Z", "7", "150");
  const BalanceComparison one = Compare(kBefore, after, {.recorded = Pico("3")});
  EXPECT_EQ(one.verdict, BalanceVerdict::kMoneyCame);
  EXPECT_NE(one.words.find("If the ledger is right, 50 USD were added"), std::string::npos) << one.words;
  EXPECT_EQ(Compare(kBefore, Reading("2026-11-29T00:00:00Z", "15", "100"), {}).verdict,
            BalanceVerdict::kMoneyCame);
}

TEST(BalanceCheckTest, AGrantThatIsGoneMayHaveExpired) {
  const BalanceComparison one =
      Compare(kBefore, Reading("2026-11-29T00:00:00Z", "0", "100"), {.recorded = Pico("1")});
  EXPECT_EQ(one.verdict, BalanceVerdict::kDiffers);
  EXPECT_NE(one.words.find("expired"), std::string::npos) << one.words;
}

TEST(BalanceCheckTest, ReadingsAreComparedWithinOneProviderAndCurrency) {
  BalanceReading other = Reading("2026-11-28T12:00:00Z", "1", "1");
  other.currency = Currency::kCny;
  const std::vector<BalanceReading> readings = {Reading("2026-11-29T00:00:00Z", "9", "100"), kBefore, other};
  int asked = 0;
  const auto all = CompareAll(readings, [&asked](const auto&, const auto&) {
    ++asked;
    return base::Result<LedgerSpend>(LedgerSpend{Pico("1"), 0});
  });
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ((*all)[0].before, kBefore);
  EXPECT_EQ((*all)[0].verdict, BalanceVerdict::kAgrees);
  EXPECT_EQ(asked, 1);
}

TEST(BalanceCheckTest, ReadingsAreKeptExactlyUpToTheLimit) {
  const store::TemporaryDirectory directory;
  EXPECT_TRUE(LoadReadings(directory.path()).value().empty());
  std::vector<BalanceReading> readings(kReadingsMax + 1,
                                       Reading("2026-11-28T00:00:00.123456Z", "0.000000000001", "3", 12));
  readings.front().provider = "oldest";
  store::SystemDisk disk;
  ASSERT_TRUE(SaveReadings(directory.path(), readings, disk));
  const auto loaded = LoadReadings(directory.path());
  ASSERT_TRUE(loaded) << loaded.error().detail;
  ASSERT_EQ(loaded->size(), kReadingsMax);
  EXPECT_EQ(loaded->front(), readings.back());
}

TEST(BalanceCheckTest, AFullDiskLeavesTheReadingsOfBefore) {
  const store::TemporaryDirectory directory;
  const std::vector<BalanceReading> readings{Reading("2026-11-28T00:00:00Z", "1", "3")};
  store::PlayedDisk disk;
  ASSERT_TRUE(SaveReadings(directory.path(), readings, disk));
  disk.write_error = ENOSPC;
  const auto saved = SaveReadings(directory.path(), {}, disk);
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().detail.find("balances.txt"), std::string::npos) << saved.error().detail;
  EXPECT_EQ(LoadReadings(directory.path()).value(), readings);
}

TEST(BalanceCheckTest, AnEmptyFileIsSetAsideWithASentence) {
  const store::TemporaryDirectory directory;
  const auto kept = directory.path() / "balances.txt.damaged";
  for (const std::string& left : {std::string(), std::string(100, '\0')}) {
    store::WriteFile(directory.path() / "balances.txt", left);
    std::string told;
    const auto loaded = LoadReadings(directory.path(), [&told](const std::string& note) { told = note; });
    ASSERT_TRUE(loaded) << loaded.error().detail;
    EXPECT_TRUE(loaded->empty());
    EXPECT_NE(told.find("kept as " + kept.string()), std::string::npos) << told;
    EXPECT_EQ(store::ReadFile(kept), left);
    told.clear();
    EXPECT_TRUE(LoadReadings(directory.path(), [&told](const std::string& note) { told = note; }));
    EXPECT_EQ(told, "");
  }
}

TEST(BalanceCheckTest, AnAccountInUseIsKnownByAskingItsFirstKeyTwice) {
  const auto says = [](std::string_view granted, std::string_view topped_up) {
    return std::vector<BalanceReading>{Reading("2026-11-28T00:00:00Z", granted, topped_up)};
  };
  EXPECT_TRUE(OneAccount(says("0", "10"), says("0", "10"), says("0", "10")));
  EXPECT_TRUE(OneAccount(says("1", "10"), says("0.2", "10"), says("0", "9.5")));
  EXPECT_TRUE(OneAccount(says("0", "10"), says("0", "60"), says("0", "60"))) << "money came in between";
  EXPECT_FALSE(OneAccount(says("0", "10"), says("0", "9.9"), says("0", "10")));
  EXPECT_FALSE(OneAccount(says("0", "10"), says("0", "9.4"), says("0", "9.5")));
  EXPECT_FALSE(OneAccount(says("0", "10"), says("9.8", "0"), says("0", "9.5"))) << "the same sum, granted";
  EXPECT_FALSE(OneAccount(says("0", "10"), {}, says("0", "9.5")));
}

TEST(BalanceCheckTest, AFileThatIsNoneOfOursIsNotReplaced) {
  const store::TemporaryDirectory directory;
  store::WriteFile(directory.path() / "balances.txt", "something else\n");
  EXPECT_FALSE(LoadReadings(directory.path()));
  store::WriteFile(directory.path() / "balances.txt", "sluice balances 1\n2026 x\n");
  EXPECT_FALSE(LoadReadings(directory.path()));
}

}  // namespace
}  // namespace insight
