#include <gtest/gtest.h>

#include "translate/messages_models_internal.h"

namespace translate::internal {
namespace {

using Off = MessagesModel::Off;

MessagesModel Of(std::string_view name) {
  return MessagesModelOf(chat::Flavour::kAnthropic, name);
}

TEST(MessagesModelTest, AGenerationIsToldByTheNameHoweverItIsSpelled) {
  for (const std::string_view name : {"claude-opus-4-6", "anthropic/claude-4.6-opus", "Claude-Opus-4.6",
                                      "us.anthropic.claude-opus-4-6-v1:0", "claude-opus-4-6@20260205"}) {
    const MessagesModel model = Of(name);
    EXPECT_TRUE(model.adaptive) << name;
    EXPECT_TRUE(model.budget) << name;
    EXPECT_TRUE(model.samples) << name;
    EXPECT_FALSE(model.prefill) << name;
    EXPECT_FALSE(model.xhigh) << name;
  }
  for (const std::string_view name :
       {"claude-sonnet-4-20250514", "claude-opus-4@20250514", "claude-3-7-sonnet"}) {
    EXPECT_FALSE(Of(name).adaptive) << name;
    EXPECT_TRUE(Of(name).both_samplings) << name;
    EXPECT_TRUE(Of(name).prefill) << name;
  }
}

TEST(MessagesModelTest, NewerModelsChooseTheirSamplingThemselves) {
  for (const std::string_view name : {"claude-opus-4-7", "claude-opus-5", "claude-haiku-5-5",
                                      "claude-mythos-preview", "claude-fable-5-1", "claude-of-the-future"}) {
    EXPECT_FALSE(Of(name).samples) << name;
    EXPECT_TRUE(Of(name).adaptive) << name;
  }
}

TEST(MessagesModelTest, HowThinkingIsTurnedOffDiffers) {
  EXPECT_EQ(Of("claude-haiku-4-5").off, Off::kByDisabled);
  EXPECT_EQ(Of("claude-opus-4-8").off, Off::kByLeaving);
  EXPECT_EQ(Of("claude-opus-5").off, Off::kByDisabled);
  EXPECT_EQ(Of("claude-haiku-5-5").off, Off::kByDisabled);
  EXPECT_EQ(Of("claude-sonnet-5-5").off, Off::kBetween);
  EXPECT_EQ(Of("claude-opus-5-5").off, Off::kNever);
  EXPECT_EQ(Of("claude-fable-5").off, Off::kNever);
  EXPECT_EQ(Of("claude-mythos-preview").off, Off::kNever);
}

TEST(MessagesModelTest, WhoeverElseSpeaksTheDialectIsTakenToSpeakItAsItWas) {
  const MessagesModel model = Of("MiniMax-M2");
  EXPECT_FALSE(model.claude);
  EXPECT_TRUE(model.budget && model.samples && model.prefill && model.forced_tools);
  EXPECT_FALSE(model.adaptive || model.effort || model.later_system);
}

}  // namespace
}  // namespace translate::internal
