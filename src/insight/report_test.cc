#include "insight/report.h"

#include <gtest/gtest.h>

namespace insight {
namespace {

using base::Currency;
using store::Bill;
using store::BillRow;
using store::Dimension;

BillRow Row(std::vector<std::string> values, Currency currency, std::int64_t requests, base::Int128 cost) {
  BillRow row;
  row.values = std::move(values);
  row.currency = currency;
  row.sums.requests = requests;
  row.sums.cost = cost;
  row.sums.saved = cost * 2;
  row.sums.usage.input = requests * 100;
  row.sums.usage.cached_input = requests * 10;
  row.sums.usage.output = requests;
  return row;
}

Bill TwoTeams() {
  Bill bill;
  bill.rows = {Row({"search"}, Currency::kUsd, 2, base::kPico / 8),
               Row({"support"}, Currency::kUsd, 3, base::kPico),
               Row({""}, Currency::kCny, 1, base::kPico * 7)};
  BillRow unknown = Row({"support"}, {}, 4, 0);
  unknown.sums.unknown_price_requests = 4;
  bill.rows.push_back(unknown);
  bill.total = {Row({}, {}, 4, 0), Row({}, Currency::kCny, 1, base::kPico * 7),
                Row({}, Currency::kUsd, 5, base::kPico * 9 / 8)};
  bill.total[0].sums.unknown_price_requests = 4;
  bill.unknown_price_requests = 4;
  return bill;
}

const ReportView kByTeam = {.by = {{Dimension::kTeam}}};

TEST(ReportTest, JsonHasRowsTotalsAndWhatIsUnknown) {
  const std::string json = BillJson(TwoTeams(), kByTeam);
  EXPECT_TRUE(
      json.starts_with(R"({"rows":[{"team":"search","requests":2,"cost":"0.125 USD","saved":"0.25 USD",)"
                       R"("currency":"USD","usage":{"input":200,"cached_input":20,)"))
      << json;
  EXPECT_NE(json.find(R"({"team":"support","requests":4,"cost":null,"saved":null,"currency":null,)"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"({"team":null,"requests":1,"cost":"7 CNY")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("total":[{"requests":4,"cost":null)"), std::string::npos) << json;
  EXPECT_TRUE(
      json.ends_with(R"("unknown_price_requests":4,"unknown_price_models":{},"missing_before":null})"))
      << json;
}

TEST(ReportTest, AConversionIsShownBesideWhatWasRecorded) {
  ReportView view = kByTeam;
  view.conversion = Conversion::Parse({"CNY=0.14 USD"}).value();
  const std::string json = BillJson(TwoTeams(), view);
  EXPECT_NE(json.find(R"("cost":"7 CNY","saved":"14 CNY","currency":"CNY","converted_cost":"0.98 USD")"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("converted":{"rates":{"CNY":"0.14 USD"},"cost":"2.105 USD"})"), std::string::npos)
      << json;
  EXPECT_NE(BillFooter(TwoTeams(), view).find("that is 2.105 USD at 1 CNY = 0.14 USD"), std::string::npos);
  view.conversion = Conversion::Parse({"EUR=0.14 USD"}).value();
  EXPECT_EQ(ConvertedTotal(TwoTeams(), *view.conversion), std::nullopt);
}

TEST(ReportTest, PeopleSeeTheDearestFirstAndPointsUnderPoints) {
  EXPECT_EQ(Print(BillSheet(TwoTeams(), kByTeam)),
            "team     requests  input  cached  output     cost  saved  currency\n"
            "support         4    440      40       4  unknown         -\n"
            "-               1    110      10       1    7      14     CNY\n"
            "support         3    330      30       3    1       2     USD\n"
            "search          2    220      20       2    0.125   0.25  USD\n");
}

TEST(ReportTest, TheFooterNamesWhatIsUnknownAndWhatWasCounted) {
  Bill bill = TwoTeams();
  bill.total[2].sums.counted_requests = 1;
  ReportView view = kByTeam;
  view.unpriced = {{"nobody/unheard-of", 3}, {"p/m", 1}};
  const std::string footer = BillFooter(bill, view);
  EXPECT_TRUE(footer.starts_with("10 requests cost 7 CNY (saved 14 CNY) and 1.125 USD (saved 2.25 USD)\n"))
      << footer;
  EXPECT_NE(
      footer.find(
          "4 of them (40.0%) have no known cost and are in no total: 3 of nobody/unheard-of, 1 of p/m\n"),
      std::string::npos)
      << footer;
  EXPECT_NE(footer.find("of 1 (10.0%) the provider told no usage: its tokens were counted here"),
            std::string::npos)
      << footer;
  EXPECT_NE(BillJson(bill, view).find(R"("unknown_price_models":{"nobody/unheard-of":3,"p/m":1})"),
            std::string::npos);
  bill.total[2].sums.unknown_saved_requests = 2;
  bill.total[2].sums.inconsistent_requests = 1;
  bill.missing_before = base::WallTime(std::chrono::seconds(1'795'392'000));
  const std::string warned = BillFooter(bill, view);
  for (const char* const part :
       {"of 2 (20.0%) it is not known what they saved", "of 1 (10.0%) the provider's numbers contradict",
        "requests that were started before 2026-11-23 00:00:00 UTC are missing here"})
    EXPECT_NE(warned.find(part), std::string::npos) << warned;
  EXPECT_NE(BillJson(bill, view).find(R"("missing_before":"2026-11-23T00:00:00Z")"), std::string::npos);
  bill.unknown_price_requests = 1;
  EXPECT_NE(BillFooter(bill, view).find("1 of them (10.0%) has no known cost and is in no total"),
            std::string::npos);
  EXPECT_EQ(BillFooter(Bill{}, kByTeam), "no request is in the ledger for this\n");
}

TEST(ReportTest, CsvHasAColumnForEachMeter) {
  const std::string csv = PrintCsv(BillCsv(TwoTeams(), kByTeam));
  EXPECT_TRUE(csv.starts_with("team,currency,requests,cost,saved,input,cached_input,")) << csv;
  EXPECT_NE(csv.find("\nsearch,USD,2,0.125,0.25,200,20,0,0,2,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("\nsupport,,4,,,400,"), std::string::npos) << csv;
}

TEST(ReportTest, ConvertedAmountsInCsvArePlainNumbersBesideTheirCurrency) {
  ReportView view = kByTeam;
  view.conversion = Conversion::Parse({"CNY=0.14 USD"}).value();
  const std::string csv = PrintCsv(BillCsv(TwoTeams(), view));
  EXPECT_TRUE(csv.starts_with("team,currency,requests,cost,saved,converted_cost,converted_currency,")) << csv;
  EXPECT_NE(csv.find("\n,CNY,1,7,14,0.98,USD,"), std::string::npos) << csv;
}

TEST(ReportTest, CellsWithCommasAndQuotesAreQuoted) {
  EXPECT_EQ(CsvLine({"a,b", "say \"x\"", "c"}), "\"a,b\",\"say \"\"x\"\"\",c\n");
}

}  // namespace
}  // namespace insight
