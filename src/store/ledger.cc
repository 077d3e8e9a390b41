#include "store/ledger.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "store/bill_maker_internal.h"
#include "store/data_directory_internal.h"
#include "store/index_internal.h"
#include "store/journal_reader.h"
#include "store/row_hash.h"

namespace store {
namespace {

using std::chrono::ceil;
using std::chrono::floor;
using std::chrono::hours;

std::int64_t HoursOf(std::chrono::sys_time<hours> hour) {
  return hour.time_since_epoch().count();
}
base::WallTime BeginOf(std::int64_t hour) {
  return base::WallTime(hours(hour));
}

// Hours since 1970 that a period touches: [first, last).
struct HourRange {
  std::int64_t first = std::numeric_limits<std::int64_t>::min();
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
};
HourRange HoursOf(const LedgerQuery& query) {
  HourRange range;
  if (query.from) range.first = HoursOf(floor<hours>(*query.from));
  if (query.to) range.last = HoursOf(ceil<hours>(*query.to));
  return range;
}

bool WholeInPeriod(const LedgerQuery& query, std::int64_t hour) {
  return (!query.from || BeginOf(hour) >= *query.from) && (!query.to || BeginOf(hour + 1) <= *query.to);
}

}  // namespace

base::Result<std::unique_ptr<Ledger>> Ledger::Open(const std::filesystem::path& data_directory,
                                                   LedgerOptions options) {
  static SystemDisk machine;
  if (options.disk == nullptr) options.disk = &machine;
  auto index = LedgerIndex::Open(data_directory, options.note);
  if (!index) return base::Fail(index.error());
  return std::unique_ptr<Ledger>(new Ledger(data_directory, std::move(*index), std::move(options)));
}

Ledger::Ledger(std::filesystem::path data_directory, std::unique_ptr<LedgerIndex> index,
               LedgerOptions options)
    : data_directory_(std::move(data_directory)), index_(std::move(index)), options_(std::move(options)) {}
Ledger::~Ledger() = default;

base::Result<JournalPosition> Ledger::Indexed() {
  const auto progress = index_->Progress();
  if (!progress) return base::Fail(progress.error());
  return progress->next;
}

// What `call` gives back; where it fails on a damaged index, what it gives back with one that was made anew.
template <class Call>
std::invoke_result_t<Call> Ledger::Mending(Call call) {
  auto result = call();
  if (result || !index_->damaged()) return result;
  if (auto anew = MakeAnew(); !anew) return base::Fail(anew.error());
  return call();
}

base::Result<> Ledger::MakeAnew() {
  auto index = index_->Replace(data_directory_, options_.note);
  if (!index) return base::Fail(index.error());
  index_ = std::move(*index);
  return {};
}

// Turns to the index that is there now, where somebody removed the one that was, or set it aside.
base::Result<> Ledger::FollowIndex() {
  if (!index_->Moved()) return {};
  auto index = LedgerIndex::Open(data_directory_, options_.note);
  if (!index) return base::Fail(index.error());
  index_ = std::move(*index);
  return {};
}

base::Result<std::uint64_t> Ledger::CatchUp(const OnDamage& damage, std::uint64_t batches) {
  return Mending([&] { return TakeNews(damage, batches); });
}

base::Result<std::uint64_t> Ledger::TakeNews(const OnDamage& damage, std::uint64_t batches) {
  if (auto followed = FollowIndex(); !followed) return base::Fail(followed.error());
  std::uint64_t taken = 0;
  for (std::uint64_t i = 0; i < batches; ++i) {
    const auto progress = index_->Progress();
    if (!progress) return base::Fail(progress.error());
    const auto files = ListSegments(data_directory_);
    if (!files) return base::Fail(files.error());
    if (!HasNews(*files, *progress)) return taken;
    if (auto begun = index_->Begin(true); !begun) return base::Fail(begun.error());
    const auto batch = TakeBatch(*files, damage);
    if (!batch) {
      index_->Abandon();
      return base::Fail(batch.error());
    }
    if (auto done = index_->Commit(); !done) return base::Fail(done.error());
    taken += *batch;
    if (*batch < kBatchRows) break;
  }
  return taken;
}

// Whether the journal has more than the index knows, or less.
bool Ledger::HasNews(const std::vector<SegmentFile>& files, const IndexProgress& progress) {
  if (files.empty()) return progress.next != JournalPosition();
  if (files.back().number < progress.next.segment) return true;
  return std::any_of(files.begin(), files.end(), [&](const SegmentFile& file) {
    if (file.number == progress.next.segment) return file.bytes != progress.next.offset;
    return file.number > progress.next.segment && file.has_records();
  });
}

// Takes what comes next, at most kBatchRows rows. Inside a transaction.
base::Result<std::uint64_t> Ledger::TakeBatch(const std::vector<SegmentFile>& files, const OnDamage& damage) {
  auto progress = ProgressInJournal(files);
  if (!progress) return base::Fail(progress.error());
  if (!files.empty()) {
    if (auto forgot = index_->ForgetBefore(files.front().number); !forgot) return base::Fail(forgot.error());
  }
  if (reader_ == nullptr || reader_->position() != progress->next) {
    reader_ = std::make_unique<JournalReader>(data_directory_, progress->next);
  }
  const JournalPosition from = progress->next;
  auto rows = TakeRows(*progress, kBatchRows, damage, nullptr);
  if (!rows) return rows;
  const auto twins = FlushPlaces();
  if (!twins) return base::Fail(twins.error());
  if (!twins->empty()) {
    index_->ForgetSums();
    reader_ = std::make_unique<JournalReader>(data_directory_, from);
    rows = TakeRows(*progress, *rows, {}, &*twins);
    if (!rows) return rows;
  }
  base::Result<> kept = SyncSegments(from.segment, reader_->position().segment);
  progress->next = reader_->position();
  if (kept) kept = index_->FlushSums();
  if (kept) kept = index_->SetProgress(*progress);
  if (!kept) return base::Fail(kept.error());
  return rows;
}

// Takes at most `rows_max` rows into what the index will write. Where `twins` is given, where each stands is
// known, and those of them count for nothing.
base::Result<std::uint64_t> Ledger::TakeRows(IndexProgress& progress, std::uint64_t rows_max,
                                             const OnDamage& damage, const std::set<JournalPosition>* twins) {
  std::uint64_t rows = 0;
  while (rows < rows_max) {
    const auto record = reader_->Next(damage);
    if (!record) return base::Fail(record.error());
    if (*record == nullptr) break;
    const auto& [at, row, price, bytes] = **record;
    base::Result<> took;
    if (row == nullptr) {
      took = index_->AddPrice(price);
    } else {
      ++rows;
      progress.last = at;
      progress.last_hash = RowHash(row->request_id);
      if (twins == nullptr) index_->AddPlace(at, progress.last_hash);
      if (twins != nullptr && twins->contains(at)) {
        took = index_->AddTwin(at);
      } else {
        index_->AddSums(at, *row);
      }
    }
    if (!took) return base::Fail(took.error());
  }
  return rows;
}

// Writes where the rows of the batch stand, and names those that have the id of one before them in their
// segment or the one before. (Farther away is nobody who would write a row twice.)
base::Result<std::set<JournalPosition>> Ledger::FlushPlaces() {
  const auto likely = index_->FlushPlaces();
  if (!likely) return base::Fail(likely.error());
  std::set<JournalPosition> twins;
  for (const LikelyTwin& twin : *likely) {
    if (twins.contains(twin.row)) continue;
    std::string id;
    auto same = ReadAny(data_directory_, twin.row, [&](const LedgerRow& row) { id = row.request_id; });
    if (same && *same) same = ReadAt(data_directory_, twin.earlier, id, [](const LedgerRow&) {});
    if (!same) return base::Fail(same.error());
    if (*same) twins.insert(twin.row);
  }
  return twins;
}

// Where the index stands; at the beginning, and empty, where it was made from another journal than this.
base::Result<IndexProgress> Ledger::ProgressInJournal(const std::vector<SegmentFile>& files) {
  auto progress = index_->Progress();
  if (!progress) return base::Fail(progress.error());
  const auto same = IsSameJournal(files, *progress);
  if (!same) return base::Fail(same.error());
  if (*same) return progress;
  if (auto cleared = index_->Clear(); !cleared) return base::Fail(cleared.error());
  if (options_.note) {
    options_.note(
        "ledger_index_remade",
        "the ledger's index was not made from this journal, or had rows that a power cut took: it is made "
        "anew from the journal, without the sums of segments that were removed for their age");
  }
  return index_->Progress();
}

// Waits for these segments to be on the medium. A file system that knows no such wait is taken as it is.
base::Result<> Ledger::SyncSegments(std::uint64_t first, std::uint64_t last) {
  const auto files = ListSegments(data_directory_);
  if (!files) return base::Fail(files.error());
  for (const SegmentFile& file : *files) {
    if (file.number < first || file.number > last || !file.has_records()) continue;
    const int descriptor = open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == ENOENT) continue;  // removed since it was listed
    const int error = descriptor < 0 ? errno : options_.disk->Sync(descriptor);
    if (descriptor >= 0) close(descriptor);
    if (error == 0 || error == EINVAL || error == EROFS) continue;
    return base::Fail(base::Code::kIo, "the disk did not take " + file.path.string() + ": " + Reason(error));
  }
  return {};
}

// Whether the journal is the one that the index was made from: the last row that the index took is where it
// was. It is not when another directory was copied here, or a power cut took rows that were not on the disk
// yet while the index was.
base::Result<bool> Ledger::IsSameJournal(const std::vector<SegmentFile>& files,
                                         const IndexProgress& progress) {
  if (progress.last == JournalPosition()) return true;
  if (files.empty()) return false;
  if (files.front().number > progress.last.segment) return true;  // its segment was removed for its age
  const auto file = std::find_if(files.begin(), files.end(), [&](const SegmentFile& each) {
    return each.number == progress.last.segment;
  });
  if (file == files.end()) return false;
  auto reader = SegmentReader::Open(*file, progress.last.offset);
  if (!reader) return base::Fail(reader.error());
  const auto record = (*reader)->Next();
  if (!record) return base::Fail(record.error());
  return *record != nullptr && (*record)->at == progress.last && (*record)->row != nullptr &&
         RowHash((*record)->row->request_id) == progress.last_hash;
}

base::Result<bool> Ledger::ReadAt(const std::filesystem::path& data_directory, JournalPosition at,
                                  std::string_view request_id, const UseRow& use) {
  bool same = false;
  auto there = ReadAny(data_directory, at, [&](const LedgerRow& row) {
    same = row.request_id == request_id;
    if (same) use(row);
  });
  if (!there) return there;
  return same;
}

// The row that begins there, whatever its id; false: there is none.
base::Result<bool> Ledger::ReadAny(const std::filesystem::path& data_directory, JournalPosition at,
                                   const UseRow& use) {
  const auto files = ListSegments(data_directory);
  if (!files) return base::Fail(files.error());
  const auto file = std::find_if(files->begin(), files->end(),
                                 [&](const SegmentFile& each) { return each.number == at.segment; });
  if (file == files->end()) return false;
  auto reader = SegmentReader::Open(*file, at.offset);
  if (!reader) return base::Fail(reader.error());
  const auto record = (*reader)->Next();
  if (!record) return base::Fail(record.error());
  if (*record == nullptr || (*record)->at != at || (*record)->row == nullptr) return false;
  use(*(*record)->row);
  return true;
}

base::Result<bool> Ledger::Find(std::string_view request_id, const UseRow& use) {
  return Mending([&] { return FindNow(request_id, use); });
}

base::Result<bool> Ledger::FindNow(std::string_view request_id, const UseRow& use) {
  const std::uint64_t hash = RowHash(request_id);
  for (const bool caught_up : {false, true}) {
    if (caught_up) {
      if (const auto more = CatchUp(); !more) return base::Fail(more.error());
    }
    auto segments = index_->Segments();
    if (!segments) return base::Fail(segments.error());
    for (auto segment = segments->rbegin(); segment != segments->rend(); ++segment) {
      const auto offsets = index_->OffsetsOf(segment->number, hash);
      if (!offsets) return base::Fail(offsets.error());
      for (const std::uint64_t offset : *offsets) {
        auto found = ReadAt(data_directory_, {segment->number, offset}, request_id, use);
        if (!found || *found) return found;
      }
    }
  }
  return false;
}

base::Result<std::map<std::string, std::string, std::less<>>> Ledger::Prices() {
  return Mending([&]() -> base::Result<std::map<std::string, std::string, std::less<>>> {
    if (const auto caught_up = CatchUp(); !caught_up) return base::Fail(caught_up.error());
    return index_->Prices();
  });
}

base::Result<std::vector<LedgerPart>> Ledger::Parts(const LedgerQuery& query) {
  return Mending([&] { return CaughtUpParts(query); });
}

base::Result<std::vector<LedgerPart>> Ledger::CaughtUpParts(const LedgerQuery& query) {
  if (const auto caught_up = CatchUp(); !caught_up) return base::Fail(caught_up.error());
  if (auto begun = index_->Begin(false); !begun) return base::Fail(begun.error());
  auto parts = PartsNow(query, [](const SegmentRows&) { return true; });
  const auto done = index_->Commit();
  if (parts && !done) return base::Fail(done.error());
  return parts;
}

base::Result<LedgerView> Ledger::View() {
  auto progress = index_->Progress();
  if (!progress) return base::Fail(std::move(progress).error());
  auto segments = index_->Segments();
  if (!segments) return base::Fail(std::move(segments).error());
  auto files = ListSegments(data_directory_);
  if (!files) return base::Fail(std::move(files).error());
  return LedgerView{*progress, std::move(*segments), std::move(*files)};
}

base::Result<std::vector<LedgerPart>> Ledger::PartsNow(
    const LedgerQuery& query, const std::function<bool(const SegmentRows&)>& wanted) {
  const auto view = View();
  if (!view) return base::Fail(view.error());
  std::vector<LedgerPart> parts;
  for (const SegmentRows& segment : view->segments) {
    const bool early = query.from && segment.last < *query.from;
    const bool late = query.to && segment.first >= *query.to;
    if (early || late || !wanted(segment)) continue;
    const auto file = std::find_if(view->files.begin(), view->files.end(),
                                   [&](const SegmentFile& each) { return each.number == segment.number; });
    if (file == view->files.end()) continue;  // removed for its age
    auto twins = index_->Twins(segment.number);
    if (!twins) return base::Fail(twins.error());
    const bool last = segment.number == view->progress.next.segment;
    parts.push_back({.file = *file,
                     .until = last ? view->progress.next.offset : std::numeric_limits<std::uint64_t>::max(),
                     .rows = segment.rows,
                     .twins = std::move(*twins)});
  }
  return parts;
}

base::Result<> Ledger::ReadPart(const LedgerPart& part, const LedgerQuery& query,
                                const std::function<bool(const LedgerRow&)>& use, const OnDamage& damage) {
  auto reader = SegmentReader::Open(part.file);
  if (!reader && reader.error().code == base::Code::kNotFound) return {};
  if (!reader) return base::Fail(reader.error());
  const std::set<std::uint64_t> twins(part.twins.begin(), part.twins.end());
  std::string model;
  for (;;) {
    const auto record = (*reader)->Next(damage);
    if (!record) return base::Fail(record.error());
    if (*record == nullptr || (*record)->at.offset >= part.until) return {};
    const LedgerRow* const row = (*record)->row;
    if (row == nullptr || !InPeriod(query, row->started) || twins.contains((*record)->at.offset)) continue;
    if (Passes(query, *row, model) && !use(*row)) return {};
  }
}

base::Result<Bill> Ledger::Query(const LedgerQuery& query) {
  if (query.by.size() > kDimensionsMax) {
    return base::Fail(base::Code::kInvalid,
                      "a bill is split by at most " + std::to_string(kDimensionsMax) + " dimensions");
  }
  return Mending([&] { return QueryNow(query); });
}

base::Result<Bill> Ledger::QueryNow(const LedgerQuery& query) {
  if (const auto caught_up = CatchUp(); !caught_up) return base::Fail(caught_up.error());
  if (auto begun = index_->Begin(false); !begun) return base::Fail(begun.error());
  BillMaker maker(query);
  std::set<std::int64_t> hours_by_rows;
  base::Result<> added;
  if (maker.from_sums()) {
    added = AddSums(query, maker, hours_by_rows);
    if (added && !hours_by_rows.empty()) added = AddRows(query, maker, &hours_by_rows);
  } else {
    added = AddRows(query, maker, nullptr);
  }
  auto missing = MissingBefore(query, maker.from_sums() ? &hours_by_rows : nullptr);
  const auto done = index_->Commit();
  if (!added) return base::Fail(added.error());
  if (!missing) return base::Fail(missing.error());
  if (!done) return base::Fail(done.error());
  if (maker.too_large()) {
    return base::Fail(base::Code::kTooLarge, "the bill has more than " + std::to_string(kBillRowsMax) +
                                                 " lines: ask for a shorter period, or split it by less");
  }
  Bill bill = maker.Finish();
  bill.missing_before = *missing;
  return bill;
}

// Before when rows are missing in a bill that was made from rows: of these hours, or of all.
base::Result<std::optional<base::WallTime>> Ledger::MissingBefore(
    const LedgerQuery& query, const std::set<std::int64_t>* hours_by_rows) {
  using Before = std::optional<base::WallTime>;
  const auto kept = KeptFrom(data_directory_);
  if (!kept) return base::Fail(kept.error());
  if (!*kept || (query.from && *query.from >= **kept)) return Before();
  const bool by_rows = hours_by_rows == nullptr ||
                       (!hours_by_rows->empty() && *hours_by_rows->begin() <= HoursOf(floor<hours>(**kept)));
  if (by_rows) return *kept;
  // The sums are those of all rows, unless the index was made after the first of them had been removed.
  const auto segments = index_->Segments();
  if (!segments) return base::Fail(segments.error());
  if (!segments->empty() && segments->front().number == 1) return Before();
  const base::WallTime summed = segments->empty() ? **kept : std::min(**kept, segments->front().first);
  return query.from && *query.from >= summed ? Before() : Before(summed);
}

base::Result<Bill> Ledger::List(const LedgerQuery& query, const std::function<bool(const LedgerRow&)>& use) {
  const auto parts = Parts(query);
  if (!parts) return base::Fail(parts.error());
  LedgerQuery whole = query;
  whole.by.clear();
  BillMaker maker(whole);
  bool more = true;
  for (const LedgerPart& part : *parts) {
    const auto read = ReadPart(part, query, [&](const LedgerRow& row) {
      more = use(row);
      if (more) maker.Add(row);
      return more;
    });
    if (!read) return base::Fail(read.error());
    if (!more) break;
  }
  const auto missing = Mending([&] { return MissingBefore(query, nullptr); });
  if (!missing) return base::Fail(missing.error());
  Bill bill = maker.Finish();
  bill.rows.clear();
  bill.missing_before = *missing;
  return bill;
}

// Adds the hours that lie in the period, and in one hour of the person's clock, as a whole, and names those
// that do not.
base::Result<> Ledger::AddSums(const LedgerQuery& query, BillMaker& maker,
                               std::set<std::int64_t>& hours_by_rows) {
  std::vector<std::optional<BillMaker::Group>> groups;
  std::set<std::int64_t> lacking;  // groups that do not say what is asked for
  const bool coarse = maker.from_coarse_sums();
  auto read = index_->ForEachGroup(coarse, [&](std::int64_t group, const SummedTexts& texts) {
    const auto at = static_cast<std::size_t>(group);
    if (at >= groups.size()) groups.resize(at + 1);
    groups[at] = maker.GroupOf(texts);
    if (!maker.Suffices(texts)) lacking.insert(group);
  });
  const HourRange range = HoursOf(query);
  if (read && !lacking.empty()) {
    read =
        index_->ForEachSum(coarse, range.first, range.last, [&](std::int64_t at, std::int64_t group, auto) {
          if (lacking.contains(group)) hours_by_rows.insert(at);
        });
  }
  if (!read) return read;
  std::optional<std::int64_t> hour;
  bool whole = false;
  bool damaged = false;
  LedgerSums sums;
  read = index_->ForEachSum(
      coarse, range.first, range.last, [&](std::int64_t at, std::int64_t group, std::string_view bytes) {
        if (hour != at) {
          hour = at;
          whole = WholeInPeriod(query, at) && maker.HourIsWhole(BeginOf(at)) && !hours_by_rows.contains(at);
          if (!whole) hours_by_rows.insert(at);
        }
        const auto number = static_cast<std::size_t>(group);
        if (!whole || number >= groups.size() || !groups[number]) return;
        damaged = damaged || !DecodeSums(bytes, sums);
        maker.Add(*groups[number], BeginOf(at), sums);
      });
  if (read && damaged) {
    return base::Fail(index_->Damaged("a sum is none"));
  }
  return read;
}

// Adds the rows of the period; where `only` is given, those of its hours.
base::Result<> Ledger::AddRows(const LedgerQuery& query, BillMaker& maker,
                               const std::set<std::int64_t>* only) {
  const auto hour_of = [](base::WallTime at) { return HoursOf(floor<hours>(at)); };
  const auto parts = PartsNow(query, [&](const SegmentRows& segment) {
    if (only == nullptr) return true;
    const auto next = only->lower_bound(hour_of(segment.first));
    return next != only->end() && *next <= hour_of(segment.last);
  });
  if (!parts) return base::Fail(parts.error());
  const LedgerQuery period{.by = {}, .from = query.from, .to = query.to, .filters = {}, .utc_offset = {}};
  for (const LedgerPart& part : *parts) {
    auto read = ReadPart(part, period, [&](const LedgerRow& row) {
      if (only == nullptr || only->contains(hour_of(row.started))) maker.Add(row);
      return true;
    });
    if (!read) return read;
  }
  return {};
}

base::Result<std::uint64_t> Ledger::Rebuild(const OnDamage& damage) {
  base::Result<> cleared = FollowIndex();
  if (cleared) cleared = index_->Check();
  if (cleared) cleared = index_->Begin(true);
  if (cleared) {
    cleared = index_->Clear();
    if (cleared) cleared = index_->Commit();
  }
  if (!cleared) {
    const bool damaged = index_->damaged();
    index_->Abandon();
    if (damaged) cleared = MakeAnew();
    if (!cleared) return base::Fail(cleared.error());
  }
  return CatchUp(damage);
}

base::Result<LedgerCheck> Ledger::Verify() {
  return Mending([&] { return VerifyNow(); });
}

}  // namespace store
