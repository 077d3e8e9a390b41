#include "store/journal.h"

#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/guarded.h"
#include "store/data_directory_internal.h"
#include "store/directory_lock_internal.h"
#include "store/recent_rows_internal.h"
#include "store/removed_mark_internal.h"
#include "store/row_hash.h"
#include "store/segment_internal.h"
#include "store/segment_reader.h"
#include "store/wait_for.h"
#include "store/written_segment_internal.h"

namespace store {
namespace {

using base::Code;
using Segment = std::unique_ptr<WrittenSegment>;
using std::chrono::milliseconds;

constexpr std::uint64_t kSegmentBytesMin = base::MiB;
constexpr std::size_t kRecentRows = 65'536;
constexpr std::size_t kReserveShare = 4;  // a quarter of a segment is for the rows of requests in flight
constexpr milliseconds kRetryEvery{1'000};
constexpr milliseconds kTidyEvery{60'000};
constexpr int kAgeShare = 8;  // with a retention a segment is closed after an eighth of it, full or not

}  // namespace

// What is behind a Journal: the segments, and the thread that syncs them and makes the next one.
class Journal::Writer {
 public:
  Writer(std::filesystem::path data_directory, const base::Clock& clock, Disk& disk, JournalOptions options,
         DirectoryLock lock)
      : data_directory_(std::move(data_directory)),
        clock_(clock),
        disk_(disk),
        options_(std::move(options)),
        lock_(std::move(lock)),
        state_(kRecentRows) {
    if (!options_.wait) options_.wait = WaitFor(options_.sync_interval);
  }
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  base::Result<> Begin();
  base::Result<> Append(const RowGroup& group);
  bool CanTakeMore() const { return can_take_more_.load(std::memory_order_acquire); }
  JournalPosition End() const;
  std::optional<JournalPosition> FindRecent(std::uint64_t hash, JournalPosition from) const;
  void SetIndexed(JournalPosition indexed) {
    indexed_segment_.store(indexed.segment, std::memory_order_release);
  }
  JournalCounts Counts() const;
  const std::filesystem::path& data_directory() const { return data_directory_; }

 private:
  struct State {
    explicit State(std::size_t recent_rows) : recent(recent_rows) {}

    Segment current;  // never null once begun
    Segment spare;    // the next one; null: not made yet
    std::vector<Segment> retired;
    RecentRows recent;
    int error = 0;  // of the last row that was lost; 0: rows can be written

    void Rotate();
    bool HasRoom() const;
  };

  base::Result<Segment> ReopenLast(std::vector<SegmentFile>& files);
  std::size_t AppendSome(State& state, const RowGroup& group, std::size_t first, std::size_t rows_max) const;
  static int AppendTo(WrittenSegment& segment, const RowGroup& group, std::span<const RowGroup::Row> rows);
  static int Define(WrittenSegment& segment, std::span<const PriceDefinition> prices);
  void Note(std::string_view event, const std::string& sentence) const;
  int Rounds(milliseconds every) const;

  void Run(const std::stop_token& stop);
  void SyncAll();
  int SyncCurrent();
  void TellSync(int error);
  void MakeSpare();
  void TellSpare(const base::Result<Segment>& made);
  void TellLost();
  void Tidy();
  void CloseOld();
  bool BelievesClock(base::WallTime now);
  void RemoveOld(base::WallTime before);

  const std::filesystem::path data_directory_;
  const base::Clock& clock_;
  Disk& disk_;
  JournalOptions options_;
  const DirectoryLock lock_;

  std::atomic<bool> can_take_more_{true};
  std::atomic<std::uint64_t> rows_{0};
  std::atomic<std::uint64_t> lost_{0};
  std::atomic<std::uint64_t> sync_errors_{0};
  std::atomic<std::uint64_t> finished_bytes_{0};  // of segments that are no longer written
  std::atomic<std::uint64_t> finished_segments_{0};
  std::atomic<std::uint64_t> indexed_segment_{0};  // those below it the index has taken

  // Writes are made under this lock on purpose: the file system takes one writer of a file at a time anyway,
  // and so no row is ever behind a gap.
  base::Guarded<State> state_;

  // The thread's alone.
  JournalPosition synced_;
  bool sync_failing_ = false;
  bool spare_failing_ = false;
  std::uint64_t lost_told_ = 0;
  int spare_wait_ = 0;  // rounds until the next try
  int tidy_wait_ = 0;
  base::WallTime believed_;              // the newest row's time at first, then what the clock last said
  std::optional<base::MonoTime> leapt_;  // when it was first seen too far ahead of that

  std::jthread thread_;  // last: it uses everything above
};

// Makes the spare segment the current one. REQUIRES: there is a spare.
void Journal::Writer::State::Rotate() {
  retired.push_back(std::exchange(current, std::exchange(spare, nullptr)));
}

// Whether rows of requests that begin now will find their place.
bool Journal::Writer::State::HasRoom() const {
  if (error != 0) return false;
  if (spare != nullptr) return true;
  const std::uint64_t left = current->reserved() > current->end() ? current->reserved() - current->end() : 0;
  return left >= current->reserved() / kReserveShare;
}

void Journal::Writer::Note(std::string_view event, const std::string& sentence) const {
  if (options_.note) options_.note(event, sentence);
}

int Journal::Writer::Rounds(milliseconds every) const {
  return static_cast<int>(std::max<std::int64_t>(1, every / options_.sync_interval));
}

base::Result<> Journal::Writer::Begin() {
  auto files = ListSegments(data_directory_);
  if (!files) return base::Fail(files.error());
  auto last = ReopenLast(*files);
  if (!last) return base::Fail(last.error());
  const std::uint64_t before = files->empty() ? 0 : files->back().number;
  for (const SegmentFile& file : *files) {
    if (*last != nullptr && file.number == (*last)->identity().number) continue;
    finished_bytes_ += file.bytes;
    ++finished_segments_;
  }
  if (*last == nullptr) {
    last = WrittenSegment::Make(data_directory_, before + 1, options_.segment_bytes, clock_.WallNow(), disk_);
    if (!last) return base::Fail(last.error());
  }
  // Where the last segment could not be gone on with, nothing tells when its rows were written.
  if (files->empty() || (*last)->has_records()) believed_ = (*last)->newest();
  state_.With([&](State& state) {
    state.current = std::move(*last);
    state.retired.reserve(64);
    synced_ = {state.current->identity().number, 0};
  });
  MakeSpare();
  Tidy();
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
  return {};
}

// The last segment that was written, to go on with; null: there is none, or it is better left alone. Segments
// that were made ahead and hold nothing are removed, from `files` too.
base::Result<Segment> Journal::Writer::ReopenLast(std::vector<SegmentFile>& files) {
  while (!files.empty() && !files.back().has_records()) {
    std::error_code failed;
    std::filesystem::remove(files.back().path, failed);
    if (failed) {
      return base::Fail(Code::kIo, "cannot remove " + files.back().path.string() + ": " + failed.message());
    }
    files.pop_back();
  }
  if (files.empty()) return Segment();
  std::uint64_t cut = 0;
  auto last = WrittenSegment::Reopen(
      files.back(), options_.segment_bytes, disk_,
      [this](const JournalDamage& damage) {
        Note("ledger_damaged", "the ledger is damaged: " + Print(damage) + "; what follows it is read");
      },
      cut);
  if (last && *last != nullptr && cut > 0) {
    Note("ledger_cut", "the last " + std::to_string(cut) + " bytes of " + files.back().path.string() +
                           " were not written to their end when the last gateway ended, and are cut: no "
                           "whole row was in them");
  }
  return last;
}

// Writes down those of the prices that the segment does not hold yet.
int Journal::Writer::Define(WrittenSegment& segment, std::span<const PriceDefinition> prices) {
  for (const PriceDefinition& price : prices) {
    if (segment.prices().contains(price.version)) continue;
    std::string definition(kRecordBytesMax, '\0');
    const std::size_t payload = EncodePrice(price, definition.data() + kRecordHeaderBytes);
    definition.resize(segment.Frame(definition.data(), payload, RecordKind::kPrice));
    if (const int error = segment.WriteOut(definition); error != 0) return error;
    segment.prices().emplace(price.version);
  }
  return 0;
}

int Journal::Writer::AppendTo(WrittenSegment& segment, const RowGroup& group,
                              std::span<const RowGroup::Row> rows) {
  if (const int error = Define(segment, group.prices_); error != 0) return error;
  std::size_t bytes = 0;
  for (const RowGroup::Row& row : rows) {
    bytes += segment.Frame(group.bytes_.get() + row.at, row.payload, RecordKind::kRow);
  }
  return segment.WriteOut({group.bytes_.get() + rows.front().at, bytes});
}

// Appends as many of the group's rows from `first` on as the current segment has room for, at least one and
// at most `rows_max`. Gives back how many; state.error says whether they are in the journal or lost.
std::size_t Journal::Writer::AppendSome(State& state, const RowGroup& group, std::size_t first,
                                        std::size_t rows_max) const {
  const std::span<const RowGroup::Row> rest =
      std::span(group.rows_).subspan(first, std::min(rows_max, group.rows() - first));
  const auto bytes_of = [&rest](std::size_t count) {
    return rest[count - 1].at + RecordBytes(rest[count - 1].payload) - rest.front().at;
  };
  // Without a spare the segment grows beyond its size, as far as the disk lets it.
  std::size_t count = rest.size();
  const auto fits = [&] { return state.current->end() + bytes_of(count) <= options_.segment_bytes; };
  while (state.spare != nullptr && count > 1 && !fits()) --count;
  if (state.spare != nullptr && !fits()) {
    state.Rotate();
    count = rest.size();
    while (count > 1 && !fits()) --count;
  }
  state.error = AppendTo(*state.current, group, rest.first(count));
  if (state.error != 0 && state.spare != nullptr) {
    state.Rotate();
    state.error = AppendTo(*state.current, group, rest.first(count));
  }
  if (state.error != 0 && count > 1) {  // a disk that does not take all of them may take some
    count = 1;
    state.error = AppendTo(*state.current, group, rest.first(1));
  }
  if (state.error != 0) return count;
  std::uint64_t at = state.current->end() - bytes_of(count);
  for (const RowGroup::Row& row : rest.first(count)) {
    state.recent.Add(row.hash, {state.current->identity().number, at});
    at += RecordBytes(row.payload);
  }
  return count;
}

base::Result<> Journal::Writer::Append(const RowGroup& group) {
  std::size_t lost = 0;
  const int error = state_.With([&](State& state) {
    int last = 0;
    std::size_t rows_max = group.rows();
    for (std::size_t done = 0; done < group.rows();) {
      const std::size_t count = AppendSome(state, group, done, rows_max);
      if (state.error != 0) {
        last = state.error;
        lost += count;
        rows_max = 1;  // the rest is tried once, not again with every row that the disk refuses
      }
      done += count;
    }
    if (options_.when_full == WhenFull::kRefuse) {
      can_take_more_.store(state.HasRoom(), std::memory_order_release);
    }
    return last;
  });
  rows_.fetch_add(group.rows() - lost, std::memory_order_relaxed);
  if (lost == 0) return {};
  lost_.fetch_add(lost, std::memory_order_relaxed);
  return base::Fail(Code::kIo,
                    "the ledger in " + data_directory_.string() + " takes no row: " + Reason(error));
}

JournalPosition Journal::Writer::End() const {
  return state_.With([](const State& state) {
    return JournalPosition{state.current->identity().number, state.current->end()};
  });
}

std::optional<JournalPosition> Journal::Writer::FindRecent(std::uint64_t hash, JournalPosition from) const {
  return state_.With([&](const State& state) { return state.recent.Find(hash, from); });
}

JournalCounts Journal::Writer::Counts() const {
  const auto [bytes, segments] = state_.With([](const State& state) {
    std::uint64_t sum = state.current->end();
    for (const Segment& segment : state.retired) sum += segment->end();
    return std::pair(sum, 1 + state.retired.size());
  });
  return {.rows = rows_.load(std::memory_order_relaxed),
          .lost = lost_.load(std::memory_order_relaxed),
          .bytes = bytes + finished_bytes_.load(std::memory_order_relaxed),
          .segments = segments + finished_segments_.load(std::memory_order_relaxed),
          .sync_errors = sync_errors_.load(std::memory_order_relaxed)};
}

void Journal::Writer::Run(const std::stop_token& stop) {
  while (options_.wait(stop)) {
    SyncAll();
    TellLost();
    MakeSpare();
    if (--tidy_wait_ <= 0) Tidy();
  }
}

void Journal::Writer::SyncAll() {
  std::vector<Segment> retired;
  retired.reserve(64);
  state_.With([&](State& state) { state.retired.swap(retired); });
  int error = 0;
  for (const Segment& segment : retired) {
    if (const int failed = disk_.Sync(segment->descriptor()); failed != 0) error = failed;
    segment->GiveBackSpace();
    finished_bytes_ += segment->end();
    ++finished_segments_;
  }
  if (const int failed = SyncCurrent(); failed != 0) error = failed;
  TellSync(error);
}

int Journal::Writer::SyncCurrent() {
  // Only this thread closes segments, so the descriptor stays good without the lock.
  const auto [descriptor, end] = state_.With([](const State& state) {
    return std::pair(state.current->descriptor(),
                     JournalPosition{state.current->identity().number, state.current->end()});
  });
  if (end == synced_) return 0;
  const int error = disk_.Sync(descriptor);
  synced_ = end;
  return error;
}

void Journal::Writer::TellSync(int error) {
  if (error != 0) ++sync_errors_;
  if (error != 0 && !sync_failing_) {
    Note("ledger_sync_failed", "the disk did not take the ledger in " + data_directory_.string() + ": " +
                                   Reason(error) + "; a power cut now could take rows that were answered");
  }
  sync_failing_ = error != 0;
}

// Makes the next segment, where it is missing. After rows were lost it takes over at once.
void Journal::Writer::MakeSpare() {
  const auto [number, wanted] = state_.With([](const State& state) {
    return std::pair(state.current->identity().number + 1, state.spare == nullptr);
  });
  if (!wanted || --spare_wait_ > 0) return;
  auto made = WrittenSegment::Make(data_directory_, number, options_.segment_bytes, clock_.WallNow(), disk_);
  TellSpare(made);
  if (!made) spare_wait_ = Rounds(kRetryEvery);
  state_.With([&](State& state) {
    if (made) {
      state.spare = std::move(*made);
      if (state.error != 0) state.Rotate();
      state.error = 0;
    }
    if (options_.when_full == WhenFull::kRefuse) {
      can_take_more_.store(state.HasRoom(), std::memory_order_release);
    }
  });
}

void Journal::Writer::TellSpare(const base::Result<Segment>& made) {
  if (!made && !spare_failing_) {
    Note("ledger_full", made.error().detail + (options_.when_full == WhenFull::kRefuse
                                                   ? "; when the room left is used up, requests are refused"
                                                   : "; when the disk is full, rows are lost"));
  }
  if (made && spare_failing_) Note("ledger_recovered", "there is room for the ledger again");
  spare_failing_ = !made;
}

void Journal::Writer::TellLost() {
  const std::uint64_t lost = lost_.load(std::memory_order_relaxed);
  if (lost == lost_told_) return;
  const int error = state_.With([](const State& state) { return state.error; });
  Note("ledger_lost", std::to_string(lost - lost_told_) + " rows could not be written to the ledger in " +
                          data_directory_.string() + (error == 0 ? "" : ": " + Reason(error)));
  lost_told_ = lost;
}

void Journal::Writer::Tidy() {
  tidy_wait_ = Rounds(kTidyEvery);
  if (options_.retention.count() == 0) return;
  CloseOld();
  const base::WallTime now = clock_.WallNow();
  if (BelievesClock(now)) RemoveOld(now - options_.retention);
}

// So that a gateway with little traffic removes rows in time as well.
void Journal::Writer::CloseOld() {
  const base::WallTime before = clock_.WallNow() - options_.retention / kAgeShare;
  state_.With([&](State& state) {
    const bool old = state.current->has_records() && state.current->identity().made < before;
    if (old && state.spare != nullptr) state.Rotate();
  });
}

// Whether rows may go by what the wall clock says.
bool Journal::Writer::BelievesClock(base::WallTime now) {
  const base::MonoTime mono = clock_.Now();
  if (now - options_.retention <= believed_ || (leapt_ && mono >= *leapt_ + options_.retention / kAgeShare)) {
    believed_ = now;
    leapt_.reset();
    return true;
  }
  if (!leapt_) {
    leapt_ = mono;
    Note("ledger_clock",
         "the clock is ahead of the ledger's newest row by more than its retention: if the clock "
         "is right, what is older is removed after an eighth of the retention");
  }
  return false;
}

// A segment was made while the one before it was written, when the one before that had had its last row: that
// one can go when the retention has passed since then, if its rows are in the index's sums.
void Journal::Writer::RemoveOld(base::WallTime before) {
  const std::uint64_t indexed = indexed_segment_.load(std::memory_order_acquire);
  const auto files = ListSegments(data_directory_);
  for (std::size_t i = 0; files && i + 2 < files->size() && (*files)[i].number < indexed; ++i) {
    const auto later = SegmentReader::Open((*files)[i + 2]);
    const bool known = later && (*later)->made() != base::WallTime();  // its header is not damaged
    if (!known || (*later)->made() >= before) return;
    const SegmentFile& file = (*files)[i];
    // Where the disk does not take the mark, the segment goes all the same: it is room that is wanted.
    (void)MarkRemoved(data_directory_, file.number);
    std::error_code failed;
    std::filesystem::remove(file.path, failed);
    if (failed) return Note("ledger_kept", "cannot remove " + file.path.string() + ": " + failed.message());
    finished_bytes_ -= file.bytes;
    --finished_segments_;
    Note("ledger_removed",
         "the ledger's segment " + std::to_string(file.number) + " is older than its retention, and removed");
  }
}

Journal::Writer::~Writer() {
  thread_ = {};
  state_.With([&](State& state) {
    if (state.current == nullptr) return;
    for (const Segment& segment : state.retired) {
      disk_.Sync(segment->descriptor());
      segment->GiveBackSpace();
    }
    disk_.Sync(state.current->descriptor());
    state.current->GiveBackSpace();
    if (state.spare != nullptr) unlink(state.spare->path().c_str());
  });
}

base::Result<std::unique_ptr<Journal>> Journal::Open(const std::filesystem::path& data_directory,
                                                     const base::Clock& clock, Disk& disk,
                                                     JournalOptions options) {
  CHECK(options.segment_bytes >= kSegmentBytesMin && options.sync_interval.count() > 0);
  auto lock = DirectoryLock::Take(data_directory);
  if (!lock) return base::Fail(lock.error());
  auto writer = std::make_unique<Writer>(data_directory, clock, disk, std::move(options), std::move(*lock));
  if (auto begun = writer->Begin(); !begun) return base::Fail(begun.error());
  return std::unique_ptr<Journal>(new Journal(std::move(writer)));
}

Journal::Journal(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
Journal::~Journal() = default;

base::Result<> Journal::Append(const RowGroup& group) {
  return writer_->Append(group);
}
base::Result<> Journal::Append(const LedgerRow& row, std::span<const PriceDefinition> prices) {
  RowGroup group;
  group.Add(row, prices);
  return writer_->Append(group);
}
bool Journal::CanTakeMore() const {
  return writer_->CanTakeMore();
}
JournalPosition Journal::End() const {
  return writer_->End();
}
std::optional<JournalPosition> Journal::FindRecent(std::string_view request_id,
                                                   JournalPosition indexed) const {
  return writer_->FindRecent(RowHash(request_id), indexed);
}
void Journal::SetIndexed(JournalPosition indexed) {
  writer_->SetIndexed(indexed);
}
JournalCounts Journal::Counts() const {
  return writer_->Counts();
}
const std::filesystem::path& Journal::data_directory() const {
  return writer_->data_directory();
}

}  // namespace store
