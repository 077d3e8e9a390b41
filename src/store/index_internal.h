#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "store/contribution_internal.h"
#include "store/journal_damage.h"
#include "store/journal_position.h"
#include "store/ledger.h"
#include "store/pending_sums_internal.h"
#include "store/row_places_internal.h"
#include "store/sqlite_internal.h"

namespace store {

// How far the index has read, and by what it knows the journal again.
struct IndexProgress {
  JournalPosition next;          // what it knows stands before this
  JournalPosition last;          // the last row it took
  std::uint64_t last_hash = 0;   // and the hash of its id
  std::uint64_t generation = 0;  // changes when the index is made anew

  friend bool operator==(const IndexProgress&, const IndexProgress&) = default;
};

struct SegmentRows {
  std::uint64_t number = 0;
  std::uint64_t rows = 0;
  base::WallTime first;  // when the earliest and the latest of them were started
  base::WallTime last;
};

// What the index knows, and what there is.
struct LedgerView {
  IndexProgress progress;
  std::vector<SegmentRows> segments;
  std::vector<SegmentFile> files;
};

// Told the event and a sentence when a damaged index was set aside. May be empty.
using OnIndexDamage = std::function<void(std::string_view event, std::string_view sentence)>;

// DATA/index.sqlite: what is in it, statement by statement. Errors of every call: kIo. One thread at a time.
class LedgerIndex {
 public:
  // Made when it is missing, and made anew when what is there is no index. Where this process may not write,
  // it works on a copy in memory.
  static base::Result<std::unique_ptr<LedgerIndex>> Open(const std::filesystem::path& data_directory,
                                                         const OnIndexDamage& told = {});
  ~LedgerIndex();
  LedgerIndex(const LedgerIndex&) = delete;
  LedgerIndex& operator=(const LedgerIndex&) = delete;

  // Whether a call has met damage: then nothing of it is to be trusted, and Replace makes it anew.
  bool damaged() const { return database_->damaged(); }
  // Whether another one is in its place.
  bool Moved() { return database_->Moved(); }
  // Looks through all of it. Errors: also that it is damaged.
  base::Result<> Check();
  // Sets it aside and opens the one that takes its place.
  base::Result<std::unique_ptr<LedgerIndex>> Replace(const std::filesystem::path& data_directory,
                                                     const OnIndexDamage& told);
  base::Error Damaged(std::string_view how) { return database_->Damaged(how); }

  // A transaction: what is in it is written whole or not at all. `Begin(true)` waits for other writers;
  // `Begin(false)` shows one state of the index until the end.
  base::Result<> Begin(bool writes);
  base::Result<> Commit();
  void Abandon();

  base::Result<IndexProgress> Progress();
  base::Result<> SetProgress(const IndexProgress& progress);
  base::Result<> Clear();  // all of it

  // Inside a transaction that writes. Where a row stands and what it adds to the sums wait for their Flush,
  // so that a batch writes each place of the index once.
  void AddPlace(JournalPosition at, std::uint64_t hash) { places_.Add(at, hash); }
  // Gives back which of the rows have the hash of an earlier one in their segment or the one before.
  base::Result<std::vector<LikelyTwin>> FlushPlaces();
  void AddSums(JournalPosition at, const LedgerRow& row);
  void ForgetSums();  // that wait
  base::Result<> FlushSums();
  base::Result<> AddTwin(JournalPosition at);
  base::Result<> AddPrice(const PriceDefinition& price);
  // Forgets where rows stood in segments before this one.
  base::Result<> ForgetBefore(std::uint64_t segment);

  // Where rows with that hash begin in a segment.
  base::Result<std::vector<std::uint64_t>> OffsetsOf(std::uint64_t segment, std::uint64_t hash);

  base::Result<std::vector<SegmentRows>> Segments();
  base::Result<std::vector<std::uint64_t>> Twins(std::uint64_t segment);
  base::Result<std::map<std::string, std::string, std::less<>>> Prices();

  // The sums of the hours [from, to), counted since 1970, hour by hour. `group` is one that Groups names.
  using UseSums = std::function<void(std::int64_t hour, std::int64_t group, std::string_view sums)>;
  base::Result<> ForEachSum(bool coarse, std::int64_t from, std::int64_t to, const UseSums& use);
  base::Result<> ForEachGroup(bool coarse,
                              const std::function<void(std::int64_t group, const SummedTexts& texts)>& use);

 private:
  struct Statements;
  LedgerIndex(std::unique_ptr<SqliteDatabase> database, std::unique_ptr<Statements> statements);
  static base::Result<std::unique_ptr<LedgerIndex>> OpenInMemory(const std::filesystem::path& data_directory);
  static base::Result<std::unique_ptr<LedgerIndex>> Prepare(std::unique_ptr<SqliteDatabase>& database);
  base::Result<> ForEachBucket(BucketKeys keys, const std::function<void(PlaceList)>& use);
  base::Result<> MergePlaces(std::int64_t bucket, std::string_view places);
  base::Result<std::int64_t> GroupNumber(std::string_view group);
  base::Result<> FlushSum(std::int64_t hour, std::string_view group, const LedgerSums& sums);

  const std::unique_ptr<SqliteDatabase> database_;
  const std::unique_ptr<Statements> statements_;
  std::uint64_t generation_ = 0;
  std::unordered_map<std::string, std::int64_t> groups_;  // numbers by their keys
  std::string key_;                                       // room for one of these
  NewPlaces places_;
  PendingSums sums_;
  std::map<std::uint64_t, SegmentRows> segments_;
};

// Sums as the index holds them.
std::string EncodeSums(const LedgerSums& sums);
bool DecodeSums(std::string_view bytes, LedgerSums& sums);

}  // namespace store
