#include "gateway/governance.h"

#include <cstdlib>
#include <fstream>
#include <future>

#include "budget/books_for_test.h"
#include "engine/tiny_vocabulary_for_test.h"
#include "gateway/pipeline.h"
#include "gateway/played_gateway_for_test.h"
#include "store/directory_for_test.h"

namespace gateway {
namespace {

// A gateway with budgets and limits over one provider, whose model takes a thousandth of a dollar for each
// token, read or answered.
class GovernanceTest : public PlayedGateway {
 protected:
  ~GovernanceTest() override {
    Shut([this] { pipeline_.reset(); });
  }

  void Start(const std::string& rules) {
    provider_ = &Add("deepseek");
    config::PriceSettings& price = settings_.prices["deepseek/flash"];
    price.currency = base::Currency::kUsd;
    price.amounts[static_cast<std::size_t>(chat::Meter::kInput)] = base::Int128{1'000} * base::kPico;
    price.amounts[static_cast<std::size_t>(chat::Meter::kOutput)] = base::Int128{1'000} * base::kPico;
    played_.emplace(directory_.path() / "data", clock_, disk_, rules);
    ASSERT_TRUE(played_->Start());
    counting_.emplace(clock_, *counter_);
    Open([this](net::Exchange& exchange) { return pipeline_->Serve(exchange); });
    auto book = pricing::Book::Make({}, settings_);
    ASSERT_TRUE(book) << book.error().detail;
    in_force_.Store(std::make_shared<const InForce>(
        InForce{std::make_shared<const config::Settings>(settings_), directory_of_providers(),
                std::move(*book), played_->books().policy()}));
    thread_.Do([this] {
      pipeline_.emplace(Shared{.clock = clock_,
                               .recorder = recorder_,
                               .resolver = resolver_,
                               .in_force = in_force_,
                               .keys = nullptr,
                               .counter = counter_.get(),
                               .counting = &*counting_,
                               .books = &played_->books(),
                               .typical = &typical_,
                               .limits = &limits_,
                               .hash = &played_->hash(),
                               .draining = draining_,
                               .in_flight = in_flight_},
                        thread_.loop());
    });
  }
  std::shared_ptr<const upstream::Directory> directory_of_providers() const {
    return PlayedGateway::directory_;
  }

  // Has DeepSeek's models counted by a small tokenizer. Call before Start.
  void LoadTokenizer() {
    const std::filesystem::path folder = directory_.path() / "models";
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "deepseek.tokens", std::ios::binary)
        << engine::TinyVocabulary(engine::kTinyText, 100).File(engine::Cutting::kDeepSeek);
    std::promise<bool> loaded;
    counter_ = std::make_unique<engine::TokenCounter>(
        folder.string(), [&loaded](engine::Family, const base::Result<void>& result) {
          loaded.set_value(result.has_value());
        });
    counter_->Prepare("deepseek", "flash");
    ASSERT_TRUE(loaded.get_future().get());
  }

  static std::string Prompt(int sentences) {
    std::string text;
    for (int i = 0; i < sentences; ++i) text += "the gateway answers the question of the client; ";
    return R"({"model":"deepseek/flash","max_tokens":100,"messages":[{"role":"user","content":")" + text +
           "\"}]}";
  }

  const store::TemporaryDirectory directory_;
  store::SystemDisk disk_;
  std::unique_ptr<engine::TokenCounter> counter_ = std::make_unique<engine::TokenCounter>();
  std::optional<CountingDesk> counting_;
  std::optional<budget::PlayedBooks> played_;
  budget::RateLimits limits_;
  TypicalCost typical_;
  PlayedProvider* provider_ = nullptr;
  base::Snapshot<InForce> in_force_{std::make_shared<const InForce>()};
  std::atomic<bool> draining_{false};
  std::atomic<std::uint64_t> in_flight_{0};
  std::optional<Pipeline> pipeline_;
};

// Some 4,900 bytes, for which 3 USD would not do, and less than half as many tokens.
constexpr std::string_view kThreeDollars = "budgets:\n  - { scope: org, limit: 3 USD, window: day }\n";

TEST_F(GovernanceTest, APromptWhoseBytesDoNotFitIsCountedByItsModelsTokenizer) {
  LoadTokenizer();
  Start(std::string(kThreeDollars));
  const net::Heard heard = Ask(Prompt(100));
  EXPECT_EQ(heard.status, 200) << heard.body;
  EXPECT_EQ(provider_->heard.size(), 1u);
  EXPECT_TRUE(played_->Look(0, "").settled == base::Int128{4} * base::kPico / 1'000) << "as it was answered";
}

TEST_F(GovernanceTest, APromptWhoseTokensDoNotFitEitherIsRefused) {
  LoadTokenizer();
  Start(std::string(kThreeDollars));
  const net::Heard heard = Ask(Prompt(1'000));
  EXPECT_EQ(heard.status, 429);
  EXPECT_NE(heard.body.find("which is more than all of it"), std::string::npos) << heard.body;
  EXPECT_TRUE(provider_->heard.empty());
}

TEST_F(GovernanceTest, WithoutATokenizerBytesAreTheBound) {
  Start(std::string(kThreeDollars));
  EXPECT_EQ(Ask(Prompt(100)).status, 429);
  EXPECT_EQ(Ask(Prompt(10)).status, 200);
}

TEST_F(GovernanceTest, WhatABudgetRefusesIsNoCallOfItsProvidersLimit) {
  Start(std::string(kThreeDollars) + "limits:\n  - { scope: provider/deepseek, requests: 1/min }\n");
  EXPECT_NE(Ask(Prompt(100)).body.find("budget_exceeded"), std::string::npos);
  EXPECT_EQ(Ask(Prompt(1)).status, 200);
  const net::Heard limited = Ask(Prompt(1));
  EXPECT_NE(limited.body.find("rate_limited"), std::string::npos) << limited.body;
  EXPECT_TRUE(played_->Look(0, "").reserved == 0);
}

TEST_F(GovernanceTest, ATokenOfALimitIsCountedAtTheProviderThatUsedIt) {
  Start("limits:\n  - { scope: provider/*, tokens: 1000/min }\n");
  provider_->replies = {{.status = 503}, Reply()};
  EXPECT_EQ(Ask(Prompt(1)).status, 503);
  EXPECT_EQ(Ask(Prompt(1)).status, 200);
  EXPECT_EQ(Ask(Prompt(1)).status, 200) << "a prompt counts with all it may have while it is asked only";
}

}  // namespace
}  // namespace gateway
