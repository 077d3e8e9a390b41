#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "store/row_places_internal.h"

namespace store {
namespace {

constexpr std::uint64_t kHash = 0x8123456789abcdef;

std::vector<std::uint64_t> OffsetsOf(std::string_view places, std::uint64_t hash) {
  std::vector<std::uint64_t> offsets;
  PlaceList(places).ForEachOffset(hash, [&](std::uint64_t offset) { offsets.push_back(offset); });
  return offsets;
}

std::map<std::int64_t, std::string> Buckets(NewPlaces& places) {
  std::map<std::int64_t, std::string> buckets;
  places.Sort();
  places.ForEachBucket([&](std::int64_t key, std::string_view bytes) {
    buckets.emplace(key, bytes);
    return true;
  });
  return buckets;
}

TEST(RowPlacesTest, ARowIsFoundByItsHashWhereverItStands) {
  NewPlaces places;
  const std::uint64_t offsets[] = {64, kPartBytes - 8, kPartBytes, 5 * kPartBytes + 72, 100 * kPartBytes};
  for (std::uint64_t i = 0; i < 1'000; ++i) places.Add({7, 8 * i + 64}, i * 0x9e3779b97f4a7c15);
  for (const std::uint64_t offset : offsets) places.Add({7, offset}, kHash);
  std::vector<std::uint64_t> found;
  const auto buckets = Buckets(places);
  for (const auto& [key, bytes] : buckets) {
    EXPECT_EQ(SegmentOf(key), 7u);
    const BucketKeys wanted = BucketsOf(7, kHash);
    if (key < wanted.first || key > wanted.last) continue;
    for (const std::uint64_t offset : OffsetsOf(bytes, kHash)) found.push_back(offset);
  }
  EXPECT_EQ(found, (std::vector<std::uint64_t>(std::begin(offsets), std::end(offsets))));
}

TEST(RowPlacesTest, BucketsOfAnotherSegmentAreOthers) {
  const BucketKeys seven = BucketsOf(7, kHash);
  const BucketKeys eight = SameBucketOf(8, seven.last);
  EXPECT_LT(seven.last, FirstBucketOf(8));
  EXPECT_EQ(eight.first, BucketsOf(8, kHash).first);
  EXPECT_EQ(eight.last, BucketsOf(8, kHash).last);
  EXPECT_EQ(BucketKey({7, 64}, kHash), seven.first);
}

TEST(RowPlacesTest, TwoListsAreSortedInOne) {
  NewPlaces one;
  NewPlaces two;
  NewPlaces both;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const std::uint64_t hash = (i * 0x9e3779b97f4a7c15) >> 8;  // all in one bucket
    (i % 3 == 0 ? one : two).Add({1, 8 * i}, hash);
    both.Add({1, 8 * i}, hash);
  }
  const std::string a = Buckets(one).begin()->second;
  const std::string b = Buckets(two).begin()->second;
  EXPECT_EQ(Merged(PlaceList(a), PlaceList(b)), Buckets(both).begin()->second);
  EXPECT_EQ(Merged(PlaceList(b), PlaceList(a)), Buckets(both).begin()->second);
  EXPECT_EQ(Merged(PlaceList(a), PlaceList({})), a);
}

TEST(RowPlacesTest, RowsWithTheHashOfAnEarlierOneAreLikelyTwins) {
  NewPlaces rows;
  rows.Add({4, 80}, kHash);
  rows.Add({4, 160}, kHash);
  rows.Add({4, 240}, kHash + 1);
  const std::string bytes = Buckets(rows).begin()->second;
  NewPlaces earlier;
  earlier.Add({3, 800}, kHash);
  earlier.Add({3, 880}, kHash + 2);
  const std::string before = Buckets(earlier).begin()->second;
  std::vector<LikelyTwin> twins;
  AddLikelyTwins(4, PlaceList(bytes), 4, PlaceList(bytes), twins);
  EXPECT_EQ(twins, (std::vector<LikelyTwin>{{{4, 160}, {4, 80}}}));
  AddLikelyTwins(4, PlaceList(bytes), 3, PlaceList(before), twins);
  EXPECT_EQ(twins.size(), 3u);
  EXPECT_EQ(twins.back(), (LikelyTwin{{4, 160}, {3, 800}}));
}

}  // namespace
}  // namespace store
