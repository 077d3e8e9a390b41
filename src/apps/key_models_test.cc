#include "apps/key_models.h"

#include <gtest/gtest.h>

namespace apps {
namespace {

config::Settings WithAlias() {
  config::Settings settings;
  settings.providers["deepseek"];
  settings.models["assistant"];
  return settings;
}

TEST(KeyModelsTest, AliasesAndModelsOfAProviderAreGood) {
  EXPECT_EQ(WarnOfUnknownModels({"assistant", "deepseek/whatever"}, WithAlias()), "");
  EXPECT_EQ(WarnOfUnknownModels({}, WithAlias()), "");
}

TEST(KeyModelsTest, AMisspelledAliasIsToldWithTheNearest) {
  EXPECT_EQ(WarnOfUnknownModels({"asistant"}, WithAlias()),
            "warning: the config has no model \"asistant\"; did you mean \"assistant\"?\n");
}

TEST(KeyModelsTest, ABareNameAndAnUnknownProviderAreToldWhereThereAreAliases) {
  EXPECT_EQ(WarnOfUnknownModels({"gpt-5-mini", "openai/gpt-5-mini"}, WithAlias()),
            "warning: the config has no model \"gpt-5-mini\"\n"
            "warning: the config has no model \"openai/gpt-5-mini\"\n");
}

TEST(KeyModelsTest, WithoutAliasesOnlyProvidersKnow) {
  config::Settings settings = WithAlias();
  settings.models.clear();
  EXPECT_EQ(WarnOfUnknownModels({"gpt-5-mini"}, settings), "");
}

}  // namespace
}  // namespace apps
