#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/journal_position.h"
#include "store/ledger_row.h"
#include "store/price_definition.h"

namespace store {

// What the gateway does when no further segment can be had: refuse new requests while the rows of those in
// flight still fit, or go on and count what is lost.
enum class WhenFull { kRefuse, kContinue };

struct JournalOptions {
  std::uint64_t segment_bytes = 64 * base::MiB;   // a full one is followed by the next; at least 1 MiB
  std::chrono::milliseconds sync_interval{100};   // what a power cut can take; 0: each row waits for the disk
  std::optional<std::chrono::hours> retention{};  // a segment whose last row is older is removed; none: kept
  WhenFull when_full = WhenFull::kRefuse;
  // Told what an operator should know (a torn end cut, damage, the disk full and usable again): a word for
  // the event and a sentence. Called by Open, by the journal's thread and, rarely, by Append. May be empty.
  std::function<void(std::string_view event, std::string_view sentence)> note{};
};

// What has happened since the journal was opened.
struct JournalCounts {
  std::uint64_t rows = 0;      // appended
  std::uint64_t lost = 0;      // rows that Append could not write
  std::uint64_t bytes = 0;     // on disk, all segments, the room ahead left out
  std::uint64_t segments = 0;  // on disk
  std::uint64_t syncs = 0;     // that succeeded
  std::uint64_t sync_errors = 0;
};

// The journal of one data directory: rows in the order in which they were appended, in DATA/ledger/. The one
// writer; readers of any process need nothing of it (journal_reader.h). docs/ledger.md has every byte.
//
// Thread-safe. A row that was appended outlives the process whatever ends it, and a power cut once
// `sync_interval` has passed. Room for a whole segment is reserved before it is needed, so that a full disk
// shows ahead of time: then, with kRefuse, CanTakeMore() turns false while at least a quarter of a segment is
// left for the rows of requests in flight, and turns true by itself when there is space again.
class Journal {
 public:
  // Makes DATA and DATA/ledger (0700) when they are missing, looks through the last segment, cuts an end that
  // was being written when the process died, and says so. `clock` outlives the journal.
  // Errors: kUnavailable: another process writes there (the sentence names it); kDenied: others may write
  // there; kIo with a sentence that names the file.
  static base::Result<std::unique_ptr<Journal>> Open(const std::filesystem::path& data_directory,
                                                     const base::Clock& clock, JournalOptions options);

  // Waits for what was appended to reach the disk.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Writes the row, before it the definitions that its segment does not hold yet. One write(2) and no
  // allocation (save for a definition's first use in a segment); waits for no disk unless the disk is behind.
  // REQUIRES: at most kRowAttemptsMax attempts and kRowTagsMax tags. Errors: kIo: the row is not in the
  // journal and is counted as lost.
  base::Result<> Append(const LedgerRow& row, std::span<const PriceDefinition> prices = {});

  // Whether new requests may be taken: always with kContinue. Costs one load.
  bool CanTakeMore() const;

  // Behind the last row.
  JournalPosition End() const;

  // Where the row with this id begins, if it is among the last ones: those behind `indexed`, at most the
  // newest 65,536.
  std::optional<JournalPosition> FindRecent(std::string_view request_id, JournalPosition indexed) const;

  // Returns when what was appended before the call is on the disk. Blocks. Errors: kIo.
  base::Result<> Sync();

  JournalCounts Counts() const;
  const std::filesystem::path& data_directory() const;

 private:
  class Writer;
  explicit Journal(std::unique_ptr<Writer> writer);

  const std::unique_ptr<Writer> writer_;
};

}  // namespace store
