#include <algorithm>

#include "store/row_places_internal.h"
#include "store/segment_internal.h"

namespace store {
namespace {

constexpr unsigned kHalf = 32;
constexpr std::uint64_t kLower = (std::uint64_t{1} << kHalf) - 1;
constexpr std::uint64_t kLastPart = (std::uint64_t{1} << kPartBits) - 1;
constexpr std::uint64_t kLastBucket = (std::uint64_t{1} << kBucketBits) - 1;

// No gateway counts as far as the segments whose bits get lost here: of a file that somebody named so, rows
// would only be looked for in more buckets.
std::int64_t Key(std::uint64_t segment, std::uint64_t bucket, std::uint64_t part) {
  return static_cast<std::int64_t>((segment << kBucketBits | bucket) << kPartBits | part);
}
std::uint64_t BucketOf(std::uint64_t hash) {
  return hash >> (64 - kBucketBits);
}

std::uint64_t HashOf(std::uint64_t place) {
  return place >> kHalf;
}
std::uint64_t OffsetOf(std::uint64_t place) {
  return (place & kLower) * kRecordAlignment;
}

void Append(std::string& bytes, std::uint64_t place) {
  bytes.append(reinterpret_cast<const char*>(&place), sizeof place);
}

// The first place from `from` on with that hash or a greater one.
std::size_t LowerBound(PlaceList places, std::size_t from, std::uint64_t hash) {
  std::size_t end = places.size();
  while (from < end) {
    const std::size_t middle = from + (end - from) / 2;
    if (HashOf(places[middle]) < hash) {
      from = middle + 1;
    } else {
      end = middle;
    }
  }
  return from;
}

}  // namespace

std::int64_t BucketKey(JournalPosition at, std::uint64_t hash) {
  return Key(at.segment, BucketOf(hash), std::min(at.offset / kPartBytes, kLastPart));
}

BucketKeys BucketsOf(std::uint64_t segment, std::uint64_t hash) {
  return {Key(segment, BucketOf(hash), 0), Key(segment, BucketOf(hash), kLastPart)};
}

BucketKeys SameBucketOf(std::uint64_t segment, std::int64_t key) {
  const std::uint64_t bucket = static_cast<std::uint64_t>(key) >> kPartBits & kLastBucket;
  return {Key(segment, bucket, 0), Key(segment, bucket, kLastPart)};
}

std::int64_t FirstBucketOf(std::uint64_t segment) {
  return Key(segment, 0, 0);
}

std::uint64_t SegmentOf(std::int64_t key) {
  return static_cast<std::uint64_t>(key) >> (kPartBits + kBucketBits);
}

void PlaceList::ForEachOffset(std::uint64_t hash,
                              const std::function<void(std::uint64_t offset)>& use) const {
  const std::uint64_t lower = hash & kLower;
  for (std::size_t i = LowerBound(*this, 0, lower); i < size() && HashOf((*this)[i]) == lower; ++i) {
    use(OffsetOf((*this)[i]));
  }
}

void NewPlaces::Add(JournalPosition at, std::uint64_t hash) {
  places_.push_back(
      {BucketKey(at, hash), (hash & kLower) << kHalf | (at.offset / kRecordAlignment & kLower)});
}

void NewPlaces::Sort() {
  std::sort(places_.begin(), places_.end());
}

void NewPlaces::ForEachBucket(const UseBucket& use) const {
  std::string bytes;
  for (std::size_t i = 0; i < places_.size();) {
    const std::int64_t bucket = places_[i].bucket;
    bytes.clear();
    for (; i < places_.size() && places_[i].bucket == bucket; ++i) Append(bytes, places_[i].place);
    if (!use(bucket, bytes)) return;
  }
}

std::string Merged(PlaceList a, PlaceList b) {
  std::string bytes;
  bytes.reserve((a.size() + b.size()) * sizeof(std::uint64_t));
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    const bool first = j == b.size() || (i < a.size() && a[i] <= b[j]);
    Append(bytes, first ? a[i++] : b[j++]);
  }
  return bytes;
}

void AddLikelyTwins(std::uint64_t segment, PlaceList rows, std::uint64_t others_segment, PlaceList others,
                    std::vector<LikelyTwin>& twins) {
  std::size_t other = 0;
  for (std::size_t row = 0; row < rows.size() && other < others.size(); ++row) {
    const std::uint64_t hash = HashOf(rows[row]);
    while (other < others.size() && HashOf(others[other]) < hash) ++other;
    for (std::size_t same = other; same < others.size() && HashOf(others[same]) == hash; ++same) {
      const JournalPosition at{segment, OffsetOf(rows[row])};
      const JournalPosition earlier{others_segment, OffsetOf(others[same])};
      if (earlier < at) twins.push_back({at, earlier});
    }
  }
}

}  // namespace store
