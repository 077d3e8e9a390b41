#include "engine/model_family.h"

#include <gtest/gtest.h>

#include <optional>

namespace engine {
namespace {

TEST(ModelFamilyTest, OpenAisModelsAreToldApartByGeneration) {
  for (const char* model : {"gpt-4o", "gpt-4o-mini-2024-07-18", "gpt-4.1", "gpt-5-mini", "gpt-5.6-luna", "o3",
                            "o4-mini", "chatgpt-4o-latest", "gpt-oss-120b", "ft:gpt-4o-mini:org::id"}) {
    EXPECT_EQ(FamilyOf("openai", model), Family::kO200k) << model;
  }
  for (const char* model : {"gpt-4", "gpt-4-turbo", "gpt-4-32k-0613", "gpt-3.5-turbo", "gpt-35-turbo",
                            "text-embedding-3-small"}) {
    EXPECT_EQ(FamilyOf("azure", model), Family::kCl100k) << model;
  }
}

TEST(ModelFamilyTest, DeepSeeksOwnServiceHasOneFamilyWhateverTheModelIsCalled) {
  EXPECT_EQ(FamilyOf("deepseek", "deepseek-flash"), Family::kDeepSeek);
  EXPECT_EQ(FamilyOf("deepseek", "claude-sonnet-5"), Family::kDeepSeek);
  EXPECT_EQ(FamilyOf("local", "deepseek-v3"), Family::kDeepSeek);
  EXPECT_EQ(FamilyOf("local", "DeepSeek-R1-Distill-Qwen-7B"), Family::kQwen3);
  EXPECT_EQ(FamilyOf("local", "deepseek-r1-distill-llama-70b"), std::nullopt);
}

TEST(ModelFamilyTest, QwensGenerationMustBeInTheName) {
  EXPECT_EQ(FamilyOf("local", "Qwen2.5-7B-Instruct"), Family::kQwen3);
  EXPECT_EQ(FamilyOf("local", "qwen3-coder-480b"), Family::kQwen3);
  EXPECT_EQ(FamilyOf("dashscope", "qwen3.6-plus"), Family::kQwen35);
  EXPECT_EQ(FamilyOf("dashscope", "qwen-plus"), std::nullopt);
}

TEST(ModelFamilyTest, AMakerInFrontOfTheNameDoesNotHideIt) {
  EXPECT_EQ(FamilyOf("router", "openai/gpt-4o"), Family::kO200k);
  EXPECT_EQ(FamilyOf("router", "hosted/Qwen/Qwen3-8B"), Family::kQwen3);
}

TEST(ModelFamilyTest, ModelsWhoseTokenizerNobodyPublishesHaveNone) {
  for (const char* model : {"claude-sonnet-5", "gemini-3-pro", "mistral-large", "", "/", "4o"}) {
    EXPECT_EQ(FamilyOf("any", model), std::nullopt) << model;
  }
}

TEST(ModelFamilyTest, EachMessageOfAPromptCostsTheSame) {
  for (const Family family : kFamilies) {
    const std::int64_t none = PromptOverhead(family, 0);
    const std::int64_t one = PromptOverhead(family, 1);
    EXPECT_GT(one, none) << Name(family);
    EXPECT_EQ(PromptOverhead(family, 10), none + 10 * (one - none)) << Name(family);
  }
  EXPECT_EQ(PromptOverhead(Family::kO200k, 1), 7);
}

}  // namespace
}  // namespace engine
