#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/disk.h"
#include "store/journal_damage.h"
#include "store/segment_internal.h"
#include "store/segment_reader.h"

namespace store {

// A segment that the gateway writes. Not thread-safe.
class WrittenSegment {
 public:
  // A new one, empty, with its header and its space. Errors: kIo.
  static base::Result<std::unique_ptr<WrittenSegment>> Make(const std::filesystem::path& data_directory,
                                                            std::uint64_t number, std::uint64_t bytes,
                                                            base::WallTime now, Disk& disk);

  // One that was written before: reads all of it, and cuts what a writer that died was in the middle of.
  // Null: what stands at its end is more than that, and is left alone. Errors: kIo.
  static base::Result<std::unique_ptr<WrittenSegment>> Reopen(const SegmentFile& file, std::uint64_t bytes,
                                                              Disk& disk, const OnDamage& damage,
                                                              std::uint64_t& cut);

  ~WrittenSegment();
  WrittenSegment(const WrittenSegment&) = delete;
  WrittenSegment& operator=(const WrittenSegment&) = delete;

  // Frames the payload at `record + kRecordHeaderBytes`, as the record that the next WriteOut appends behind
  // those that were framed since the last one. Gives back the bytes of the record.
  std::size_t Frame(char* record, std::size_t payload, RecordKind kind);
  // Appends the records that were framed, which stand one after another in `records`. Gives back 0 or the
  // error's number; then nothing was appended.
  int WriteOut(std::string_view records);

  // Gives back the space that no record has taken. Errors are of no consequence.
  void GiveBackSpace() const;

  const SegmentIdentity& identity() const { return identity_; }
  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return descriptor_; }
  std::uint64_t end() const { return end_; }  // where the next record goes
  std::uint64_t reserved() const { return reserved_; }
  bool has_records() const { return ordinal_ > 0; }
  base::WallTime newest() const {
    return newest_;
  }  // of the last row when it was opened, else when it was made
  std::set<std::string, std::less<>>& prices() { return prices_; }  // whose definitions it holds

 private:
  WrittenSegment(std::filesystem::path path, int descriptor, SegmentIdentity identity, Disk& disk)
      : path_(std::move(path)),
        descriptor_(descriptor),
        identity_(identity),
        disk_(disk),
        newest_(identity.made) {}

  const std::filesystem::path path_;
  const int descriptor_;
  const SegmentIdentity identity_;
  Disk& disk_;
  std::uint64_t end_ = kSegmentHeaderBytes;
  std::uint64_t reserved_ = 0;
  std::uint32_t ordinal_ = 0;  // of the last record
  std::uint32_t framed_ = 0;   // records behind it that are not written yet
  base::WallTime newest_;
  std::set<std::string, std::less<>> prices_;
};

}  // namespace store
