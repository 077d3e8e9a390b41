#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/directory_for_test.h"
#include "store/journal.h"
#include "store/ledger.h"
#include "store/played_disk_for_test.h"
#include "store/row_for_test.h"

namespace store {

inline constexpr base::WallTime kMonday{std::chrono::seconds(1'795'392'000)};  // 2026-11-23T00:00Z

class LedgerTest : public testing::Test {
 protected:
  // Each test writes through a gateway's journal and reads as a command does.
  std::unique_ptr<Journal> OpenJournal() {
    auto journal = Journal::Open(directory_.path(), clock_, disk_,
                                 {.segment_bytes = base::MiB, .sync_interval = std::chrono::milliseconds(1)});
    EXPECT_TRUE(journal) << journal.error().detail;
    return std::move(*journal);
  }
  std::unique_ptr<Ledger> OpenLedger() const {
    auto ledger = Ledger::Open(directory_.path());
    EXPECT_TRUE(ledger) << ledger.error().detail;
    return std::move(*ledger);
  }

  // `count` rows from `from` on, one each `step`.
  void Append(Journal& journal, int count, base::WallTime from = kMonday,
              std::chrono::seconds step = std::chrono::minutes(7)) {
    for (int i = 0; i < count; ++i) Append(journal, rows_.Usual(from + i * step));
  }
  void Append(Journal& journal, const LedgerRow& row) {
    ASSERT_TRUE(journal.Append(row));
    ids_.emplace_back(row.request_id);
  }

  static Bill Ask(Ledger& ledger, const LedgerQuery& query) {
    auto bill = ledger.Query(query);
    EXPECT_TRUE(bill) << bill.error().detail;
    return std::move(*bill);
  }
  // The same from the rows: a filter on a tag that every row has does not change what is counted.
  static Bill AskRows(Ledger& ledger, LedgerQuery query) {
    query.filters.push_back({.dimension = {.dimension = Dimension::kTag, .tag = "env"}, .any_of = {"prod"}});
    return Ask(ledger, query);
  }
  static void ExpectSame(const Bill& a, const Bill& b) {
    EXPECT_EQ(a.rows, b.rows);
    EXPECT_EQ(a.total, b.total);
    EXPECT_EQ(a.unknown_price_requests, b.unknown_price_requests);
  }
  static std::vector<DimensionRef> By(const std::vector<std::string_view>& names) {
    std::vector<DimensionRef> by;
    for (const std::string_view name : names) by.push_back(*ParseDimension(name));
    return by;
  }

  const TemporaryDirectory directory_;
  const base::SystemClock clock_;
  PlayedDisk disk_;
  RowMaker rows_{21};
  std::vector<std::string> ids_;
};

}  // namespace store
