#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "store/disk.h"
#include "store/journal_damage.h"
#include "store/journal_position.h"
#include "store/ledger_query.h"
#include "store/ledger_row.h"
#include "store/segment_reader.h"

namespace store {

class BillMaker;
class JournalReader;
class LedgerIndex;
struct IndexForCheck;
struct IndexProgress;
struct LedgerView;
struct SegmentRows;

using UseRow = std::function<void(const LedgerRow&)>;

// The rows of one segment, as far as the index knows them. Parts can be read on several threads at once.
struct LedgerPart {
  SegmentFile file;
  std::uint64_t until = 0;             // where what the index does not know yet begins
  std::uint64_t rows = 0;              // at most
  std::vector<std::uint64_t> twins{};  // offsets of rows whose id an earlier one has: they count for nothing
};

struct LedgerOptions {
  // Told when the index is made anew, since it was damaged or is not of this journal: a word for the event
  // and a sentence. Called by Open and by whatever reads. May be empty.
  std::function<void(std::string_view event, std::string_view sentence)> note{};
  Disk* disk = nullptr;  // that takes the journal; outlives the ledger; null: the machine's
};

// What looking through the whole journal found.
struct LedgerCheck {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  std::vector<JournalDamage> damage{};
  // Rows whose id an earlier row has, and which count all the same: too far from it to be seen when the index
  // took them. At most kTwinsNamedMax, and how many there are.
  struct Twin {
    std::string request_id;
    JournalPosition at;
  };
  std::vector<Twin> twins{};
  std::uint64_t twins_counted = 0;
  bool index_agrees = false;  // its sums are those of the rows
};
inline constexpr std::size_t kTwinsNamedMax = 20;

// The ledger as it is read: the journal of a data directory and its index (DATA/index.sqlite), which holds
// where each request stands and sums by hour. The index is made when it is missing, made anew when it is
// found damaged (what was there is kept as index.sqlite.damaged), and brought up to date from the journal by
// whoever reads; several processes may do so at once.
//
// When the journal's retention has removed a segment, its rows are gone, while the sums of their hours stay
// until the index is rebuilt.
//
// Where the data directory may only be read, an index in memory does: a copy of the one on the disk, where no
// process has it open, else made from the whole journal each time.
//
// One object belongs to one thread at a time. Reads files: not for event loops. Errors of every call: kIo
// with a sentence that names the file.
class Ledger {
 public:
  // A data directory without a ledger is an empty ledger. Errors: also kDenied: others may read it.
  static base::Result<std::unique_ptr<Ledger>> Open(const std::filesystem::path& data_directory,
                                                    LedgerOptions options = {});
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  static constexpr std::uint64_t kBatchRows = 20'000;  // that one transaction of the index takes

  // Takes into the index what was appended since, a batch after the other until one is not full, or at most
  // `batches`. `damage` is told what of the journal could not be read, by whoever takes it in. Gives back how
  // many rows this call took. What it takes is on the disk before it is in the index, so that a power cut
  // leaves no index that is ahead of its journal.
  base::Result<std::uint64_t> CatchUp(const OnDamage& damage = {},
                                      std::uint64_t batches = std::numeric_limits<std::uint64_t>::max());

  // What the index knows stands before this.
  base::Result<JournalPosition> Indexed();

  // Catches up, then answers: from sums by hour where these suffice, else from the rows. Errors: also
  // kInvalid: more than kDimensionsMax dimensions; kTooLarge: more than kBillRowsMax rows.
  base::Result<Bill> Query(const LedgerQuery& query);

  // Gives every row to `use` of which something is in the query's bill, itself or a failed attempt, until
  // that gives back false; and gives back the total of those it gave: a bill without rows. `by` is for
  // nobody.
  base::Result<Bill> List(const LedgerQuery& query, const std::function<bool(const LedgerRow&)>& use);

  // The row with this id; false: there is none. Catches up if need be.
  base::Result<bool> Find(std::string_view request_id, const UseRow& use);
  // The row that begins there, if it has that id. Needs no index; thread-safe.
  static base::Result<bool> ReadAt(const std::filesystem::path& data_directory, JournalPosition at,
                                   std::string_view request_id, const UseRow& use);

  // Every price version that rows were written with, by its id: its definition.
  base::Result<std::map<std::string, std::string, std::less<>>> Prices();

  // Catches up and gives the parts that may hold rows of the query's period, oldest first.
  base::Result<std::vector<LedgerPart>> Parts(const LedgerQuery& query);
  // Every row of a part that is in the query's period and of which something passes its filters, itself or a
  // failed attempt, until `use` gives back false. A
  // part that was removed meanwhile has none. Thread-safe.
  static base::Result<> ReadPart(const LedgerPart& part, const LedgerQuery& query,
                                 const std::function<bool(const LedgerRow&)>& use,
                                 const OnDamage& damage = {});

  // Forgets the index and makes it anew from the journal. Gives back the rows taken.
  base::Result<std::uint64_t> Rebuild(const OnDamage& damage = {});

  // Reads everything; the ids of all rows take 8 bytes each of memory meanwhile.
  base::Result<LedgerCheck> Verify();

 private:
  Ledger(std::filesystem::path data_directory, std::unique_ptr<LedgerIndex> index, LedgerOptions options);

  template <class Call>
  std::invoke_result_t<Call> Mending(Call call);
  base::Result<> MakeAnew();
  base::Result<> FollowIndex();
  base::Result<std::uint64_t> TakeNews(const OnDamage& damage, std::uint64_t batches);
  base::Result<Bill> QueryNow(const LedgerQuery& query);
  base::Result<bool> FindNow(std::string_view request_id, const UseRow& use);
  base::Result<std::vector<LedgerPart>> CaughtUpParts(const LedgerQuery& query);
  base::Result<LedgerCheck> VerifyNow();
  base::Result<> CheckSegments(LedgerCheck& check);
  base::Result<> CheckRows(const IndexForCheck& index, LedgerCheck& check);
  base::Result<> CheckTwins(const IndexForCheck& index, std::vector<std::uint64_t> hashes,
                            LedgerCheck& check);
  base::Result<std::optional<base::WallTime>> MissingBefore(const LedgerQuery& query,
                                                            const std::set<std::int64_t>* hours_by_rows);
  static bool HasNews(const std::vector<SegmentFile>& files, const IndexProgress& progress);
  base::Result<std::uint64_t> TakeBatch(const std::vector<SegmentFile>& files, const OnDamage& damage);
  base::Result<IndexProgress> ProgressInJournal(const std::vector<SegmentFile>& files);
  base::Result<> SyncSegments(std::uint64_t first, std::uint64_t last);
  base::Result<std::uint64_t> TakeRows(IndexProgress& progress, std::uint64_t rows_max,
                                       const OnDamage& damage, const std::set<JournalPosition>* twins);
  base::Result<std::set<JournalPosition>> FlushPlaces();
  static base::Result<bool> ReadAny(const std::filesystem::path& data_directory, JournalPosition at,
                                    const UseRow& use);
  static base::Result<bool> IsSameJournal(const std::vector<SegmentFile>& files,
                                          const IndexProgress& progress);
  base::Result<LedgerView> View();
  base::Result<std::vector<LedgerPart>> PartsNow(const LedgerQuery& query,
                                                 const std::function<bool(const SegmentRows&)>& wanted);
  base::Result<> AddSums(const LedgerQuery& query, BillMaker& maker, std::set<std::int64_t>& hours_by_rows);
  base::Result<> AddRows(const LedgerQuery& query, BillMaker& maker, const std::set<std::int64_t>* only);
  base::Result<> LookForCheck(IndexForCheck& index);

  const std::filesystem::path data_directory_;
  std::unique_ptr<LedgerIndex> index_;  // never null
  const LedgerOptions options_;
  std::unique_ptr<JournalReader> reader_;  // of CatchUp; null until it first reads
};

}  // namespace store
