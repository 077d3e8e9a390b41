#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "store/journal_position.h"

namespace store {

// Where the newest rows stand, by a hash of their ids: two ids may have one hash, so whoever finds a place
// looks whether the row is the one. Not thread-safe.
class RecentRows {
 public:
  explicit RecentRows(std::size_t rows_max) : rows_(rows_max) {}

  void Add(std::uint64_t hash, JournalPosition at) {
    rows_[added_ % rows_.size()] = {hash, at};
    ++added_;
  }

  // The newest with that hash at or behind `from`.
  std::optional<JournalPosition> Find(std::uint64_t hash, JournalPosition from) const {
    const std::uint64_t oldest = added_ - std::min<std::uint64_t>(added_, rows_.size());
    for (std::uint64_t i = added_; i > oldest; --i) {
      const Row& row = rows_[(i - 1) % rows_.size()];
      if (row.at < from) break;
      if (row.hash == hash) return row.at;
    }
    return std::nullopt;
  }

 private:
  struct Row {
    std::uint64_t hash = 0;
    JournalPosition at;
  };
  std::vector<Row> rows_;
  std::uint64_t added_ = 0;
};

}  // namespace store
