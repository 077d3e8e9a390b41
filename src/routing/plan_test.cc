#include "routing/plan.h"

#include <gtest/gtest.h>

namespace routing {
namespace {

config::Settings TwoProviders() {
  config::Settings settings;
  settings.providers["deepseek"].dialect = config::ApiDialect::kDeepSeek;
  settings.providers["openai"].dialect = config::ApiDialect::kOpenAi;
  settings.providers["box"].local = true;
  return settings;
}

config::Settings WithLadder() {
  config::Settings settings = TwoProviders();
  config::AliasSettings& alias = settings.models["assistant"];
  alias.ladder = {{"box", "small"}, {"deepseek", "flash"}, {"deepseek", "pro"}};
  alias.preferred = {"deepseek", "flash"};
  alias.fallback = {{"openai", "mini"}};
  return settings;
}

std::string AllHealthy(std::string_view) {
  return {};
}

std::vector<std::string> Targets(const Plan& plan) {
  std::vector<std::string> names;
  for (const Candidate& candidate : plan.candidates) names.push_back(candidate.target.Print());
  return names;
}

using Names = std::vector<std::string>;

TEST(PlanTest, TheDefaultRungIsFirstThenStrongerThenWeakerThenFallbacks) {
  const auto plan = MakePlan(WithLadder(), "assistant", AllHealthy);
  ASSERT_TRUE(plan);
  EXPECT_EQ(Targets(*plan), (Names{"deepseek/flash", "deepseek/pro", "box/small", "openai/mini"}));
  EXPECT_EQ(plan->candidates[0].rung, chat::Rung::kCheap);
  EXPECT_EQ(plan->candidates[1].rung, chat::Rung::kStrong);
  EXPECT_EQ(plan->candidates[2].rung, chat::Rung::kLocal);
  EXPECT_EQ(plan->reason, "the default rung of the ladder");
}

TEST(PlanTest, AnUnhealthyProviderGoesLastWithItsReason) {
  const auto plan = MakePlan(WithLadder(), "assistant", [](std::string_view provider) {
    return provider == "deepseek" ? std::string("its only key was refused") : std::string();
  });
  EXPECT_EQ(Targets(*plan), (Names{"box/small", "openai/mini", "deepseek/flash", "deepseek/pro"}));
  EXPECT_EQ(plan->candidates[2].rejected, "its only key was refused");
}

TEST(PlanTest, WhenNobodyIsHealthyAllAreTriedInOrder) {
  const auto plan =
      MakePlan(WithLadder(), "assistant", [](std::string_view) { return std::string("it is down"); });
  EXPECT_EQ(Targets(*plan).front(), "deepseek/flash");
  for (const Candidate& candidate : plan->candidates) EXPECT_TRUE(candidate.rejected.empty());
}

TEST(PlanTest, AModelCanBeAskedForByProvider) {
  const auto plan = MakePlan(WithLadder(), "openai/org/model-x", AllHealthy);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->candidates[0].target.model, "org/model-x");
}

TEST(PlanTest, WithAliasesABareProviderNameIsUnknown) {
  EXPECT_FALSE(MakePlan(WithLadder(), "gpt-5", AllHealthy));
  EXPECT_FALSE(MakePlan(WithLadder(), "nobody/gpt-5", AllHealthy));
  EXPECT_FALSE(MakePlan(WithLadder(), "openai/", AllHealthy));
}

TEST(PlanTest, WithoutAliasesTheFamilyOfANameFindsItsProvider) {
  EXPECT_EQ(Targets(*MakePlan(TwoProviders(), "gpt-5-mini", AllHealthy)), Names{"openai/gpt-5-mini"});
  EXPECT_EQ(Targets(*MakePlan(TwoProviders(), "deepseek-flash", AllHealthy)),
            Names{"deepseek/deepseek-flash"});
  EXPECT_FALSE(MakePlan(TwoProviders(), "llama-3", AllHealthy));
}

TEST(PlanTest, AListedModelBelongsToItsProviderAndToNoOther) {
  config::Settings settings = TwoProviders();
  settings.providers["box"].models = {"gpt-mine"};
  EXPECT_EQ(Targets(*MakePlan(settings, "gpt-mine", AllHealthy)), Names{"box/gpt-mine"});
}

TEST(PlanTest, TheOnlyProviderAnswersToAnyName) {
  config::Settings settings;
  settings.providers["vllm"];
  EXPECT_EQ(Targets(*MakePlan(settings, "qwen3-8b", AllHealthy)), Names{"vllm/qwen3-8b"});
}

}  // namespace
}  // namespace routing
