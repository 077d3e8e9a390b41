#include "config/settings.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "config/reader.h"

namespace config {
namespace {

ReadResult Read(const std::string& text) {
  return ReadText(text, "sluice.yaml", [](std::string_view) { return std::nullopt; });
}

// The provider of these settings, besides its key.
ProviderSettings Provider(const std::string& settings) {
  const ReadResult result = Read("providers: { p: { key: k, " + settings + " } }\n");
  if (result) return (*result)->providers.at("p");
  for (const Problem& problem : result.error()) ADD_FAILURE() << Print(problem);
  return {};
}

TEST(ApiDialectTest, EachHasTheNameThatIsWritten) {
  for (const auto& [name, dialect] : {std::pair("openai", ApiDialect::kOpenAi),
                                      {"deepseek", ApiDialect::kDeepSeek},
                                      {"anthropic", ApiDialect::kAnthropic}}) {
    EXPECT_EQ(Provider("dialect: " + std::string(name)).dialect, dialect);
    EXPECT_EQ(Name(dialect), name);
  }
}

TEST(ApiDialectTest, SaysWhereARequestOfADialectIsTaken) {
  using chat::Dialect;
  EXPECT_EQ(DialectPath(ApiDialect::kOpenAi, Dialect::kOpenai), "");
  EXPECT_EQ(DialectPath(ApiDialect::kOpenAi, Dialect::kResponses), "");
  EXPECT_EQ(DialectPath(ApiDialect::kOpenAi, Dialect::kAnthropic), "");
  EXPECT_EQ(DialectPath(ApiDialect::kDeepSeek, Dialect::kOpenai), "");
  EXPECT_EQ(DialectPath(ApiDialect::kDeepSeek, Dialect::kAnthropic), "/anthropic/v1");
  EXPECT_EQ(DialectPath(ApiDialect::kDeepSeek, Dialect::kResponses), "");
  EXPECT_EQ(DialectPath(ApiDialect::kAnthropic, Dialect::kOpenai), "/v1");
  EXPECT_EQ(DialectPath(ApiDialect::kAnthropic, Dialect::kAnthropic), "/v1");
}

TEST(EndpointsTest, WithoutThemAProviderHasThoseOfItsMaker) {
  for (const auto& [settings, endpoints] :
       {std::pair("dialect: openai", "chat and responses"),
        {"dialect: openai, base_url: \"https://api.openai.com/v1\"", "chat and responses"},
        {"dialect: openai, base_url: \"https://eu.api.openai.com/v1\"", "chat and responses"},
        {"dialect: openai, base_url: \"http://box:8000/v1\"", "chat"},
        {"dialect: openai, base_url: \"http://box:8000/v1\", simulated: true", "chat and responses"},
        {"dialect: openai, base_url: \"https://api.deepseek.com/v1\"", "chat"},
        {"dialect: deepseek", "chat and messages"},
        {"dialect: deepseek, base_url: \"http://box:8000\"", "chat and messages"},
        {"dialect: anthropic", "messages"},
        {"dialect: anthropic, base_url: \"http://box:8000\", simulated: true", "messages"}}) {
    EXPECT_EQ(PrintEndpoints(Provider(settings)), endpoints) << settings;
  }
}

TEST(EndpointsTest, WhatIsWrittenHoldsInItsOrder) {
  const ProviderSettings p =
      Provider("dialect: openai, base_url: \"http://box/v1\", endpoints: [messages, responses, chat]");
  EXPECT_EQ(PrintEndpoints(p), "messages, responses and chat");
  EXPECT_TRUE(Speaks(p, chat::Dialect::kAnthropic));
  const ProviderSettings one = Provider("dialect: deepseek, endpoints: [responses]");
  EXPECT_TRUE(Speaks(one, chat::Dialect::kResponses));
  EXPECT_FALSE(Speaks(one, chat::Dialect::kOpenai));
}

TEST(EndpointsTest, OneThatIsNoneAndOneThatIsThereTwiceAreRefused) {
  const auto refusal = [](const std::string& list) {
    const ReadResult result =
        Read("providers: { p: { key: k, dialect: openai, endpoints: " + list + " } }\n");
    return result ? std::string("accepted") : Print(result.error().front());
  };
  EXPECT_EQ(refusal("[chat, response]"),
            "sluice.yaml:1:62: providers.p.endpoints[1] is \"response\", this setting is one of chat, "
            "responses or messages, write responses");
  EXPECT_EQ(
      refusal("[chat, chat]"),
      "sluice.yaml:1:62: providers.p.endpoints has chat twice, a provider has each API once, remove one of "
      "them");
  EXPECT_NE(refusal("chat").find("write endpoints: [chat]"), std::string::npos);
}

TEST(FlavourTest, TheHostTellsItAndElseTheDialect) {
  using chat::Flavour;
  for (const auto& [settings, flavour] :
       {std::pair("dialect: openai", Flavour::kOpenai),
        {"dialect: openai, base_url: \"https://us.api.openai.com/v1\"", Flavour::kOpenai},
        {"dialect: openai, base_url: \"https://mine.openai.azure.com/openai/v1\"", Flavour::kOpenai},
        {"dialect: openai, base_url: \"https://fakeapi.openai.com.example/v1\"", Flavour::kCompatible},
        {"dialect: openai, base_url: \"http://127.0.0.1:8000/v1\"", Flavour::kCompatible},
        {"dialect: openai, base_url: \"http://127.0.0.1:8000/v1\", simulated: true", Flavour::kOpenai},
        {"dialect: openai, base_url: \"https://api.deepseek.com/v1\"", Flavour::kDeepseek},
        {"dialect: anthropic, base_url: \"https://api.deepseek.com/anthropic\"", Flavour::kDeepseek},
        {"dialect: openai, base_url: \"https://api.anthropic.com/v1\"", Flavour::kAnthropic},
        {"dialect: deepseek, base_url: \"http://127.0.0.1:8000\"", Flavour::kDeepseek},
        {"dialect: anthropic, base_url: \"http://127.0.0.1:8000\"", Flavour::kAnthropic},
        {"dialect: openai, base_url: \"http://proxy/v1\", flavour: openai", Flavour::kOpenai},
        {"dialect: openai, base_url: \"http://proxy/v1\", flavour: deepseek", Flavour::kDeepseek},
        {"dialect: openai, base_url: \"http://proxy/v1\", flavour: anthropic", Flavour::kAnthropic},
        {"dialect: openai, flavour: compatible", Flavour::kCompatible},
        {"dialect: openai, flavour: by_address", Flavour::kOpenai}}) {
    EXPECT_EQ(FlavourOf(Provider(settings)), flavour) << settings;
  }
}

}  // namespace
}  // namespace config
