#include "routing/plan.h"

#include <gtest/gtest.h>

namespace routing {
namespace {

config::Settings TwoProviders() {
  config::Settings settings;
  settings.providers["deepseek"].dialect = config::ApiDialect::kDeepSeek;
  settings.providers["openai"].dialect = config::ApiDialect::kOpenAi;
  settings.providers["box"].local = true;
  settings.providers["box"].base_url.host = "box";
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

std::string AllHealthy(const config::ModelRef&) {
  return {};
}

std::vector<std::string> Targets(const Plan& plan) {
  std::vector<std::string> names;
  for (const Candidate& candidate : plan.candidates) names.push_back(candidate.target.Print());
  return names;
}

using Names = std::vector<std::string>;

std::optional<Plan> Planned(const config::Settings& settings, std::string_view asked, const Health& health,
                            chat::Operation operation = chat::Operation::kChat) {
  const Listed nobody_knows = [](std::string_view, std::string_view) { return std::nullopt; };
  return MakePlan(settings, asked, operation, health, nobody_knows);
}

TEST(PlanTest, TheDefaultRungIsFirstThenStrongerThenWeakerThenFallbacks) {
  const auto plan = Planned(WithLadder(), "assistant", AllHealthy);
  ASSERT_TRUE(plan);
  EXPECT_EQ(Targets(*plan), (Names{"deepseek/flash", "deepseek/pro", "box/small", "openai/mini"}));
  EXPECT_EQ(plan->candidates[0].rung, chat::Rung::kCheap);
  EXPECT_EQ(plan->candidates[1].rung, chat::Rung::kStrong);
  EXPECT_EQ(plan->candidates[2].rung, chat::Rung::kLocal);
  EXPECT_EQ(plan->reason, "the default rung of the ladder");
}

TEST(PlanTest, AnUnhealthyProviderGoesLastWithItsReason) {
  const auto plan = Planned(WithLadder(), "assistant", [](const config::ModelRef& target) {
    return target.provider == "deepseek" ? std::string("its only key was refused") : std::string();
  });
  EXPECT_EQ(Targets(*plan), (Names{"box/small", "openai/mini", "deepseek/flash", "deepseek/pro"}));
  EXPECT_EQ(plan->candidates[2].rejected, "its only key was refused");
}

TEST(PlanTest, WhenNobodyIsHealthyAllAreTriedInOrder) {
  const auto plan =
      Planned(WithLadder(), "assistant", [](const config::ModelRef&) { return std::string("it is down"); });
  EXPECT_EQ(Targets(*plan).front(), "deepseek/flash");
  for (const Candidate& candidate : plan->candidates) EXPECT_TRUE(candidate.rejected.empty());
}

TEST(PlanTest, AModelCanBeAskedForByProvider) {
  const auto plan = Planned(WithLadder(), "openai/org/model-x", AllHealthy);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->candidates[0].target.model, "org/model-x");
}

TEST(PlanTest, WithAliasesABareProviderNameIsUnknown) {
  EXPECT_FALSE(Planned(WithLadder(), "gpt-5", AllHealthy));
  EXPECT_FALSE(Planned(WithLadder(), "nobody/gpt-5", AllHealthy));
  EXPECT_FALSE(Planned(WithLadder(), "openai/", AllHealthy));
}

TEST(PlanTest, WithoutAliasesTheFamilyOfANameFindsItsProvider) {
  EXPECT_EQ(Targets(*Planned(TwoProviders(), "gpt-5-mini", AllHealthy)), Names{"openai/gpt-5-mini"});
  EXPECT_EQ(Targets(*Planned(TwoProviders(), "deepseek-flash", AllHealthy)),
            Names{"deepseek/deepseek-flash"});
  EXPECT_FALSE(Planned(TwoProviders(), "llama-3", AllHealthy));
}

TEST(PlanTest, AListedModelBelongsToItsProviderAndToNoOther) {
  config::Settings settings = TwoProviders();
  settings.providers["box"].models = {"gpt-mine"};
  EXPECT_EQ(Targets(*Planned(settings, "gpt-mine", AllHealthy)), Names{"box/gpt-mine"});
}

TEST(PlanTest, TheOnlyProviderAnswersToAnyName) {
  config::Settings settings;
  settings.providers["vllm"];
  EXPECT_EQ(Targets(*Planned(settings, "qwen3-8b", AllHealthy)), Names{"vllm/qwen3-8b"});
}

TEST(PlanTest, WhoDoesNotSpeakTheDialectIsAskedByATranslation) {
  config::Settings settings = WithLadder();
  settings.providers["claude"].dialect = config::ApiDialect::kAnthropic;
  settings.models["assistant"].fallback.push_back({"claude", "sonnet"});
  for (const auto operation :
       {chat::Operation::kChat, chat::Operation::kResponses, chat::Operation::kMessages}) {
    const auto plan = Planned(settings, "assistant", AllHealthy, operation);
    for (const Candidate& candidate : plan->candidates) EXPECT_EQ(candidate.rejected, "");
    EXPECT_EQ(Targets(*plan).front(), "deepseek/flash");
  }
}

TEST(PlanTest, WhatOnlyOneDialectHasIsAskedOnlyOfThoseThatSpeakIt) {
  const auto plan = Planned(WithLadder(), "assistant", AllHealthy, chat::Operation::kCountTokens);
  EXPECT_EQ(Targets(*plan), (Names{"deepseek/flash", "deepseek/pro", "box/small", "openai/mini"}));
  EXPECT_TRUE(plan->Answerable());
  EXPECT_TRUE(plan->candidates[1].rejected.empty());
  EXPECT_EQ(plan->candidates[2].rejected,
            "box takes chat requests only, and one of this kind exists only beside messages");
  EXPECT_FALSE(plan->candidates[3].rejected.empty());
}

TEST(PlanTest, AProviderThatSpeaksAnthropicOnlyIsNotAskedForEmbeddings) {
  config::Settings settings = WithLadder();
  settings.providers["claude"].dialect = config::ApiDialect::kAnthropic;
  settings.models["assistant"].fallback.push_back({"claude", "sonnet"});
  const auto plan = Planned(settings, "assistant", AllHealthy, chat::Operation::kEmbedding);
  EXPECT_FALSE(plan->candidates.back().rejected.empty());
}

TEST(PlanTest, WhenNobodyTakesTheKindThereIsNoOneToAskHoweverHealthy) {
  const auto plan = Planned(WithLadder(), "openai/mini", AllHealthy, chat::Operation::kCountTokens);
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->Answerable());
  EXPECT_EQ(plan->reason, "no candidate takes requests of this kind");
}

TEST(PlanTest, TheOnlyOneThatTakesTheKindIsTriedThoughItIsUnhealthy) {
  const auto down = [](const config::ModelRef&) { return std::string("it is down"); };
  const auto plan = Planned(WithLadder(), "assistant", down, chat::Operation::kCountTokens);
  EXPECT_TRUE(plan->Answerable());
  EXPECT_EQ(plan->candidates[0].although, "it is down");
  EXPECT_TRUE(plan->candidates[2].although.empty());
  EXPECT_FALSE(plan->candidates[2].rejected.empty());
}

TEST(PlanTest, ClaudeModelsAreAnthropics) {
  config::Settings settings = TwoProviders();
  settings.providers["claude"].dialect = config::ApiDialect::kAnthropic;
  EXPECT_EQ(Targets(*Planned(settings, "claude-sonnet-5", AllHealthy)), Names{"claude/claude-sonnet-5"});
}

}  // namespace
}  // namespace routing
