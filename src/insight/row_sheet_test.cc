#include "insight/row_sheet.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "base/time_text.h"

namespace insight {
namespace {

std::map<std::string, std::string> Cells(const store::LedgerRow& row,
                                         const std::optional<Conversion>& conversion) {
  const std::vector<std::string> names = RowCsvHeader(conversion);
  const std::vector<std::string> cells = RowCsvCells(row, conversion);
  EXPECT_EQ(names.size(), cells.size());
  std::map<std::string, std::string> by_name;
  for (std::size_t i = 0; i < cells.size(); ++i) by_name[names[i]] = cells[i];
  EXPECT_EQ(by_name.size(), names.size());
  return by_name;
}

TEST(RowSheetTest, ARowHasItsNamesTimesAndFiguresEachInItsColumn) {
  const std::pair<std::string_view, std::string_view> tags[] = {{"app", "check\"out"}};
  store::LedgerRow row;
  row.request_id = "req_1";
  row.started = base::ParseTime("2026-11-23T01:12:00.25Z").value();
  row.key_id = "key_1";
  row.project = "web";
  row.user = "ann";
  row.tags = tags;
  row.provider = "p";
  row.model = "m";
  row.status = 200;
  row.usage.cached_input = 7;
  row.usage.inconsistent = true;
  row.response_model = "m-2";
  row.finish = chat::FinishReason::kStop;
  row.reason = "the default rung";
  row.price = {.version = "v1", .phase = "peak", .currency = base::Currency::kCny, .cost = base::kPico / 2};
  auto cells = Cells(row, Conversion::Parse({"CNY=0.14 USD"}).value());
  EXPECT_EQ(cells["started"], "2026-11-23T01:12:00.250000Z");
  EXPECT_EQ(cells["first_token"], "");
  EXPECT_EQ(cells["key_id"] + cells["project"] + cells["user"], "key_1webann");
  EXPECT_EQ(cells["tags"], R"({"app":"check\"out"})");
  EXPECT_EQ(cells["model"], "p/m");
  EXPECT_EQ(cells["provider"] + cells["response_model"], "pm-2");
  EXPECT_EQ(cells["finish_reason"] + cells["inconsistent"] + cells["batch"], "stoptruefalse");
  EXPECT_EQ(cells["reason"], "the default rung");
  EXPECT_EQ(cells["price_version"], "v1");
  EXPECT_EQ(cells["cost"] + cells["currency"], "0.5CNY");
  EXPECT_EQ(cells["converted_cost"] + cells["converted_currency"], "0.07USD");
  EXPECT_EQ(cells["cached_input"], "7");
}

TEST(RowSheetTest, AnUnknownCostIsAnEmptyCellAndWhatAttemptsCostIsInIt) {
  store::LedgerRow row;
  row.price.version = store::kUnknownPrice;
  EXPECT_EQ(Cells(row, std::nullopt)["cost"], "");
  store::LedgerAttempt attempt;
  attempt.usage.emplace().output = 1;
  attempt.price = {.version = "v", .phase = {}, .currency = base::Currency::kUsd, .cost = base::kPico};
  row.price = {};
  row.attempts = {&attempt, 1};
  EXPECT_EQ(Cells(row, std::nullopt)["cost"], "1");
  EXPECT_EQ(Cells(row, std::nullopt)["currency"], "USD");
}

}  // namespace
}  // namespace insight
