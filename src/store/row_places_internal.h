#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "store/journal_position.h"

// Where rows stand, as the index keeps it to find them by their ids: eight bytes a row, which are the lower
// half of the hash of its id and, below it, its place in the segment in units of a record's alignment. Those
// of a bucket stand together, sorted. The upper bits of the hash choose the bucket, and each part of a
// segment has buckets of its own: so a batch of rows writes a few pages again, and not one for each row.

namespace store {

inline constexpr unsigned kBucketBits = 7;
inline constexpr unsigned kPartBits = 6;
inline constexpr std::uint64_t kPartBytes = 16 * base::MiB;  // of a segment; what is behind the last is in it

// A bucket of one part, as a number in the order of segment, bucket and part.
std::int64_t BucketKey(JournalPosition at, std::uint64_t hash);
// The first and the last number that a bucket has in the parts of a segment.
struct BucketKeys {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
BucketKeys BucketsOf(std::uint64_t segment, std::uint64_t hash);
BucketKeys SameBucketOf(std::uint64_t segment, std::int64_t key);  // as the one with that number
std::int64_t FirstBucketOf(std::uint64_t segment);
std::uint64_t SegmentOf(std::int64_t key);

// A bucket's rows as the index has them; borrowed. REQUIRES: a multiple of eight bytes.
class PlaceList {
 public:
  explicit PlaceList(std::string_view bytes) : bytes_(bytes) {}

  std::size_t size() const { return bytes_.size() / sizeof(std::uint64_t); }
  std::uint64_t operator[](std::size_t i) const {
    std::uint64_t place = 0;
    std::memcpy(&place, bytes_.data() + i * sizeof place, sizeof place);
    return place;
  }
  // Where in the segment the rows begin whose ids may have that hash.
  void ForEachOffset(std::uint64_t hash, const std::function<void(std::uint64_t offset)>& use) const;

 private:
  std::string_view bytes_;
};

// A row, and one before it whose id may be the same.
struct LikelyTwin {
  JournalPosition row;
  JournalPosition earlier;

  friend bool operator==(const LikelyTwin&, const LikelyTwin&) = default;
};

// Those of a batch that the index does not have yet.
class NewPlaces {
 public:
  void Add(JournalPosition at, std::uint64_t hash);
  void Clear() { places_.clear(); }

  // Gives each bucket's places, sorted, in the order of the buckets. REQUIRES: Sort() since the last Add().
  using UseBucket = std::function<bool(std::int64_t key, std::string_view places)>;  // false: enough
  void ForEachBucket(const UseBucket& use) const;
  void Sort();

 private:
  struct Place {
    std::int64_t bucket = 0;
    std::uint64_t place = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  std::vector<Place> places_;
};

// Both sorted in one.
std::string Merged(PlaceList a, PlaceList b);
// Adds the pairs of a row of `rows` and an earlier one of `others` that have one hash.
void AddLikelyTwins(std::uint64_t segment, PlaceList rows, std::uint64_t others_segment, PlaceList others,
                    std::vector<LikelyTwin>& twins);

}  // namespace store
