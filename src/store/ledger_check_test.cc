#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/journal_reader.h"
#include "store/ledger_fixture_for_test.h"
#include "store/removed_mark_internal.h"

// What is missing, unknown or there twice, and who says so.

namespace store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

using LedgerCheckTest = LedgerTest;

TEST_F(LedgerCheckTest, AFirstSegmentThatIsMissingIsDamageUnlessItWasRemovedForItsAge) {
  { Append(*OpenJournal(), 9'000, kMonday, 1s); }
  const auto files = ListSegments(directory_.path());
  ASSERT_GT(files->size(), 2u);
  const auto ledger = OpenLedger();
  fs::remove((*files)[0].path);
  auto check = ledger->Verify();
  ASSERT_EQ(check->damage.size(), 1u);
  EXPECT_EQ(Print(check->damage[0]), "segment 1: the segment is missing");
  fs::remove((*files)[1].path);
  check = ledger->Verify();
  ASSERT_EQ(check->damage.size(), 1u);
  EXPECT_EQ(Print(check->damage[0]), "segment 1: the 2 segments from this one on are missing");
  ASSERT_TRUE(MarkRemoved(directory_.path(), 1));
  EXPECT_EQ(ledger->Verify()->damage[0].at.segment, 2u);
  ASSERT_TRUE(MarkRemoved(directory_.path(), 2));
  EXPECT_TRUE(ledger->Verify()->damage.empty());
}

TEST_F(LedgerCheckTest, SegmentsThatTheIndexKnewAndThatAreGoneAreDamage) {
  { Append(*OpenJournal(), 4'000); }
  const auto files = ListSegments(directory_.path());
  ASSERT_GT(files->size(), 1u);
  const auto ledger = OpenLedger();
  EXPECT_EQ(*ledger->CatchUp(), 4'000u);
  for (const SegmentFile& file : *files) fs::remove(file.path);
  const auto check = ledger->Verify();
  ASSERT_EQ(check->damage.size(), 1u);
  EXPECT_EQ(Print(check->damage[0]),
            "segment 1: the " + std::to_string(files->size()) + " segments from this one on are missing");
  EXPECT_EQ(check->rows, 0u);
}

// The same request in two journals that somebody put into one directory.
TEST_F(LedgerCheckTest, ARowThatIsWrittenAgainFarAwayIsFoundByVerify) {
  const auto journal = OpenJournal();
  Append(*journal, 1);
  const std::string id = ids_.back();
  Append(*journal, 9'000);
  LedgerRow again;
  again.request_id = id;
  again.started = again.completed = kMonday;
  ASSERT_TRUE(journal->Append(again, {}));
  const auto check = OpenLedger()->Verify();
  EXPECT_TRUE(check->damage.empty());
  EXPECT_TRUE(check->index_agrees);
  EXPECT_EQ(check->twins_counted, 1u);
  ASSERT_EQ(check->twins.size(), 1u);
  EXPECT_EQ(check->twins[0].request_id, id);
}

TEST_F(LedgerCheckTest, ABillThatReachesBackToRowsThatAreGoneSaysSoWhereItNeedsThem) {
  const auto journal = OpenJournal();
  Append(*journal, 4'000, kMonday, 1s);
  const auto ledger = OpenLedger();
  const auto missing = [&](const LedgerQuery& query) { return Ask(*ledger, query).missing_before; };
  EXPECT_FALSE(missing({.by = {{Dimension::kUser}}}));
  fs::remove((*ListSegments(directory_.path()))[0].path);
  const auto kept = KeptFrom(directory_.path());
  ASSERT_TRUE(kept && *kept);
  EXPECT_GT(**kept, kMonday);
  EXPECT_FALSE(missing({})) << "the sums by hour are those of all rows";
  EXPECT_EQ(missing({.by = {{Dimension::kUser}}}), *kept);
  EXPECT_EQ(missing({.from = kMonday + 1min}), *kept) << "an hour that is cut is counted from its rows";
  EXPECT_FALSE(missing({.by = {{Dimension::kUser}}, .from = **kept}));
  const auto listed = ledger->List({}, [](const LedgerRow&) { return true; });
  EXPECT_EQ(listed->missing_before, *kept);
  EXPECT_LT(listed->total[0].sums.requests, 4'000);
  ASSERT_TRUE(ledger->Rebuild());
  EXPECT_EQ(missing({}), *kept) << "the sums have gone with the index that had them";
}

TEST_F(LedgerCheckTest, AListHasEveryRowOfWhichItsTotalHasSomething) {
  const auto journal = OpenJournal();
  const auto append = [&](std::string_view id, std::string_view failed) {
    chat::Usage usage;
    usage.output = 10;
    std::vector<LedgerAttempt> attempts(1);
    attempts[0].model = failed;
    attempts[0].usage = usage;
    attempts[0].price = {.version = "v", .phase = "", .currency = base::Currency::kUsd, .cost = 2};
    LedgerRow row;
    row.request_id = id;
    row.started = row.completed = kMonday;
    row.provider = "deepseek";
    row.model = "deepseek-flash";
    row.price = {.version = "v", .phase = "", .currency = base::Currency::kUsd, .cost = 5};
    row.attempts = attempts;
    ASSERT_TRUE(journal->Append(row, {}));
  };
  append("one", "openai/gpt-5-mini");
  append("two", "anthropic/claude-opus-5");
  const LedgerQuery query{.filters = {{{Dimension::kModel}, {"openai/gpt-5-mini"}}}};
  std::vector<std::string> listed;
  const auto ledger = OpenLedger();
  const auto bill = ledger->List(query, [&listed](const LedgerRow& row) {
    listed.emplace_back(row.request_id);
    return true;
  });
  EXPECT_EQ(listed, std::vector<std::string>{"one"});
  EXPECT_TRUE(bill->rows.empty());
  EXPECT_EQ(bill->total, Ask(*ledger, query).total);
  ASSERT_EQ(bill->total.size(), 1u);
  EXPECT_EQ(bill->total[0].sums.cost, 2);
  EXPECT_EQ(bill->total[0].sums.requests, 0);
}

TEST_F(LedgerCheckTest, WhatIsNotKnownOfARowIsCountedInSumsAndFromRows) {
  const auto journal = OpenJournal();
  LedgerRow row;
  row.request_id = "unknown_saved";
  row.started = row.completed = kMonday;
  row.usage.inconsistent = true;
  row.price = {.version = "v", .phase = "", .currency = base::Currency::kUsd, .cost = 5};
  ASSERT_TRUE(journal->Append(row, {}));
  row.request_id = "unknown_price";
  row.price = {.version = kUnknownPrice, .phase = "", .currency = {}, .cost = {}};
  ASSERT_TRUE(journal->Append(row, {}));
  row.request_id = "nothing_used";
  row.usage.inconsistent = false;
  row.price = {};
  ASSERT_TRUE(journal->Append(row, {}));
  const auto ledger = OpenLedger();
  for (const Dimension by : {Dimension::kTeam, Dimension::kRung, Dimension::kUser}) {
    LedgerSums all;
    for (const BillRow& one : Ask(*ledger, {.by = {{by}}}).total) all += one.sums;
    EXPECT_EQ(all.requests, 3);
    EXPECT_EQ(all.unknown_saved_requests, 1);
    EXPECT_EQ(all.inconsistent_requests, 2);
    EXPECT_EQ(all.unknown_price_requests, 1);
  }
}

TEST_F(LedgerCheckTest, SumsOfRowsThatWereRemovedForTheirAgeStay) {
  const auto journal = OpenJournal();
  Append(*journal, 4'000, kMonday, 1s);
  const auto ledger = OpenLedger();
  EXPECT_EQ(Ask(*ledger, {}).total[0].sums.requests, 4'000);
  fs::remove((*ListSegments(directory_.path()))[0].path);
  Append(*journal, 1, kMonday + 2h);
  EXPECT_EQ(Ask(*ledger, {}).total[0].sums.requests, 4'001);
  EXPECT_FALSE(*ledger->Find(ids_[0], [](const LedgerRow&) {}));
  EXPECT_TRUE(ledger->Verify()->index_agrees);
  EXPECT_LT(*ledger->Rebuild(), 4'000u);
}

}  // namespace
}  // namespace store
