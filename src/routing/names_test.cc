#include "routing/names.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace routing {
namespace {

using config::ApiDialect;
using Lists = std::map<std::string, std::set<std::string>, std::less<>>;

config::Settings Makers() {
  config::Settings settings;
  settings.providers["deepseek"].dialect = ApiDialect::kDeepSeek;
  settings.providers["openai"].dialect = ApiDialect::kOpenAi;
  return settings;
}

// `provider/model`, or "nobody".
std::string Found(const config::Settings& settings, std::string_view name, const Lists& lists = {}) {
  const auto target = Resolve(settings, name, [&](std::string_view provider, std::string_view model) {
    const auto list = lists.find(provider);
    return list == lists.end() ? std::nullopt : std::optional(list->second.contains(std::string(model)));
  });
  return target ? target->Print() : "nobody";
}

TEST(NamesTest, MakerIsTakenForTheProviderWhileNoListIsKnown) {
  EXPECT_EQ(Found(Makers(), "gpt-5-mnii"), "openai/gpt-5-mnii");
  EXPECT_EQ(Found(Makers(), "llama-3"), "nobody");
}

TEST(NamesTest, NameThatTheMakersListLacksIsNobodys) {
  EXPECT_EQ(Found(Makers(), "gpt-5-mnii", {{"openai", {"gpt-5-mini"}}}), "nobody");
  EXPECT_EQ(Found(Makers(), "gpt-5-mini", {{"openai", {"gpt-5-mini"}}}), "openai/gpt-5-mini");
}

TEST(NamesTest, ListTellsOfModelsOfNoKnownFamily) {
  EXPECT_EQ(Found(Makers(), "whisper-1", {{"openai", {"whisper-1"}}}), "openai/whisper-1");
}

TEST(NamesTest, MakerComesBeforeOthersThatHaveTheModelToo) {
  config::Settings settings = Makers();
  settings.providers["another"].dialect = ApiDialect::kDeepSeek;
  const Lists lists = {{"another", {"gpt-5", "x"}}, {"openai", {"gpt-5"}}};
  EXPECT_EQ(Found(settings, "gpt-5", lists), "openai/gpt-5");
  EXPECT_EQ(Found(settings, "x", lists), "another/x");
}

TEST(NamesTest, OnlyProviderAnswersToAnyNameUntilItsListIsKnown) {
  config::Settings settings;
  settings.providers["box"].local = true;
  EXPECT_EQ(Found(settings, "qwen3-8b"), "box/qwen3-8b");
  EXPECT_EQ(Found(settings, "qwen3-8b", {{"box", {"qwen3-4b"}}}), "nobody");
}

TEST(NamesTest, ModelsOfTheSettingsAreAllThatAProviderHas) {
  config::Settings settings = Makers();
  settings.providers["openai"].models = {"gpt-5"};
  EXPECT_EQ(Found(settings, "gpt-5"), "openai/gpt-5");
  EXPECT_EQ(Found(settings, "gpt-6", {{"openai", {"gpt-6"}}}), "nobody");
  EXPECT_EQ(Found(settings, "openai/gpt-6"), "openai/gpt-6");
}

TEST(NamesTest, ListsMatterOnlyForBareNamesThatNoSettingKnows) {
  config::Settings settings = Makers();
  settings.providers["openai"].models = {"gpt-5"};
  EXPECT_TRUE(DependsOnLists(settings, "deepseek-flash"));
  EXPECT_FALSE(DependsOnLists(settings, "gpt-5"));
  EXPECT_FALSE(DependsOnLists(settings, "deepseek/x"));
  settings.providers["deepseek"].models = {"deepseek-flash"};
  EXPECT_FALSE(DependsOnLists(settings, "other"));
  settings = Makers();
  settings.models["assistant"];
  EXPECT_FALSE(DependsOnLists(settings, "other"));
}

}  // namespace
}  // namespace routing
