#include "insight/what_if_scan.h"

#include <gtest/gtest.h>

#include "insight/priced_rows_for_test.h"
#include "store/directory_for_test.h"
#include "store/journal.h"
#include "store/played_disk_for_test.h"
#include "store/segment_reader.h"
#include "store/turnstile_for_test.h"

namespace insight {
namespace {

class WhatIfScanTest : public testing::Test {
 protected:
  // A ledger of some segments.
  void Fill(int rows) {
    store::Turnstile rounds;
    auto journal = store::Journal::Open(directory_.path(), clock_, disk_,
                                        {.segment_bytes = base::MiB, .wait = rounds.Wait()});
    ASSERT_TRUE(journal) << journal.error().detail;
    PricedRows source(3);
    Repricer alone(supposition_);
    for (int i = 0; i < rows; ++i) {
      const store::LedgerRow& row = source.Next();
      ASSERT_TRUE((*journal)->Append(row, source.definitions()));
      for (const store::PriceDefinition& definition : source.definitions()) alone.Define(definition);
      alone.Take(row);
      if (i % 1'000 == 0) rounds.Turn();  // so that the next segment is there in time
      if (i == rows / 2) middle_ = row.started;
    }
    expected_ = alone.result();
  }
  ScanResult Scan(const ScanOptions& options) {
    auto result = ScanWhatIf(directory_.path(), supposition_, options);
    EXPECT_TRUE(result) << result.error().detail;
    return result.value_or(ScanResult{});
  }

  const store::TemporaryDirectory directory_;
  const base::SystemClock clock_{};
  store::PlayedDisk disk_;
  Supposition supposition_{.book = pricing::ShippedBook(), .off_peak = true};
  WhatIf expected_;
  base::WallTime middle_;
};

TEST_F(WhatIfScanTest, ThreadsTogetherFindWhatOneDoes) {
  Fill(16'000);
  ASSERT_GT(store::ListSegments(directory_.path())->size(), 2u);
  for (const unsigned threads : {1u, 2u, 5u, 64u}) {
    const ScanResult scan = Scan({.threads = threads});
    EXPECT_EQ(scan.what_if, expected_) << threads;
    EXPECT_EQ(scan.rows, 16'000u);
    EXPECT_EQ(scan.damages, 0u);
  }
}

TEST_F(WhatIfScanTest, PeriodsAndFiltersSplitTheRowsWithoutLosingOne) {
  Fill(16'000);
  WhatIf sum = Scan({.period = {.from = {}, .to = middle_}}).what_if;
  EXPECT_GT(sum.requests, 7'000);
  sum += Scan({.period = {.from = middle_, .to = {}}}).what_if;
  EXPECT_EQ(sum, expected_);
  WhatIf teams;
  for (const std::string team : {"support", "search", ""})
    teams += Scan({.filters = {{{store::Dimension::kTeam}, {team}}}}).what_if;
  EXPECT_EQ(teams, expected_);
}

TEST_F(WhatIfScanTest, ARowThatWasWrittenTwiceCountsOnce) {
  Fill(100);
  {
    auto journal = store::Journal::Open(directory_.path(), clock_, disk_, {.segment_bytes = base::MiB});
    ASSERT_TRUE(journal);
    PricedRows source(3);
    const store::LedgerRow& row = source.Next();
    ASSERT_TRUE((*journal)->Append(row, source.definitions()));
  }
  const ScanResult scan = Scan({});
  EXPECT_EQ(scan.rows, 101u);
  EXPECT_EQ(scan.what_if, expected_);
}

TEST_F(WhatIfScanTest, ProgressEndsWithEverything) {
  Fill(16'000);
  std::uint64_t last = 0;
  std::uint64_t all = 0;
  (void)Scan({.threads = 2, .progress = [&](std::uint64_t done, std::uint64_t of) {
                EXPECT_GE(done, last);
                last = done;
                all = of;
              }});
  EXPECT_EQ(last, all);
  EXPECT_GT(all, 0u);
}

TEST_F(WhatIfScanTest, ADirectoryWithoutALedgerIsAnEmptyOne) {
  EXPECT_EQ(Scan({}).what_if, WhatIf{});
}

TEST_F(WhatIfScanTest, ADamagedPartIsToldAndTheRestCounts) {
  Fill(16'000);
  const auto file = store::ListSegments(directory_.path())->front();
  std::string bytes = store::ReadFile(file.path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
  store::WriteFile(file.path, bytes);
  const ScanResult scan = Scan({.threads = 2});
  EXPECT_EQ(scan.damages, 1u);
  EXPECT_LT(scan.rows, 16'000u);
  EXPECT_GT(scan.rows, 15'990u);
}

}  // namespace
}  // namespace insight
