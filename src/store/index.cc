#include <sys/stat.h>
#include <algorithm>
#include <utility>

#include "base/random.h"
#include "store/data_directory_internal.h"
#include "store/index_file_internal.h"
#include "store/index_internal.h"
#include "store/varint_internal.h"

namespace store {
namespace {

constexpr std::int64_t kSchemaVersion = 3;
constexpr std::int64_t kWithoutUsageSource = 2;  // the version before
constexpr std::size_t kGroupsKept = 50'000;
constexpr std::chrono::seconds kPatience{20};  // many batches of others that catch up, on a busy machine

// Times are nanoseconds, hours are hours since 1970. `texts` is a group's key (pending_sums_internal.h),
// `sums` is what EncodeSums writes, `bucket` and `places` are those of row_places_internal.h. Numbers of 64
// bits that are no counts stand as signed ones with the same bits.
constexpr const char* kSchema =
    "CREATE TABLE progress (one INTEGER PRIMARY KEY CHECK (one = 1), segment INTEGER NOT NULL,"
    " offset INTEGER NOT NULL, last_segment INTEGER NOT NULL, last_offset INTEGER NOT NULL,"
    " last_hash INTEGER NOT NULL, generation INTEGER NOT NULL) STRICT;"
    "CREATE TABLE segments (number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL) STRICT;"
    "CREATE TABLE ids (bucket INTEGER PRIMARY KEY, places BLOB NOT NULL) STRICT;"
    "CREATE TABLE twins (segment INTEGER NOT NULL, offset INTEGER NOT NULL,"
    " PRIMARY KEY (segment, offset)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE prices (version TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE sum_groups (number INTEGER PRIMARY KEY, texts BLOB NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE sums (coarse INTEGER NOT NULL, hour INTEGER NOT NULL, grp INTEGER NOT NULL,"
    " sums BLOB NOT NULL, PRIMARY KEY (coarse, hour, grp)) STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 3;";

// The sums of the version before stay, also those of segments that are gone: their usage source is the empty
// text, which no row has. The table has another name, so that a process of an older Sluice that has the index
// open puts no group of its own into it.
constexpr const char* kAddUsageSource =
    "ALTER TABLE groups RENAME TO sum_groups;"
    "UPDATE sum_groups SET texts = CAST(texts || x'0000' AS BLOB) WHERE substr(texts, 1, 1) = x'00';"
    "PRAGMA user_version = 3;";

constexpr char kClear[] =
    "DELETE FROM progress; DELETE FROM segments; DELETE FROM ids; DELETE FROM twins; DELETE FROM prices;"
    "DELETE FROM sum_groups; DELETE FROM sums;";

std::span<const std::uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::int64_t Signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
std::uint64_t Unsigned(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

// Gives back the version that is there then: another process may have been faster.
base::Result<std::int64_t> AddUsageSource(SqliteDatabase& database) {
  auto transaction = SqliteTransaction::Begin(database);
  if (!transaction) return base::Fail(std::move(transaction).error());
  const auto version = database.Integer("PRAGMA user_version");
  if (!version || *version != kWithoutUsageSource) return version;
  if (auto added = database.Execute(kAddUsageSource); !added) return base::Fail(std::move(added).error());
  if (auto done = transaction->Commit(); !done) return base::Fail(std::move(done).error());
  return kSchemaVersion;
}

base::Result<> MakeSchema(SqliteDatabase& database) {
  auto version = database.BringUp({&kSchema, 1});
  if (version && *version == kWithoutUsageSource) version = AddUsageSource(database);
  if (!version) return base::Fail(version.error());
  if (*version == kSchemaVersion) return {};
  if (*version < kSchemaVersion) return base::Fail(database.Damaged("it is of an older Sluice"));
  return base::Fail(base::Code::kIo,
                    "the ledger's index was written by a newer Sluice: remove "
                    "index.sqlite, and it is made anew from the journal");
}

void TellDamage(const std::filesystem::path& data_directory, const OnIndexDamage& told) {
  if (!told) return;
  told("ledger_index_damaged",
       "the ledger's index was damaged, or is an older Sluice's: it is set aside as " +
           DamagedIndexPath(data_directory).string() +
           " and made anew from the journal, without the sums of segments that were "
           "removed for their age");
}

}  // namespace

std::string EncodeSums(const LedgerSums& sums) {
  char bytes[6 * kVarintBytesMax + 2 * kWideVarintBytesMax + kUsageBytesMax];
  Encoder out(bytes);
  out.Signed(sums.requests);
  out.Wide(sums.cost);
  out.Wide(sums.saved);
  out.Usage(sums.usage);
  out.Signed(sums.unknown_price_requests);
  out.Signed(sums.counted_requests);
  out.Signed(sums.estimated_requests);
  out.Signed(sums.unknown_saved_requests);
  out.Signed(sums.inconsistent_requests);
  return {bytes, out.size()};
}

bool DecodeSums(std::string_view bytes, LedgerSums& sums) {
  sums = {};
  Decoder in(bytes);
  sums.requests = in.Signed();
  sums.cost = in.Wide();
  sums.saved = in.Wide();
  in.Usage(sums.usage);
  sums.unknown_price_requests = in.Signed();
  sums.counted_requests = in.Signed();
  sums.estimated_requests = in.Signed();
  sums.unknown_saved_requests = in.Signed();
  sums.inconsistent_requests = in.Signed();
  return !in.broken();
}

struct LedgerIndex::Statements {
  enum Which {
    kBegin,
    kBeginWrite,
    kCommit,
    kRollback,
    kGetProgress,
    kSetProgress,
    kGetPlaces,
    kSetPlaces,
    kForgetPlaces,
    kAddTwin,
    kGetTwins,
    kAddPrice,
    kGetPrices,
    kAddSegment,
    kGetSegments,
    kFindGroup,
    kAddGroup,
    kGetGroups,
    kFindSum,
    kSetSum,
    kGetSums,
    kCount,
  };
  // In the order of Which.
  static constexpr const char* kSql[kCount] = {
      "BEGIN",
      "BEGIN IMMEDIATE",
      "COMMIT",
      "ROLLBACK",
      "SELECT segment, offset, last_segment, last_offset, last_hash, generation FROM progress",
      "INSERT OR REPLACE INTO progress VALUES (1, ?, ?, ?, ?, ?, ?)",
      "SELECT places FROM ids WHERE bucket BETWEEN ? AND ?",
      "INSERT OR REPLACE INTO ids VALUES (?, ?)",
      "DELETE FROM ids WHERE bucket < ?",
      "INSERT OR IGNORE INTO twins VALUES (?, ?)",
      "SELECT offset FROM twins WHERE segment = ?",
      "INSERT OR IGNORE INTO prices VALUES (?, ?)",
      "SELECT version, text FROM prices",
      ("INSERT INTO segments VALUES (?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET"
       " rows = rows + excluded.rows, first = min(first, excluded.first), last = max(last, excluded.last)"),
      "SELECT number, rows, first, last FROM segments ORDER BY number",
      "SELECT number FROM sum_groups WHERE texts = ?",
      "INSERT INTO sum_groups (texts) VALUES (?) RETURNING number",
      "SELECT number, texts FROM sum_groups",
      "SELECT sums FROM sums WHERE coarse = ? AND hour = ? AND grp = ?",
      "INSERT OR REPLACE INTO sums VALUES (?, ?, ?, ?)",
      "SELECT hour, grp, sums FROM sums WHERE coarse = ? AND hour >= ? AND hour < ? ORDER BY hour, grp",
  };

  SqliteStatement& operator[](Which which) { return prepared[which]; }
  std::vector<SqliteStatement> prepared;
};

// Leaves the database to the caller where it fails, who asks it whether it is damaged.
base::Result<std::unique_ptr<LedgerIndex>> LedgerIndex::Prepare(std::unique_ptr<SqliteDatabase>& database) {
  base::Result<> ready = database->UseWal();
  if (ready) ready = MakeSchema(*database);
  // What a power cut takes of it, the journal still has. A cache of 512 KiB feeds four million rows as fast
  // as one of 2 MiB does, and a gateway keeps two of them.
  if (ready) ready = database->Execute("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512");
  if (!ready) return base::Fail(ready.error());
  auto statements = std::make_unique<Statements>();
  for (const char* const sql : Statements::kSql) {
    auto prepared = database->Prepare(sql);
    if (!prepared && database->LastWasStatement())
      return base::Fail(database->Damaged(prepared.error().detail));
    if (!prepared) return base::Fail(prepared.error());
    statements->prepared.push_back(std::move(*prepared));
  }
  return std::unique_ptr<LedgerIndex>(new LedgerIndex(std::move(database), std::move(statements)));
}

// From what is there, where it is whole; else from nothing, and the journal fills it.
base::Result<std::unique_ptr<LedgerIndex>> LedgerIndex::OpenInMemory(
    const std::filesystem::path& data_directory) {
  const std::filesystem::path path = IndexPath(data_directory);
  if (auto safe = CheckOwnerOnly(data_directory.string(), S_IFDIR); !safe) return base::Fail(safe.error());
  std::error_code none;
  const std::uintmax_t log = std::filesystem::file_size(path.string() + "-wal", none);
  if (std::filesystem::exists(path, none) && (log == 0 || log == static_cast<std::uintmax_t>(-1))) {
    auto copy = SqliteDatabase::OpenInMemory({.path = path.string()}, true);
    if (copy) {
      auto index = Prepare(*copy);
      if (index && (*index)->Check()) return index;
    }
  }
  auto empty = SqliteDatabase::OpenInMemory({.path = path.string()}, false);
  if (!empty) return base::Fail(empty.error());
  return Prepare(*empty);
}

base::Result<std::unique_ptr<LedgerIndex>> LedgerIndex::Open(const std::filesystem::path& data_directory,
                                                             const OnIndexDamage& told) {
  const std::string path = IndexPath(data_directory).string();
  if (!MayWriteIndex(data_directory)) return OpenInMemory(data_directory);
  for (const bool again : {false, true}) {
    base::Result<> ready = MakeDirectory(data_directory);
    if (ready) ready = CheckOwnerOnly(data_directory.string(), S_IFDIR);
    if (ready) ready = MakeFile(path);
    if (ready) ready = CheckOwnerOnly(path, S_IFREG);
    if (!ready) return base::Fail(ready.error());
    auto database = SqliteDatabase::Open({.path = path,
                                          .patience = kPatience,
                                          .when_damaged = "remove it, and it is made anew from the journal"});
    if (!database) return base::Fail(database.error());
    auto index = Prepare(*database);
    if (index || again || !(*database)->damaged()) return index;
    if (auto aside = SetIndexAside(**database, data_directory); !aside) return base::Fail(aside.error());
    TellDamage(data_directory, told);
  }
  return base::Fail(base::Code::kIo, path + " cannot be made anew");
}

base::Result<std::unique_ptr<LedgerIndex>> LedgerIndex::Replace(const std::filesystem::path& data_directory,
                                                                const OnIndexDamage& told) {
  if (auto aside = SetIndexAside(*database_, data_directory); !aside) return base::Fail(aside.error());
  TellDamage(data_directory, told);
  return Open(data_directory, told);
}

base::Result<> LedgerIndex::Check() {
  auto check = database_->Prepare("PRAGMA quick_check(1)");
  if (!check) return base::Fail(check.error());
  const auto row = database_->Step(*check);
  if (!row) return base::Fail(row.error());
  const std::string said = check->Text(0);
  if (said != "ok") return base::Fail(Damaged(said));
  return {};
}

LedgerIndex::LedgerIndex(std::unique_ptr<SqliteDatabase> database, std::unique_ptr<Statements> statements)
    : database_(std::move(database)), statements_(std::move(statements)) {}
LedgerIndex::~LedgerIndex() = default;

base::Result<> LedgerIndex::Begin(bool writes) {
  auto begun = database_->Step((*statements_)[writes ? Statements::kBeginWrite : Statements::kBegin]);
  if (!begun) return base::Fail(begun.error());
  return {};
}

base::Result<> LedgerIndex::Commit() {
  auto done = database_->Step((*statements_)[Statements::kCommit]);
  if (!done) {
    Abandon();
    return base::Fail(done.error());
  }
  return {};
}

void LedgerIndex::Abandon() {
  (void)database_->Step((*statements_)[Statements::kRollback]);
  places_.Clear();
  ForgetSums();
  groups_.clear();  // numbers of groups that were new in it
}

base::Result<IndexProgress> LedgerIndex::Progress() {
  SqliteStatement& get = (*statements_)[Statements::kGetProgress];
  const auto row = database_->Step(get);
  if (!row) return base::Fail(row.error());
  IndexProgress progress;
  if (*row) {
    progress.next = {Unsigned(get.Integer(0)), Unsigned(get.Integer(1))};
    progress.last = {Unsigned(get.Integer(2)), Unsigned(get.Integer(3))};
    progress.last_hash = Unsigned(get.Integer(4));
    progress.generation = Unsigned(get.Integer(5));
    get.Reset();
  }
  if (progress.generation != generation_) groups_.clear();  // another process made the index anew
  generation_ = progress.generation;
  return progress;
}

base::Result<> LedgerIndex::SetProgress(const IndexProgress& progress) {
  SqliteStatement& set = (*statements_)[Statements::kSetProgress];
  set.BindInteger(0, Signed(progress.next.segment));
  set.BindInteger(1, Signed(progress.next.offset));
  set.BindInteger(2, Signed(progress.last.segment));
  set.BindInteger(3, Signed(progress.last.offset));
  set.BindInteger(4, Signed(progress.last_hash));
  set.BindInteger(5, Signed(progress.generation));
  const auto done = database_->Step(set);
  if (!done) return base::Fail(done.error());
  return {};
}

base::Result<> LedgerIndex::Clear() {
  if (auto cleared = database_->Execute(kClear); !cleared) return cleared;
  groups_.clear();
  IndexProgress none;
  const std::string random = base::SecureRandomBytes(sizeof none.generation);
  random.copy(reinterpret_cast<char*>(&none.generation), sizeof none.generation);
  return SetProgress(none);
}

void LedgerIndex::AddSums(JournalPosition at, const LedgerRow& row) {
  const auto [entry, fresh] = segments_.try_emplace(
      at.segment, SegmentRows{.number = at.segment, .rows = 0, .first = row.started, .last = row.started});
  SegmentRows& segment = entry->second;
  ++segment.rows;
  segment.first = std::min(segment.first, row.started);
  segment.last = std::max(segment.last, row.started);
  sums_.Add(row);
}

void LedgerIndex::ForgetSums() {
  sums_.Clear();
  segments_.clear();
}

// Gives the lists of these buckets, whole ones of eight bytes.
base::Result<> LedgerIndex::ForEachBucket(BucketKeys keys, const std::function<void(PlaceList)>& use) {
  SqliteStatement& get = (*statements_)[Statements::kGetPlaces];
  get.BindInteger(0, keys.first);
  get.BindInteger(1, keys.last);
  for (;;) {
    const auto row = database_->Step(get);
    if (!row) return base::Fail(row.error());
    if (!*row) return {};
    const std::string_view places = get.Bytes(0);
    if (places.size() % sizeof(std::uint64_t) != 0) {
      get.Reset();
      return base::Fail(Damaged("a list of rows is none"));
    }
    use(PlaceList(places));
  }
}

base::Result<> LedgerIndex::MergePlaces(std::int64_t bucket, std::string_view places) {
  std::string merged(places);
  auto read =
      ForEachBucket({bucket, bucket}, [&](PlaceList there) { merged = Merged(there, PlaceList(places)); });
  if (!read) return read;
  SqliteStatement& set = (*statements_)[Statements::kSetPlaces];
  set.BindInteger(0, bucket);
  set.BindBytes(1, AsBytes(merged));
  const auto done = database_->Step(set);
  if (!done) return base::Fail(done.error());
  return {};
}

base::Result<std::vector<LikelyTwin>> LedgerIndex::FlushPlaces() {
  base::Result<> done;
  places_.Sort();
  places_.ForEachBucket([&](std::int64_t bucket, std::string_view places) {
    done = MergePlaces(bucket, places);
    return done.has_value();
  });
  if (!done) return base::Fail(done.error());
  std::vector<LikelyTwin> twins;
  places_.ForEachBucket([&](std::int64_t bucket, std::string_view places) {
    const std::uint64_t segment = SegmentOf(bucket);
    for (const std::uint64_t before : {segment, segment - 1}) {
      if (!done) break;
      done = ForEachBucket(SameBucketOf(before, bucket), [&](PlaceList others) {
        AddLikelyTwins(segment, PlaceList(places), before, others, twins);
      });
    }
    return done.has_value();
  });
  places_.Clear();
  if (!done) return base::Fail(done.error());
  return twins;
}

base::Result<std::int64_t> LedgerIndex::GroupNumber(std::string_view group) {
  key_.assign(group);
  if (const auto known = groups_.find(key_); known != groups_.end()) return known->second;
  std::int64_t number = 0;
  for (const auto which : {Statements::kFindGroup, Statements::kAddGroup}) {
    SqliteStatement& statement = (*statements_)[which];
    statement.BindBytes(0, AsBytes(key_));
    const auto row = database_->Step(statement);
    if (!row) return base::Fail(row.error());
    if (!*row) continue;
    number = statement.Integer(0);
    statement.Reset();
    break;
  }
  if (groups_.size() >= kGroupsKept) groups_.clear();
  groups_.emplace(key_, number);
  return number;
}

base::Result<> LedgerIndex::AddTwin(JournalPosition at) {
  SqliteStatement& add = (*statements_)[Statements::kAddTwin];
  add.BindInteger(0, Signed(at.segment));
  add.BindInteger(1, Signed(at.offset));
  const auto added = database_->Step(add);
  if (!added) return base::Fail(added.error());
  return {};
}

base::Result<> LedgerIndex::AddPrice(const PriceDefinition& price) {
  SqliteStatement& add = (*statements_)[Statements::kAddPrice];
  add.BindText(0, price.version);
  add.BindText(1, price.text);
  const auto added = database_->Step(add);
  if (!added) return base::Fail(added.error());
  return {};
}

base::Result<> LedgerIndex::FlushSum(std::int64_t hour, std::string_view group, const LedgerSums& sums) {
  const auto number = GroupNumber(group);
  if (!number) return base::Fail(number.error());
  SqliteStatement& find = (*statements_)[Statements::kFindSum];
  find.BindInteger(0, IsCoarse(group) ? 1 : 0);
  find.BindInteger(1, hour);
  find.BindInteger(2, *number);
  const auto row = database_->Step(find);
  if (!row) return base::Fail(row.error());
  LedgerSums whole;
  if (*row) {
    const bool read = DecodeSums(find.Bytes(0), whole);
    find.Reset();
    if (!read) return base::Fail(Damaged("a sum is none"));
  }
  whole += sums;
  const std::string bytes = EncodeSums(whole);
  SqliteStatement& set = (*statements_)[Statements::kSetSum];
  set.BindInteger(0, IsCoarse(group) ? 1 : 0);
  set.BindInteger(1, hour);
  set.BindInteger(2, *number);
  set.BindBytes(3, AsBytes(bytes));
  const auto done = database_->Step(set);
  if (!done) return base::Fail(done.error());
  return {};
}

base::Result<> LedgerIndex::FlushSums() {
  auto flushed = sums_.ForEach([this](std::int64_t hour, std::string_view group, const LedgerSums& sums) {
    return FlushSum(hour, group, sums);
  });
  if (!flushed) return flushed;
  SqliteStatement& add = (*statements_)[Statements::kAddSegment];
  for (const auto& [number, segment] : segments_) {
    add.BindInteger(0, Signed(number));
    add.BindInteger(1, Signed(segment.rows));
    add.BindInteger(2, segment.first.time_since_epoch().count());
    add.BindInteger(3, segment.last.time_since_epoch().count());
    if (const auto added = database_->Step(add); !added) return base::Fail(added.error());
  }
  ForgetSums();
  return {};
}

base::Result<> LedgerIndex::ForgetBefore(std::uint64_t segment) {
  SqliteStatement& forget = (*statements_)[Statements::kForgetPlaces];
  forget.BindInteger(0, FirstBucketOf(segment));
  const auto done = database_->Step(forget);
  if (!done) return base::Fail(done.error());
  return {};
}

base::Result<std::vector<std::uint64_t>> LedgerIndex::OffsetsOf(std::uint64_t segment, std::uint64_t hash) {
  std::vector<std::uint64_t> offsets;
  auto read = ForEachBucket(BucketsOf(segment, hash), [&](PlaceList places) {
    places.ForEachOffset(hash, [&](std::uint64_t offset) { offsets.push_back(offset); });
  });
  if (!read) return base::Fail(read.error());
  return offsets;
}

base::Result<std::vector<SegmentRows>> LedgerIndex::Segments() {
  SqliteStatement& get = (*statements_)[Statements::kGetSegments];
  std::vector<SegmentRows> segments;
  for (;;) {
    const auto row = database_->Step(get);
    if (!row) return base::Fail(row.error());
    if (!*row) return segments;
    segments.push_back({.number = Unsigned(get.Integer(0)),
                        .rows = Unsigned(get.Integer(1)),
                        .first = base::WallTime(std::chrono::nanoseconds(get.Integer(2))),
                        .last = base::WallTime(std::chrono::nanoseconds(get.Integer(3)))});
  }
}

base::Result<std::vector<std::uint64_t>> LedgerIndex::Twins(std::uint64_t segment) {
  SqliteStatement& get = (*statements_)[Statements::kGetTwins];
  get.BindInteger(0, Signed(segment));
  std::vector<std::uint64_t> offsets;
  for (;;) {
    const auto row = database_->Step(get);
    if (!row) return base::Fail(row.error());
    if (!*row) return offsets;
    offsets.push_back(Unsigned(get.Integer(0)));
  }
}

base::Result<std::map<std::string, std::string, std::less<>>> LedgerIndex::Prices() {
  SqliteStatement& get = (*statements_)[Statements::kGetPrices];
  std::map<std::string, std::string, std::less<>> prices;
  for (;;) {
    const auto row = database_->Step(get);
    if (!row) return base::Fail(row.error());
    if (!*row) return prices;
    prices.emplace(get.Text(0), get.Text(1));
  }
}

base::Result<> LedgerIndex::ForEachSum(bool coarse, std::int64_t from, std::int64_t to, const UseSums& use) {
  SqliteStatement& get = (*statements_)[Statements::kGetSums];
  get.BindInteger(0, coarse ? 1 : 0);
  get.BindInteger(1, from);
  get.BindInteger(2, to);
  for (;;) {
    const auto row = database_->Step(get);
    if (!row) return base::Fail(row.error());
    if (!*row) return {};
    use(get.Integer(0), get.Integer(1), get.Bytes(2));
  }
}

base::Result<> LedgerIndex::ForEachGroup(bool coarse,
                                         const std::function<void(std::int64_t, const SummedTexts&)>& use) {
  SqliteStatement& get = (*statements_)[Statements::kGetGroups];
  for (;;) {
    const auto row = database_->Step(get);
    if (!row) return base::Fail(row.error());
    if (!*row) return {};
    const std::string_view key = get.Bytes(1);
    SummedTexts texts;
    if (IsCoarse(key) != coarse || !ParseGroupKey(key, texts)) continue;
    use(get.Integer(0), texts);
  }
}

}  // namespace store
