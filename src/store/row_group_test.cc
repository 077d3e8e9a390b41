#include "store/row_group.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/directory_for_test.h"
#include "store/journal.h"
#include "store/journal_reader.h"
#include "store/ledger.h"
#include "store/played_disk_for_test.h"
#include "store/row_for_test.h"
#include "store/turnstile_for_test.h"

namespace store {
namespace {

using Strings = std::vector<std::string>;

// A journal of small segments, whose thread waits until the test is over.
class RowGroupTest : public testing::Test {
 protected:
  RowGroupTest() {
    auto opened = Journal::Open(directory_.path(), clock_, disk_,
                                {.segment_bytes = base::MiB, .wait = turnstile_.Wait()});
    EXPECT_TRUE(opened) << opened.error().detail;
    journal_ = std::move(*opened);
  }

  void Add(int count, std::span<const PriceDefinition> prices = {}) {
    for (int i = 0; i < count; ++i) {
      const LedgerRow& row = rows_.Usual(clock_.WallNow());
      group_.Add(row, prices);
      ids_.emplace_back(row.request_id);
    }
  }
  Strings Read() const {
    Strings ids;
    JournalReader reader(directory_.path());
    for (auto record = reader.Next(); record && *record != nullptr; record = reader.Next()) {
      if ((*record)->row != nullptr) ids.emplace_back((*record)->row->request_id);
    }
    return ids;
  }

  const TemporaryDirectory directory_;
  base::FakeClock clock_;
  PlayedDisk disk_;
  Turnstile turnstile_;
  std::unique_ptr<Journal> journal_;
  RowMaker rows_{7};
  RowGroup group_;
  Strings ids_;
};

TEST_F(RowGroupTest, ItsRowsStandInTheJournalInTheirOrder) {
  Add(3);
  ASSERT_TRUE(journal_->Append(group_));
  group_.Clear();
  EXPECT_TRUE(group_.empty());
  Add(40);
  ASSERT_TRUE(journal_->Append(group_));
  EXPECT_EQ(Read(), ids_);
  EXPECT_EQ(journal_->Counts().rows, 43u);
}

TEST_F(RowGroupTest, EachOfItsRowsIsFoundWhereItStands) {
  Add(20);
  ASSERT_TRUE(journal_->Append(group_));
  for (const std::string& id : ids_) {
    const auto at = journal_->FindRecent(id, {});
    ASSERT_TRUE(at) << id;
    const auto found = Ledger::ReadAt(directory_.path(), *at, id, [](const LedgerRow&) {});
    EXPECT_TRUE(found && *found) << id;
  }
}

TEST_F(RowGroupTest, WhereItsSegmentEndsTheRestIsInTheNext) {
  while (journal_->Counts().segments < 2) {
    group_.Clear();
    while (group_.HasRoom()) Add(1);
    ASSERT_GT(group_.rows(), 100u);
    ASSERT_TRUE(journal_->Append(group_));
  }
  EXPECT_LE(ListSegments(directory_.path())->front().bytes, base::MiB);
  EXPECT_EQ(Read(), ids_);
}

TEST_F(RowGroupTest, ItsPricesStandOnceInEverySegmentBeforeItsRows) {
  const PriceDefinition price{"v1", "what v1 says"};
  while (journal_->Counts().segments < 2) {
    group_.Clear();
    Add(200, {&price, 1});
    ASSERT_TRUE(journal_->Append(group_));
  }
  std::vector<std::uint64_t> defined;
  JournalReader reader(directory_.path());
  for (auto record = reader.Next(); record && *record != nullptr; record = reader.Next()) {
    if ((*record)->row == nullptr) {
      defined.push_back((*record)->at.segment);
    } else {
      EXPECT_TRUE(!defined.empty() && defined.back() == (*record)->at.segment);
    }
  }
  EXPECT_EQ(defined, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(RowGroupTest, ADiskWithRoomForSomeOfItTakesThose) {
  Add(1);
  ASSERT_TRUE(journal_->Append(group_));
  group_.Clear();
  disk_.full = true;
  disk_.full_beyond = journal_->End().offset * 4;
  Add(200);
  EXPECT_FALSE(journal_->Append(group_));
  const JournalCounts counts = journal_->Counts();
  EXPECT_GT(counts.rows, 3u);
  EXPECT_GT(counts.lost, 100u);
  EXPECT_EQ(counts.rows + counts.lost, 201u);
  EXPECT_EQ(Read().size(), counts.rows);
}

TEST_F(RowGroupTest, ADiskThatTakesNothingIsAskedOnceForEachRow) {
  disk_.full = true;
  Add(300);
  const int before = disk_.writes;
  EXPECT_FALSE(journal_->Append(group_));
  EXPECT_EQ(journal_->Counts().lost, 300u);
  EXPECT_LE(disk_.writes - before, 310);
}

}  // namespace
}  // namespace store
