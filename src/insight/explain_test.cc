#include "insight/explain.h"

#include <gtest/gtest.h>

#include "insight/priced_rows_for_test.h"

namespace insight {
namespace {

store::LedgerRow PeakRow() {
  store::LedgerRow row;
  row.request_id = "req_1";
  row.started = pricing::At("2026-11-23T01:12:00Z");
  row.dispatched = row.started;
  row.completed = row.started + std::chrono::seconds(4);
  row.provider = "deepseek";
  row.model = "deepseek-flash";
  row.team = "support";
  row.asked_model = "assistant";
  row.status = 200;
  row.usage.cached_input = 1'204;
  row.usage.input = 3;
  row.usage.output = 10;
  row.usage.reasoning = 20;
  return row;
}

// The row with the price that it has, and where its definition is found.
struct Priced {
  explicit Priced(store::LedgerRow its) : row(std::move(its)) {
    const auto usd = base::Currency::kUsd;
    const pricing::Cost cost = book->Price(book->Find(row.provider, row.model, usd), usd, row.usage,
                                           {.dispatched = *row.dispatched, .completed = row.completed});
    text = pricing::WriteVersion(*cost.version);
    row.price = {cost.version->id, cost.version->phase, usd, cost.pico};
  }
  FindDefinition Find() const {
    return [this](std::string_view version) { return version == row.price.version ? text : std::string(); };
  }
  std::shared_ptr<const pricing::Book> book = pricing::ShippedBook();
  store::LedgerRow row;
  std::string text;
};

TEST(ExplainTest, EachTermSaysCountRatePhaseHourAndVersion) {
  const Priced priced(PeakRow());
  const std::string text = ExplainText(priced.row, Reckon(priced.row, priced.Find()), {});
  const std::string version(priced.row.price.version);
  EXPECT_NE(text.find("1,204 cached input x 0.006 USD per 1M (peak, 2026-11-23 09:12 +08:00, version " +
                      version + ") = 0.000007224 USD"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("20 reasoning x 1.2 USD per 1M (as output, peak"), std::string::npos) << text;
  EXPECT_NE(text.find("the same to the last digit"), std::string::npos) << text;
}

TEST(ExplainTest, TermsSumUpToTheCostOfEveryRow) {
  PricedRows source(7);
  for (int i = 0; i < 1'000; ++i) {
    const store::LedgerRow& row = source.Next();
    for (const Reckoning& one : Reckon(row, source.Finder())) {
      if (one.recorded.unknown()) continue;
      base::Int128 sum = 0;
      for (const pricing::Term& term : one.terms) sum += term.numerator;
      ASSERT_EQ(base::DivideRounded(sum, pricing::kRatePer), one.recorded.cost);
      ASSERT_TRUE(one.confirmed());
    }
  }
}

TEST(ExplainTest, ARecordedCostThatItsDefinitionDoesNotGiveIsSaid) {
  Priced priced(PeakRow());
  *priced.row.price.cost += 1;
  const auto reckonings = Reckon(priced.row, priced.Find());
  EXPECT_FALSE(AllConfirmed(reckonings));
  EXPECT_NE(ExplainText(priced.row, reckonings, {}).find("NOT the"), std::string::npos);
}

TEST(ExplainTest, AnUnknownPriceIsUnknownAndNothingToConfirm) {
  store::LedgerRow row = PeakRow();
  row.price.version = store::kUnknownPrice;
  const auto reckonings = Reckon(row, [](std::string_view) { return std::string(); });
  EXPECT_TRUE(AllConfirmed(reckonings));
  EXPECT_NE(ExplainText(row, reckonings, {}).find("no price was known"), std::string::npos);
}

TEST(ExplainTest, AVersionThatTheLedgerDoesNotDefineIsNotConfirmed) {
  const Priced priced(PeakRow());
  const auto reckonings = Reckon(priced.row, [](std::string_view) { return std::string(); });
  EXPECT_FALSE(AllConfirmed(reckonings));
}

TEST(ExplainTest, JsonHasTheRowAndItsTerms) {
  const Priced priced(PeakRow());
  const std::string json = ExplainJson(R"({"request_id":"req_1"})", Reckon(priced.row, priced.Find()));
  EXPECT_NE(json.find(R"({"request_id":"req_1","terms":[{"meter":"input","priced_as":"input","count":3,)"
                      R"("rate":"0.3 USD","per":1000000,"amount":"0.0000009 USD")"),
            std::string::npos)
      << json;
  EXPECT_TRUE(json.ends_with("\"confirmed\":true}")) << json;
}

TEST(ExplainTest, AKeptRowSaysTheSame) {
  PricedRows source(9);
  for (int i = 0; i < 100; ++i) {
    const store::LedgerRow& row = source.Next();
    const KeptRow kept(row);
    EXPECT_EQ(kept.row().request_id, row.request_id);
    EXPECT_EQ(kept.row().price, row.price);
    EXPECT_EQ(kept.row().usage, row.usage);
    EXPECT_EQ(kept.row().attempts.size(), row.attempts.size());
  }
}

}  // namespace
}  // namespace insight
