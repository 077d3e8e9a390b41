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
  EXPECT_NE(text.find("1,204 cached input x 0.006 USD per 1M (peak, 2026-11-23 09:12 Beijing, version " +
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
  EXPECT_EQ(Confirmed(reckonings), false);
  EXPECT_NE(ExplainText(priced.row, reckonings, {}).find("NOT the"), std::string::npos);
}

// As `sluice budgets settle` writes it.
TEST(ExplainTest, AStatedCostIsNothingToConfirm) {
  store::LedgerRow row = PeakRow();
  row.usage = {};
  row.aborted = true;
  row.price = {
      .version = store::kStatedPrice, .phase = {}, .currency = base::Currency::kUsd, .cost = base::kPico / 2};
  const auto reckonings = Reckon(row, [](std::string_view) { return std::string(); });
  EXPECT_EQ(Confirmed(reckonings), std::nullopt);
  const std::string text = ExplainText(row, reckonings, {});
  EXPECT_NE(text.find("  cost 0.5 USD\n"), std::string::npos) << text;
  EXPECT_NE(text.find("its cost was stated, and nothing is known of its tokens\n"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("hung up"), std::string::npos) << text;
}

TEST(ExplainTest, AnUnknownPriceIsUnknownAndNothingToConfirm) {
  store::LedgerRow row = PeakRow();
  row.price.version = store::kUnknownPrice;
  row.usage_source = chat::UsageSource::kProvider;
  const auto reckonings = Reckon(row, [](std::string_view) { return std::string(); });
  EXPECT_EQ(Confirmed(reckonings), std::nullopt);
  const std::string text = ExplainText(row, reckonings, {});
  EXPECT_NE(text.find("no price was known"), std::string::npos);
  EXPECT_NE(text.find("  1,204 cached input x unknown\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  cost unknown\n"), std::string::npos) << text;
  EXPECT_TRUE(ExplainJson("{}", reckonings).ends_with("\"confirmed\":null}"));
  EXPECT_NE(PrintCsv(ExplainCsv(reckonings)).find(",false,cached_input,,1204,,,,,unknown\n"),
            std::string::npos);
}

TEST(ExplainTest, OfAnUnknownPriceItSaysWhatBudgetsCount) {
  store::LedgerRow row = PeakRow();
  row.price = {.version = store::kUnknownPrice, .phase = {}, .currency = {}, .cost = {}};
  row.price.held = {.pico = base::kPico / 2, .currency = base::Currency::kUsd};
  row.usage = {};
  row.usage_source = chat::UsageSource::kNone;
  const std::string text = ExplainText(row, Reckon(row, [](std::string_view) { return std::string(); }), {});
  EXPECT_NE(text.find("  cost unknown; budgets count 0.5 USD for it, as it was reserved\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("what it used is not known: it timed out or was lost\n"), std::string::npos) << text;
}

TEST(ExplainTest, WhatFailedAttemptsCostIsInTheTotalOfTheRequest) {
  const Priced priced(PeakRow());
  store::LedgerAttempt attempts[2];
  attempts[0].model = "deepseek/deepseek-flash";
  attempts[0].usage = priced.row.usage;
  attempts[0].price = priced.row.price;
  attempts[1] = attempts[0];
  store::LedgerRow row = PeakRow();
  row.status = 502;
  row.usage = {};
  row.price = {.version = {}, .phase = {}, .currency = base::Currency::kUsd, .cost = 0};
  row.attempts = attempts;
  const std::string twice = base::Print({*priced.row.price.cost * 2, base::Currency::kUsd});
  std::string text = ExplainText(row, Reckon(row, priced.Find()), {});
  EXPECT_NE(text.find("  the answer cost 0 USD\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("the request cost " + twice + " in all, of it " + twice +
                             " for the 2 attempts that failed\n"))
      << text;
  attempts[1].price.currency = base::Currency::kCny;
  text = ExplainText(row, Reckon(row, priced.Find()), {});
  const std::string once = base::PrintPico(*priced.row.price.cost);
  EXPECT_NE(text.find(once + " CNY and " + once + " USD in all"), std::string::npos) << text;
  attempts[1].price = {.version = store::kUnknownPrice, .phase = {}, .currency = {}, .cost = {}};
  text = ExplainText(row, Reckon(row, priced.Find()), {});
  EXPECT_NE(text.find("the request cost unknown; what is known of it is " + once + " USD\n"),
            std::string::npos)
      << text;
}

TEST(ExplainTest, AVersionThatTheLedgerDoesNotDefineIsNotConfirmed) {
  const Priced priced(PeakRow());
  const auto reckonings = Reckon(priced.row, [](std::string_view) { return std::string(); });
  EXPECT_EQ(Confirmed(reckonings), false);
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
