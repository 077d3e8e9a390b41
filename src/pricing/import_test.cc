#include "pricing/import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "pricing/priced_for_test.h"

namespace pricing {
namespace {

using base::Currency;

Import Read(std::string_view text) {
  auto import = ReadImport(text, "test.json");
  EXPECT_TRUE(import) << import.error().detail;
  return import.value_or(Import{});
}

std::shared_ptr<const Book> BookOf(std::string_view text) {
  BookSources sources;
  sources.imports.push_back(Read(text).catalogue);
  auto book = Book::Make(std::move(sources), {});
  EXPECT_TRUE(book) << book.error().detail;
  return book.value_or(nullptr);
}

std::string Price(const Book& book, std::string_view provider, std::string_view model, std::string_view at,
                  std::int64_t tokens = 0, std::string_view tier = {}, bool batch = false) {
  std::string why;
  const PriceVersion* version =
      book.VersionAt(book.Find(provider, model), Currency::kUsd, tokens, {At(at), At(at), tier, batch}, &why);
  if (version == nullptr) return why;
  return PrintRate(version->rates, chat::Meter::kCachedInput) + " / " +
         PrintRate(version->rates, chat::Meter::kInput) + " / " +
         PrintRate(version->rates, chat::Meter::kOutput);
}

bool Says(const Import& import, std::string_view words) {
  return std::any_of(import.left_out.begin(), import.left_out.end(),
                     [words](const std::string& one) { return one.find(words) != std::string::npos; });
}

// genai-prices v2 in small.
std::string Genai(const std::string& models, const std::string& pattern = R"(https://api\\.p\\.example)") {
  return R"([{"id":"p","name":"P","api_pattern":")" + pattern + R"(","models":[)" + models + "]}]";
}

TEST(GenaiPricesTest, AmountsAreExactDecimals) {
  const auto book = BookOf(Genai(
      R"({"id":"m","match":{"equals":"m"},"prices":{"input_mtok":0.1,"cache_read_mtok":0.003625,"output_mtok":1e1}})"));
  EXPECT_EQ(Price(*book, "p", "m", "2026-01-01"), "0.003625 / 0.1 / 10");
}

TEST(GenaiPricesTest, NamesAreMatchedByEveryKindOfClause) {
  const auto book = BookOf(Genai(
      R"({"id":"a","match":{"or":[{"equals":"a-one"},{"starts_with":"a-two"}]},"prices":{"input_mtok":1}},)"
      R"({"id":"b","match":{"and":[{"contains":"mid"},{"ends_with":"end"}]},"prices":{"input_mtok":2}},)"
      R"({"id":"c","match":{"regex":"^c\\.1-\\d{4}-\\d{2}$"},"prices":{"input_mtok":3}},)"
      R"({"id":"d","match":{"regex":"^d-\\d"},"prices":{"input_mtok":4}})"));
  const auto input = [&](std::string_view name) { return Price(*book, "p", name, "2026-01-01"); };
  for (const char* name : {"a", "A-One", "a-two-three"}) EXPECT_EQ(input(name), "- / 1 / -") << name;
  EXPECT_EQ(input("some-mid-and-end"), "- / 2 / -");
  EXPECT_EQ(input("c.1-2026-01"), "- / 3 / -");
  EXPECT_EQ(input("d-7-whatever"), "- / 4 / -");
  for (const char* name : {"a-on", "some-mid", "cx1-2026-01", "c.1-2026-011", "d-x"})
    EXPECT_EQ(input(name), "no price of this model is known") << name;
}

TEST(GenaiPricesTest, TheLastPriceWhoseConditionHoldsCounts) {
  const auto book = BookOf(Genai(
      R"({"id":"m","match":{"equals":"m"},"prices":[{"prices":{"input_mtok":10}},)"
      R"({"constraint":{"start_date":"2026-03-13"},"prices":{"input_mtok":5}},)"
      R"({"constraint":{"start_time":"16:30:00Z","end_time":"00:30:00Z"},"prices":{"input_mtok":1}}]})"));
  EXPECT_EQ(Price(*book, "p", "m", "2026-03-12T12:00:00Z"), "- / 10 / -");
  EXPECT_EQ(Price(*book, "p", "m", "2026-03-13T12:00:00Z"), "- / 5 / -");
  EXPECT_EQ(Price(*book, "p", "m", "2026-03-13T16:30:00Z"), "- / 1 / -");
  EXPECT_EQ(Price(*book, "p", "m", "2026-03-14T00:29:59Z"), "- / 1 / -");
  EXPECT_EQ(Price(*book, "p", "m", "2026-03-14T00:30:00Z"), "- / 5 / -");
}

TEST(GenaiPricesTest, TiersRepriceTheWholeCall) {
  const auto book = BookOf(Genai(
      R"({"id":"m","match":{"equals":"m"},"prices":{"input_mtok":{"base":1,"tiers":[{"start":1000,"price":2},)"
      R"({"start":5000,"price":3}]},"output_mtok":{"base":4,"tiers":[{"start":1000,"price":6}]},"cache_read_mtok":0.5}})"));
  EXPECT_EQ(Price(*book, "p", "m", "2026-01-01", 1'000), "0.5 / 1 / 4");
  EXPECT_EQ(Price(*book, "p", "m", "2026-01-01", 1'001), "0.5 / 2 / 6");
  EXPECT_EQ(Price(*book, "p", "m", "2026-01-01", 5'001), "0.5 / 3 / 6");
}

TEST(GenaiPricesTest, WhatCannotBeSaidIsListedAndTheRestIsTaken) {
  const Import import =
      Read(Genai(R"({"id":"m","match":{"regex":"m|n"},"prices":{"input_mtok":1,"input_video_mtok":3}},)"
                 R"({"id":"free","match":{"equals":"free"},"prices":{}},)"
                 R"({"id":"odd","match":{"equals":"odd"},"prices":[{"prices":{"input_mtok":2}},)"
                 R"({"constraint":{"moon":"full"},"prices":{"input_mtok":1}}]})",
                 R"(https://(x|y)/path)"));
  EXPECT_EQ(import.format, ImportFormat::kGenaiPrices);
  EXPECT_TRUE(Says(import, "p/m: nothing here is counted as 'input_video_mtok'"));
  EXPECT_TRUE(Says(import, "p/m: the expression 'm|n'"));
  EXPECT_TRUE(Says(import, "p/free: it has no price"));
  EXPECT_TRUE(Says(import, "p/odd: a condition"));
  EXPECT_TRUE(Says(import, "p: its address"));
  EXPECT_EQ(import.catalogue.providers.at(0).models.size(), 2U);
}

TEST(GenaiPricesTest, AProviderOfTheConfigIsFoundByTheHostThatItsPatternMeans) {
  const auto hosts = [](const std::string& pattern) {
    return Read(Genai(R"({"id":"m","match":{"equals":"m"},"prices":{"input_mtok":1}})", pattern))
        .catalogue.providers.at(0)
        .hosts;
  };
  using Hosts = std::vector<std::string>;
  EXPECT_EQ(hosts(R"(https://api\\.x\\.ai)"), Hosts{"api.x.ai"});
  EXPECT_EQ(hosts(R"(https://api\\.cohere\\.(?:ai|com))"), (Hosts{"api.cohere.ai", "api.cohere.com"}));
  EXPECT_EQ(hosts(R"(https://(.*\\.)?googleapis\\.com)"), (Hosts{"googleapis.com", ".googleapis.com"}));
  EXPECT_EQ(hosts(R"(https://(api\\.)?openrouter\\.ai)"), (Hosts{"api.openrouter.ai", "openrouter.ai"}));
  EXPECT_EQ(hosts(R"(https://router\\.huggingface\\.co/groq)"), Hosts{});
  EXPECT_EQ(hosts(R"(https://api\\.moonshot\\.)"), Hosts{});
  EXPECT_EQ(hosts(R"(https://bedrock-runtime\\.[a-z0-9-]+\\.amazonaws\\.com(/|$))"), Hosts{});
}

std::string Litellm(const std::string& members) {
  return R"({"sample_spec":{"input_cost_per_token":0},"p/m":{"litellm_provider":"p",)" + members + "}}";
}

TEST(LitellmTest, TokensAreReadWithoutBinaryFractions) {
  const auto book = BookOf(Litellm(
      R"("input_cost_per_token":1.25e-07,"output_cost_per_token":0.00018,"cache_read_input_token_cost":3.625e-9)"));
  EXPECT_EQ(Price(*book, "p", "m", "2026-01-01"), "0.003625 / 0.125 / 180");
}

TEST(LitellmTest, ACacheHitHasOnePriceUnderBothOfItsNames) {
  const std::string prices = R"("input_cost_per_token":4e-6,"output_cost_per_token":2e-5,)"
                             R"("input_cost_per_token_cache_hit":2e-7)";
  EXPECT_EQ(Price(*BookOf(Litellm(prices)), "p", "m", "2026-01-01"), "0.2 / 4 / 20");
  const Import same = Read(Litellm(prices + R"(,"cache_read_input_token_cost":2e-7)"));
  EXPECT_TRUE(same.left_out.empty());
  const Import other = Read(Litellm(prices + R"(,"cache_read_input_token_cost":3e-7)"));
  EXPECT_TRUE(Says(other, "is another price for what has one already"));
}

TEST(LitellmTest, SuffixesAreTiersBatchesAndSizes) {
  const auto book = BookOf(Litellm(
      R"("input_cost_per_token":1e-6,"output_cost_per_token":6e-6,"cache_read_input_token_cost":1e-7,)"
      R"("input_cost_per_token_above_272k_tokens":2e-6,"output_cost_per_token_above_272k_tokens":9e-6,)"
      R"("input_cost_per_token_flex":5e-7,"output_cost_per_token_flex":3e-6,"cache_read_input_token_cost_flex":5e-8,)"
      R"("input_cost_per_token_batches":4e-7,"output_cost_per_token_batches":2e-6,)"
      R"("input_cost_per_token_above_272k_tokens_priority":8e-6,"input_cost_per_token_priority":4e-6)"));
  const auto at = [&](std::int64_t tokens, std::string_view tier, bool batch) {
    return Price(*book, "p", "m", "2026-01-01", tokens, tier, batch);
  };
  EXPECT_EQ(at(272'000, "", false), "0.1 / 1 / 6");
  EXPECT_EQ(at(272'001, "", false), "0.1 / 2 / 9");
  EXPECT_EQ(at(0, "flex", false), "0.05 / 0.5 / 3");
  EXPECT_EQ(at(0, "", true), "0.1 / 0.4 / 2");
  EXPECT_EQ(at(0, "priority", false), "0.1 / 4 / 6");
  EXPECT_EQ(at(272'001, "priority", false), "0.1 / 8 / 6");
}

TEST(LitellmTest, AnHoursCacheWriteIsNoSizeOfContext) {
  const auto book = BookOf(Litellm(
      R"("input_cost_per_token":3e-6,"cache_creation_input_token_cost":3.75e-6,)"
      R"("cache_creation_input_token_cost_above_1hr":6e-6,"cache_creation_input_token_cost_above_1hr_above_200k_tokens":1.2e-5)"));
  const auto rate = [&](std::int64_t tokens) {
    const PriceVersion* version = book->VersionAt(book->Find("p", "m"), Currency::kUsd, tokens,
                                                  {At("2026-01-01"), At("2026-01-01")}, nullptr);
    return PrintRate(version->rates, chat::Meter::kCacheWrite1h);
  };
  EXPECT_EQ(rate(0), "6");
  EXPECT_EQ(rate(200'001), "12");
}

TEST(LitellmTest, TwelveHoursOfCacheAreTheLongerLifetimeAndUltrafastIsATier) {
  const auto book = BookOf(Litellm(
      R"("input_cost_per_token":2e-6,"output_cost_per_token":1e-5,"input_cost_per_token_ultrafast":1.2e-5,)"
      R"("output_cost_per_token_ultrafast":6e-5,"cache_creation_input_token_cost":2.5e-6,)"
      R"("cache_creation_input_token_cost_above_12hr":5e-6,)"
      R"("cache_creation_input_token_cost_above_12hr_above_272k_tokens_ultrafast":6e-5)"));
  EXPECT_EQ(Price(*book, "p", "m", "2026-01-01", 0, "ultrafast"), "- / 12 / 60");
  const auto writes = [&](std::int64_t tokens, std::string_view tier) {
    const PriceVersion* version = book->VersionAt(book->Find("p", "m"), Currency::kUsd, tokens,
                                                  {At("2026-01-01"), At("2026-01-01"), tier}, nullptr);
    return PrintRate(version->rates, chat::Meter::kCacheWrite1h);
  };
  EXPECT_EQ(writes(0, ""), "5");
  EXPECT_EQ(writes(272'001, "ultrafast"), "60");
}

TEST(LitellmTest, FactorsOfARegionAndASpeedAreTiers) {
  const std::string prices = R"("input_cost_per_token":4e-6,"output_cost_per_token":2e-5,)"
                             R"("cache_read_input_token_cost":2e-7,"input_cost_per_token_batches":2e-6,)"
                             R"("input_cost_per_token_above_100k_tokens":8e-6,)";
  const auto book = BookOf(Litellm(prices + R"("provider_specific_entry":{"us":1.1,"fast":2.0})"));
  const auto at = [&](std::string_view tier, std::int64_t tokens) {
    return Price(*book, "p", "m", "2026-01-01", tokens, tier);
  };
  EXPECT_EQ(at("", 0), "0.2 / 4 / 20");
  EXPECT_EQ(at("us", 0), "0.22 / 4.4 / 22");
  EXPECT_EQ(at("us", 100'001), "0.22 / 8.8 / 22");
  EXPECT_EQ(at("fast", 0), "0.4 / 8 / 40");
  EXPECT_EQ(at("fast-us", 0), "0.44 / 8.8 / 44");
  const Import import = Read(Litellm(prices + R"("provider_specific_entry":{"us":-1,"free_images":5})"));
  EXPECT_TRUE(Says(import, "'provider_specific_entry' cannot be said here"));
}

TEST(LitellmTest, WhatARegionAddsHoldsForAProviderThatWorksThere) {
  const Import import = Read(Litellm(R"("input_cost_per_token":4e-6,"output_cost_per_token":2e-5,)"
                                     R"("regional_processing_uplift_multiplier_eu":1.1,)"
                                     R"("regional_processing_uplift_multiplier_us":-1)"));
  EXPECT_TRUE(Says(import, "'regional_processing_uplift_multiplier_us' cannot be said here"));
  config::Settings settings;
  settings.providers["p"].region = "eu";
  BookSources sources;
  sources.imports.push_back(import.catalogue);
  const auto book = Book::Make(std::move(sources), settings);
  ASSERT_TRUE(book);
  EXPECT_EQ(Price(**book, "p", "m", "2026-01-01"), "- / 4.4 / 22");
}

TEST(LitellmTest, OffPeakHoursAreUtcAndWeekdaysThoseOfAZone) {
  const auto book = BookOf(Litellm(
      R"("input_cost_per_token":4e-7,"output_cost_per_token":8e-7,"off_peak_pricing":{"weekday_timezone":"+08:00",)"
      R"("hours_utc":"16:30-00:30","windows":[{"hours_utc":"00:00-00:00","weekdays":["sat",7]}],)"
      R"("input_cost_per_token":2e-7})"));
  const auto at = [&](const char* time) { return Price(*book, "p", "m", time); };
  EXPECT_EQ(at("2026-11-30T12:00:00Z"), "- / 0.4 / 0.8");
  EXPECT_EQ(at("2026-11-30T16:30:00Z"), "- / 0.2 / 0.8");
  EXPECT_EQ(at("2026-12-01T00:29:59Z"), "- / 0.2 / 0.8");
  EXPECT_EQ(at("2026-12-01T00:30:00Z"), "- / 0.4 / 0.8");
  EXPECT_EQ(at("2026-12-04T15:59:59Z"), "- / 0.4 / 0.8");  // Friday there
  EXPECT_EQ(at("2026-12-04T16:00:00Z"), "- / 0.2 / 0.8");  // Saturday there
  EXPECT_EQ(at("2026-12-06T15:59:59Z"), "- / 0.2 / 0.8");
  EXPECT_EQ(at("2026-12-06T16:00:00Z"), "- / 0.4 / 0.8");
}

TEST(LitellmTest, HoursOfWeekdaysAreMovedToTheZone) {
  const auto book = BookOf(Litellm(
      R"("input_cost_per_token":4e-7,"off_peak_pricing":{"weekday_timezone":"+08:00",)"
      R"("windows":[{"hours_utc":["10:00-01:00"],"weekdays":["monday"]}],"input_cost_per_token":2e-7})"));
  const auto at = [&](const char* time) { return Price(*book, "p", "m", time); };
  EXPECT_EQ(at("2026-11-30T09:59:59Z"), "- / 0.4 / -");
  EXPECT_EQ(at("2026-11-30T10:00:00Z"), "- / 0.2 / -");  // Monday, 18:00 there
  EXPECT_EQ(at("2026-11-30T16:00:00Z"), "- / 0.4 / -");  // Tuesday, 00:00 there
  EXPECT_EQ(at("2026-11-30T00:59:59Z"), "- / 0.2 / -");  // Monday, 08:59 there
  EXPECT_EQ(at("2026-11-30T01:00:00Z"), "- / 0.4 / -");
}

TEST(LitellmTest, RangesAreSizes) {
  const auto book = BookOf(Litellm(
      R"("tiered_pricing":[{"range":[0,32000.0],"input_cost_per_token":1e-6},{"range":[32000.0,1e6],"input_cost_per_token":2e-6}])"));
  EXPECT_EQ(Price(*book, "p", "m", "2026-01-01", 32'000), "- / 1 / -");
  EXPECT_EQ(Price(*book, "p", "m", "2026-01-01", 32'001), "- / 2 / -");
}

TEST(LitellmTest, WhatCannotBeSaidIsListed) {
  const Import import = Read(
      R"({"p/a":{"litellm_provider":"p","input_cost_per_token":0,"output_cost_per_token":0.0},)"
      R"("p/b":{"litellm_provider":"p","input_cost_per_token":1e-6,"input_cost_per_pixel":1e-9,"max_tokens":10,)"
      R"("search_context_cost_per_query":{"search_context_size_low":0.01,"search_context_size_high":0.02}},)"
      R"("B":{"litellm_provider":"p","input_cost_per_token":1e-6},"c":{"input_cost_per_token":1e-6},)"
      R"("p/d":{"litellm_provider":"p","input_cost_per_token":1e-6,"off_peak_pricing":{"hours_utc":"9-10"}},)"
      R"("p/e":{"litellm_provider":"p","mode":"chat"},"p/f":{"litellm_provider":"p","input_cost_per_token":1e-27}})");
  EXPECT_EQ(import.format, ImportFormat::kLitellm);
  for (const char* words :
       {"p/a: its prices are all 0", "p/b: 'input_cost_per_pixel'", "p/b: a search has several",
        "p/B: another entry", "c: it does not say whose", "p/d: one of its off-peak windows",
        "p/e: it has no price", "p/f: 'input_cost_per_token' was rounded"}) {
    EXPECT_TRUE(Says(import, words)) << words;
  }
  EXPECT_FALSE(Says(import, "max_tokens"));
}

TEST(ImportTest, OurOwnFormatIsReadFromYamlAndJson) {
  const Import yaml = Read("providers: { p: { models: { m: { prices: [{ USD: { input: 1.5 } }] } } } }");
  EXPECT_EQ(yaml.format, ImportFormat::kOwn);
  const Import json = Read(R"({"providers":{"p":{"models":{"m":{"prices":[{"USD":{"input":1.5}}]}}}}})");
  EXPECT_EQ(json.format, ImportFormat::kOwn);
  EXPECT_EQ(json.catalogue.origin, "import test.json");
  EXPECT_EQ(yaml.catalogue.providers.at(0).models.at(0).prices.at(0).rates,
            json.catalogue.providers.at(0).models.at(0).prices.at(0).rates);
}

TEST(ImportTest, WhatIsNoCatalogueIsRefused) {
  for (const char* text :
       {"", "hello", "{", "[]", "{}", R"({"a":1})", R"([{"id":"p"}])", "providers: { p: { model: {} } }",
        R"({"a":{"litellm_provider":"p"}} x)", "\xff"}) {
    EXPECT_FALSE(ReadImport(text, "f")) << text;
  }
}

TEST(GenaiPricesTest, TheContextIsTakenOver) {
  const auto book =
      BookOf(Genai(R"({"id":"m","context_window":128000,"match":{"equals":"m"},"prices":{"input_mtok":1}})"));
  EXPECT_EQ(book->LimitsOf("p", "m"), (ModelLimits{.context = 128'000}));
}

TEST(LitellmTest, LimitsAreTakenOverWhereTheyAreNumbers) {
  const auto book = BookOf(
      R"({"m":{"litellm_provider":"p","mode":"chat","input_cost_per_token":1e-6,"max_input_tokens":9000,)"
      R"("max_output_tokens":500},"n":{"litellm_provider":"p","mode":"chat","input_cost_per_token":1e-6,)"
      R"("max_input_tokens":"as many as you like","max_output_tokens":99999999999}})");
  EXPECT_EQ(book->LimitsOf("p", "m"), (ModelLimits{.context = 9'000, .output = 500}));
  EXPECT_EQ(book->LimitsOf("p", "n"), ModelLimits());
}

}  // namespace
}  // namespace pricing
