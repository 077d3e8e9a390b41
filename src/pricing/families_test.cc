#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "pricing/priced_for_test.h"

// The current families of OpenAI and Anthropic, typed in from the providers' price lists and not from the
// catalogue: whoever changes a figure there changes it here.

namespace pricing {
namespace {

constexpr std::string_view kNow = "2026-11-30T12:00:00Z";

const Book& Shipped() {
  static const std::shared_ptr<const Book> book = ShippedBook();
  return *book;
}

struct Call {
  std::string_view tier{};
  bool batch = false;
  std::int64_t input_tokens = 0;
  std::string_view at = kNow;
};

// "input, cached, output", with both cache writes in between where there are any.
std::string Price(std::string_view provider, std::string_view model, const Call& call = {}) {
  std::string why;
  const PriceVersion* version =
      Shipped().VersionAt(Shipped().Find(provider, model, base::Currency::kUsd), base::Currency::kUsd,
                          call.input_tokens, {At(call.at), At(call.at), call.tier, call.batch}, &why);
  if (version == nullptr) return why;
  std::string text;
  for (const chat::Meter meter : {chat::Meter::kInput, chat::Meter::kCachedInput, chat::Meter::kCacheWrite5m,
                                  chat::Meter::kCacheWrite1h, chat::Meter::kOutput}) {
    if (!version->rates[meter]) continue;
    text += (text.empty() ? "" : " ") + PrintRate(version->rates, meter);
  }
  return text;
}

std::string OpenAi(std::string_view model, const Call& call = {}) {
  return Price("openai", model, call);
}
std::string Claude(std::string_view model, const Call& call = {}) {
  return Price("anthropic", model, call);
}

TEST(OpenAiPricesTest, TheOrdinaryTier) {
  EXPECT_EQ(OpenAi("gpt-6.1-sol"), "2 0.1 2.5 5 10");
  EXPECT_EQ(OpenAi("gpt-6.1-terra"), "1 0.05 1.25 2.5 5");
  EXPECT_EQ(OpenAi("gpt-6-astra"), "10 1 12.5 25 50");
  EXPECT_EQ(OpenAi("gpt-6-sol"), "2 0.2 2.5 5 10");
  EXPECT_EQ(OpenAi("gpt-6-luna-2026-09-22"), "0.1 0.01 0.125 0.25 0.5");
  EXPECT_EQ(OpenAi("gpt-5.6-sol"), "4 0.4 5 10 20");
  EXPECT_EQ(OpenAi("gpt-5.6-terra"), "2 0.2 2.5 5 12");
  EXPECT_EQ(OpenAi("gpt-5.6-luna"), "0.2 0.02 0.25 0.5 1.2");
  EXPECT_EQ(OpenAi("gpt-5.5"), "5 0.5 30");
  EXPECT_EQ(OpenAi("gpt-5.5-pro"), "30 3 180");
  EXPECT_EQ(OpenAi("gpt-5.4"), "2.5 0.25 15");
  EXPECT_EQ(OpenAi("gpt-5.4-mini"), "0.75 0.075 4.5");
  EXPECT_EQ(OpenAi("gpt-5.4-nano"), "0.2 0.02 1.25");
  EXPECT_EQ(OpenAi("gpt-5.3-codex"), "1.75 0.175 14");
  EXPECT_EQ(OpenAi("gpt-5.2"), "1.75 0.175 14");
  EXPECT_EQ(OpenAi("gpt-5.1-codex-max"), "1.25 0.125 10");
  EXPECT_EQ(OpenAi("gpt-5"), "1.25 0.125 10");
  EXPECT_EQ(OpenAi("gpt-5-mini"), "0.25 0.025 2");
  EXPECT_EQ(OpenAi("gpt-5-nano"), "0.05 0.005 0.4");
  EXPECT_EQ(OpenAi("gpt-5-pro"), "15 120");
  EXPECT_EQ(OpenAi("gpt-4.1"), "2 0.5 8");
  EXPECT_EQ(OpenAi("gpt-4o"), "2.5 1.25 10");
  EXPECT_EQ(OpenAi("gpt-4o-2024-05-13"), "5 15");
  EXPECT_EQ(OpenAi("gpt-4o-mini"), "0.15 0.075 0.6");
  EXPECT_EQ(OpenAi("o3"), "2 0.5 8");
  EXPECT_EQ(OpenAi("o4-mini"), "1.1 0.275 4.4");
}

TEST(OpenAiPricesTest, CallsOver272000TokensCostTwiceTheInputAndHalfAsMuchAgainTheOutput) {
  const Call large{.input_tokens = 272'001};
  EXPECT_EQ(OpenAi("gpt-6.1-sol", large), "4 0.2 5 10 15");
  EXPECT_EQ(OpenAi("gpt-6.1-terra", large), "2 0.1 2.5 5 7.5");
  EXPECT_EQ(OpenAi("gpt-6-astra", large), "20 2 25 50 75");
  EXPECT_EQ(OpenAi("gpt-6-luna", large), "0.2 0.02 0.25 0.5 0.75");
  EXPECT_EQ(OpenAi("gpt-5.6-sol", large), "8 0.8 10 20 30");
  EXPECT_EQ(OpenAi("gpt-5.6-terra", large), "4 0.4 5 10 18");
  EXPECT_EQ(OpenAi("gpt-5.6-luna", large), "0.4 0.04 0.5 1 1.8");
  EXPECT_EQ(OpenAi("gpt-5.5", large), "10 1 45");
  EXPECT_EQ(OpenAi("gpt-5.4", large), "5 0.5 22.5");
  EXPECT_EQ(OpenAi("gpt-5.4-pro", large), "60 6 270");
  EXPECT_EQ(OpenAi("gpt-5.4-mini", large), OpenAi("gpt-5.4-mini"));
  EXPECT_EQ(OpenAi("gpt-5.6-sol", {.input_tokens = 272'000}), OpenAi("gpt-5.6-sol"));
}

TEST(OpenAiPricesTest, FlexAndBatchesAreHalfAndPriorityDearer) {
  EXPECT_EQ(OpenAi("gpt-6.1-sol", {.tier = "ultrafast"}), "12 0.6 15 30 60");
  EXPECT_EQ(OpenAi("gpt-6-astra", {.tier = "priority", .input_tokens = 272'001}), "40 4 50 100 150");
  EXPECT_EQ(OpenAi("gpt-6.1-terra", {.batch = true, .input_tokens = 272'001}), "1 0.05 1.25 2.5 3.75");
  EXPECT_EQ(OpenAi("gpt-5.6-sol", {.tier = "flex"}), "2 0.2 2.5 5 10");
  EXPECT_EQ(OpenAi("gpt-5.6-sol", {.batch = true}), "2 0.2 2.5 5 10");
  EXPECT_EQ(OpenAi("gpt-5.6-sol", {.batch = true, .input_tokens = 272'001}), "4 0.4 5 10 15");
  EXPECT_EQ(OpenAi("gpt-5.6-sol", {.tier = "priority"}), "8 0.8 10 20 40");
  EXPECT_EQ(OpenAi("gpt-5.4", {.tier = "flex"}), "1.25 0.13 7.5");
  EXPECT_EQ(OpenAi("gpt-5.4-mini", {.tier = "priority"}), "1.5 0.15 9");
  EXPECT_EQ(OpenAi("gpt-5-mini", {.tier = "priority"}), "0.45 0.045 3.6");
  EXPECT_EQ(OpenAi("gpt-5", {.tier = "flex"}), "0.625 0.0625 5");
  EXPECT_EQ(OpenAi("gpt-4o-mini", {.tier = "priority"}), "0.25 0.125 1");
  EXPECT_EQ(OpenAi("gpt-4o-mini", {.batch = true}), "0.075 0.0375 0.3");
  EXPECT_EQ(OpenAi("gpt-5.4-nano", {.tier = "priority"}),
            "no price of openai/gpt-5.4-nano is known for the service tier 'priority'");
}

TEST(OpenAiPricesTest, PricesThatWereCutHaveTheirDay) {
  const auto before = [](std::string_view day) { return Call{.at = day}; };
  EXPECT_EQ(OpenAi("gpt-5.6-luna", before("2026-07-29T23:59:59Z")), "1 0.1 1.25 6");
  EXPECT_EQ(OpenAi("gpt-5.6-terra", before("2026-07-29T23:59:59Z")), "2.5 0.25 3.125 15");
  EXPECT_EQ(OpenAi("gpt-5.6-terra", before("2026-07-30")), "2 0.2 2.5 5 12");
  EXPECT_EQ(OpenAi("gpt-5.6-sol", before("2026-08-20T23:59:59Z")), "5 0.5 6.25 30");
  EXPECT_EQ(OpenAi("gpt-5.6-sol", before("2026-08-21")), "4 0.4 5 10 20");
  EXPECT_EQ(OpenAi("o3", before("2025-06-09")), "10 2.5 40");
}

TEST(OpenAiPricesTest, ARegionCostsATenthMoreSinceGpt54) {
  config::Settings settings;
  settings.providers["europe"].base_url = {
      .tls = true, .host = "eu.api.openai.com", .port = 443, .path = "/v1"};
  const std::shared_ptr<const Book> book = ShippedBook(settings);
  const auto price = [&](std::string_view model, std::string_view tier = {}) {
    const PriceVersion* version = book->VersionAt(book->Find("europe", model), base::Currency::kUsd, 0,
                                                  {At(kNow), At(kNow), tier}, nullptr);
    return PrintRate(version->rates, chat::Meter::kCachedInput) + " " +
           PrintRate(version->rates, chat::Meter::kInput) + " " +
           PrintRate(version->rates, chat::Meter::kOutput) + " " +
           PrintRate(version->rates, chat::Meter::kSearch);
  };
  EXPECT_EQ(price("gpt-5.6-sol"), "0.44 4.4 22 10000");
  EXPECT_EQ(price("gpt-5.6-sol", "flex"), "0.22 2.2 11 10000");
  EXPECT_EQ(price("gpt-5.4-mini"), "0.0825 0.825 4.95 10000");
  EXPECT_EQ(price("gpt-5.2"), "0.175 1.75 14 10000");
}

TEST(OpenAiPricesTest, EmbeddingsHaveAnInputPriceOnly) {
  EXPECT_EQ(OpenAi("text-embedding-3-small"), "0.02");
  EXPECT_EQ(OpenAi("text-embedding-3-large"), "0.13");
  EXPECT_EQ(OpenAi("text-embedding-ada-002"), "0.1");
  EXPECT_EQ(OpenAi("text-embedding-3-small", {.batch = true}), "0.01");
}

TEST(AnthropicPricesTest, TheOrdinaryTierWithBothCacheWrites) {
  EXPECT_EQ(Claude("claude-fable-5-1"), "10 0.25 12.5 20 50");
  EXPECT_EQ(Claude("claude-mythos-5-1"), "10 0.25 12.5 20 50");
  EXPECT_EQ(Claude("claude-fable-5"), "10 1 12.5 20 50");
  EXPECT_EQ(Claude("claude-opus-5-5"), "4 0.2 5 8 20");
  EXPECT_EQ(Claude("claude-sonnet-5-5"), "2 0.1 2.5 4 10");
  EXPECT_EQ(Claude("claude-sonnet-5"), "2 0.2 2.5 4 10");
  EXPECT_EQ(Claude("claude-haiku-5-5"), "0.1 0.01 0.125 0.2 0.5");
  for (const char* opus :
       {"claude-opus-5", "claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6", "claude-opus-4-5"})
    EXPECT_EQ(Claude(opus), "5 0.5 6.25 10 25") << opus;
  for (const char* sonnet :
       {"claude-sonnet-4-6", "claude-sonnet-4-5", "claude-sonnet-4", "claude-3-7-sonnet"})
    EXPECT_EQ(Claude(sonnet), "3 0.3 3.75 6 15") << sonnet;
  EXPECT_EQ(Claude("claude-haiku-4-5"), "1 0.1 1.25 2 5");
  EXPECT_EQ(Claude("claude-opus-4-1-20250805"), "15 1.5 18.75 30 75");
  EXPECT_EQ(Claude("claude-3-5-haiku-latest"), "0.8 0.08 1 1.6 4");
  EXPECT_EQ(Claude("claude-3-haiku-20240307"), "0.25 0.03 0.3 0.5 1.25");
}

TEST(AnthropicPricesTest, BatchesAreHalfAndLargeCallsDearerWhereTheyStillAre) {
  EXPECT_EQ(Claude("claude-opus-5", {.batch = true}), "2.5 0.25 3.125 5 12.5");
  EXPECT_EQ(Claude("claude-haiku-4-5", {.tier = "batch"}), "0.5 0.05 0.625 1 2.5");
  EXPECT_EQ(Claude("claude-sonnet-4-5", {.input_tokens = 200'001}), "6 0.6 7.5 12 22.5");
  EXPECT_EQ(Claude("claude-haiku-5-5", {.input_tokens = 100'001}), "0.5 0.05 0.625 1 2.5");
  EXPECT_EQ(Claude("claude-sonnet-4-6", {.input_tokens = 200'001}), "3 0.3 3.75 6 15");
  EXPECT_EQ(Claude("claude-sonnet-4-6", {.input_tokens = 200'001, .at = "2026-03-12"}), "6 0.6 7.5 12 22.5");
  EXPECT_EQ(Claude("claude-opus-4-6", {.input_tokens = 200'001, .at = "2026-03-12"}), "10 1 12.5 20 37.5");
  EXPECT_EQ(Claude("claude-opus-4-8", {.input_tokens = 900'000}), "5 0.5 6.25 10 25");
}

TEST(AnthropicPricesTest, ACutHasItsDayAndARiseThatWasCalledOffHasNone) {
  EXPECT_EQ(Claude("claude-sonnet-5-5", {.at = "2026-10-06T23:59:59Z"}), "2 0.2 2.5 4 10");
  EXPECT_EQ(Claude("claude-sonnet-5-5", {.at = "2026-10-07"}), "2 0.1 2.5 4 10");
  EXPECT_EQ(Claude("claude-sonnet-5", {.at = "2026-08-31T23:59:59Z"}), "2 0.2 2.5 4 10");
}

TEST(AnthropicPricesTest, ARegionCostsATenthMoreAndTheFastSpeedTwice) {
  EXPECT_EQ(Claude("claude-opus-5-5", {.tier = "us"}), "4.4 0.22 5.5 8.8 22");
  EXPECT_EQ(Claude("claude-opus-5-5", {.tier = "fast"}), "8 0.4 10 16 40");
  EXPECT_EQ(Claude("claude-opus-5-5", {.tier = "fast-us"}), "8.8 0.44 11 17.6 44");
  EXPECT_EQ(Claude("claude-haiku-5-5", {.tier = "us", .input_tokens = 100'001}),
            "0.55 0.055 0.6875 1.1 2.75");
  EXPECT_EQ(Claude("claude-sonnet-4-6", {.tier = "us"}), "3.3 0.33 4.125 6.6 16.5");
  EXPECT_EQ(Claude("claude-haiku-4-5", {.tier = "us"}),
            "no price of anthropic/claude-haiku-4-5 is known for the service tier 'us'");
  EXPECT_EQ(Claude("claude-sonnet-5-5", {.tier = "fast"}),
            "no price of anthropic/claude-sonnet-5-5 is known for the service tier 'fast'");
}

TEST(AnthropicPricesTest, ThePriorityTierIsAgreedOnWithEachCustomer) {
  EXPECT_EQ(Claude("claude-opus-5", {.tier = "priority"}),
            "no price of anthropic/claude-opus-5 is known for the service tier 'priority'");
}

// "context / output".
std::string Limits(std::string_view provider, std::string_view model) {
  const ModelLimits limits = Shipped().LimitsOf(provider, model);
  return std::to_string(limits.context) + " / " + std::to_string(limits.output);
}

TEST(ModelLimitsTest, CurrentModels) {
  EXPECT_EQ(Limits("openai", "gpt-6.1-sol"), "1050000 / 128000");
  EXPECT_EQ(Limits("openai", "gpt-5.6-luna"), "1050000 / 128000");
  EXPECT_EQ(Limits("openai", "gpt-5-mini-2025-08-07"), "400000 / 128000");
  EXPECT_EQ(Limits("openai", "gpt-4.1-nano"), "1047576 / 32768");
  EXPECT_EQ(Limits("openai", "gpt-4o-mini"), "128000 / 16384");
  EXPECT_EQ(Limits("openai", "o3"), "200000 / 100000");
  EXPECT_EQ(Limits("openai", "text-embedding-3-small"), "8192 / 0");
  EXPECT_EQ(Limits("anthropic", "claude-opus-5-5"), "1000000 / 128000");
  EXPECT_EQ(Limits("anthropic", "claude-sonnet-5"), "1000000 / 128000");
  EXPECT_EQ(Limits("anthropic", "claude-haiku-4-5-20251001"), "200000 / 64000");
  EXPECT_EQ(Limits("anthropic", "claude-opus-4-1"), "200000 / 32000");
  EXPECT_EQ(Limits("deepseek", "deepseek-flash"), "1000000 / 393216");
  EXPECT_EQ(Limits("deepseek", "deepseek-v4-pro"), "1000000 / 393216");
  EXPECT_EQ(Limits("openai", "unheard-of"), "0 / 0");
  EXPECT_EQ(Limits("nobody", "gpt-5"), "0 / 0");
}

TEST(ModelLimitsTest, EveryModelThatAnswersInTokensHasThem) {
  for (const Book::Listed& one : Shipped().List()) {
    const auto versions = VersionsOf(*one.prices);
    const bool answers = std::any_of(versions.begin(), versions.end(), [](const PriceVersion* version) {
      return version->rates[chat::Meter::kOutput].has_value();
    });
    const bool pictures = one.model.find("image") != std::string_view::npos;
    if (!answers || pictures) continue;
    EXPECT_GT(Shipped().LimitsOf(one.provider, one.model).output, 0) << one.model;
  }
}

}  // namespace
}  // namespace pricing
