#include "translate/losses.h"

#include <gtest/gtest.h>

namespace translate {
namespace {

constexpr std::string_view kBody =
    R"({"model":"m","top_k":5,"messages":[{"role":"user"},{"content":[{"text":"a"},{"cache_control":{"type":"ephemeral"}}]}],)"
    R"("a b,\"c\"":[[1,2]]})";

std::string_view At(std::string_view text) {
  return kBody.substr(kBody.find(text), text.size());
}

TEST(PathOfTest, AMemberIsCalledByItsName) {
  EXPECT_EQ(PathOf(kBody, At("5")), "top_k");
}

TEST(PathOfTest, AnElementIsCountedFromZeroAndAMemberOfItFollowsADot) {
  EXPECT_EQ(PathOf(kBody, At(R"({"role":"user"})")), "messages[0]");
  EXPECT_EQ(PathOf(kBody, At(R"({"type":"ephemeral"})")), "messages[1].content[1].cache_control");
  EXPECT_EQ(PathOf(kBody, At("2")), "a_b__c_[0][1]");
}

TEST(PathOfTest, TheInsideOfAStringIsCalledAsTheString) {
  EXPECT_EQ(PathOf(kBody, At("ephemeral")), "messages[1].content[1].cache_control.type");
}

TEST(PathOfTest, WhatIsNotInTheTextIsTheWhole) {
  EXPECT_EQ(PathOf(kBody, "elsewhere"), "$");
  EXPECT_EQ(PathOf(kBody, kBody), "$");
}

TEST(LossesTest, NamesComeInTheOrderOfTheLossesWhereverTheyStand) {
  Losses losses;
  losses.Ignored(At("2"));
  losses.Cannot(At(R"({"type":"ephemeral"})"));
  losses.Cannot("elsewhere");
  losses.Cannot(At(R"("user")"));
  losses.Cannot(At("5"));
  EXPECT_EQ(losses.Names(kBody), (std::vector<std::string>{"messages[1].content[1].cache_control", "$",
                                                           "messages[0].role", "top_k", "a_b__c_[0][1]"}));
}

TEST(LossesTest, TheRefusalNamesTheFieldsUpToALimit) {
  Losses losses;
  losses.Cannot(At("5"), "it has no such setting");
  losses.Cannot(At("2"));
  const base::Error error = losses.Refusal(kBody, "OpenAI chat");
  EXPECT_EQ(error.code, base::Code::kInvalid);
  EXPECT_EQ(error.detail.find(
                "'top_k' cannot be said to OpenAI chat: it has no such setting (nor can 'a_b__c_[0][1]');"),
            0U)
      << error.detail;
  std::string many = "[0,0,0,0,0,0,0,0,0,0,0]";
  Losses all;
  for (std::size_t i = 0; i < kRefusedNamesMax; ++i) all.Cannot(std::string_view(many).substr(1 + 2 * i, 1));
  EXPECT_NE(all.Refusal(many, "x").detail.find("'[6]', '[7]');"), std::string::npos);
  for (std::size_t i = 8; i <= 10; ++i) all.Cannot(std::string_view(many).substr(1 + 2 * i, 1));
  EXPECT_NE(all.Refusal(many, "x").detail.find("'[6]', '[7]' and 3 more);"), std::string::npos);
}

TEST(LossesTest, WhatAProviderKeepsIsSaidToBeKeptThere) {
  const std::string_view body = R"({"previous_response_id":"r"})";
  Losses losses;
  losses.Cannot(body.substr(24, 3), "it has no such field");
  const std::string detail = losses.Refusal(body, "OpenAI chat").detail;
  EXPECT_EQ(
      detail.find("'previous_response_id' cannot be said to OpenAI chat: the turns before it are kept by "),
      0U)
      << detail;
}

TEST(LossesTest, APartOfTheQuestionThatIsElsewhereIsFoundHoweverItsNameIsSpelled) {
  for (const std::string_view body :
       {R"({"store":true,"prompt":{"id":"p"}})", R"({"store":true,"prom\u0070t":{"id":"p"}})"}) {
    Losses losses;
    losses.Cannot(body.substr(body.find("true"), 4));
    EXPECT_FALSE(losses.AnyPartElsewhere(body)) << body;
    losses.Cannot(body.substr(body.find("{\"id\""), 10));
    EXPECT_TRUE(losses.AnyPartElsewhere(body)) << body;
  }
}

TEST(LossesTest, NamesAreToldOnceAndNotEndlessly) {
  Losses losses;
  losses.Ignored(At("5"));
  losses.Cannot(At("2"));
  losses.Cannot(At("2"));
  EXPECT_EQ(losses.Names(kBody), (std::vector<std::string>{"a_b__c_[0][1]", "top_k"}));
  std::string many = "[";
  for (int i = 0; i < 100; ++i) many += "0,";
  many += "0]";
  Losses all;
  for (std::size_t i = 0; i <= 100; ++i) all.Cannot(std::string_view(many).substr(1 + 2 * i, 1));
  const auto names = all.Names(many);
  ASSERT_EQ(names.size(), kDroppedNamesMax + 1);
  EXPECT_EQ(names.back(), "...");
}

TEST(LossesTest, NamesThatAreCutToTheSameAreNotLookedUpEndlessly) {
  std::string many = "{";
  for (int i = 0; i < 2000; ++i) many += '"' + std::string(64, 'x') + std::to_string(i) + "\":0,";
  many.back() = '}';
  Losses all;
  for (std::size_t at = 0; (at = many.find(":0", at)) != std::string::npos; ++at) {
    all.Cannot(std::string_view(many).substr(at + 1, 1));
  }
  EXPECT_EQ(all.Names(many), (std::vector<std::string>{std::string(64, 'x'), "..."}));
}

}  // namespace
}  // namespace translate
