#include "translate/extras_internal.h"

#include <gtest/gtest.h>

#include <string>

namespace translate {
namespace {

using chat::Flavour;
using chat::Operation;
using Names = std::vector<std::string>;

std::string Ask(Operation operation, std::string_view more) {
  const std::string_view least =
      operation == Operation::kResponses
          ? R"({"model":"m","input":"q",)"
          : R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],)";
  return std::string(least) + std::string(more) + "}";
}

constexpr Operation kAll[] = {Operation::kChat, Operation::kResponses, Operation::kMessages};

TEST(ExtrasTest, SettingsOfAServersOwnPassAsTheyAre) {
  for (const Operation caller : kAll) {
    for (const Operation provider : kAll) {
      if (caller == provider) continue;
      const std::string body = Ask(
          caller,
          R"("min_p":0.1,"chat_template_kwargs":{"x":[1, 2]},"guided_json":null,"top_k":5,"ignore_eos":true)");
      const auto request = ReadRequest(caller, body);
      ASSERT_TRUE(request);
      const auto said =
          WriteRequest(*request, {.operation = provider, .flavour = Flavour::kCompatible, .model = "m"});
      ASSERT_TRUE(said) << said.error().detail;
      for (const std::string_view part : {R"("min_p":0.1)", R"("chat_template_kwargs":{"x":[1, 2]})",
                                          R"("top_k":5)", R"("ignore_eos":true)"}) {
        EXPECT_NE(said->body.find(part), std::string::npos) << said->body;
      }
      EXPECT_EQ(said->dropped, Names{});
    }
  }
}

TEST(ExtrasTest, AMakersOwnServerIsNotAskedForThem) {
  for (const Flavour flavour : {Flavour::kOpenai, Flavour::kDeepseek, Flavour::kAnthropic}) {
    const std::string body = Ask(Operation::kResponses, R"("min_p":0.1)");
    const auto request = ReadRequest(Operation::kResponses, body);
    const Operation provider = flavour == Flavour::kAnthropic ? Operation::kMessages : Operation::kChat;
    const auto said = WriteRequest(*request, {.operation = provider, .flavour = flavour, .model = "m"});
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().field, "min_p");
  }
}

TEST(ExtrasTest, WhatADialectHasIsNoSettingOfAServer) {
  const std::string body =
      Ask(Operation::kMessages, R"("frequency_penalty":1,"inference_geo":"us","stop":"x")");
  const auto request = ReadRequest(Operation::kMessages, body);
  const auto said = WriteRequest(
      *request,
      {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "m", .drop_unsayable = true});
  ASSERT_TRUE(said);
  EXPECT_EQ(said->dropped, (Names{"frequency_penalty", "inference_geo", "stop"}));
}

TEST(ExtrasTest, WhatIsThereTwiceIsSaidOnce) {
  const std::string body = Ask(Operation::kMessages, R"("min_p":0.1,"min_p":0.2)");
  const auto request = ReadRequest(Operation::kMessages, body);
  const auto said =
      WriteRequest(*request, {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "m"});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().field, "min_p");
}

TEST(ExtrasTest, TheCallersOwnWordsForTheTemplateCount) {
  const std::string body =
      Ask(Operation::kMessages,
          R"("thinking":{"type":"disabled"},"chat_template_kwargs":{"enable_thinking":true})");
  const auto request = ReadRequest(Operation::kMessages, body);
  const auto said =
      WriteRequest(*request, {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "m"});
  ASSERT_TRUE(said);
  EXPECT_EQ(said->dropped, Names{"thinking"});
  EXPECT_EQ(said->body.find(R"("enable_thinking":false)"), std::string::npos) << said->body;
}

TEST(ExtrasTest, ThereAreAtMostSoMany) {
  const auto with = [](std::size_t count) {
    std::string more = R"("x0":0)";
    for (std::size_t i = 1; i < count; ++i) more += ",\"x" + std::to_string(i) + "\":0";
    return Ask(Operation::kMessages, more);
  };
  for (const std::size_t count : {internal::kExtrasMax, internal::kExtrasMax + 1}) {
    const std::string body = with(count);
    const auto request = ReadRequest(Operation::kMessages, body);
    const auto said = WriteRequest(
        *request, {.operation = Operation::kChat, .flavour = Flavour::kCompatible, .model = "m"});
    EXPECT_EQ(said.has_value(), count == internal::kExtrasMax);
  }
}

}  // namespace
}  // namespace translate
