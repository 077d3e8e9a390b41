#include "store/journal.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "store/directory_for_test.h"
#include "store/journal_reader.h"
#include "store/played_disk_for_test.h"
#include "store/removed_mark_internal.h"
#include "store/row_for_test.h"
#include "store/segment_reader.h"
#include "store/turnstile_for_test.h"

namespace store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Moves by hand, and may be read by the journal's thread meanwhile.
class MovedClock final : public base::Clock {
 public:
  base::MonoTime Now() const override { return base::MonoTime(std::chrono::nanoseconds(nanos_)); }
  base::WallTime WallNow() const override {
    return base::WallTime(1'790'000'000s + std::chrono::nanoseconds(nanos_ - behind_));
  }
  void Advance(std::chrono::nanoseconds step) { nanos_ += step.count(); }
  void SetBack(std::chrono::nanoseconds step) { behind_ += step.count(); }  // the calendar alone

 private:
  std::atomic<std::int64_t> nanos_{0};
  std::atomic<std::int64_t> behind_{0};
};

struct Told {
  std::string event;
  std::string sentence;
};

class JournalTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kSegment = base::MiB;

  // A journal whose thread makes a round when the turnstile turns.
  std::unique_ptr<Journal> Open(JournalOptions options = {}) {
    options.segment_bytes = kSegment;
    options.sync_interval = 1s;
    if (!options.wait) {
      turnstile_ = std::make_unique<Turnstile>();
      options.wait = turnstile_->Wait();
    }
    options.note = [this](std::string_view event, std::string_view sentence) {
      told_.push_back({std::string(event), std::string(sentence)});
    };
    auto journal = Journal::Open(directory_.path(), clock_, disk_, std::move(options));
    EXPECT_TRUE(journal) << journal.error().detail;
    return journal ? std::move(*journal) : nullptr;
  }

  void Append(Journal& journal, int count = 1) {
    for (int i = 0; i < count; ++i) {
      const LedgerRow& row = rows_.Usual(clock_.WallNow());
      ASSERT_TRUE(journal.Append(row));
      ids_.emplace_back(row.request_id);
    }
  }
  void TurnAMinute() {
    for (int i = 0; i < 60; ++i) turnstile_->Turn();
  }
  // A few more than a segment holds.
  static constexpr int kSegmentRows = 2'900;

  void FillThreeSegments() {
    const auto journal = Open();
    for (int i = 0; i < 3; ++i) {
      Append(*journal, kSegmentRows);
      turnstile_->Turn();
    }
  }

  struct Found {
    std::vector<std::string> ids{};
    std::vector<std::string> prices{};  // "segment version text"
    std::vector<JournalDamage> damage{};
  };
  Found Read(JournalPosition from = {}) const {
    Found found;
    JournalReader reader(directory_.path(), from);
    const auto tell = [&](const JournalDamage& damage) { found.damage.push_back(damage); };
    for (auto record = reader.Next(tell);; record = reader.Next(tell)) {
      EXPECT_TRUE(record);
      if (!record || *record == nullptr) break;
      if ((*record)->row != nullptr) {
        found.ids.emplace_back((*record)->row->request_id);
      } else {
        found.prices.push_back(std::to_string((*record)->at.segment) + " " +
                               std::string((*record)->price.version) + " " +
                               std::string((*record)->price.text));
      }
    }
    return found;
  }

  std::vector<SegmentFile> Segments() const { return *ListSegments(directory_.path()); }
  std::vector<std::string> Events() const {
    std::vector<std::string> events;
    for (const Told& told : told_) events.push_back(told.event);
    return events;
  }

  const TemporaryDirectory directory_;
  MovedClock clock_;
  PlayedDisk disk_;
  std::unique_ptr<Turnstile> turnstile_;
  RowMaker rows_{5};
  std::vector<std::string> ids_;
  std::vector<Told> told_;
};

using Strings = std::vector<std::string>;

TEST_F(JournalTest, GivesBackWhatWasAppendedInItsOrder) {
  const auto journal = Open();
  Append(*journal, 100);
  EXPECT_EQ(Read().ids, ids_);
  EXPECT_EQ(journal->Counts().rows, 100u);
  EXPECT_EQ(journal->Counts().segments, 1u);
  EXPECT_EQ(journal->Counts().bytes, journal->End().offset);
  EXPECT_TRUE(journal->CanTakeMore());
}

TEST_F(JournalTest, GoesOnWhereTheLastGatewayEnded) {
  { Append(*Open(), 3); }
  { Append(*Open(), 3); }
  EXPECT_EQ(Read().ids, ids_);
  EXPECT_EQ(Segments().size(), 1u);
  EXPECT_TRUE(told_.empty());
}

TEST_F(JournalTest, LeavesNoSpaceTakenBehindIt) {
  { Append(*Open(), 3); }
  ASSERT_EQ(Segments().size(), 1u);
  struct stat file {};
  ASSERT_EQ(stat(Segments()[0].path.c_str(), &file), 0);
  EXPECT_LE(file.st_blocks * 512, 16'384);
}

TEST_F(JournalTest, ItsFilesAreTheOwnersAlone) {
  const auto journal = Open();
  for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
    const auto others = fs::perms::group_all | fs::perms::others_all;
    EXPECT_EQ(entry.status().permissions() & others, fs::perms::none) << entry.path();
  }
}

TEST_F(JournalTest, ASecondWriterIsRefusedAndToldWhoTheFirstIs) {
  const auto journal = Open();
  const auto second = Journal::Open(directory_.path(), clock_, disk_, {.segment_bytes = kSegment});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::kUnavailable);
  EXPECT_NE(second.error().detail.find("process " + std::to_string(getpid())), std::string::npos);
}

TEST_F(JournalTest, ADirectoryThatOthersMayWriteIsRefused) {
  fs::create_directory(JournalDirectory(directory_.path()));
  fs::permissions(JournalDirectory(directory_.path()), fs::perms::all);
  const auto journal = Journal::Open(directory_.path(), clock_, disk_, {});
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, base::Code::kDenied);
}

TEST_F(JournalTest, ASegmentHoldsEachPriceOfItsRowsOnce) {
  const auto journal = Open();
  const PriceDefinition prices[] = {{.version = "v1", .text = "one"}, {.version = "v2", .text = "two"}};
  ASSERT_TRUE(journal->Append(rows_.Usual(clock_.WallNow()), {prices, 1}));
  ASSERT_TRUE(journal->Append(rows_.Usual(clock_.WallNow()), prices));
  EXPECT_EQ(Read().prices, (Strings{"1 v1 one", "1 v2 two"}));
  Append(*journal, kSegmentRows);
  ASSERT_TRUE(journal->Append(rows_.Usual(clock_.WallNow()), {prices + 1, 1}));
  EXPECT_EQ(Read().prices, (Strings{"1 v1 one", "1 v2 two", "2 v2 two"}));
}

TEST_F(JournalTest, APriceIsNotWrittenAgainAfterARestart) {
  const PriceDefinition price{.version = "v1", .text = "one"};
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Open()->Append(rows_.Usual(clock_.WallNow()), {&price, 1}));
  EXPECT_EQ(Read().prices, (Strings{"1 v1 one"}));
}

TEST_F(JournalTest, AFullSegmentIsFollowedByTheNext) {
  const auto journal = Open();
  for (int i = 0; i < 3; ++i) {
    Append(*journal, kSegmentRows);
    turnstile_->Turn();
  }
  EXPECT_EQ(Read().ids, ids_);
  const auto files = Segments();
  ASSERT_EQ(files.size(), 4u + 1u) << "the last one was made ahead";
  EXPECT_LE(files[0].bytes, kSegment);
  EXPECT_GT(files[0].bytes, kSegment - 1'000);
  EXPECT_EQ(journal->Counts().segments, 4u);
  EXPECT_EQ(journal->Counts().bytes,
            files[0].bytes + files[1].bytes + files[2].bytes + journal->End().offset);
}

TEST_F(JournalTest, ItsThreadSyncsWhatIsNewAndOnlyThat) {
  const auto journal = Open();
  turnstile_->Turn();
  const int before = disk_.syncs;
  turnstile_->Turn();
  EXPECT_EQ(disk_.syncs, before);
  Append(*journal);
  turnstile_->Turn();
  EXPECT_EQ(disk_.syncs, before + 1);
}

TEST_F(JournalTest, ADiskThatDoesNotSyncIsToldOnce) {
  const auto journal = Open();
  disk_.sync_error = EIO;
  for (int i = 0; i < 3; ++i) {
    Append(*journal);
    turnstile_->Turn();
  }
  EXPECT_EQ(Events(), (Strings{"ledger_sync_failed"}));
  EXPECT_EQ(journal->Counts().sync_errors, 3u);
}

TEST_F(JournalTest, FindsARecentRow) {
  const auto journal = Open();
  Append(*journal, 3);
  const auto at = journal->FindRecent(ids_[1], {});
  ASSERT_TRUE(at);
  EXPECT_EQ(Read(*at).ids, (Strings{ids_[1], ids_[2]}));
  EXPECT_FALSE(journal->FindRecent(ids_[1], {at->segment, at->offset + 1})) << "the index has it";
  EXPECT_FALSE(journal->FindRecent("req_other", {}));
}

TEST_F(JournalTest, AnEndCutAtAnyByteIsCutToTheLastWholeRowAndToldOnce) {
  { Append(*Open(), 4); }
  const fs::path path = Segments()[0].path;
  const std::string whole = ReadFile(path);
  JournalReader reader(directory_.path());
  std::vector<std::uint64_t> ends;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(*reader.Next());
    ends.push_back(reader.position().offset);
  }
  const Strings all = ids_;
  for (std::uint64_t size = ends[2]; size < whole.size(); ++size) {
    WriteFile(path, whole.substr(0, size));
    told_.clear();
    ids_.assign(all.begin(), all.begin() + 3);
    Append(*Open());
    ASSERT_EQ(Read().ids, ids_) << size;
    ASSERT_EQ(Events(), size == ends[2] ? Strings{} : Strings{"ledger_cut"}) << size;
    ASSERT_TRUE(Read().damage.empty()) << size;
  }
}

TEST_F(JournalTest, ZerosThatAPowerCutLeftAreCut) {
  { Append(*Open(), 4); }
  const fs::path path = Segments()[0].path;
  WriteFile(path, ReadFile(path) + std::string(300'000, '\0'));
  Append(*Open());
  EXPECT_EQ(Read().ids, ids_);
  EXPECT_EQ(Events(), (Strings{"ledger_cut"}));
}

TEST_F(JournalTest, MoreThanARowOfRubbishAtTheEndIsKeptAndReported) {
  { Append(*Open(), 4); }
  const fs::path path = Segments()[0].path;
  const std::string bytes = ReadFile(path) + std::string(300'000, 'x');
  WriteFile(path, bytes);
  Append(*Open());
  EXPECT_EQ(Read().ids, ids_);
  EXPECT_EQ(Events(), (Strings{"ledger_damaged"}));
  EXPECT_EQ(ReadFile(path), bytes);
  ASSERT_EQ(Read().damage.size(), 1u);
  EXPECT_EQ(Read().damage[0].bytes, 300'000u);
}

TEST_F(JournalTest, ADamagedMiddleIsToldAtOpenAndWrittenBehind) {
  { Append(*Open(), 4); }
  const fs::path path = Segments()[0].path;
  std::string bytes = ReadFile(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(path, bytes);
  Append(*Open());
  EXPECT_EQ(Events(), (Strings{"ledger_damaged"}));
  EXPECT_EQ(Read().ids.size(), 4u);
  EXPECT_EQ(Read().ids.back(), ids_.back());
  EXPECT_EQ(Read().damage.size(), 1u);
}

TEST_F(JournalTest, AMissingSegmentIsReported) {
  {
    const auto journal = Open();
    for (int i = 0; i < 3; ++i) {
      Append(*journal, kSegmentRows);
      turnstile_->Turn();
    }
  }
  fs::remove(Segments()[1].path);
  const Found found = Read();
  EXPECT_LT(found.ids.size(), ids_.size());
  ASSERT_EQ(found.damage.size(), 1u);
  EXPECT_EQ(found.damage[0].at, (JournalPosition{2, 0}));
}

TEST_F(JournalTest, AFullDiskIsKnownWhileThereIsRoomAndOverWhenThereIsSpaceAgain) {
  const auto journal = Open();
  disk_.full = true;
  disk_.full_beyond = kSegment;
  Append(*journal, kSegmentRows);  // into the second segment
  turnstile_->Turn();
  EXPECT_EQ(Events(), (Strings{"ledger_full"}));
  EXPECT_TRUE(journal->CanTakeMore()) << "most of a segment is left";
  Append(*journal, kSegmentRows * 3 / 4);
  EXPECT_FALSE(journal->CanTakeMore());
  Append(*journal, kSegmentRows / 10);  // requests in flight
  turnstile_->Turn();
  EXPECT_FALSE(journal->CanTakeMore());
  EXPECT_EQ(journal->Counts().lost, 0u);
  disk_.full = false;
  turnstile_->Turn();
  EXPECT_TRUE(journal->CanTakeMore());
  EXPECT_EQ(Events(), (Strings{"ledger_full", "ledger_recovered"}));
  Append(*journal, kSegmentRows);
  EXPECT_EQ(Read().ids, ids_);
}

TEST_F(JournalTest, ARowThatTheFullDiskDoesNotTakeIsAnErrorAndCounted) {
  const auto journal = Open({.when_full = WhenFull::kContinue});
  Append(*journal, 10);
  disk_.full = true;
  disk_.full_beyond = journal->End().offset;
  // The first one finds its place in the segment that was made ahead, which is full as well then.
  int failed = 0;
  for (int i = 0; i < kSegmentRows; ++i) {
    const LedgerRow& row = rows_.Usual(clock_.WallNow());
    const auto appended = journal->Append(row);
    if (appended) {
      ids_.emplace_back(row.request_id);
    } else {
      EXPECT_EQ(appended.error().code, base::Code::kIo);
      ++failed;
    }
  }
  EXPECT_GT(failed, 0);
  EXPECT_EQ(journal->Counts().lost, static_cast<std::uint64_t>(failed));
  EXPECT_TRUE(journal->CanTakeMore()) << "it was asked to go on";
  turnstile_->Turn();
  EXPECT_EQ(Events(), (Strings{"ledger_lost", "ledger_full"}));
  disk_.full = false;
  turnstile_->Turn();
  Append(*journal, 10);
  EXPECT_EQ(Read().ids, ids_);
}

TEST_F(JournalTest, AWriteThatFailsHalfWayLeavesNothingBehind) {
  const auto journal = Open();
  Append(*journal, 2);
  disk_.write_error = EIO;
  ASSERT_FALSE(journal->Append(rows_.Usual(clock_.WallNow())));
  EXPECT_FALSE(journal->CanTakeMore());
  EXPECT_EQ(Read().ids, ids_);
  disk_.write_error = 0;
  turnstile_->Turn();
  EXPECT_TRUE(journal->CanTakeMore());
  Append(*journal, 2);
  EXPECT_EQ(Read().ids, ids_);
  EXPECT_TRUE(Read().damage.empty());
}

TEST_F(JournalTest, AFullDiskAtTheStartRefusesRequestsUntilThereIsSpace) {
  { Append(*Open(), 2); }
  disk_.full = true;
  const auto journal = Open();
  EXPECT_FALSE(journal->CanTakeMore());
  disk_.full = false;
  turnstile_->Turn();
  EXPECT_TRUE(journal->CanTakeMore());
}

TEST_F(JournalTest, ASegmentIsRemovedWhenItsLastRowIsOlderThanTheRetention) {
  const auto journal = Open({.retention = 240h});
  Append(*journal, 10);
  clock_.Advance(20h);
  TurnAMinute();
  ASSERT_EQ(Segments().size(), 2u) << "too young to be closed";
  clock_.Advance(20h);
  TurnAMinute();
  TurnAMinute();
  ASSERT_EQ(Segments().size(), 3u) << "closed after an eighth of the retention, not full";
  Append(*journal, 10);
  journal->SetIndexed(journal->End());
  clock_.Advance(239h);
  TurnAMinute();
  EXPECT_EQ(Read().ids, ids_);
  clock_.Advance(2h);
  TurnAMinute();
  TurnAMinute();
  EXPECT_EQ(Read().ids, Strings(ids_.begin() + 10, ids_.end()));
  EXPECT_EQ(*MarkedRemoved(directory_.path()), 1u);
  EXPECT_EQ(Events(), (Strings{"ledger_removed"}));
  Append(*journal, 1);
  EXPECT_EQ(Read().ids, Strings(ids_.begin() + 10, ids_.end()));
}

TEST_F(JournalTest, ASegmentThatNoIndexHasTakenIsKept) {
  const auto journal = Open({.retention = 240h});
  for (int i = 0; i < 3; ++i) {
    Append(*journal, kSegmentRows);
    clock_.Advance(200h);
    TurnAMinute();
  }
  EXPECT_EQ(Read().ids, ids_) << "nobody has said what is indexed";
  journal->SetIndexed({.segment = 2, .offset = 64});
  TurnAMinute();
  EXPECT_EQ(Segments().front().number, 2u);
  EXPECT_EQ(Events(), (Strings{"ledger_removed"}));
}

TEST_F(JournalTest, AClockThatIsFarAheadWhenTheGatewayStartsRemovesNothingUntilItHasLasted) {
  FillThreeSegments();
  clock_.Advance(10 * 8'760h);
  const auto journal = Open({.retention = 240h});
  Append(*journal, kSegmentRows);
  journal->SetIndexed(journal->End());
  clock_.Advance(29h);
  TurnAMinute();
  EXPECT_EQ(Read().ids, ids_);
  EXPECT_EQ(Events(), (Strings{"ledger_clock"})) << "once";
  clock_.Advance(2h);
  TurnAMinute();
  EXPECT_NE(Segments().front().number, 1u);
}

TEST_F(JournalTest, AClockThatIsSetRightRemovesNothing) {
  FillThreeSegments();
  clock_.Advance(8'760h);
  const auto journal = Open({.retention = 240h});
  journal->SetIndexed(journal->End());
  clock_.SetBack(8'760h);
  clock_.Advance(31h);
  TurnAMinute();
  EXPECT_EQ(Read().ids, ids_);
}

TEST_F(JournalTest, FourThreadsAppendAndAReaderSeesEachRowOnceAndWhole) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2'000;
  const base::SystemClock clock;
  const auto journal =
      Journal::Open(directory_.path(), clock, disk_, {.segment_bytes = kSegment, .sync_interval = 1ms});
  ASSERT_TRUE(journal);
  std::atomic<int> running{kThreads};
  Strings seen;
  int damage = 0;
  std::jthread reader([&] {
    JournalReader rows(directory_.path());
    for (bool last = false;;) {
      const auto record = rows.Next([&](const JournalDamage&) { ++damage; });
      if (!record) return;
      if (*record != nullptr) {
        seen.emplace_back((*record)->row->request_id);
      } else if (last) {
        return;
      } else {
        last = running == 0;
        std::this_thread::yield();
      }
    }
  });
  {
    std::vector<std::jthread> writers;
    for (int thread = 0; thread < kThreads; ++thread) {
      writers.emplace_back([&, thread] {
        RowMaker rows(static_cast<std::uint64_t>(100 + thread));
        for (int i = 0; i < kEach; ++i) EXPECT_TRUE((*journal)->Append(rows.Usual(clock.WallNow())));
        --running;
      });
    }
  }
  reader.join();
  EXPECT_EQ(damage, 0);
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kThreads * kEach));
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
  EXPECT_EQ(Read().ids.size(), seen.size());
}

// What a child process does until it is killed: rows with the ids "req_0", "req_1" and so on, and each number
// into the pipe once its row is appended.
[[noreturn]] void AppendUntilKilled(const fs::path& directory, int pipe, std::uint64_t first) {
  const base::SystemClock clock;
  SystemDisk disk;
  const auto journal =
      Journal::Open(directory, clock, disk, {.segment_bytes = base::MiB, .sync_interval = 1ms});
  if (!journal) _exit(1);
  RowMaker rows(9);
  for (std::uint64_t i = first;; ++i) {
    LedgerRow row = rows.Usual(clock.WallNow());
    const std::string id = "req_" + std::to_string(i);
    row.request_id = id;
    if (!(*journal)->Append(row)) _exit(1);
    if (write(pipe, &i, sizeof i) != sizeof i) _exit(1);
  }
}

// Kills a child that appends when it has told of `rows` rows, and gives back the number of the last one.
std::uint64_t KillAfter(const fs::path& directory, std::uint64_t first, std::uint64_t rows) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) AppendUntilKilled(directory, ends[1], first);
  close(ends[1]);
  std::uint64_t last = 0;
  std::uint64_t read_so_far = 0;
  for (std::uint64_t told = 0; read(ends[0], &told, sizeof told) == sizeof told;) {
    last = told;
    if (++read_so_far == rows) kill(child, SIGKILL);
  }
  close(ends[0]);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_GE(read_so_far, rows);
  return last;
}

TEST_F(JournalTest, AKilledProcessLosesNoRowAndInventsNone) {
  constexpr int kKills = 20;  // --gtest_repeat=20 makes it hundreds, each at another moment
  static base::Random random(4);
  std::uint64_t next = 0;
  for (int i = 0; i < kKills; ++i) {
    const std::uint64_t answered = KillAfter(directory_.path(), next, 1 + random.Below(3'000));
    const Strings ids = Read().ids;
    EXPECT_TRUE(Read().damage.empty());
    ASSERT_GT(ids.size(), answered) << "a row is lost";
    ASSERT_LE(ids.size(), answered + 2) << "at most the one whose number did not get through";
    for (std::size_t at = next; at < ids.size(); ++at) ASSERT_EQ(ids[at], "req_" + std::to_string(at));
    next = ids.size();
  }
}

}  // namespace
}  // namespace store
