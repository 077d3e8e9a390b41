#include "pricing/book.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pricing/catalogue_reader.h"
#include "pricing/priced_for_test.h"

namespace pricing {
namespace {

using base::Currency;

Catalogue Read(std::string_view yaml, const std::string& origin) {
  auto catalogue = ReadYamlCatalogue(yaml, "test.yaml", origin);
  EXPECT_TRUE(catalogue) << catalogue.error().detail;
  return catalogue.value_or(Catalogue{});
}

// What one provider's one model costs for a million tokens of input.
std::string One(const std::string& provider, const std::string& model, const std::string& input) {
  return "providers: { " + provider + ": { models: { " + model + ": { prices: [{ USD: { input: " + input +
         " } }] } } } }";
}

std::shared_ptr<const Book> Make(BookSources sources, const config::Settings& settings = {}) {
  auto book = Book::Make(std::move(sources), settings);
  EXPECT_TRUE(book) << book.error().detail;
  return book.value_or(nullptr);
}

constexpr std::string_view kNow = "2026-11-30T12:00:00Z";

std::string Input(const Book& book, std::string_view provider, std::string_view model,
                  std::string_view tier = {}, bool batch = false, std::int64_t input_tokens = 0) {
  const Currency currency = book.CurrencyOf(provider);
  std::string why;
  const PriceVersion* version = book.VersionAt(book.Find(provider, model), currency, input_tokens,
                                               {At(kNow), At(kNow), tier, batch}, &why);
  return version == nullptr ? why : PrintRate(version->rates, chat::Meter::kInput);
}

config::ProviderSettings Provider(std::string_view base_url) {
  config::ProviderSettings provider;
  provider.base_url = config::Url::Parse(base_url).value();
  return provider;
}

TEST(BookTest, TheConfigWinsThenOverridesThenTheCatalogueThenImports) {
  BookSources sources;
  sources.shipped = Read(One("p", "m", "3"), "catalogue");
  sources.imports.push_back(Read(One("p", "m", "4"), "import fill"));
  EXPECT_EQ(Input(*Make(sources), "p", "m"), "3");
  sources.overrides.push_back(Read(One("p", "m", "2"), "import over"));
  EXPECT_EQ(Input(*Make(sources), "p", "m"), "2");
  config::Settings settings;
  settings.providers["p"] = Provider("https://p.example");
  settings.prices["p/M"].amounts[0] = base::kPico;
  EXPECT_EQ(Input(*Make(sources, settings), "p", "m"), "1");
}

TEST(BookTest, ImportsFillInWhatTheCatalogueLacks) {
  BookSources sources;
  sources.shipped = Read(One("p", "m", "3"), "catalogue");
  sources.imports.push_back(Read(One("p", "n", "4"), "import fill"));
  EXPECT_EQ(Input(*Make(sources), "p", "n"), "4");
  EXPECT_EQ(Input(*Make(sources), "p", "o"), "no price of this model is known");
}

TEST(BookTest, AProviderOfTheConfigIsFoundByItsSettingItsNameOrItsHost) {
  BookSources sources;
  sources.shipped = Read(
      "providers: { deepseek: { hosts: [api.deepseek.com, .deepseek.example], models: { m: { prices: [{ "
      "USD: { input: 1 } }] } } } }",
      "catalogue");
  config::Settings settings;
  settings.providers["deepseek"] = Provider("http://127.0.0.1:9");
  settings.providers["east"] = Provider("https://API.deepseek.com");
  settings.providers["west"] = Provider("https://eu.deepseek.example");
  settings.providers["proxy"] = Provider("http://127.0.0.1:9");
  settings.providers["proxy"].prices = "deepseek";
  settings.providers["other"] = Provider("https://deepseek.example");
  const auto book = Make(sources, settings);
  for (const char* name : {"deepseek", "east", "west", "proxy"})
    EXPECT_EQ(Input(*book, name, "m"), "1") << name;
  EXPECT_EQ(Input(*book, "other", "m"), "no price of this model is known");
}

TEST(BookTest, ARegionIsTheOneOfTheConfigOrOfTheHostAndMultipliesTokensOnly) {
  BookSources sources;
  sources.shipped = Read(
      "providers: { p: { hosts: [api.p.example, .p.example], regions: { eu: [eu.p.example] }, models: { "
      "m: { regions: { eu: 1.1 }, prices: [{ USD: { input: 3, request: 7 } }] }, "
      "old: { prices: [{ USD: { input: 2 } }] } } } }",
      "catalogue");
  config::Settings settings;
  settings.providers["anywhere"] = Provider("https://api.p.example");
  settings.providers["europe"] = Provider("https://EU.p.example");
  settings.providers["named"] = Provider("https://api.p.example");
  settings.providers["named"].region = "eu";
  settings.providers["nowhere"] = Provider("https://api.p.example");
  settings.providers["nowhere"].region = "mars";
  settings.providers["below"] = Provider("https://jp.p.example");
  settings.providers["proxy"] = Provider("https://127.0.0.1:9");
  settings.providers["proxy"].prices = "p";
  settings.providers["p"] = Provider("https://eu.p.example");
  sources.overrides.push_back(
      Read("providers: { p: { models: { over: { regions: { eu: 2 }, prices: [{ USD: { input: 5 } }] } } } }",
           "import over"));
  const auto book = Make(sources, settings);
  EXPECT_EQ(Input(*book, "anywhere", "m"), "3");
  EXPECT_EQ(Input(*book, "europe", "m"), "3.3");
  EXPECT_EQ(Input(*book, "named", "m"), "3.3");
  EXPECT_EQ(Input(*book, "named", "old"), "2");
  EXPECT_EQ(Input(*book, "nowhere", "m"), "no price of this model is known");
  EXPECT_EQ(book->RegionsOf("nowhere"), (std::vector<std::string_view>{"eu"}));
  EXPECT_EQ(Input(*book, "below", "m"), "no price of this model is known");
  EXPECT_EQ(book->RegionOf("below"), "jp");
  EXPECT_EQ(Input(*book, "proxy", "m"), "3");
  // A source that knows regions and no hosts goes by the one that knows them.
  EXPECT_EQ(Input(*book, "p", "over"), "10");
  EXPECT_EQ(Input(*book, "proxy", "over"), "5");
  const PriceVersion& there = *VersionsOf(*book->Find("europe", "m")).front();
  EXPECT_EQ(PrintRate(there.rates, chat::Meter::kRequest), "7");
  EXPECT_EQ(there.source, "1.1 times as much in the region eu");
  EXPECT_NE(there.id, VersionsOf(*book->Find("anywhere", "m")).front()->id);
}

TEST(BookTest, AProviderBillsInItsCurrencyAndOneThatNobodyKnowsInNone) {
  config::Settings settings;
  settings.providers["mine"] = Provider("https://mine.example");
  settings.providers["mine"].currency = Currency::kCny;
  BookSources sources;
  sources.shipped = Read(One("p", "m", "3"), "catalogue");
  const auto book = Make(std::move(sources), settings);
  EXPECT_EQ(book->CurrencyOf("mine"), Currency::kCny);
  EXPECT_EQ(book->CurrencyOf("p"), Currency::kUsd);
  EXPECT_TRUE(book->CurrencyOf("q").none());
  EXPECT_EQ(book->Find("q", "m"), nullptr);
}

TEST(BookTest, OwnHardwareCostsNothingUnlessItHasAPrice) {
  config::Settings settings;
  settings.providers["box"] = Provider("http://127.0.0.1:8000");
  settings.providers["box"].local = true;
  settings.providers["box"].currency = Currency::kCny;
  settings.prices["box/dear"].currency = Currency::kCny;
  settings.prices["box/dear"].amounts[0] = 2 * base::kPico;
  const auto book = Make({}, settings);
  const Cost cost = book->Price(book->Find("box", "llama"), Currency::kCny, {.input = 5, .output = 7},
                                {At(kNow), At(kNow)});
  ASSERT_NE(cost.version, nullptr);
  EXPECT_EQ(cost.version->id, kOwnHardware);
  EXPECT_EQ(cost.pico, base::Int128{0});
  EXPECT_EQ(Input(*book, "box", "dear", "whatever", true), "2");
}

TEST(BookTest, EachCurrencyIsAPriceOfItsOwn) {
  const auto book = ShippedBook();
  EXPECT_EQ(book->CurrenciesOf("deepseek", "deepseek-flash"), (std::vector{Currency::kCny, Currency::kUsd}));
  config::Settings settings;
  settings.providers["deepseek"] = Provider("https://api.deepseek.com");
  settings.providers["deepseek"].currency = Currency::kCny;
  EXPECT_EQ(Input(*ShippedBook(settings), "deepseek", "deepseek-flash"), "1");
  settings.providers["openai"] = Provider("https://api.openai.com/v1");
  settings.providers["openai"].currency = Currency::kCny;
  EXPECT_EQ(Input(*ShippedBook(settings), "openai", "gpt-5"), "no price of this model is known");
}

TEST(BookTest, NamesAreFoundWithoutCaseAndWithADateBehindThem) {
  const auto book = ShippedBook();
  EXPECT_EQ(Input(*book, "openai", "GPT-5"), "1.25");
  EXPECT_EQ(Input(*book, "openai", "gpt-5-2025-08-07"), "1.25");
  EXPECT_EQ(Input(*book, "anthropic", "claude-haiku-4-5-20251001"), "1");
  EXPECT_EQ(Input(*book, "openai", "gpt-5.6"), "4");
  EXPECT_EQ(book->Find("openai", "gpt-5-turbo"), nullptr);
  EXPECT_EQ(book->Find("openai", "gpt-5-2025-08"), nullptr);
  EXPECT_EQ(book->Find("openai", std::string(300, 'x')), nullptr);
  EXPECT_EQ(book->Find("openai", ""), nullptr);
}

TEST(BookTest, WhatAnsweredDecidesBeforeWhatWasAsked) {
  const auto book = ShippedBook();
  EXPECT_EQ(book->FindAnswered("openai", "gpt-5", "gpt-5-mini-2025-08-07"),
            book->Find("openai", "gpt-5-mini"));
  EXPECT_EQ(book->FindAnswered("openai", "gpt-5", "something-else"), book->Find("openai", "gpt-5"));
  EXPECT_EQ(book->FindAnswered("openai", "gpt-5", ""), book->Find("openai", "gpt-5"));
}

TEST(BookTest, TheTierThatWasAppliedDecidesAndAnUnknownOneIsUnknown) {
  const auto book = ShippedBook();
  for (const char* ordinary : {"", "default", "standard", "auto"})
    EXPECT_EQ(Input(*book, "openai", "gpt-5", ordinary), "1.25");
  EXPECT_EQ(Input(*book, "openai", "gpt-5", "flex"), "0.625");
  EXPECT_EQ(Input(*book, "openai", "gpt-5", "priority"), "2.5");
  EXPECT_EQ(Input(*book, "openai", "gpt-5", "scale"),
            "no price of openai/gpt-5 is known for the service tier 'scale'");
  EXPECT_EQ(Input(*book, "openai", "gpt-5", "", true), "0.625");
  EXPECT_EQ(Input(*book, "anthropic", "claude-opus-4-8", "batch"), "2.5");
  EXPECT_EQ(Input(*book, "deepseek", "deepseek-flash", "", true),
            "no batch price of deepseek/deepseek-flash is known");
}

TEST(BookTest, ALargeContextRepricesEveryTokenAndNotASlice) {
  const auto book = ShippedBook();
  const auto cost = [&](std::int64_t input, bool batch) {
    const Cost priced =
        book->Price(book->Find("openai", "gpt-5.6-sol"), Currency::kUsd,
                    {.input = input - 1'000, .cached_input = 600, .cache_write_5m = 400, .output = 1'000},
                    {At(kNow), At(kNow), {}, batch});
    return base::PrintPico(priced.pico.value());
  };
  EXPECT_EQ(cost(272'000, false), "1.10624");   // 271,000 x 4 + 600 x 0.4 + 400 x 5 + 1,000 x 20
  EXPECT_EQ(cost(272'001, false), "2.202488");  // each at twice, output at half as much again
  EXPECT_EQ(cost(272'001, true), "1.101244");
  EXPECT_EQ(Input(*book, "anthropic", "claude-sonnet-4-5", "", false, 200'001), "6");
  EXPECT_EQ(Input(*book, "anthropic", "claude-sonnet-4-5", "", false, 200'000), "3");
}

TEST(BookTest, APriorityCallOfASizeThatHasNoPriceIsUnknown) {
  const auto book = ShippedBook();
  const Cost cost = book->Price(book->Find("openai", "gpt-5.6-sol"), Currency::kUsd, {.input = 300'000},
                                {At("2026-08-01"), At("2026-08-01"), "priority"});
  EXPECT_EQ(cost.version, nullptr);
  EXPECT_EQ(cost.pico, std::nullopt);
  EXPECT_NE(cost.why_unknown.find("does not say what 'input' costs"), std::string::npos);
}

TEST(BookTest, ATierCanEnd) {
  const auto book = ShippedBook();
  const auto input = [&](const char* model, const char* at, std::int64_t tokens) {
    const PriceVersion* version =
        book->VersionAt(book->Find("anthropic", model), Currency::kUsd, tokens, {At(at), At(at)}, nullptr);
    return PrintRate(version->rates, chat::Meter::kInput);
  };
  EXPECT_EQ(input("claude-opus-4-6", "2026-03-12T23:59:59Z", 200'001), "10");
  EXPECT_EQ(input("claude-opus-4-6", "2026-03-12T23:59:59Z", 200'000), "5");
  EXPECT_EQ(input("claude-opus-4-6", "2026-03-13", 200'001), "5");
}

TEST(BookTest, CacheWritesOfBothLifetimesHaveTheirPrice) {
  const auto book = ShippedBook();
  const auto cost = [&](const chat::Usage& usage) {
    return base::PrintPico(
        book->Price(book->Find("anthropic", "claude-sonnet-5"), Currency::kUsd, usage, {At(kNow), At(kNow)})
            .pico.value());
  };
  EXPECT_EQ(cost({.cache_write_5m = 1'000}), "0.0025");
  EXPECT_EQ(cost({.cache_write_1h = 1'000}), "0.004");
  EXPECT_EQ(cost({.cached_input = 1'000}), "0.0002");
  chat::Usage search;
  search[chat::Meter::kSearch] = 3;
  EXPECT_EQ(cost(search), "0.03");
}

TEST(BookTest, ACalendarOfAnImportMakesItsYearKnown) {
  auto shipped = ShippedCatalogue();
  ASSERT_TRUE(shipped);
  BookSources sources;
  sources.shipped = *shipped;
  sources.imports.push_back(Read("calendars: { cn: { years: { 2027: [01-01..01-03] } } }", "import cn"));
  const auto book = Make(sources);
  const auto at = [&](const char* time) {
    return PriceAt(*book, "deepseek", "deepseek-flash", Currency::kUsd, {At(time), At(time)});
  };
  EXPECT_EQ(at("2027-01-01T02:00:00Z"), "0.003 / 0.15 / 0.6 off-peak");
  EXPECT_EQ(at("2027-01-04T02:00:00Z"), "0.006 / 0.3 / 1.2 peak");
  EXPECT_NE(at("2028-01-04T02:00:00Z").find("no calendar of 2028"), std::string::npos);
}

TEST(BookTest, AModelThatCostsWhatNobodyCostsIsRefused) {
  BookSources sources;
  sources.shipped = Read("providers: { p: { models: { m: { prices: [{ as: n }] } } } }", "catalogue");
  EXPECT_FALSE(Book::Make(sources, {}));
  sources.shipped = Read("providers: { p: { models: { m: { prices: [{ as: m }] } } } }", "catalogue");
  EXPECT_FALSE(Book::Make(sources, {}));
}

TEST(BookTest, VersionIdsAreStableAndDifferWhereMoneyDoes) {
  const auto book = ShippedBook();
  const auto id = [](const Book& of, const char* at) {
    return of.VersionAt(of.Find("deepseek", "deepseek-flash"), Currency::kUsd, 0, {At(at), At(at)}, nullptr)
        ->id;
  };
  EXPECT_EQ(id(*book, "2026-11-30T02:00:00Z"), "2026-09-10-peak-f4c098d914");
  EXPECT_EQ(id(*book, "2026-11-30T12:00:00Z"), "2026-09-10-off-peak-5a6a0ad1dd");
  EXPECT_EQ(id(*book, "2026-11-30T12:00:00Z"), id(*ShippedBook(), "2026-11-29T12:00:00Z"));
}

TEST(BookTest, EveryVersionOfTheCatalogueHasAnIdOfItsOwn) {
  const auto book = ShippedBook();
  std::map<std::string, Rates> ids;
  std::size_t versions = 0;
  for (const Book::Listed& listed : book->List()) {
    for (const PriceVersion* version : VersionsOf(*listed.prices)) {
      const auto [at, fresh] = ids.emplace(version->id, version->rates);
      EXPECT_TRUE(fresh || at->second == version->rates) << version->id;
      EXPECT_FALSE(version->source.empty()) << version->id;
      EXPECT_EQ(version->checked_on.size(), 10U) << version->id;
      ++versions;
    }
  }
  EXPECT_GT(versions, 200U);
}

TEST(BookTest, AListShowsEachModelOnceForEachCurrency) {
  const auto book = ShippedBook();
  std::set<std::string> seen;
  for (const Book::Listed& listed : book->List()) {
    EXPECT_TRUE(seen.insert(std::string(listed.provider) + "/" + std::string(listed.model) + " " +
                            std::string(listed.currency.code()))
                    .second);
    EXPECT_NE(listed.prices, nullptr);
  }
  EXPECT_TRUE(seen.contains("deepseek/deepseek-flash CNY"));
  EXPECT_TRUE(seen.contains("openai/text-embedding-3-small USD"));
}

TEST(BookTest, ABareNameLeadsToTheProvidersThatHaveIt) {
  const auto book = ShippedBook();
  EXPECT_EQ(book->ProvidersOf("deepseek-v4-pro"), (std::vector<std::string_view>{"deepseek"}));
  EXPECT_TRUE(book->ProvidersOf("nothing").empty());
  // DeepSeek answers it too, by a model of its own.
  EXPECT_EQ(book->ProvidersOf("claude-sonnet-4-5"), (std::vector<std::string_view>{"anthropic"}));
  EXPECT_EQ(book->ProvidersOf("claude-sonnet-9-9"), (std::vector<std::string_view>{"deepseek"}));
  config::Settings settings;
  settings.providers["east"] = Provider("https://api.deepseek.com");
  settings.providers["west"] = Provider("https://api.deepseek.com");
  EXPECT_EQ(ShippedBook(settings)->ProvidersOf("deepseek-v4-pro"),
            (std::vector<std::string_view>{"east", "west"}));
}

TEST(BookTest, SupposedPricesOfAnotherTimeKeepTheHourOfTheCall) {
  const auto book = ShippedBook();
  // A Saturday at ten in Beijing: off-peak, but peak in the week of August in which every day had its peak.
  Circumstances saturday{.dispatched = At("2026-11-21T10:00:00+08:00"),
                         .completed = At("2026-11-21T10:00:05+08:00")};
  const auto price = [&](const Circumstances& circumstances) {
    return PriceAt(*book, "deepseek", "deepseek-v4-pro", Currency::kUsd, circumstances);
  };
  EXPECT_EQ(price(saturday), "0.022 / 0.66 / 1.98 off-peak");
  saturday.prices_of = At("2026-08-20T20:00:00+08:00");
  EXPECT_EQ(price(saturday), "0.044 / 1.32 / 3.96 peak");
  saturday.prices_of = At("2026-07-01T00:00:00Z");
  EXPECT_EQ(price(saturday), "0.003625 / 0.435 / 0.87");
  saturday.prices_of = At("2026-04-01T00:00:00Z");
  EXPECT_EQ(price(saturday), "no price of deepseek/deepseek-v4-pro is known for 2026-04-01T00:00:00Z");
}

TEST(BookTest, SupposedOffPeakHoldsAtAnyHourWhereThereAreHours) {
  const auto book = ShippedBook();
  const Circumstances monday{.dispatched = At("2026-11-23T10:00:00+08:00"),
                             .completed = At("2026-11-23T10:00:05+08:00"),
                             .off_peak = true};
  EXPECT_EQ(PriceAt(*book, "deepseek", "deepseek-flash", Currency::kUsd, monday),
            "0.003 / 0.15 / 0.6 off-peak");
  Circumstances summer = monday;
  summer.prices_of = At("2026-07-01T00:00:00Z");
  EXPECT_EQ(PriceAt(*book, "deepseek", "deepseek-v4-pro", Currency::kUsd, summer), "0.003625 / 0.435 / 0.87");
}

}  // namespace
}  // namespace pricing
