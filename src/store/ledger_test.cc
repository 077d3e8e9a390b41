#include "store/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "store/bill_maker_internal.h"
#include "store/ledger_fixture_for_test.h"

namespace store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

TEST_F(LedgerTest, CatchesUpByAsManyBatchesAsItIsAsked) {
  const auto journal = OpenJournal();
  Append(*journal, 10);
  const auto ledger = OpenLedger();
  EXPECT_EQ(*ledger->CatchUp({}, 0), 0u);
  EXPECT_EQ(*ledger->CatchUp({}, 1), 10u);
  EXPECT_EQ(*ledger->CatchUp({}, 1), 0u);
  EXPECT_EQ(*ledger->Indexed(), journal->End());
}

TEST_F(LedgerTest, ADirectoryWithoutALedgerIsAnEmptyBill) {
  const Bill bill = Ask(*OpenLedger(), {.by = By({"team"})});
  EXPECT_TRUE(bill.rows.empty());
  EXPECT_TRUE(bill.total.empty());
}

TEST_F(LedgerTest, ARowIsFoundByItsIdAsSoonAsItIsAppended) {
  const auto journal = OpenJournal();
  Append(*journal, 50);
  const auto ledger = OpenLedger();
  for (const std::string& id : ids_) {
    std::string found;
    ASSERT_TRUE(*ledger->Find(id, [&](const LedgerRow& row) { found = row.request_id; }));
    EXPECT_EQ(found, id);
  }
  EXPECT_FALSE(*ledger->Find("req_none", [](const LedgerRow&) { FAIL(); }));
  const LedgerRow& row = rows_.Usual(kMonday);
  ASSERT_TRUE(journal->Append(row));
  EXPECT_TRUE(*ledger->Find(row.request_id, [](const LedgerRow&) {}));
}

TEST_F(LedgerTest, ARowIsReadWhereTheJournalSaysItIs) {
  const auto journal = OpenJournal();
  Append(*journal, 50);
  const auto ledger = OpenLedger();
  const auto at = journal->FindRecent(ids_[20], *ledger->Indexed());
  ASSERT_TRUE(at);
  EXPECT_TRUE(*Ledger::ReadAt(directory_.path(), *at, ids_[20], [](const LedgerRow&) {}));
  EXPECT_FALSE(*Ledger::ReadAt(directory_.path(), *at, ids_[21], [](const LedgerRow&) {}));
  EXPECT_FALSE(*Ledger::ReadAt(directory_.path(), {9, 64}, ids_[21], [](const LedgerRow&) {}));
}

TEST_F(LedgerTest, SumsAreThoseOfTheRows) {
  const auto journal = OpenJournal();
  std::int64_t input = 0;
  base::Int128 cost = 0;
  for (int i = 0; i < 500; ++i) {
    const LedgerRow& row = rows_.Usual(kMonday + i * 13min);
    input += row.usage.input;
    cost += *row.price.cost;
    Append(*journal, row);
  }
  const Bill bill = Ask(*OpenLedger(), {});
  ASSERT_EQ(bill.total.size(), 1u);
  EXPECT_EQ(bill.total[0].currency, base::Currency::kUsd);
  EXPECT_EQ(bill.total[0].sums.requests, 500);
  EXPECT_EQ(bill.total[0].sums.usage.input, input);
  EXPECT_EQ(bill.total[0].sums.cost, cost);
  EXPECT_EQ(bill.total[0].sums.saved, 3 * cost);
  ASSERT_EQ(bill.rows.size(), 1u);
  EXPECT_EQ(bill.rows[0], bill.total[0]);
}

TEST_F(LedgerTest, EverySplitFromSumsIsThatFromRows) {
  const auto journal = OpenJournal();
  Append(*journal, 700);
  const auto ledger = OpenLedger();
  const std::vector<std::vector<std::string_view>> splits = {
      {},
      {"team"},
      {"hour", "model", "team"},
      {"org", "project", "key_id"},
      {"day", "asked_model", "provider", "rung"},
      {"week", "operation", "status", "stream"},
      {"month", "currency", "price_version", "price_phase", "usage_source"}};
  for (const auto& split : splits) {
    LedgerQuery query{.by = By(split), .from = kMonday + 5h + 10min, .to = kMonday + 70h + 20min};
    query.utc_offset = [](base::WallTime) { return 8h; };
    const Bill bill = Ask(*ledger, query);
    ExpectSame(bill, AskRows(*ledger, query));
    std::int64_t requests = 0;
    for (const BillRow& row : bill.rows) requests += row.sums.requests;
    EXPECT_EQ(requests, 558);
  }
}

TEST_F(LedgerTest, APeriodIsExactToTheNanosecond) {
  const auto journal = OpenJournal();
  const base::WallTime noon = kMonday + 12h + 30min;
  for (const auto offset : {-1ns, 0ns, 1ns}) Append(*journal, rows_.Usual(noon + offset));
  const auto ledger = OpenLedger();
  const auto count = [&](std::optional<base::WallTime> from, std::optional<base::WallTime> to) {
    const Bill bill = Ask(*ledger, {.by = {}, .from = from, .to = to});
    return bill.total.empty() ? 0 : bill.total[0].sums.requests;
  };
  EXPECT_EQ(count(noon, std::nullopt), 2);
  EXPECT_EQ(count(std::nullopt, noon), 1);
  EXPECT_EQ(count(noon, noon + 1ns), 1);
  EXPECT_EQ(count(noon, noon), 0);
  EXPECT_EQ(count(kMonday, kMonday + 12h), 0);
  EXPECT_EQ(count(kMonday + 12h, kMonday + 13h), 3);
}

TEST_F(LedgerTest, DaysAreThoseOfThePersonsClock) {
  const auto journal = OpenJournal();
  Append(*journal, rows_.Usual(kMonday - 1h));                 // Monday 07:00 in Beijing
  Append(*journal, rows_.Usual(kMonday - 8h));                 // Monday 00:00
  Append(*journal, rows_.Usual(kMonday - 8h - 1ns));           // Sunday
  Append(*journal, rows_.Usual(kMonday + 15h + 59min + 59s));  // Monday 23:59:59
  Append(*journal, rows_.Usual(kMonday + 16h));                // Tuesday
  const auto ledger = OpenLedger();
  LedgerQuery query{.by = By({"day"})};
  query.utc_offset = [](base::WallTime) { return 8h; };
  std::map<std::string, std::int64_t> days;
  for (const BillRow& row : Ask(*ledger, query).rows) days[row.values[0]] = row.sums.requests;
  EXPECT_EQ(days,
            (std::map<std::string, std::int64_t>{{"2026-11-22", 1}, {"2026-11-23", 3}, {"2026-11-24", 1}}));
}

TEST_F(LedgerTest, AClockThatIsHalfAnHourOffCountsFromTheRows) {
  const auto journal = OpenJournal();
  Append(*journal, rows_.Usual(kMonday - 5h - 30min));        // Monday 00:00 in India
  Append(*journal, rows_.Usual(kMonday - 5h - 30min - 1ns));  // Sunday
  const auto ledger = OpenLedger();
  LedgerQuery query{.by = By({"day", "hour"})};
  query.utc_offset = [](base::WallTime) { return 5h + 30min; };
  const Bill bill = Ask(*ledger, query);
  ASSERT_EQ(bill.rows.size(), 2u);
  EXPECT_EQ(bill.rows[0].values, (std::vector<std::string>{"2026-11-22", "2026-11-22T23:00+05:30"}));
  EXPECT_EQ(bill.rows[1].values, (std::vector<std::string>{"2026-11-23", "2026-11-23T00:00+05:30"}));
}

TEST_F(LedgerTest, TheHourInWhichClocksChangeIsCountedOnEachSide) {
  // At 01:20Z, as nowhere on earth, the clock falls back from +2 to +1.
  const base::WallTime change = kMonday + 1h + 20min;
  const auto journal = OpenJournal();
  Append(*journal, 12, kMonday + 1h, 5min);
  const auto ledger = OpenLedger();
  LedgerQuery query{.by = By({"hour"})};
  query.utc_offset = [&](base::WallTime at) { return at < change ? 2h : 1h; };
  const Bill bill = Ask(*ledger, query);
  ASSERT_EQ(bill.rows.size(), 2u);
  EXPECT_EQ(bill.rows[0].values[0], "2026-11-23T02:00+01:00");
  EXPECT_EQ(bill.rows[0].sums.requests, 8);
  EXPECT_EQ(bill.rows[1].values[0], "2026-11-23T03:00+02:00");
  EXPECT_EQ(bill.rows[1].sums.requests, 4);
}

TEST_F(LedgerTest, WeeksAreNumberedAsIso8601Says) {
  const auto journal = OpenJournal();
  const auto day = [](int year, unsigned month, unsigned of_month) {
    return base::WallTime(std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                                                static_cast<int>(of_month)));
  };
  const std::vector<std::pair<base::WallTime, std::string>> weeks = {
      {day(2026, 12, 31), "2026-W53"}, {day(2027, 1, 3), "2026-W53"},  {day(2027, 1, 4), "2027-W01"},
      {day(2024, 12, 30), "2025-W01"}, {day(2021, 1, 1), "2020-W53"},  {day(2026, 11, 23), "2026-W48"},
      {day(2026, 11, 22), "2026-W47"}, {day(2028, 12, 31), "2028-W52"}};
  for (const auto& [at, week] : weeks) {
    Append(*journal, rows_.Usual(at));
    const Bill bill = Ask(*OpenLedger(), {.by = By({"week"}), .from = at, .to = at + 24h});
    ASSERT_EQ(bill.rows.size(), 1u);
    EXPECT_EQ(bill.rows[0].values[0], week);
  }
}

TEST_F(LedgerTest, SplitsByWhatOnlyRowsSay) {
  const auto journal = OpenJournal();
  Append(*journal, 100);
  const auto ledger = OpenLedger();
  EXPECT_EQ(Ask(*ledger, {.by = By({"request"})}).rows.size(), 100u);
  std::int64_t requests = 0;
  const Bill apps = Ask(*ledger, {.by = By({"tag:app"})});
  ASSERT_EQ(apps.rows.size(), 2u);
  EXPECT_EQ(apps.rows[0].values[0], "checkout");
  EXPECT_EQ(apps.rows[1].values[0], "help");
  for (const BillRow& row : apps.rows) requests += row.sums.requests;
  EXPECT_EQ(requests, 100);
  const Bill none = Ask(*ledger, {.by = By({"tag:none"})});
  ASSERT_EQ(none.rows.size(), 1u);
  EXPECT_EQ(none.rows[0].values[0], "");
}

TEST_F(LedgerTest, FiltersHoldTogetherAndEachHasSeveralValues) {
  const auto journal = OpenJournal();
  Append(*journal, 300);
  const auto ledger = OpenLedger();
  const LedgerFilter teams{.dimension = {.dimension = Dimension::kTeam}, .any_of = {"search", "support"}};
  const LedgerFilter streams{.dimension = {.dimension = Dimension::kStream}, .any_of = {"true"}};
  const LedgerFilter nothing{.dimension = {.dimension = Dimension::kTeam}, .any_of = {}};
  const Bill by_team = Ask(*ledger, {.by = By({"team", "stream"})});
  std::int64_t expected = 0;
  for (const BillRow& row : by_team.rows) {
    if ((row.values[0] == "search" || row.values[0] == "support") && row.values[1] == "true") {
      expected += row.sums.requests;
    }
  }
  const LedgerQuery query{.by = {}, .from = {}, .to = {}, .filters = {teams, streams}};
  EXPECT_EQ(Ask(*ledger, query).total[0].sums.requests, expected);
  ExpectSame(Ask(*ledger, query), AskRows(*ledger, query));
  EXPECT_TRUE(Ask(*ledger, {.by = {}, .from = {}, .to = {}, .filters = {nothing}}).total.empty());
}

TEST_F(LedgerTest, AFailedAttemptCountsWithItsOwnModelAndCurrency) {
  const auto journal = OpenJournal();
  LedgerRow row = rows_.Usual(kMonday);
  std::vector<LedgerAttempt> attempts(3);
  attempts[0].model = "deepseek/deepseek-v4-pro";
  attempts[0].usage = chat::Usage{.input = 10};
  attempts[0].price = {.version = "c", .phase = "", .currency = base::Currency::kCny, .cost = 70};
  attempts[1].model = "openai/gpt-5-mini";
  attempts[1].usage = chat::Usage{.input = 20};
  attempts[1].price.version = kUnknownPrice;
  attempts[2].model = "deepseek/deepseek-flash";
  row.provider = "deepseek";
  row.model = "deepseek-flash";
  row.usage = {.input = 5};
  row.price = {.version = "u", .phase = "", .currency = base::Currency::kUsd, .cost = 9};
  row.attempts = attempts;
  Append(*journal, row);
  const Bill bill = Ask(*OpenLedger(), {.by = By({"model", "provider"})});
  ASSERT_EQ(bill.rows.size(), 3u);
  EXPECT_EQ(bill.rows[0].values[0], "deepseek/deepseek-flash");
  EXPECT_EQ(bill.rows[0].currency, base::Currency::kUsd);
  EXPECT_EQ(bill.rows[0].sums.requests, 1);
  EXPECT_EQ(bill.rows[0].sums.cost, 9);
  EXPECT_EQ(bill.rows[1].values, (std::vector<std::string>{"deepseek/deepseek-v4-pro", "deepseek"}));
  EXPECT_EQ(bill.rows[1].currency, base::Currency::kCny);
  EXPECT_EQ(bill.rows[1].sums.requests, 0);
  EXPECT_EQ(bill.rows[1].sums.cost, 70);
  EXPECT_EQ(bill.rows[1].sums.usage.input, 10);
  EXPECT_EQ(bill.rows[2].values[1], "openai");
  EXPECT_EQ(bill.rows[2].sums.unknown_price_requests, 1);
  EXPECT_EQ(bill.total.size(), 3u);
  EXPECT_EQ(bill.unknown_price_requests, 1);
}

TEST_F(LedgerTest, TheUsageSourceIsThatOfEachRowAndOfEachFailedAttempt) {
  const auto journal = OpenJournal();
  std::map<std::string, std::int64_t> requests;
  for (int i = 0; i < 100; ++i) {
    LedgerRow row = rows_.Usual(kMonday + i * 7min);
    row.usage_source = static_cast<chat::UsageSource>(i % 5);
    ++requests[std::string(Name(row.usage_source))];
    LedgerAttempt told, untold;
    told.model = untold.model = "b/large";
    told.usage = chat::Usage{.input = 10};
    told.price = {.version = "v", .phase = {}, .currency = base::Currency::kCny, .cost = 7};
    untold.usage = chat::Usage();
    untold.price.version = kUnknownPrice;
    const LedgerAttempt attempts[] = {told, untold};
    row.attempts = attempts;
    Append(*journal, row);
  }
  const auto ledger = OpenLedger();
  const LedgerQuery query{.by = By({"usage_source", "provider", "currency"}), .from = kMonday + 30min};
  ExpectSame(Ask(*ledger, query), AskRows(*ledger, query));
  std::map<std::string, std::int64_t> found;
  for (const BillRow& row : Ask(*ledger, {.by = By({"usage_source"})}).rows) {
    found[row.values[0]] += row.sums.requests;
    if (row.currency == base::Currency::kCny) {
      EXPECT_EQ(row.values[0], "provider");
    } else if (row.currency.none()) {
      EXPECT_EQ(row.values[0], "none");
    }
  }
  EXPECT_EQ(found, requests);
}

TEST_F(LedgerTest, TheCostOfAllRowsIsExactBeyondSixtyFourBits) {
  const auto journal = OpenJournal();
  LedgerRow row = rows_.Usual(kMonday);
  row.price.cost = (base::Int128{1} << 100) + 1;
  row.saved = -*row.price.cost;
  for (int i = 0; i < 3; ++i) {
    const std::string id = "req_large_" + std::to_string(i);
    row.request_id = id;
    Append(*journal, row);
  }
  const Bill bill = Ask(*OpenLedger(), {});
  EXPECT_EQ(bill.total[0].sums.cost, 3 * *row.price.cost);
  EXPECT_EQ(bill.total[0].sums.saved, -3 * *row.price.cost);
}

TEST_F(LedgerTest, ARowThatIsWrittenTwiceCountsOnce) {
  const auto journal = OpenJournal();
  const LedgerRow& row = rows_.Usual(kMonday);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(journal->Append(row));
  const auto ledger = OpenLedger();
  EXPECT_EQ(Ask(*ledger, {}).total[0].sums.requests, 1);
  EXPECT_EQ(AskRows(*ledger, {}).total[0].sums.requests, 1);
  ASSERT_TRUE(journal->Append(row));
  EXPECT_EQ(Ask(*ledger, {}).total[0].sums.requests, 1);
  EXPECT_TRUE(ledger->Verify()->index_agrees);
}

TEST_F(LedgerTest, ARowThatIsWrittenAgainInTheNextSegmentCountsOnce) {
  const auto journal = OpenJournal();
  const LedgerRow& first = rows_.Usual(kMonday);
  const std::string id(first.request_id);
  Append(*journal, first);
  Append(*journal, 3'500);
  ASSERT_EQ(journal->End().segment, 2u);
  LedgerRow again = rows_.Usual(kMonday + 1h);
  again.request_id = id;
  for (const bool in_one_batch : {true, false}) {
    ASSERT_TRUE(journal->Append(again));
    const auto ledger = OpenLedger();
    EXPECT_EQ(Ask(*ledger, {}).total[0].sums.requests, 3'501) << in_one_batch;
    EXPECT_TRUE(*ledger->Find(id, [](const LedgerRow&) {}));
    EXPECT_TRUE(ledger->Verify()->index_agrees);
    EXPECT_EQ(ledger->Parts({})->back().twins.size(), in_one_batch ? 1u : 2u);
  }
  const auto ledger = OpenLedger();
  EXPECT_EQ(*ledger->Rebuild(), 3'503u);
  EXPECT_EQ(Ask(*ledger, {}).total[0].sums.requests, 3'501);
}

TEST_F(LedgerTest, SeveralReadersCatchUpAtOnceWhileTheGatewayWrites) {
  const auto journal = OpenJournal();
  constexpr int kRows = 4'000;
  {
    std::vector<std::jthread> readers;
    for (int reader = 0; reader < 3; ++reader) {
      readers.emplace_back([&] {
        const auto ledger = OpenLedger();
        for (std::int64_t seen = 0; seen < kRows;) {
          const Bill bill = Ask(*ledger, {.by = By({"team"})});
          const std::int64_t now = bill.total.empty() ? 0 : bill.total[0].sums.requests;
          EXPECT_GE(now, seen);
          seen = now;
          const auto check = ledger->Verify();
          EXPECT_TRUE(check && check->index_agrees && check->damage.empty());
        }
      });
    }
    Append(*journal, kRows);
  }
  const auto ledger = OpenLedger();
  EXPECT_EQ(Ask(*ledger, {}).total[0].sums.requests, kRows);
  EXPECT_TRUE(ledger->Verify()->index_agrees);
}

TEST_F(LedgerTest, AnIndexMadeAnewSaysTheSame) {
  const auto journal = OpenJournal();
  Append(*journal, 500);
  const auto ledger = OpenLedger();
  const LedgerQuery query{.by = By({"hour", "team", "model"})};
  const Bill before = Ask(*ledger, query);
  EXPECT_EQ(*ledger->Rebuild(), 500u);
  ExpectSame(Ask(*ledger, query), before);
  fs::remove(directory_.path() / "index.sqlite");
  ExpectSame(Ask(*OpenLedger(), query), before);
}

TEST_F(LedgerTest, AnotherReaderNoticesThatTheIndexWasMadeAnew) {
  const auto journal = OpenJournal();
  Append(*journal, 100);
  const auto first = OpenLedger();
  const auto second = OpenLedger();
  Ask(*first, {});
  ASSERT_TRUE(second->Rebuild());
  Append(*journal, 100);
  ExpectSame(Ask(*first, {.by = By({"team"})}), AskRows(*second, {.by = By({"team"})}));
}

TEST_F(LedgerTest, AnIndexOfAnotherJournalIsMadeAnew) {
  Append(*OpenJournal(), 100);
  EXPECT_EQ(Ask(*OpenLedger(), {}).total[0].sums.requests, 100);
  fs::remove_all(JournalDirectory(directory_.path()));
  EXPECT_TRUE(Ask(*OpenLedger(), {}).total.empty());
  Append(*OpenJournal(), 30);
  EXPECT_EQ(Ask(*OpenLedger(), {}).total[0].sums.requests, 30);
}

TEST_F(LedgerTest, RowsThatAPowerCutTookAreTakenOutOfTheIndexToo) {
  { Append(*OpenJournal(), 10); }
  EXPECT_EQ(Ask(*OpenLedger(), {}).total[0].sums.requests, 10);
  const SegmentFile file = (*ListSegments(directory_.path()))[0];
  fs::resize_file(file.path, file.bytes / 2);
  const auto journal = OpenJournal();
  Append(*journal, 2);
  const auto ledger = OpenLedger();
  const Bill bill = Ask(*ledger, {});
  EXPECT_LT(bill.total[0].sums.requests, 8);
  EXPECT_TRUE(ledger->Verify()->index_agrees);
}

TEST_F(LedgerTest, DamageIsToldByWhoeverTakesItInAndByVerify) {
  { Append(*OpenJournal(), 10); }
  const SegmentFile file = (*ListSegments(directory_.path()))[0];
  std::string bytes = ReadFile(file.path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  WriteFile(file.path, bytes);
  const auto ledger = OpenLedger();
  int told = 0;
  EXPECT_EQ(*ledger->CatchUp([&](const JournalDamage&) { ++told; }), 9u);
  EXPECT_EQ(told, 1);
  const auto check = ledger->Verify();
  ASSERT_TRUE(check);
  EXPECT_EQ(check->rows, 9u);
  EXPECT_EQ(check->damage.size(), 1u);
  EXPECT_TRUE(check->index_agrees);
}

TEST_F(LedgerTest, TheIndexTakesNoRowBeforeItIsOnTheDisk) {
  const auto journal = OpenJournal();
  Append(*journal, 10);
  PlayedDisk disk;
  const auto ledger = Ledger::Open(directory_.path(), {.note = {}, .disk = &disk});
  ASSERT_TRUE(ledger);
  disk.sync_error = EIO;
  EXPECT_FALSE((*ledger)->CatchUp());
  EXPECT_EQ(*OpenLedger()->Indexed(), JournalPosition());
  disk.sync_error = 0;
  EXPECT_EQ(*(*ledger)->CatchUp(), 10u);
}

TEST_F(LedgerTest, AnIndexThatIsAWholeSegmentAheadIsMadeAnew) {
  Append(*OpenJournal(), 4'000);
  std::vector<std::string> events;
  const auto opened = Ledger::Open(
      directory_.path(), {.note = [&events](std::string_view event, auto) { events.emplace_back(event); }});
  ASSERT_TRUE(opened);
  Ledger* const ledger = opened->get();
  EXPECT_EQ(*ledger->CatchUp(), 4'000u);
  EXPECT_TRUE(events.empty());
  fs::remove(ListSegments(directory_.path())->back().path);
  const std::uint64_t left = *ledger->CatchUp();
  EXPECT_GT(left, 0u);
  EXPECT_LT(left, 4'000u);
  EXPECT_EQ(events, std::vector<std::string>{"ledger_index_remade"});
  EXPECT_EQ(*ledger->CatchUp(), 0u);
}

TEST(LedgerSumsTest, SumsThatNoAmountCanReachGoRoundWithoutAFault) {
  const base::Int128 most = static_cast<base::Int128>(~static_cast<unsigned __int128>(0) >> 1);
  LedgerSums sums;
  sums.cost = sums.saved = most;
  LedgerSums one;
  one.cost = one.saved = 1;
  sums += one;
  EXPECT_EQ(sums.saved, -most - 1);
  EXPECT_EQ(sums.cost, sums.saved);
}

TEST_F(LedgerTest, PartsHoldTheRowsOfThePeriodAndAreReadApart) {
  const auto journal = OpenJournal();
  Append(*journal, 9'000, kMonday, 1s);
  const auto ledger = OpenLedger();
  const LedgerQuery all;
  const auto parts = ledger->Parts(all);
  ASSERT_TRUE(parts);
  ASSERT_GT(parts->size(), 2u);
  std::atomic<int> rows{0};
  {
    std::vector<std::jthread> threads;
    for (const LedgerPart& part : *parts) {
      threads.emplace_back(
          [&] { EXPECT_TRUE(Ledger::ReadPart(part, all, [&](const LedgerRow&) { return ++rows, true; })); });
    }
  }
  EXPECT_EQ(rows, 9'000);
  EXPECT_EQ(ledger->Parts({.by = {}, .from = kMonday, .to = kMonday + 1s})->size(), 1u);
}

TEST_F(LedgerTest, KnowsTheDefinitionOfEveryPrice) {
  const auto journal = OpenJournal();
  const PriceDefinition prices[] = {{.version = "v1", .text = "one"}, {.version = "v2", .text = "two"}};
  ASSERT_TRUE(journal->Append(rows_.Usual(kMonday), prices));
  const auto known = OpenLedger()->Prices();
  ASSERT_TRUE(known);
  EXPECT_EQ(*known, (std::map<std::string, std::string, std::less<>>{{"v1", "one"}, {"v2", "two"}}));
}

TEST_F(LedgerTest, TooManyDimensionsAreRefused) {
  const auto bill = OpenLedger()->Query({.by = std::vector<DimensionRef>(9, {Dimension::kTeam})});
  ASSERT_FALSE(bill);
  EXPECT_EQ(bill.error().code, base::Code::kInvalid);
}

TEST(BillMakerTest, ABillHasAsManyLinesAsItMayAndNoMore) {
  const LedgerQuery query{.by = {{Dimension::kRequest}}};
  RowMaker rows(51);
  BillMaker maker(query, 3);
  for (int i = 0; i < 3; ++i) maker.Add(rows.Usual(kMonday));
  EXPECT_FALSE(maker.too_large());
  maker.Add(rows.Usual(kMonday));
  EXPECT_TRUE(maker.too_large());
  EXPECT_EQ(maker.Finish().rows.size(), 3u);
}

TEST(DimensionTest, NamesComeBack) {
  for (int i = 0; i <= static_cast<int>(Dimension::kRequest); ++i) {
    const DimensionRef ref{.dimension = static_cast<Dimension>(i),
                           .tag = static_cast<Dimension>(i) == Dimension::kTag ? "app" : ""};
    const auto parsed = ParseDimension(Name(ref));
    ASSERT_TRUE(parsed) << Name(ref);
    EXPECT_EQ(*parsed, ref);
  }
  EXPECT_FALSE(ParseDimension("tag"));
  EXPECT_FALSE(ParseDimension("tag:"));
  const auto wrong = ParseDimension("teem");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().detail.find("tag:NAME"), std::string::npos);
}

}  // namespace
}  // namespace store
