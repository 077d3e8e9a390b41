#include "gateway/model_limits.h"

#include <gtest/gtest.h>

#include <utility>

namespace gateway {
namespace {

using pricing::ModelLimits;

constexpr chat::Dialect kChat = chat::Dialect::kOpenai;

pricing::CatalogueModel Model(const char* name, const ModelLimits& limits) {
  pricing::PriceEntry price;
  price.rates.emplace(base::Currency::kUsd, pricing::Rates());
  pricing::CatalogueModel model;
  model.name = name;
  model.limits = limits;
  model.prices.push_back(std::move(price));
  return model;
}

pricing::BookSources Sources() {
  pricing::CatalogueProvider provider;
  provider.id = "p";
  provider.models.push_back(Model("known", {.context = 200'000, .output = 64'000}));
  provider.models.push_back(Model("half", {.context = 9'000}));
  provider.messages_otherwise = "known";
  pricing::BookSources sources;
  sources.shipped.origin = "catalogue";
  sources.shipped.providers.push_back(std::move(provider));
  return sources;
}

class ModelLimitsTest : public testing::Test {
 protected:
  ModelLimits Of(const char* model, chat::Dialect dialect = kChat) {
    const auto book = pricing::Book::Make(Sources(), settings_);
    EXPECT_TRUE(book);
    return LimitsOf(settings_, book->get(), {"p", model}, dialect);
  }

  config::Settings settings_;
};

TEST_F(ModelLimitsTest, WhatTheCatalogueKnowsHolds) {
  EXPECT_EQ(Of("known"), (ModelLimits{.context = 200'000, .output = 64'000}));
  EXPECT_EQ(Of("KNOWN"), Of("known"));
  EXPECT_EQ(Of("half"), (ModelLimits{.context = 9'000, .output = kUnknownModel.output}));
}

TEST_F(ModelLimitsTest, WhatNobodyKnowsHasTheUsualLimits) {
  EXPECT_EQ(Of("unheard"), kUnknownModel);
  EXPECT_EQ(LimitsOf(settings_, nullptr, {"p", "known"}, kChat), kUnknownModel);
  EXPECT_EQ(AnyLimits(settings_), kUnknownModel);
}

TEST_F(ModelLimitsTest, ANameThatOnlyMessagesTakeIsTheModelThatAnswersIt) {
  EXPECT_EQ(Of("unheard", chat::Dialect::kAnthropic), Of("known"));
}

TEST_F(ModelLimitsTest, WhatTheConfigSaysWins) {
  settings_.max_output = 500;
  EXPECT_EQ(Of("known"), (ModelLimits{.context = 200'000, .output = 500}));
  settings_.context_max = 1'000;
  EXPECT_EQ(Of("known"), (ModelLimits{.context = 1'000, .output = 500}));
  EXPECT_EQ(AnyLimits(settings_), (ModelLimits{.context = 1'000, .output = 500}));
}

}  // namespace
}  // namespace gateway
