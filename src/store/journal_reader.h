#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "store/journal_damage.h"
#include "store/journal_position.h"
#include "store/segment_reader.h"

namespace store {

// When the oldest row that is there was started, where rows before it are not: they were removed for their
// age. None: all rows are there, or none. Errors: kIo.
base::Result<std::optional<base::WallTime>> KeptFrom(const std::filesystem::path& data_directory);

// The whole journal of a data directory from a position on, segment after segment, also while it is written.
// One thread at a time. To read on several threads, give each its own segments (segment_reader.h).
class JournalReader {
 public:
  // `from` is where a record begins or the next one will; where its segment was removed, the next one's
  // beginning. A data directory without a ledger is an empty journal.
  explicit JournalReader(std::filesystem::path data_directory, JournalPosition from = {});
  ~JournalReader();
  JournalReader(const JournalReader&) = delete;
  JournalReader& operator=(const JournalReader&) = delete;

  // The next good record, valid until the next call; null: none for now, ask again later. `damage` is told
  // what was skipped, once each. Errors: kIo.
  base::Result<const JournalRecord*> Next(const OnDamage& damage = {});

  // Behind the record given last: where another reader would go on.
  JournalPosition position() const { return position_; }

 private:
  base::Result<const JournalRecord*> NextHere(const OnDamage& damage);
  void TellMissing(std::span<const SegmentFile> before, std::uint64_t next, const OnDamage& damage) const;
  base::Result<> GoOn(const SegmentFile& file, const OnDamage& damage);

  const std::filesystem::path data_directory_;
  JournalPosition position_;
  std::unique_ptr<SegmentReader> segment_;  // null: not opened yet
};

}  // namespace store
