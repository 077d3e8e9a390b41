#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "store/directory_for_test.h"
#include "store/journal.h"
#include "store/ledger.h"
#include "store/played_disk_for_test.h"
#include "store/row_for_test.h"
#include "store/sqlite_internal.h"

namespace store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr base::WallTime kMonday{std::chrono::seconds(1'795'392'000)};  // 2026-11-23T00:00Z

// Puts bytes over the index, as a failing disk or a person may, while nobody has it open.
class DamagedIndexTest : public testing::Test {
 protected:
  DamagedIndexTest() {
    auto journal = Journal::Open(directory_.path(), clock_, disk_, {.segment_bytes = base::MiB});
    EXPECT_TRUE(journal);
    RowMaker rows(22);
    for (int i = 0; i < 500; ++i) {
      const LedgerRow& row = rows.Usual(kMonday + i * 7min);
      EXPECT_TRUE((*journal)->Append(row));
      ids_.emplace_back(row.request_id);
    }
    bill_ = Ask(*Open());
  }
  Bill Ask(Ledger& ledger) const {
    auto bill = ledger.Query(query_);
    EXPECT_TRUE(bill) << bill.error().detail;
    return std::move(*bill);
  }
  void ExpectRight(Ledger& ledger) const {
    const Bill bill = Ask(ledger);
    EXPECT_EQ(bill.rows, bill_.rows);
    EXPECT_EQ(bill.total, bill_.total);
  }
  fs::path index() const { return directory_.path() / "index.sqlite"; }
  fs::path aside() const { return directory_.path() / "index.sqlite.damaged"; }
  void Put(const std::string& bytes) const {
    WriteFile(index(), bytes);
    fs::permissions(index(), fs::perms::owner_read | fs::perms::owner_write);
  }
  // All but the first page, so that it is only met by whoever reads on.
  void DamagePages() const {
    std::string bytes = ReadFile(index());
    std::fill(bytes.begin() + 4096, bytes.end(), 'x');
    Put(bytes);
  }
  std::unique_ptr<Ledger> Open() {
    auto ledger =
        Ledger::Open(directory_.path(), {.note = [this](auto event, auto) { told_.emplace_back(event); }});
    EXPECT_TRUE(ledger) << ledger.error().detail;
    return std::move(*ledger);
  }
  void ExpectMadeAnewOnce() {
    EXPECT_EQ(told_, std::vector<std::string>{"ledger_index_damaged"});
    EXPECT_TRUE(fs::exists(aside()));
    ExpectRight(*Open());
    EXPECT_TRUE(Open()->Verify()->index_agrees);
    EXPECT_EQ(told_.size(), 1u);
  }

  const TemporaryDirectory directory_;
  const base::SystemClock clock_;
  PlayedDisk disk_;
  const LedgerQuery query_{.by = {{Dimension::kHour}, {Dimension::kTeam}}};
  std::vector<std::string> ids_;
  Bill bill_;
  std::vector<std::string> told_;
};

TEST_F(DamagedIndexTest, IsMadeAnewWhateverIsThere) {
  const std::string sound = ReadFile(index());
  for (const std::string& bytes : {std::string("garbage"), std::string(10'000, 'x'),
                                   std::string(10'000, '\0'), sound.substr(0, 5'000)}) {
    Put(bytes);
    ExpectRight(*Open());
    ExpectMadeAnewOnce();
    EXPECT_EQ(ReadFile(aside()), bytes);
    told_.clear();
  }
}

TEST_F(DamagedIndexTest, OneOfAnOlderSluiceIsMadeAnewAndOneOfANewerIsLeft) {
  constexpr std::size_t kUserVersion = 63;  // the last byte of the number, by SQLite's file format
  std::string bytes = ReadFile(index());
  bytes[kUserVersion] = 1;
  Put(bytes);
  ExpectRight(*Open());
  ExpectMadeAnewOnce();
  bytes[kUserVersion] = 99;
  Put(bytes);
  const auto ledger = Ledger::Open(directory_.path());
  ASSERT_FALSE(ledger);
  EXPECT_NE(ledger.error().detail.find("newer Sluice"), std::string::npos) << ledger.error().detail;
}

// As the Sluice before would have left it, whose sums knew no usage source: all rows here have "provider".
TEST_F(DamagedIndexTest, OneOfTheSluiceBeforeKeepsItsSumsAndItsRowsTellTheUsageSource) {
  {
    auto database = SqliteDatabase::Open({.path = index().string()});
    ASSERT_TRUE(database) << database.error().detail;
    const auto made = (*database)->Execute(
        "UPDATE sum_groups SET texts = CAST(substr(texts, 1, length(texts) - 10) AS BLOB)"
        " WHERE substr(texts, 1, 1) = x'00';"
        "ALTER TABLE sum_groups RENAME TO groups; PRAGMA user_version = 2;");
    ASSERT_TRUE(made) << made.error().detail;
  }
  const auto ledger = Open();
  ExpectRight(*ledger);
  LedgerQuery query{.by = {{Dimension::kUsageSource}, {Dimension::kKey}}};
  for (int i = 0; i < 2; ++i) {
    const auto bill = ledger->Query(query);
    ASSERT_TRUE(bill) << bill.error().detail;
    for (const BillRow& row : bill->rows) EXPECT_EQ(row.values[0], "provider");
    EXPECT_EQ(bill->total, bill_.total);
    query.filters = {{.dimension = {Dimension::kUsageSource}, .any_of = {"provider", "counted"}}};
  }
  EXPECT_TRUE(ledger->Verify()->index_agrees);
  EXPECT_TRUE(told_.empty());
  EXPECT_FALSE(fs::exists(aside()));
}

TEST_F(DamagedIndexTest, IsMadeAnewByEachKindOfReaderThatMeetsIt) {
  const std::function<void(Ledger&)> reads[] = {
      [&](Ledger& ledger) { ExpectRight(ledger); },
      [&](Ledger& ledger) { EXPECT_TRUE(*ledger.Find(ids_[7], [](const LedgerRow&) {})); },
      [&](Ledger& ledger) { EXPECT_EQ(ledger.Parts({})->size(), 1u); },
      [&](Ledger& ledger) { EXPECT_TRUE(ledger.Verify()->index_agrees); },
      [&](Ledger& ledger) { EXPECT_EQ(*ledger.Rebuild(), 500u); },
  };
  for (const auto& read : reads) {
    DamagePages();
    read(*Open());
    ExpectMadeAnewOnce();
    told_.clear();
  }
}

TEST_F(DamagedIndexTest, IsFoundByARebuildWhereNobodyElseHasMetIt) {
  std::string bytes = ReadFile(index());
  std::fill(bytes.end() - 4096, bytes.end(), 'x');
  Put(bytes);
  EXPECT_EQ(*Open()->Rebuild(), 500u);
  ExpectMadeAnewOnce();
}

TEST_F(DamagedIndexTest, WhoeverStillHasItOpenTurnsToTheNewOne) {
  const auto gateway = Open();
  EXPECT_EQ(*gateway->CatchUp(), 0u);
  fs::remove(index());
  EXPECT_EQ(*gateway->CatchUp(), 500u);
  EXPECT_TRUE(fs::exists(index()));
  ExpectRight(*gateway);
  EXPECT_EQ(*Open()->CatchUp(), 0u);
  EXPECT_TRUE(told_.empty());
}

// While it lives, this process may only read a directory.
class OnlyRead {
 public:
  explicit OnlyRead(fs::path directory) : directory_(std::move(directory)) {
    if (geteuid() == 0) {
      (void)!chown(directory_.c_str(), kNobody, kNobody);
      for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
        (void)!chown(entry.path().c_str(), kNobody, kNobody);
      }
    }
    fs::permissions(directory_, fs::perms::owner_read | fs::perms::owner_exec);
    if (geteuid() == 0) {
      EXPECT_EQ(seteuid(kNobody), 0);
    }
  }
  ~OnlyRead() {
    EXPECT_EQ(seteuid(getuid()), 0);
    fs::permissions(directory_, fs::perms::owner_all);
  }
  OnlyRead(const OnlyRead&) = delete;
  OnlyRead& operator=(const OnlyRead&) = delete;

 private:
  static constexpr uid_t kNobody = 65'534;
  const fs::path directory_;
};

TEST_F(DamagedIndexTest, ADirectoryThatMayOnlyBeReadIsBilledFromACopyOrTheJournal) {
  for (const std::string& bytes : {ReadFile(index()), std::string("garbage"), std::string()}) {
    Put(bytes);
    if (bytes.empty()) fs::remove(index());
    const OnlyRead only(directory_.path());
    const auto ledger = Open();
    EXPECT_EQ(*ledger->CatchUp(), bytes.size() > 100 ? 0u : 500u);
    ExpectRight(*ledger);
    EXPECT_TRUE(ledger->Verify()->index_agrees);
    EXPECT_EQ(ReadFile(index()), bytes);
  }
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace store
