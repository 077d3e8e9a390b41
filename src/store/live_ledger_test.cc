#include "store/live_ledger.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "store/directory_for_test.h"
#include "store/ledger_metrics.h"
#include "store/played_disk_for_test.h"
#include "store/row_for_test.h"
#include "store/turnstile_for_test.h"
#include "store/wait_for.h"

namespace store {
namespace {

using namespace std::chrono_literals;

class LiveLedgerTest : public testing::Test {
 protected:
  LiveLedgerTest() {
    auto journal = Journal::Open(directory_.path(), clock_, disk_, {.segment_bytes = base::MiB});
    EXPECT_TRUE(journal);
    journal_ = std::move(*journal);
    auto ledger = LiveLedger::Start(*journal_, {.wait = turnstile_.Wait(), .note = [this](auto event, auto) {
                                                  events_.emplace_back(event);
                                                }});
    EXPECT_TRUE(ledger);
    ledger_ = std::move(*ledger);
  }

  std::string Append() {
    const LedgerRow& row = rows_.Usual(clock_.WallNow());
    EXPECT_TRUE(journal_->Append(row));
    return std::string(row.request_id);
  }
  bool Finds(const std::string& id) {
    bool same = false;
    const auto found = ledger_->Find(id, [&](const LedgerRow& row) { same = row.request_id == id; });
    EXPECT_TRUE(found);
    return *found && same;
  }

  const TemporaryDirectory directory_;
  const base::SystemClock clock_;
  PlayedDisk disk_;
  RowMaker rows_{31};
  Turnstile turnstile_;
  std::vector<std::string> events_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<LiveLedger> ledger_;
};

TEST_F(LiveLedgerTest, FindsARowBeforeAndAfterTheIndexHasIt) {
  const std::string id = Append();
  EXPECT_TRUE(Finds(id));
  turnstile_.Turn();
  EXPECT_TRUE(Finds(id));
  EXPECT_FALSE(Finds("req_none"));
  const std::string next = Append();
  EXPECT_TRUE(Finds(id));
  EXPECT_TRUE(Finds(next));
}

TEST_F(LiveLedgerTest, ItsThreadFeedsTheIndex) {
  for (int i = 0; i < 100; ++i) Append();
  turnstile_.Turn();
  const auto reader = Ledger::Open(directory_.path());
  ASSERT_TRUE(reader);
  EXPECT_EQ(*(*reader)->Indexed(), journal_->End());
  EXPECT_EQ(*(*reader)->CatchUp(), 0u);
  EXPECT_TRUE(events_.empty());
}

TEST_F(LiveLedgerTest, AnIndexThatHasRowsWhichAPowerCutTookIsMadeAnewAndTold) {
  Append();
  const JournalPosition kept = journal_->End();
  Append();
  turnstile_.Turn();
  const auto file = ListSegments(directory_.path())->front();
  std::filesystem::resize_file(file.path, kept.offset);
  turnstile_.Turn();
  turnstile_.Turn();
  EXPECT_EQ(events_, std::vector<std::string>{"ledger_index_remade"});
}

TEST(LiveLedgerRetentionTest, ASegmentIsRemovedOnceTheIndexHasItsRows) {
  const TemporaryDirectory directory;
  base::FakeClock clock;
  PlayedDisk disk;
  Turnstile journal_rounds;
  Turnstile index_rounds;
  const auto turn_a_minute = [&] {
    for (int i = 0; i < 60; ++i) journal_rounds.Turn();
  };
  auto journal = Journal::Open(
      directory.path(), clock, disk,
      {.segment_bytes = base::MiB, .sync_interval = 1s, .retention = 240h, .wait = journal_rounds.Wait()});
  ASSERT_TRUE(journal);
  const auto ledger = LiveLedger::Start(**journal, {.wait = index_rounds.Wait(), .note = {}});
  ASSERT_TRUE(ledger);
  RowMaker rows{7};
  const auto oldest = [&] { return ListSegments(directory.path())->front().number; };
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2'900; ++i) ASSERT_TRUE((*journal)->Append(rows.Usual(clock.WallNow())));
    clock.Advance(200h);
    turn_a_minute();
  }
  EXPECT_EQ(oldest(), 1u);
  index_rounds.Turn();
  turn_a_minute();
  EXPECT_GT(oldest(), 1u);
}

TEST(WaitForManyTest, EndsWhenThereIsMuchToDoOrAfterItsIntervals) {
  std::uint64_t rows = 0;
  std::uint64_t step = 4;
  int looks = 0;
  const auto wait = WaitFor({.count =
                                 [&] {
                                   ++looks;
                                   return rows += step;
                                 },
                             .many = 10,
                             .interval = 1ms,
                             .intervals_max = 5});
  EXPECT_TRUE(wait({}));
  EXPECT_EQ(looks, 3);
  step = 1;
  EXPECT_TRUE(wait({}));
  EXPECT_EQ(looks, 8);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(wait(stop.get_token()));
  EXPECT_EQ(looks, 8);
}

TEST_F(LiveLedgerTest, ItsMetricsCountWhatTheJournalDid) {
  telemetry::Registry registry;
  AddLedgerMetrics(registry, *journal_);
  Append();
  disk_.write_error = EIO;
  EXPECT_FALSE(journal_->Append(rows_.Usual(clock_.WallNow())));
  const std::string text = registry.Exposition();
  for (const std::string_view line : {"sluice_ledger_rows_total 1\n", "sluice_ledger_lost_total 1\n",
                                      "sluice_ledger_sync_errors_total 0\n", "sluice_ledger_writable 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
  EXPECT_NE(text.find("sluice_ledger_bytes "), std::string::npos);
  EXPECT_NE(text.find("sluice_ledger_segments "), std::string::npos);
}

}  // namespace
}  // namespace store
