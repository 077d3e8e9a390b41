#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "store/ledger_row.h"
#include "store/price_definition.h"

namespace store {

// Rows that go into a journal together, with one write(2), in the order in which they were added. Keeps its
// room when it is cleared. Not thread-safe.
class RowGroup {
 public:
  RowGroup();
  ~RowGroup();
  RowGroup(RowGroup&&) noexcept = default;
  RowGroup& operator=(RowGroup&&) noexcept = default;

  bool empty() const { return rows_.empty(); }
  std::size_t rows() const { return rows_.size(); }
  // Whether another row fits whatever is in it. An empty group has room.
  bool HasRoom() const;

  // Encodes the row. `prices` are the versions that it was priced by: views, which live until the group is
  // cleared. REQUIRES: HasRoom(); at most kRowAttemptsMax attempts and kRowTagsMax tags; the limits of
  // PriceDefinition.
  void Add(const LedgerRow& row, std::span<const PriceDefinition> prices = {});
  void Clear();

 private:
  friend class Journal;

  struct Row {
    std::size_t at;       // of its record in bytes_
    std::size_t payload;  // bytes of it
    std::uint64_t hash;   // RowHash of its id
  };

  std::unique_ptr<char[]> bytes_;  // records, room for each one's header before its payload
  std::size_t used_ = 0;
  std::vector<Row> rows_;
  std::vector<PriceDefinition> prices_;  // one of each version
};

}  // namespace store
