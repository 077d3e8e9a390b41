#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/journal_position.h"
#include "store/ledger_row.h"
#include "store/price_definition.h"

namespace store {

// Bytes of a segment that are no good record, before others that are.
struct JournalDamage {
  JournalPosition at;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;  // that were in them, as far as the next good one's number tells
};
std::string Print(const JournalDamage& damage);  // a sentence

struct SegmentFile {
  std::uint64_t number;
  std::filesystem::path path;
  std::uint64_t bytes;
};

// The segments of a data directory by number; none when there is no ledger yet. Errors: kIo.
base::Result<std::vector<SegmentFile>> ListSegments(const std::filesystem::path& data_directory);

// One segment from one of its records on. Reads ahead through read(2): a file that is cut or a disk that
// fails is a short read or an error value here, where a mapping would be a signal. Any process may read at
// any time, also while the gateway writes. One thread at a time; several readers may read one file.
class SegmentReader {
 public:
  struct Record {
    JournalPosition at;
    bool is_row = false;
    const LedgerRow* row = nullptr;  // where is_row
    PriceDefinition price;           // elsewhere
    std::string_view bytes;          // the row as encoded
  };

  // `offset` 0 is the first record. Errors: kNotFound: the file is gone; kIo: it cannot be read, or is no
  // segment, or of another version.
  static base::Result<std::unique_ptr<SegmentReader>> Open(const SegmentFile& file, std::uint64_t offset = 0);
  ~SegmentReader();
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  // The next good record, valid until the next call; null: none for now (while the segment is written, ask
  // again later). `damage` is told what was skipped, once each. Errors: kIo.
  base::Result<const Record*> Next(const std::function<void(const JournalDamage&)>& damage);

  // Behind the record given last: where reading goes on.
  std::uint64_t offset() const;

 private:
  class File;
  explicit SegmentReader(std::unique_ptr<File> file);
  const std::unique_ptr<File> file_;
};

}  // namespace store
