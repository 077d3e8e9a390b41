#include "insight/focus.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "insight/priced_rows_for_test.h"

namespace insight {
namespace {

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else if (c != '\n') {
      cells.back() += c;
    }
  }
  return cells;
}

// The lines by column name.
std::vector<std::map<std::string, std::string>> Read(const std::string& text) {
  const std::vector<std::string> header = Cells(Focus::Header());
  std::vector<std::map<std::string, std::string>> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> cells = Cells(line);
    EXPECT_EQ(cells.size(), header.size()) << line;
    auto& named = lines.emplace_back();
    for (std::size_t i = 0; i < std::min(cells.size(), header.size()); ++i) named[header[i]] = cells[i];
  }
  return lines;
}

base::Int128 Sum(const std::vector<std::map<std::string, std::string>>& lines, const std::string& column) {
  base::Int128 sum = 0;
  for (const auto& line : lines) {
    if (!line.at(column).empty()) sum += base::ParsePico(line.at(column)).value();
  }
  return sum;
}

TEST(FocusTest, LinesSumUpToTheRecordedCostByRequestAndByHour) {
  PricedRows source(11);
  Focus by_request(source.Finder(), Focus::Grain::kRequest);
  Focus by_hour(source.Finder(), Focus::Grain::kHour);
  std::string lines;
  base::Int128 recorded = 0;
  for (int i = 0; i < 300; ++i) {
    const store::LedgerRow& row = source.Next();
    lines += by_request.Add(row);
    EXPECT_EQ(by_hour.Add(row), "");
    recorded += row.price.cost.value_or(0);
    for (const auto& attempt : row.attempts) recorded += attempt.price.cost.value_or(0);
  }
  const auto requests = Read(lines);
  const auto hours = Read(by_hour.Finish());
  EXPECT_EQ(Sum(requests, "EffectiveCost"), recorded);
  EXPECT_EQ(Sum(hours, "EffectiveCost"), recorded);
  EXPECT_EQ(Sum(requests, "ListCost"), Sum(hours, "ListCost"));
  EXPECT_GT(Sum(requests, "ListCost"), recorded);
  EXPECT_LT(hours.size(), requests.size());
}

TEST(FocusTest, FiltersLeaveTheFailedAttemptsOfOthersOutAndKeepTheirOwn) {
  PricedRows source(11);
  std::map<std::string, base::Int128> recorded;
  std::map<std::string, std::string> lines;
  for (int i = 0; i < 300; ++i) {
    const store::LedgerRow& row = source.Next();
    recorded[std::string(row.provider)] += row.price.cost.value_or(0);
    for (const auto& attempt : row.attempts)
      recorded[std::string(attempt.model.substr(0, attempt.model.find('/')))] +=
          attempt.price.cost.value_or(0);
    for (const char* const provider : {"deepseek", "openai"}) {
      Focus focus(source.Finder(), Focus::Grain::kRequest, {{{store::Dimension::kProvider, {}}, {provider}}});
      lines[provider] += focus.Add(row);
    }
  }
  for (const auto& [provider, text] : lines)
    EXPECT_EQ(Sum(Read(text), "EffectiveCost"), recorded[provider]) << provider;
}

TEST(FocusTest, ALineSaysWhatAFinanceTeamAsks) {
  PricedRows source(11);
  const store::LedgerRow* row = &source.Next();
  while (row->model != "deepseek-flash" || row->price.phase != "peak") row = &source.Next();
  Focus focus(source.Finder(), Focus::Grain::kRequest);
  auto line = Read(focus.Add(*row))[1];
  EXPECT_EQ(line["SkuMeter"], "cached_input");
  EXPECT_EQ(line["SkuId"], "deepseek-flash");
  EXPECT_EQ(line["SkuPriceId"], row->price.version);
  EXPECT_EQ(line["ConsumedUnit"], "Tokens");
  EXPECT_EQ(line["PricingUnit"], "1M Tokens");
  EXPECT_EQ(line["ListUnitPrice"], "0.3");
  EXPECT_EQ(line["ContractedUnitPrice"], "0.006");
  EXPECT_EQ(line["BilledCost"], line["EffectiveCost"]);
  EXPECT_EQ(line["BillingCurrency"], "USD");
  EXPECT_EQ(line["BillingPeriodStart"], "2026-11-01T00:00:00Z");
  EXPECT_EQ(line["BillingPeriodEnd"], "2026-12-01T00:00:00Z");
  EXPECT_EQ(line["PricingCategory"], "Dynamic");
  EXPECT_EQ(line["x_CacheHit"], "true");
  EXPECT_EQ(line["x_RequestId"], row->request_id);
}

TEST(FocusTest, WhatHasNoKnownPriceHasNoCost) {
  PricedRows source(11);
  const store::LedgerRow* row = &source.Next();
  while (!row->price.unknown()) row = &source.Next();
  Focus focus(source.Finder(), Focus::Grain::kRequest);
  for (auto& line : Read(focus.Add(*row))) {
    if (!line["SkuPriceId"].empty() && line["SkuPriceId"] != "unknown") continue;  // of a failed attempt
    EXPECT_EQ(line["EffectiveCost"], "");
    EXPECT_EQ(line["ListCost"], "");
  }
}

}  // namespace
}  // namespace insight
