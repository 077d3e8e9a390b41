#include "bench/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/random.h"

namespace bench {
namespace {

TEST(HistogramTest, EmptySaysZeroEverywhere) {
  const Histogram histogram;
  EXPECT_EQ(histogram.Count(), 0u);
  EXPECT_EQ(histogram.Quantile(0.5), 0u);
  EXPECT_EQ(histogram.Min(), 0u);
  EXPECT_EQ(histogram.Max(), 0u);
  EXPECT_EQ(histogram.Mean(), 0u);
}

TEST(HistogramTest, OneValueIsEveryQuantile) {
  Histogram histogram;
  histogram.Record(123'456'789);
  for (const double fraction : {0.0, 0.001, 0.5, 0.99, 1.0}) {
    EXPECT_EQ(histogram.Quantile(fraction), 123'456'789u) << fraction;
  }
}

TEST(HistogramTest, SmallValuesAreExact) {
  for (std::uint64_t value = 0; value < 256; ++value) {
    Histogram histogram;
    histogram.Record(value);
    histogram.Record(1'000'000);
    EXPECT_EQ(histogram.Quantile(0.5), value);
  }
}

TEST(HistogramTest, QuantileIsNeverBelowTheTruthAndAtMostOnePercentAbove) {
  for (std::uint64_t value = 1; value < std::uint64_t{1} << 62; value = value * 3 / 2 + 1) {
    Histogram histogram;
    histogram.Record(value);
    histogram.Record(std::numeric_limits<std::uint64_t>::max());
    const std::uint64_t said = histogram.Quantile(0.5);
    EXPECT_GE(said, value);
    EXPECT_LE(static_cast<double>(said), static_cast<double>(value) * 1.008) << value;
  }
}

TEST(HistogramTest, LargestValueOfTheTypeFits) {
  Histogram histogram;
  histogram.Record(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(histogram.Quantile(1.0), std::numeric_limits<std::uint64_t>::max());
}

TEST(HistogramTest, QuantilesFollowTheNearestRankOfTheSortedValues) {
  base::Random random(7);
  std::vector<std::uint64_t> values;
  Histogram histogram;
  for (int i = 0; i < 10'000; ++i) {
    values.push_back(random.Below(50'000'000));
    histogram.Record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double fraction : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(std::ceil(fraction * 10'000)) - 1;
    const auto truth = static_cast<double>(values[rank]);
    EXPECT_GE(static_cast<double>(histogram.Quantile(fraction)), truth) << fraction;
    EXPECT_LE(static_cast<double>(histogram.Quantile(fraction)), truth * 1.008 + 1) << fraction;
  }
  EXPECT_EQ(histogram.Quantile(1.0), values.back());
}

TEST(HistogramTest, FractionsOutsideZeroToOneAreTheEnds) {
  Histogram histogram;
  histogram.Record(10);
  histogram.Record(20);
  EXPECT_EQ(histogram.Quantile(-1), 10u);
  EXPECT_EQ(histogram.Quantile(2), 20u);
}

TEST(HistogramTest, MergeIsAsIfAllHadBeenRecordedInOne) {
  Histogram a;
  Histogram b;
  Histogram both;
  for (std::uint64_t i = 1; i <= 1'000; ++i) {
    (i % 3 == 0 ? a : b).Record(i * 977);
    both.Record(i * 977);
  }
  a.Merge(b);
  EXPECT_EQ(a.Count(), both.Count());
  EXPECT_EQ(a.Mean(), both.Mean());
  EXPECT_EQ(a.Min(), both.Min());
  EXPECT_EQ(a.Max(), both.Max());
  for (const double fraction : {0.1, 0.5, 0.99}) EXPECT_EQ(a.Quantile(fraction), both.Quantile(fraction));
}

TEST(HistogramTest, MergingAnEmptyOneChangesNothing) {
  Histogram histogram;
  histogram.Record(5);
  histogram.Merge(Histogram());
  EXPECT_EQ(histogram.Min(), 5u);
  EXPECT_EQ(histogram.Count(), 1u);
}

}  // namespace
}  // namespace bench
