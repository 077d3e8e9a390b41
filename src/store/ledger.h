#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/journal_position.h"
#include "store/journal_reader.h"
#include "store/ledger_query.h"
#include "store/ledger_row.h"

namespace store {

// The ledger as it is read: the journal of a data directory and its index (DATA/index.sqlite), which holds
// where each request stands and sums by hour. The index is made when it is missing and brought up to date
// from the journal by whoever reads; several processes may do so at once.
//
// One object belongs to one thread at a time. Reads files: not for event loops. Errors of every call: kIo
// with a sentence that names the file.
class Ledger {
 public:
  // A data directory without a ledger is an empty ledger.
  static base::Result<std::unique_ptr<Ledger>> Open(const std::filesystem::path& data_directory);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Takes into the index what was appended since. `damage` is told what of the journal could not be read.
  // Gives back how many rows were new to it.
  base::Result<std::uint64_t> CatchUp(const std::function<void(const JournalDamage&)>& damage = {});

  // What the index knows is before this.
  base::Result<JournalPosition> Indexed();

  // Catches up, then answers: from sums by hour where these suffice, else from the rows.
  base::Result<Bill> Query(const LedgerQuery& query);

  // The row with this id, valid for the call of `use`; false: there is none. Catches up if need be.
  base::Result<bool> Find(std::string_view request_id, const std::function<void(const LedgerRow&)>& use);
  // The row that begins there, if it has that id.
  base::Result<bool> ReadAt(JournalPosition at, std::string_view request_id,
                            const std::function<void(const LedgerRow&)>& use);

  // The newest definition of a price version that a segment holds; empty where there is none.
  base::Result<std::string> FindPrice(std::string_view version);

  // Every row started in [from, to), in the order of the journal, until `use` gives back false.
  base::Result<> ForEachRow(const LedgerQuery& period_and_filters,
                            const std::function<bool(const LedgerRow&)>& use);

  // Forgets the index and makes it anew from the journal. Gives back the rows taken.
  base::Result<std::uint64_t> Rebuild(const std::function<void(const JournalDamage&)>& damage = {});

 private:
  class Index;
  Ledger(std::filesystem::path data_directory, std::unique_ptr<Index> index);

  const std::filesystem::path data_directory_;
  const std::unique_ptr<Index> index_;
};

}  // namespace store
