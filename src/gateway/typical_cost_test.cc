#include "gateway/typical_cost.h"

#include <gtest/gtest.h>

#include <string>

namespace gateway {
namespace {

TEST(TypicalCostTest, UntilEnoughIsKnownTheWorstCaseIsReserved) {
  TypicalCost typical;
  for (std::uint32_t i = 0; i + 1 < TypicalCost::kCallsMin; ++i) typical.Learn("m", "k", 1, 100);
  EXPECT_EQ(typical.ShareOf("m", "k"), TypicalCost::kWhole);
  typical.Learn("m", "k", 1, 100);
  EXPECT_EQ(typical.ShareOf("m", "k"), 1);
  EXPECT_EQ(typical.ShareOf("m", "another"), TypicalCost::kWhole);
  EXPECT_EQ(typical.ShareOf("another", "k"), TypicalCost::kWhole);
}

TEST(TypicalCostTest, NinetyNineInAHundredCostNoMore) {
  TypicalCost typical;
  for (int i = 0; i < 500; ++i) typical.Learn("m", "k", i % 100 == 0 ? 90 : 20, 100);
  const std::int64_t share = typical.ShareOf("m", "k");
  EXPECT_GE(share * 100, 20 * TypicalCost::kWhole);
  EXPECT_LE(share * 100, 25 * TypicalCost::kWhole);
  for (int i = 0; i < 100; ++i) typical.Learn("m", "k", 90, 100);
  EXPECT_GE(typical.ShareOf("m", "k") * 100, 90 * TypicalCost::kWhole);
}

TEST(TypicalCostTest, WhatIsLongAgoIsForgotten) {
  TypicalCost typical;
  for (int i = 0; i < 900; ++i) typical.Learn("m", "k", 90, 100);
  for (int i = 0; i < 20'000; ++i) typical.Learn("m", "k", 10, 100);
  EXPECT_LE(typical.ShareOf("m", "k") * 100, 12 * TypicalCost::kWhole);
}

TEST(TypicalCostTest, WhatCostsMoreThanItsWorstCaseIsAllOfIt) {
  TypicalCost typical;
  for (int i = 0; i < 200; ++i) typical.Learn("m", "k", 500, 100);
  EXPECT_EQ(typical.ShareOf("m", "k"), TypicalCost::kWhole);
}

TEST(TypicalCostTest, ItKnowsOnlySoManyPairs) {
  TypicalCost typical;
  for (int i = 0; i < 200; ++i) typical.Learn("m", "k", 1, 100);
  for (std::size_t i = 0; i < TypicalCost::kPairsMax; ++i) typical.Learn("m", std::to_string(i), 1, 100);
  EXPECT_EQ(typical.ShareOf("m", "k"), TypicalCost::kWhole);
}

}  // namespace
}  // namespace gateway
