#include "insight/what_if.h"

#include <gtest/gtest.h>

#include "insight/priced_rows_for_test.h"
#include "insight/what_if_text.h"
#include "pricing/import.h"

namespace insight {
namespace {

using base::Currency;

constexpr std::uint64_t kSeed = 4711;
constexpr int kRows = 2'000;

WhatIf PriceAll(const Supposition& supposition, std::uint64_t seed = kSeed, int rows = kRows,
                base::WallTime first = pricing::At("2026-11-16T00:00:00Z")) {
  PricedRows source(seed, first);
  Repricer repricer(supposition);
  for (int i = 0; i < rows; ++i) {
    const store::LedgerRow& row = source.Next();
    for (const store::PriceDefinition& definition : source.definitions()) repricer.Define(definition);
    repricer.Take(row);
  }
  return repricer.result();
}

base::Int128 Usd(const ByCurrency& sums) {
  const auto found = sums.find(Currency::kUsd);
  return found == sums.end() ? 0 : found->second;
}

std::int64_t LeftOutRequests(const WhatIf& what_if) {
  std::int64_t requests = 0;
  for (const auto& [reason, left_out] : what_if.left_out) requests += left_out.requests;
  return requests;
}

// Of a model that the catalogue knows; nothing is used yet.
store::LedgerRow RowOfGpt5(base::WallTime at) {
  store::LedgerRow row;
  row.request_id = "r";
  row.provider = "openai";
  row.model = "gpt-5";
  row.started = row.completed = at;
  return row;
}

Supposition WithBook() {
  Supposition supposition;
  supposition.book = pricing::ShippedBook();
  return supposition;
}

TEST(WhatIfTest, WithoutASuppositionTheRecordedTotalComesBackToTheLastDigit) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const WhatIf what_if = PriceAll({}, seed, 500);
    EXPECT_EQ(what_if.recorded, what_if.supposed) << "seed " << seed;
    EXPECT_GT(Usd(what_if.recorded), 0);
    EXPECT_EQ(what_if.changed, 0);
    EXPECT_EQ(what_if.requests, what_if.priced_again + LeftOutRequests(what_if));
    ASSERT_EQ(what_if.left_out.size(), 1u);
    EXPECT_EQ(what_if.left_out.begin()->first, "no price was known when it was recorded");
  }
}

TEST(WhatIfTest, TheSameCatalogueGivesTheRecordedTotalBack) {
  Supposition supposition = WithBook();
  supposition.other_prices = true;
  const WhatIf what_if = PriceAll(supposition);
  EXPECT_EQ(what_if.recorded, what_if.supposed);
  EXPECT_EQ(what_if.changed, 0);
  ASSERT_EQ(what_if.left_out.size(), 1u);
  EXPECT_EQ(what_if.left_out.begin()->first, "no price of nobody/unheard-of is known");
}

TEST(WhatIfTest, OffPeakOfAWeekendIsTheSame) {
  Supposition supposition = WithBook();
  supposition.off_peak = true;
  PricedRows source(kSeed, pricing::At("2026-11-21T00:00:00+08:00"));
  Repricer repricer(supposition);
  for (;;) {
    const store::LedgerRow& row = source.Next();
    if (row.started >= pricing::At("2026-11-22T20:00:00+08:00")) break;
    for (const store::PriceDefinition& definition : source.definitions()) repricer.Define(definition);
    repricer.Take(row);
  }
  EXPECT_GT(repricer.result().priced_again, 50);
  EXPECT_EQ(repricer.result().recorded, repricer.result().supposed);
}

TEST(WhatIfTest, OffPeakHalvesWhatWasPeakOfDeepseek) {
  Supposition supposition = WithBook();
  supposition.off_peak = true;
  PricedRows source(kSeed);
  int peaks = 0;
  for (int i = 0; i < kRows; ++i) {
    const store::LedgerRow& row = source.Next();
    if (row.price.phase != "peak" || !row.attempts.empty()) continue;
    ++peaks;
    Repricer one(supposition);
    one.Take(row);
    EXPECT_EQ(Usd(one.result().supposed) * 2, *row.price.cost);
  }
  EXPECT_GT(peaks, 50);
}

TEST(WhatIfTest, OffPeakLeavesPricesWithoutPhasesAsTheyAre) {
  const WhatIf as_it_was = PriceAll({});
  Supposition supposition = WithBook();
  supposition.off_peak = true;
  const WhatIf what_if = PriceAll(supposition);
  EXPECT_EQ(what_if.priced_again, as_it_was.priced_again);
  EXPECT_LT(Usd(what_if.supposed), Usd(what_if.recorded));
  EXPECT_GT(Usd(what_if.supposed) * 2, Usd(what_if.recorded));
}

TEST(WhatIfTest, PricesOfAnotherTimeKeepTheHourOfTheCall) {
  // The week of August in which peak prices held on weekends too.
  Supposition supposition = WithBook();
  supposition.prices_of = pricing::At("2026-08-20T00:00:00Z");
  PricedRows source(kSeed);
  bool saw_weekend_peak = false;
  for (int i = 0; i < kRows; ++i) {
    const store::LedgerRow& row = source.Next();
    if (row.model != "deepseek-v4-pro" || !row.attempts.empty()) continue;
    Repricer one(supposition);
    one.Take(row);
    const auto local = base::TimeZone::Find("+08:00")->ToLocal(*row.dispatched);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const auto hour = std::chrono::floor<std::chrono::hours>(local - day).count();
    const bool peak = (hour >= 9 && hour < 12) || (hour >= 14 && hour < 18);
    const base::Int128 expected = row.usage.input * (peak ? 1'320'000 : 660'000) +
                                  row.usage.cached_input * (peak ? 44'000 : 22'000) +
                                  row.usage.TotalOutput() * (peak ? 3'960'000 : 1'980'000);
    ASSERT_EQ(Usd(one.result().supposed), expected) << base::PrintTime(*row.dispatched);
    saw_weekend_peak = saw_weekend_peak || (peak && row.price.phase == "off-peak");
  }
  EXPECT_TRUE(saw_weekend_peak);
}

// Begun before the peak; the first call fails after it has begun, and the second is made when it is over.
TEST(WhatIfTest, AFailedAttemptIsPricedAtItsOwnInstant) {
  const Supposition supposition = [] {
    Supposition s = WithBook();
    s.other_prices = true;
    return s;
  }();
  const auto usd = Currency::kUsd;
  const auto price = [&](const chat::Usage& usage, std::string_view at) {
    const pricing::Book& book = *supposition.book;
    const pricing::Cost cost = book.Price(book.Find("deepseek", "deepseek-flash", usd), usd, usage,
                                          {.dispatched = pricing::At(at), .completed = pricing::At(at)});
    return store::LedgerPrice{cost.version->id, cost.version->phase, usd, cost.pico};
  };
  chat::Usage usage;
  usage.input = 1'000;
  store::LedgerAttempt attempt;
  attempt.model = "deepseek/deepseek-flash";
  attempt.usage = usage;
  attempt.price = price(usage, "2026-11-23T01:00:00Z");
  attempt.call = store::LedgerCall{.said_as = chat::Operation::kChat,
                                   .dispatched = pricing::At("2026-11-23T01:00:00Z"),
                                   .completed = pricing::At("2026-11-23T01:00:00Z"),
                                   .service_tier = {}};
  store::LedgerRow row;
  row.request_id = "one";
  row.started = pricing::At("2026-11-23T00:59:59Z");
  row.dispatched = pricing::At("2026-11-23T04:00:00Z");
  row.completed = pricing::At("2026-11-23T04:00:01Z");
  row.provider = "deepseek";
  row.model = "deepseek-flash";
  row.usage = usage;
  row.price = price(usage, "2026-11-23T04:00:00Z");
  row.attempts = {&attempt, 1};
  ASSERT_NE(attempt.price.cost, row.price.cost);
  Repricer repricer(supposition);
  repricer.Take(row);
  EXPECT_EQ(repricer.result().changed, 0);
  EXPECT_EQ(repricer.result().supposed, repricer.result().recorded);
}

TEST(WhatIfTest, WhatDidNotExistThenIsNamed) {
  Supposition supposition = WithBook();
  supposition.prices_of = pricing::At("2026-08-20T00:00:00Z");
  const WhatIf what_if = PriceAll(supposition);
  EXPECT_TRUE(
      what_if.left_out.contains("no price of deepseek/deepseek-flash is known for 2026-08-20T00:00:00Z"))
      << WhatIfText(what_if, "", std::nullopt);
  EXPECT_EQ(what_if.requests, what_if.priced_again + what_if.newly_priced + LeftOutRequests(what_if));
}

TEST(WhatIfTest, AFileOfPricesDecidesAboutItsModelsOnly) {
  auto import = pricing::ReadImport(
      "providers: { deepseek: { models: { deepseek-flash: { prices: [{ USD: { input: 1, output: 1 } }] } } } "
      "}",
      "mine.yaml");
  ASSERT_TRUE(import) << import.error().detail;
  pricing::BookSources sources;
  sources.shipped = std::move(import->catalogue);
  Supposition supposition;
  supposition.book = pricing::Book::Make(std::move(sources), {}).value();
  supposition.other_prices = supposition.keep_unlisted = true;
  PricedRows source(kSeed);
  Repricer repricer(supposition);
  base::Int128 expected = 0;
  for (int i = 0; i < kRows; ++i) {
    const store::LedgerRow& row = source.Next();
    for (const store::PriceDefinition& definition : source.definitions()) repricer.Define(definition);
    repricer.Take(row);
    if (row.price.unknown()) continue;
    const auto tokens = [](const chat::Usage& usage) { return usage.TotalInput() + usage.TotalOutput(); };
    expected += row.model == "deepseek-flash" ? base::Int128{tokens(row.usage)} * 1'000'000 : *row.price.cost;
    for (const store::LedgerAttempt& attempt : row.attempts)
      expected += base::Int128{tokens(*attempt.usage)} * 1'000'000;
  }
  EXPECT_EQ(Usd(repricer.result().supposed), expected);
  EXPECT_GT(repricer.result().kept, 0);
}

TEST(WhatIfTest, AShareIsTheSameRequestsEachTimeAndGrows) {
  int thirty = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "req_" + std::to_string(i);
    const bool in = IsInShare(id, config::Percent{3'000}, 1);
    thirty += in ? 1 : 0;
    EXPECT_EQ(in, IsInShare(id, config::Percent{3'000}, 1));
    if (in) {
      EXPECT_TRUE(IsInShare(id, config::Percent{6'000}, 1));
    }
    EXPECT_FALSE(IsInShare(id, config::Percent{0}, 1));
    EXPECT_TRUE(IsInShare(id, config::Percent{10'000}, 1));
  }
  EXPECT_GT(thirty, 2'800);
  EXPECT_LT(thirty, 3'200);
}

TEST(WhatIfTest, AnotherModelTakesItsShareOfTheTrafficThatIsMeant) {
  Supposition supposition = WithBook();
  supposition.move = Move{.filters = {{{store::Dimension::kTeam}, {"support"}}},
                          .share = config::Percent{5'000},
                          .to = {"deepseek", "deepseek-flash"}};
  PricedRows source(kSeed);
  std::int64_t moved = 0;
  for (int i = 0; i < kRows; ++i) {
    const store::LedgerRow& row = source.Next();
    Repricer one(supposition);
    for (const store::PriceDefinition& definition : source.definitions()) one.Define(definition);
    one.Take(row);
    if (one.result().moved == 0) {
      EXPECT_EQ(one.result().recorded, one.result().supposed);
      continue;
    }
    ++moved;
    EXPECT_EQ(row.team, "support");
    if (row.model == "deepseek-flash") {
      EXPECT_EQ(one.result().recorded, one.result().supposed);
    }
    if (row.model == "deepseek-v4-pro") {
      EXPECT_LT(Usd(one.result().supposed), Usd(one.result().recorded));
    }
  }
  EXPECT_GT(moved, kRows / 3 / 4);
  EXPECT_LT(moved, kRows / 3);
}

TEST(WhatIfTest, MoreCacheHitsNeverCostMore) {
  base::Int128 before = 0;
  for (const std::uint32_t share : {0u, 1'000u, 5'000u, 10'000u}) {
    Supposition supposition;
    supposition.cache_hits = config::Percent{share};
    const WhatIf what_if = PriceAll(supposition);
    if (share > 0) {
      EXPECT_LT(Usd(what_if.supposed), before);
    }
    before = Usd(what_if.supposed);
  }
  EXPECT_EQ(before, 0);
}

TEST(WhatIfTest, WithoutTheProvidersCacheCachedInputHasTheFullPrice) {
  Supposition supposition;
  supposition.no_provider_cache = true;
  PricedRows source(kSeed);
  for (int i = 0; i < 200; ++i) {
    const store::LedgerRow& row = source.Next();
    if (row.price.unknown() || !row.attempts.empty()) continue;
    Repricer one(supposition);
    for (const store::PriceDefinition& definition : source.definitions()) one.Define(definition);
    one.Take(row);
    const auto version = pricing::ReadVersion(source.Finder()(row.price.version)).value();
    chat::Usage fresh = row.usage;
    fresh.input += fresh.cached_input;
    fresh.cached_input = 0;
    EXPECT_EQ(Usd(one.result().supposed), pricing::Total(pricing::TermsOf(version.rates, fresh)));
  }
}

TEST(WhatIfTest, HalvesAddUp) {
  Supposition supposition = WithBook();
  supposition.off_peak = true;
  supposition.cache_hits = config::Percent{1'000};
  PricedRows source(kSeed);
  Repricer all(supposition);
  Repricer halves[] = {Repricer(supposition), Repricer(supposition)};
  for (int i = 0; i < kRows; ++i) {
    const store::LedgerRow& row = source.Next();
    for (const store::PriceDefinition& definition : source.definitions()) {
      all.Define(definition);
      halves[i % 2].Define(definition);
    }
    all.Take(row);
    halves[i % 2].Take(row);
  }
  WhatIf sum = halves[0].result();
  sum += halves[1].result();
  EXPECT_EQ(sum, all.result());
}

TEST(WhatIfTest, WhatGetsAPriceOnlyNowIsInNeitherTotal) {
  auto import = pricing::ReadImport(
      "providers: { nobody: { models: { unheard-of: { prices: [{ USD: { input: 1, output: 2 } }] } } } }",
      "mine.yaml");
  ASSERT_TRUE(import) << import.error().detail;
  Supposition supposition;
  supposition.book =
      pricing::Book::Make({.overrides = {}, .shipped = std::move(import->catalogue), .imports = {}}, {})
          .value();
  supposition.other_prices = supposition.keep_unlisted = true;
  store::LedgerRow row;
  row.request_id = "r";
  row.provider = "nobody";
  row.model = "unheard-of";
  row.usage.input = 3;
  row.usage_source = chat::UsageSource::kProvider;
  row.price.version = store::kUnknownPrice;
  Repricer repricer(supposition);
  repricer.Take(row);
  row.usage.input = 0;
  repricer.Take(row);
  const WhatIf& what_if = repricer.result();
  EXPECT_EQ(what_if.newly_priced, 2);
  EXPECT_EQ(what_if.newly, (ByCurrency{{Currency::kUsd, 3'000'000}}));
  EXPECT_EQ(what_if.priced_again, 0);
  EXPECT_TRUE(what_if.recorded.empty());
  EXPECT_TRUE(what_if.supposed.empty());
}

// As `sluice budgets settle` writes it.
TEST(WhatIfTest, AStatedCostIsNeverPricedAgain) {
  store::LedgerRow row = RowOfGpt5(pricing::At("2026-11-30T00:00:00Z"));
  row.price = {.version = store::kStatedPrice, .phase = {}, .currency = Currency::kUsd, .cost = base::kPico};
  std::vector<Supposition> suppositions(7, WithBook());
  suppositions[1].other_prices = true;
  suppositions[2].other_prices = suppositions[2].keep_unlisted = true;
  suppositions[3].prices_of = row.started;
  suppositions[4].off_peak = true;
  suppositions[5].move = Move{.filters = {}, .to = {"openai", "gpt-5-mini"}};
  suppositions[6].cache_hits.basis_points = 10'000;
  for (std::size_t i = 0; i < suppositions.size(); ++i) {
    Repricer repricer(suppositions[i]);
    repricer.Take(row);
    const WhatIf& what_if = repricer.result();
    EXPECT_EQ(what_if.priced_again, 0) << i;
    EXPECT_TRUE(what_if.recorded.empty()) << i;
    ASSERT_EQ(LeftOutRequests(what_if), 1) << i;
    EXPECT_EQ(Usd(what_if.left_out.begin()->second.recorded), base::kPico) << i;
  }
}

TEST(WhatIfTest, WhatNobodyKnowsTheTokensOfGetsNoPrice) {
  store::LedgerRow row = RowOfGpt5(pricing::At("2026-11-30T00:00:00Z"));
  row.price.version = store::kUnknownPrice;
  std::vector<Supposition> suppositions(4, WithBook());
  suppositions[1].other_prices = true;
  suppositions[2].prices_of = row.started;
  suppositions[3].move = Move{.filters = {}, .to = {"openai", "gpt-5-mini"}};
  for (std::size_t i = 0; i < suppositions.size(); ++i) {
    Repricer repricer(suppositions[i]);
    repricer.Take(row);
    EXPECT_EQ(repricer.result().newly_priced, 0) << i;
    ASSERT_EQ(LeftOutRequests(repricer.result()), 1) << i;
    EXPECT_EQ(repricer.result().left_out.begin()->first, "nobody knows what it used") << i;
  }
}

TEST(WhatIfTest, PricesWithoutABeginningAreCountedWhereTheyWereLookedUpLater) {
  store::LedgerRow row = RowOfGpt5(pricing::At("2026-11-30T12:00:00Z"));
  row.usage.input = 1'000;
  row.price = {.version = "v", .phase = {}, .currency = Currency::kUsd, .cost = base::kPico};
  const auto undated = [&row](std::string_view model, std::string_view at) {
    Supposition supposition = WithBook();
    supposition.prices_of = pricing::At(at);
    row.model = model;
    Repricer repricer(supposition);
    repricer.Take(row);
    EXPECT_EQ(repricer.result().priced_again, 1) << model << " " << at;
    return repricer.result().undated;
  };
  EXPECT_EQ(undated("gpt-5", "2019-01-01T00:00:00Z"), 1);
  EXPECT_EQ(undated("gpt-5", "2026-11-29T23:59:59Z"), 1);
  EXPECT_EQ(undated("gpt-5", "2026-11-30T00:00:00Z"), 0);
  EXPECT_EQ(undated("o3", "2025-06-10T00:00:00Z"), 0);
  EXPECT_EQ(undated("o3", "2025-06-09T00:00:00Z"), 1);
}

TEST(WhatIfTest, OneRequestIsSpokenOfAsOne) {
  WhatIf what_if;
  what_if.kept = what_if.undated = what_if.newly_priced = 1;
  what_if.left_out["no price was known"].requests = 1;
  const std::string text = WhatIfText(what_if, "", std::nullopt);
  EXPECT_NE(text.find("1 request keeps its recorded price: "), std::string::npos) << text;
  EXPECT_NE(text.find("1 request has a price without a known beginning"), std::string::npos) << text;
  EXPECT_NE(text.find("1 request had no known price and is in no total; "), std::string::npos) << text;
  EXPECT_NE(text.find("1 request cannot be priced again and is in neither total:\n"), std::string::npos)
      << text;
}

TEST(WhatIfTest, ReasonsBeyondTheLimitCountTogether) {
  const Supposition nothing;
  Repricer repricer(nothing);
  store::LedgerRow row;
  row.provider = "p";
  row.model = "m";
  row.usage.input = 1;
  for (std::size_t i = 0; i < kWhatIfReasonsMax + 5; ++i) {
    const std::string version = "v" + std::to_string(i);
    row.request_id = row.price.version = version;
    repricer.Take(row);
  }
  EXPECT_EQ(repricer.result().left_out.size(), kWhatIfReasonsMax + 1);
  EXPECT_EQ(repricer.result().left_out.at("other reasons").requests, 5);
}

}  // namespace
}  // namespace insight
