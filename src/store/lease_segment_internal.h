#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/disk.h"
#include "store/journal_position.h"
#include "store/segment_internal.h"

namespace store {

inline constexpr std::size_t kLeaseHeaderBytes = 64;

// What a segment of the log of leases is, as its first bytes say.
struct LeaseSegmentIdentity {
  std::uint64_t number = 0;  // from 1
  std::uint64_t salt = 0;
  base::WallTime made;
  JournalPosition journal;  // the rows that end its leases stand behind this

  friend bool operator==(const LeaseSegmentIdentity&, const LeaseSegmentIdentity&) = default;
};

std::filesystem::path LeaseDirectory(const std::filesystem::path& data_directory);  // DATA/leases

struct LeaseSegmentRecord {
  RecordKind kind;
  std::uint32_t ordinal;
  std::string payload;
};

// A segment that is written, and read again where one of its records is asked for. Not thread-safe.
class LeaseSegment {
 public:
  // A new one with its header and its space. Errors: kIo.
  static base::Result<std::unique_ptr<LeaseSegment>> Make(const std::filesystem::path& data_directory,
                                                          const LeaseSegmentIdentity& identity,
                                                          std::uint64_t bytes, Disk& disk);
  ~LeaseSegment();
  LeaseSegment(const LeaseSegment&) = delete;
  LeaseSegment& operator=(const LeaseSegment&) = delete;

  // Frames payloads of so many bytes, each behind room for its header and all in `records`, and appends them
  // with one write(2); 0 or the error's number, and then none of them. Their ordinals follow the last one's.
  int Append(char* records, std::span<const std::size_t> payloads, RecordKind kind);
  // Errors: kIo.
  base::Result<LeaseSegmentRecord> ReadAt(std::uint64_t offset) const;

  const LeaseSegmentIdentity& identity() const { return identity_; }
  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  std::uint64_t end() const { return end_; }
  std::uint32_t ordinal() const { return ordinal_; }  // of the last record

 private:
  LeaseSegment(std::filesystem::path path, int descriptor, const LeaseSegmentIdentity& identity, Disk& disk)
      : path_(std::move(path)), descriptor_(descriptor), identity_(identity), disk_(disk) {}

  const std::filesystem::path path_;
  const int descriptor_;
  const LeaseSegmentIdentity identity_;
  Disk& disk_;
  std::uint64_t end_ = kLeaseHeaderBytes;
  std::uint32_t ordinal_ = 0;
};

// A segment that an earlier process left, read whole.
struct ReadLeaseSegment {
  LeaseSegmentIdentity identity;
  std::filesystem::path path;
  std::uint64_t damaged_bytes = 0;  // in front of a good record
  std::vector<LeaseSegmentRecord> records;
};

// All segments in order. One that was never begun is removed. Errors: kIo.
base::Result<std::vector<ReadLeaseSegment>> ReadLeaseSegments(const std::filesystem::path& data_directory);

}  // namespace store
