#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "budget/saved_account.h"
#include "store/disk.h"
#include "store/journal_position.h"
#include "store/replaced_file.h"

// What the accounts of some budgets had settled when the ledger was so long: DATA/budgets.state, so that a
// start reads only the rows behind it. docs/leases.md has every byte.

namespace budget {

struct CheckpointHeader {
  store::JournalPosition position;  // every row before it is in the sums, and none behind it
  base::WallTime made;
  std::vector<std::uint64_t> rules;  // whose accounts it holds (Terms::id); of others nothing is known
};

struct Checkpoint {
  CheckpointHeader header;
  std::vector<SavedAccount> accounts;
};

// Writes one, which takes the place of the last when it is whole. Not thread-safe.
class CheckpointWriter {
 public:
  // `disk` outlives it. Errors of all: kIo with a sentence.
  static base::Result<CheckpointWriter> Begin(const std::filesystem::path& path,
                                              const CheckpointHeader& header, store::Disk& disk);
  void Add(std::span<const SavedAccount> accounts);
  base::Result<> Commit();

 private:
  explicit CheckpointWriter(store::ReplacedFile file) : file_(std::move(file)) {}
  void Flush();

  store::ReplacedFile file_;
  std::string buffer_;
  std::uint32_t sum_ = 0;
  base::Result<> failed_;
};

// None: there is none. Errors: kInvalid: it is damaged, or of a later Sluice; kIo.
base::Result<std::optional<Checkpoint>> ReadCheckpoint(const std::filesystem::path& path);

}  // namespace budget
