#include "gateway/wording.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace gateway {
namespace {

using chat::Operation;
using config::ApiDialect;

using Found = tl::expected<void, translate::Unsayable>;

config::ProviderSettings Provider(ApiDialect dialect, std::vector<chat::Dialect> endpoints = {}) {
  config::ProviderSettings provider;
  provider.dialect = dialect;
  provider.endpoints = std::move(endpoints);
  return provider;
}

class WordingTest : public testing::Test {
 protected:
  // Says `body`, a request of `operation`, to a model of the provider.
  Found Say(Operation operation, std::string body, const config::ProviderSettings& provider,
            const std::string& model = "other") {
    body_ = std::move(body);
    auto request = wire::ParseRequest(operation, body_);
    CHECK(request.has_value());
    request_ = std::move(*request);
    wordings_ = std::make_unique<Wordings>(request_, settings_);
    return SayAgain(provider, model);
  }
  // The same request to another candidate.
  Found SayAgain(const config::ProviderSettings& provider, const std::string& model = "other") {
    wording_ = std::make_unique<Wording>();
    return wordings_->Find({"p", model}, provider, *wording_);
  }

  std::string Said() const {
    std::string said;
    for (const std::string_view piece : wording_->body()) said += piece;
    return said;
  }
  bool Says(std::string_view part) const { return Said().find(part) != std::string::npos; }

  config::Settings settings_;
  std::string body_;
  wire::RequestView request_;
  std::unique_ptr<Wordings> wordings_;
  std::unique_ptr<Wording> wording_;
};

// ---- the provider speaks the caller's dialect

TEST_F(WordingTest, WhatDeepseeksCopyOfMessagesIgnoresIsNamedAndSentAllTheSame) {
  constexpr std::string_view kBody =
      R"({"model":"m","max_tokens":9,"top_k":5,"service_tier":"auto","messages":[{"role":"user","content":[)"
      R"({"type":"text","text":"q","cache_control":{"type":"ephemeral"}}]}]})";
  ASSERT_TRUE(Say(Operation::kMessages, std::string(kBody), Provider(ApiDialect::kDeepSeek)));
  EXPECT_EQ(wording_->dropped(), (std::vector<std::string>{"messages[0].content[0].cache_control", "top_k"}));
  EXPECT_TRUE(Says(R"("top_k":5)") && Says("cache_control"));
  ASSERT_TRUE(Say(Operation::kMessages, std::string(kBody), Provider(ApiDialect::kAnthropic)));
  EXPECT_TRUE(wording_->dropped().empty());
}

TEST_F(WordingTest, OwnDialectIsTheCallersBytesWithAnotherModel) {
  ASSERT_TRUE(Say(Operation::kChat, R"({ "unheard" : [1 ] ,"model":"m","messages":[]})",
                  Provider(ApiDialect::kOpenAi)));
  EXPECT_FALSE(wording_->translated());
  EXPECT_EQ(wording_->operation(), Operation::kChat);
  EXPECT_EQ(Said(), R"({ "unheard" : [1 ] ,"model":"other","messages":[]})");
  EXPECT_TRUE(wording_->dropped().empty());
}

TEST_F(WordingTest, StreamAsksForItsUsage) {
  ASSERT_TRUE(
      Say(Operation::kChat, R"({"model":"m","messages":[],"stream":true})", Provider(ApiDialect::kOpenAi)));
  EXPECT_TRUE(Says(R"("include_usage":true)"));
}

TEST_F(WordingTest, ThoughtsOfAnotherFamilyAreLeftOutAndNamed) {
  ASSERT_TRUE(Say(
      Operation::kMessages,
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[)"
      R"({"type":"thinking","thinking":"t","signature":"sluice.openai.rs_1.x"},{"type":"text","text":"a"}]}]})",
      Provider(ApiDialect::kAnthropic)));
  EXPECT_FALSE(wording_->translated());
  EXPECT_EQ(Said(), R"({"model":"other","max_tokens":9,"messages":[{"role":"user","content":"q"},)"
                    R"({"role":"assistant","content":[{"type":"text","text":"a"}]}]})");
  EXPECT_EQ(wording_->dropped(), std::vector<std::string>{"messages[1].content[0]"});
}

// ---- it does not

constexpr std::string_view kAsk = R"({"model":"m","messages":[{"role":"user","content":"q"}])";

TEST_F(WordingTest, AnotherDialectIsTranslated) {
  ASSERT_TRUE(Say(Operation::kChat, std::string(kAsk) + "}", Provider(ApiDialect::kAnthropic)));
  EXPECT_TRUE(wording_->translated());
  EXPECT_EQ(wording_->operation(), Operation::kMessages);
  EXPECT_TRUE(Says(R"("model":"other")") && Says(R"("max_tokens":8192)"));
  EXPECT_EQ(wordings_->form().turns.size(), 1u);
}

TEST_F(WordingTest, FieldThatCannotBeSaidIsRefusedByName) {
  const Found found =
      Say(Operation::kChat, std::string(kAsk) + R"(,"seed":7})", Provider(ApiDialect::kAnthropic));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().field, "seed");
  EXPECT_NE(found.error().detail.find("seed"), std::string::npos);
}

TEST_F(WordingTest, FieldThatCannotBeSaidIsDroppedAndNamedWhereTheSettingsSaySo) {
  settings_.translation.unsayable = config::Unsayable::kDrop;
  ASSERT_TRUE(Say(Operation::kChat, std::string(kAsk) + R"(,"seed":7})", Provider(ApiDialect::kAnthropic)));
  EXPECT_EQ(wording_->dropped(), std::vector<std::string>{"seed"});
  EXPECT_FALSE(Says("seed"));
}

TEST_F(WordingTest, OfTwoApisTheOneThatLosesNothingIsTaken) {
  constexpr std::string_view kStop =
      R"({"model":"m","max_tokens":9,"stop_sequences":["x"],"messages":[{"role":"user","content":"q"}]})";
  const auto responses_first =
      Provider(ApiDialect::kOpenAi, {chat::Dialect::kResponses, chat::Dialect::kOpenai});
  for (const auto mode : {config::Unsayable::kRefuse, config::Unsayable::kDrop}) {
    settings_.translation.unsayable = mode;
    ASSERT_TRUE(Say(Operation::kMessages, std::string(kStop), responses_first, "gpt-4o"));
    EXPECT_EQ(wording_->operation(), Operation::kChat);  // Responses have no stop sequences
    EXPECT_TRUE(wording_->dropped().empty());
  }
}

TEST_F(WordingTest, WhereNothingIsLostTheFirstApiIsTaken) {
  constexpr std::string_view kPlain =
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}]})";
  ASSERT_TRUE(Say(Operation::kMessages, std::string(kPlain), Provider(ApiDialect::kOpenAi), "gpt-5-mini"));
  EXPECT_EQ(wording_->operation(), Operation::kChat);
}

TEST_F(WordingTest, ThoughtsArePreferredInResponses) {
  constexpr std::string_view kThinking =
      R"({"model":"m","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":2000},)"
      R"("messages":[{"role":"user","content":"q"}]})";
  settings_.translation.unsayable = config::Unsayable::kDrop;
  ASSERT_TRUE(Say(Operation::kMessages, std::string(kThinking), Provider(ApiDialect::kOpenAi), "gpt-5-mini"));
  EXPECT_EQ(wording_->operation(), Operation::kResponses);
}

TEST_F(WordingTest, EachCandidateIsToldInItsOwnWay) {
  ASSERT_TRUE(Say(Operation::kChat, std::string(kAsk) + "}", Provider(ApiDialect::kAnthropic)));
  ASSERT_TRUE(SayAgain(Provider(ApiDialect::kOpenAi)));
  EXPECT_FALSE(wording_->translated());
  ASSERT_TRUE(SayAgain(Provider(ApiDialect::kOpenAi, {chat::Dialect::kResponses}), "gpt-5-mini"));
  EXPECT_EQ(wording_->operation(), Operation::kResponses);
}

TEST_F(WordingTest, RequestThatCannotBeReadIsRefusedWithoutAField) {
  const Found found = Say(Operation::kChat, R"({"model":"m","messages":[{"role":"nobody","content":"q"}]})",
                          Provider(ApiDialect::kAnthropic));
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().field.empty());
  EXPECT_NE(found.error().detail.find("role"), std::string::npos);
}

}  // namespace
}  // namespace gateway
