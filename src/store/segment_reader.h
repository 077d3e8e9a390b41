#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/journal_damage.h"
#include "store/journal_position.h"
#include "store/ledger_row.h"
#include "store/price_definition.h"

namespace store {

struct SegmentFile {
  std::uint64_t number = 0;
  std::filesystem::path path{};
  std::uint64_t bytes = 0;

  bool has_records() const;  // or what once were some
};

// Where a data directory has its segments.
std::filesystem::path JournalDirectory(const std::filesystem::path& data_directory);

// The segments of a data directory by number; none when there is no ledger yet. Errors: kIo.
base::Result<std::vector<SegmentFile>> ListSegments(const std::filesystem::path& data_directory);

// What the journal holds, one after the other.
struct JournalRecord {
  JournalPosition at;
  const LedgerRow* row = nullptr;  // null: it is a price's definition
  PriceDefinition price{};
  std::string_view bytes{};  // the row as encoded
};

// One segment from one of its records on. Reads ahead through pread(2): a file that is cut or a disk that
// fails is a short read or an error value here, where a mapping would be a signal. Any process may read at
// any time, also while the gateway writes. One thread at a time; several readers may read one file.
class SegmentReader {
 public:
  // `offset` is that of a record; 0: the first. Errors: kNotFound: the file is gone; kIo: it cannot be read,
  // or a newer Sluice wrote it.
  static base::Result<std::unique_ptr<SegmentReader>> Open(const SegmentFile& file, std::uint64_t offset = 0);
  ~SegmentReader();
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  // The next good record, valid until the next call; null: none for now (while the segment is written, ask
  // again later). `damage` is told what was skipped, once each. Records of a kind that only a later Sluice
  // knows are passed over. Errors: kIo.
  base::Result<const JournalRecord*> Next(const OnDamage& damage = {});

  // What is left when Next has found nothing more in a segment that is finished; none where all is well.
  base::Result<std::optional<JournalDamage>> Rest();

  std::uint64_t number() const;
  std::uint64_t offset() const;        // behind the record given last: where reading goes on
  std::uint32_t last_ordinal() const;  // of that record; 0: none yet
  base::WallTime made() const;         // 1970 where the header is damaged
  std::uint64_t salt() const;

 private:
  class File;
  explicit SegmentReader(std::unique_ptr<File> file);
  const std::unique_ptr<File> file_;
};

}  // namespace store
