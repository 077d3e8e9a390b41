#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "config/read_result_for_test.h"
#include "config/reader.h"

namespace config {
namespace {

const std::string kProviders = "providers: { deepseek: { dialect: deepseek, key: sk-test } }\n";

ReadResult Read(std::string_view text) {
  return ReadText(text, "f", [](std::string_view) { return std::nullopt; });
}

std::shared_ptr<const Settings> Accept(std::string_view text) {
  return Accepted(Read(text));
}

// All problems, one per line.
std::string Refusal(std::string_view text) {
  return Refused(Read(text));
}

TEST(PricesTest, PricesAreExactAmountsOfAProvidersModel) {
  const auto settings = Accept(
      "providers:\n"
      "  deepseek: { dialect: deepseek, key: k, currency: CNY, prices: deepseek }\n"
      "prices:\n"
      "  deepseek/deepseek-flash: { currency: CNY, input: 0.15, cached_input: \"0.003\", output: 0.60, per: "
      "1000000 }\n"
      "  deepseek/ocr: { currency: CNY, page: 1.5, per: 1000 }\n");
  EXPECT_EQ(settings->providers.at("deepseek").currency, base::Currency::kCny);
  EXPECT_EQ(settings->providers.at("deepseek").prices, "deepseek");
  const PriceSettings& flash = settings->prices.at("deepseek/deepseek-flash");
  EXPECT_EQ(flash.currency, base::Currency::kCny);
  EXPECT_EQ(flash.amounts[static_cast<std::size_t>(chat::Meter::kCachedInput)], base::Int128{3'000'000'000});
  EXPECT_EQ(flash.amounts[static_cast<std::size_t>(chat::Meter::kPage)], std::nullopt);
  EXPECT_EQ(settings->prices.at("deepseek/ocr").per, 1'000U);
}

TEST(PricesTest, APriceThatCannotBeExactIsRefused) {
  const auto refusal = [](const std::string& price) {
    return Refusal(kProviders + "prices: { " + price + " }\n");
  };
  EXPECT_NE(refusal("deepseek/m: { input: -1 }").find("plain decimal"), std::string::npos);
  EXPECT_NE(refusal("deepseek/m: { input: 1e-6 }").find("plain decimal"), std::string::npos);
  EXPECT_NE(refusal("deepseek/m: { input: 0.000000000001, per: 3 }").find("come out even"),
            std::string::npos);
  EXPECT_NE(refusal("deepseek/m: { image: 10, per: 1 }").find("below 9"), std::string::npos);
  EXPECT_NE(refusal("deepseek/m: { currency: usd, input: 1 }").find("three capital letters"),
            std::string::npos);
  EXPECT_NE(refusal("deepseek/m: { per: 10 }").find("it prices nothing"), std::string::npos);
  EXPECT_NE(refusal("m: { input: 1 }").find("with a slash between"), std::string::npos);
  EXPECT_NE(refusal("depseek/m: { input: 1 }").find("write deepseek/m"), std::string::npos);
}

TEST(PricesTest, APriceInACurrencyThatItsProviderIsNotBilledInIsRefused) {
  const std::string yuan = "prices: { openai/gpt-4o-mini: { currency: CNY, input: 1 } }\n";
  const std::string refused = Refusal("providers: { openai: { dialect: openai, key: k } }\n" + yuan);
  EXPECT_NE(refused.find("f:2:43: prices.openai/gpt-4o-mini is in CNY"), std::string::npos) << refused;
  EXPECT_NE(refused.find("billed in USD"), std::string::npos) << refused;
  EXPECT_NE(refused.find("write currency: CNY under providers.openai"), std::string::npos) << refused;
  EXPECT_EQ(Refusal("providers: { openai: { dialect: openai, key: k, currency: CNY } }\n" + yuan),
            "accepted");

  // Dollars, since no currency is named.
  const std::string dollars = Refusal(
      "providers: { openai: { dialect: openai, key: k, currency: CNY } }\n"
      "prices: { openai/gpt-4o-mini: { input: 1 } }\n");
  EXPECT_NE(dollars.find("prices.openai/gpt-4o-mini is in USD"), std::string::npos) << dollars;

  // A mistake in the provider is told alone.
  EXPECT_EQ(Refusal("providers: { openai: { dialect: openai, key: k, currency: yuan } }\n" + yuan)
                .find("is in CNY"),
            std::string::npos);
}

TEST(RatePerMillionTest, IsExactOrNothing) {
  EXPECT_EQ(RatePerMillion(base::kPico * 15 / 100, 1'000'000), 150'000'000'000);
  EXPECT_EQ(RatePerMillion(base::kPico * 3 / 2, 1'000), 1'500 * base::kPico);
  EXPECT_EQ(RatePerMillion(9 * base::kPico, 1), 9'000'000 * base::kPico);
  EXPECT_EQ(RatePerMillion(10 * base::kPico, 1), std::nullopt);  // past 64 bits
  EXPECT_EQ(RatePerMillion(1, 3), std::nullopt);
  EXPECT_EQ(RatePerMillion(-1, 1), std::nullopt);
  EXPECT_EQ(RatePerMillion(1, 0), std::nullopt);
}

}  // namespace
}  // namespace config
