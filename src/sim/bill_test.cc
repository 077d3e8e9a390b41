#include "sim/bill.h"

#include <gtest/gtest.h>

#include "base/time_text.h"
#include "sim/json_find.h"

namespace sim {
namespace {

using base::Currency;

Charge Chat(std::string_view time = "2026-11-23T09:00+08:00") {
  Charge charge{.key = "sk-a", .dialect = Dialect::kDeepseek, .model = "deepseek-flash", .tier = {}};
  charge.dispatched = charge.completed = base::ParseTime(time).value();
  charge.counts.prompt = 1000;
  charge.counts.cached = 900;
  charge.counts.completion = 10;
  charge.counts.reasoning = 4;
  return charge;
}

std::string Lines(const Bill& bill, std::string_view section) {
  const std::string json = "{" + bill.WriteMembers() + "}";
  const auto member = FindMember(json, section);
  if (!member) return {};
  return std::string(member->IsObject() ? FindMember(member->raw, "lines")->raw : member->raw);
}

TEST(BillTest, ARequestIsAddedToItsLine) {
  Bill bill;
  EXPECT_EQ(bill.Add(Chat(), Currency::kUsd), "0.0000474 USD");
  EXPECT_EQ(bill.Add(Chat(), Currency::kUsd), "0.0000474 USD");
  EXPECT_EQ(Lines(bill, "billed"),
            R"([{"key":"sk-a","provider":"deepseek","model":"deepseek-flash","tier":"","requests":2,)"
            R"("usage":{"input":200,"cached_input":1800,"cache_write_5m":0,"cache_write_1h":0,"output":12,)"
            R"("reasoning":8},"phase":"peak","cost":"0.0000948","currency":"USD"}])");
  EXPECT_EQ(static_cast<std::int64_t>(bill.Spent("sk-a", Currency::kUsd)), 94'800'000);
  EXPECT_EQ(static_cast<std::int64_t>(bill.Spent("sk-b", Currency::kUsd)), 0);
}

TEST(BillTest, PhasesCurrenciesAndReckoningsHaveLinesOfTheirOwn) {
  Bill bill;
  bill.Add(Chat(), Currency::kUsd);
  EXPECT_EQ(bill.Add(Chat("2026-11-23T13:00+08:00"), Currency::kUsd), "0.0000237 USD");
  EXPECT_EQ(bill.Add(Chat(), Currency::kCny), "0.000316 CNY");
  Charge aborted = Chat();
  aborted.reckoning = Reckoning::kAborted;
  bill.Add(aborted, Currency::kUsd);
  const std::string json = "{" + bill.WriteMembers() + "}";
  const auto billed = FindMember(json, "billed");
  ASSERT_TRUE(billed);
  std::string totals;
  ForEachElement(FindMember(billed->raw, "total")->raw, [&](const wire::JsonValue& total) {
    totals += FindText(total.raw, "cost") + " " + FindText(total.raw, "currency") + ";";
  });
  EXPECT_EQ(totals, "0.000316 CNY;0.0000711 USD;");
  EXPECT_NE(Lines(bill, "aborted").find(R"("cost":"0.0000474")"), std::string::npos);
}

TEST(BillTest, WhatHasNoPriceIsCountedAndCostsNothing) {
  Bill bill;
  Charge charge = Chat();
  charge.model = "deepseek-chat";
  EXPECT_EQ(bill.Add(charge, Currency::kUsd), "unpriced");
  EXPECT_EQ(Lines(bill, "billed"), "[]");
  EXPECT_NE(Lines(bill, "unpriced").find(R"("model":"deepseek-chat")"), std::string::npos);
}

TEST(BillTest, LinesBeyondTheLimitLoseTheirNamesAndNoMoney) {
  Bill bill;
  Charge charge = Chat();
  for (std::size_t i = 0; i <= kBillLinesMax; ++i) {
    charge.key = "sk-" + std::to_string(i);
    bill.Add(charge, Currency::kUsd);
  }
  EXPECT_NE(Lines(bill, "billed").find(R"({"key":"","provider":"deepseek","model":"")"), std::string::npos);
  const std::string json = "{" + bill.WriteMembers() + "}";
  const auto total = FindMember(FindMember(json, "billed")->raw, "total");
  EXPECT_NE(total->raw.find(R"("requests":10001)"), std::string_view::npos);
}

TEST(FundsTest, WhatWasGrantedIsSpentFirst) {
  const Funds funds{.granted = 10, .topped_up = 100};
  EXPECT_EQ(static_cast<int>(funds.After(4).granted), 6);
  EXPECT_EQ(static_cast<int>(funds.After(4).topped_up), 100);
  EXPECT_EQ(static_cast<int>(funds.After(15).granted), 0);
  EXPECT_EQ(static_cast<int>(funds.After(15).topped_up), 95);
  EXPECT_EQ(static_cast<int>(funds.After(115).Total()), -5);
}

TEST(FundsTest, ABalanceIsWrittenInDecimals) {
  const Funds funds{.granted = base::Int128{10} * base::kPico, .topped_up = base::kPico / 4};
  EXPECT_EQ(WriteBalance(funds, Currency::kCny, true),
            R"({"is_available":true,"balance_infos":[{"currency":"CNY","total_balance":"10.25",)"
            R"("granted_balance":"10.00","topped_up_balance":"0.25"}]})");
}

}  // namespace
}  // namespace sim
