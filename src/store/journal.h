#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/disk.h"
#include "store/journal_position.h"
#include "store/ledger_row.h"
#include "store/price_definition.h"
#include "store/row_group.h"

namespace store {

// What the gateway does when no further segment can be had: refuse new requests while the rows of those in
// flight still fit, or go on and count what is lost.
enum class WhenFull { kRefuse, kContinue };

struct JournalOptions {
  std::uint64_t segment_bytes = 64 * base::MiB;  // a full one is followed by the next; at least 1 MiB
  std::chrono::milliseconds sync_interval{100};  // what a power cut can take; above 0
  // A segment whose last row is older is removed once an index has taken it (SetIndexed); 0: kept.
  std::chrono::milliseconds retention{0};
  WhenFull when_full = WhenFull::kRefuse;
  // Told what an operator should know (a torn end cut, damage, the disk full and usable again): a word for
  // the event and a sentence. Called by Open and by the journal's thread. May be empty.
  std::function<void(std::string_view event, std::string_view sentence)> note{};
  // Between two rounds of the journal's thread: returns when it is time for the next; false: stop, which it
  // must say soon after a stop is requested. Empty: WaitFor(sync_interval).
  std::function<bool(std::stop_token)> wait{};
};

// What has happened since the journal was opened.
struct JournalCounts {
  std::uint64_t rows = 0;      // appended
  std::uint64_t lost = 0;      // rows that Append could not write
  std::uint64_t bytes = 0;     // of all segments, the room ahead left out
  std::uint64_t segments = 0;  // those that hold something
  std::uint64_t sync_errors = 0;
};

// The journal of one data directory: rows in the order in which they were appended, in DATA/ledger/. The one
// writer; readers of any process need nothing of it (journal_reader.h). docs/ledger.md has every byte.
//
// Thread-safe. A row that was appended outlives the process whatever ends it, and a power cut once
// a round of its thread has passed (`sync_interval`). Room for a whole segment is reserved before it is
// needed, so that a full disk shows ahead of time: then, with kRefuse, CanTakeMore() turns false while at
// least a quarter of a segment is left for the rows of requests in flight, and turns true by itself when
// there is space again.
//
// The wall clock decides what is too old, so a leap of it by more than the retention (a machine that boots
// with a wrong one) is told and not believed before it has lasted an eighth of the retention.
class Journal {
 public:
  // Makes DATA and DATA/ledger (0700) when they are missing, looks through the last segment, cuts an end that
  // was being written when the process died, and says so. `clock` and `disk` outlive the journal.
  // Errors: kUnavailable: another process writes there (the sentence names it); kDenied: others may write
  // there; kIo with a sentence that names the file.
  static base::Result<std::unique_ptr<Journal>> Open(const std::filesystem::path& data_directory,
                                                     const base::Clock& clock, Disk& disk,
                                                     JournalOptions options);

  // Waits for what was appended to reach the disk.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Writes the group's rows, before them those of its prices that their segment does not hold yet. One
  // write(2) and no allocation, save where a segment ends among them and for a definition's first use in a
  // segment; waits for no disk unless the disk is behind. The group is as it was, and can be cleared. Errors:
  // kIo: some of the rows, or all, are not in the journal and are counted as lost.
  base::Result<> Append(const RowGroup& group);
  // A single row. REQUIRES: what RowGroup::Add requires.
  base::Result<> Append(const LedgerRow& row, std::span<const PriceDefinition> prices = {});

  // Whether new requests may be taken: always with kContinue. Costs one load.
  bool CanTakeMore() const;

  // Behind the last row.
  JournalPosition End() const;

  // Where the row with this id begins, if it is among the last ones: those behind `indexed`, at most the
  // newest 65,536.
  std::optional<JournalPosition> FindRecent(std::string_view request_id, JournalPosition indexed) const;

  // Told by whoever feeds the index: what stands before this has been summed. Without it no segment is
  // removed.
  void SetIndexed(JournalPosition indexed);

  JournalCounts Counts() const;
  const std::filesystem::path& data_directory() const;

 private:
  class Writer;
  explicit Journal(std::unique_ptr<Writer> writer);

  const std::unique_ptr<Writer> writer_;
};

}  // namespace store
