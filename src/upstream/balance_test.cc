#include "upstream/balance.h"

#include <gtest/gtest.h>

#include "net/loop_thread_for_test.h"
#include "net/loopback_for_test.h"

namespace upstream {
namespace {

class AskBalanceTest : public testing::Test {
 protected:
  ~AskBalanceTest() override {
    if (!server_) return;
    server_->Drain();
    server_->AbortAll();
    thread_.Join();
  }
  void Answer(int status, std::string body) {
    server_ = net::PlayServer(thread_.loops(), [=, this](net::Exchange& exchange) -> net::Task<void> {
      target_ = exchange.request().target;
      [[maybe_unused]] const auto sent = co_await exchange.Reply(status, "", body);
    });
    provider_.base_url.tls = false;
    provider_.base_url.host = "127.0.0.1";
    provider_.base_url.port = server_->local().port;
    thread_.Start();
  }
  base::Result<std::vector<wire::Balance>> Ask() {
    return AskBalance(provider_, config::Secret("sk-a"), {}, clock_);
  }

  const base::SystemClock clock_{};
  net::LoopThread thread_;
  std::unique_ptr<net::Server> server_;
  config::ProviderSettings provider_;
  std::string target_;
};

TEST_F(AskBalanceTest, IsAskedBelowTheBaseUrl) {
  provider_.base_url.path = "/deep";
  Answer(200, R"({"balance_infos":[{"currency":"USD","total_balance":"1.25"}]})");
  const auto balances = Ask();
  ASSERT_TRUE(balances) << balances.error().detail;
  ASSERT_EQ(balances->size(), 1u);
  EXPECT_EQ(base::PrintPico((*balances)[0].total), "1.25");
  EXPECT_EQ(target_, "/deep/user/balance");
}

TEST_F(AskBalanceTest, ARefusedKeyIsSaidWithoutIt) {
  Answer(401, "{}");
  const auto balances = Ask();
  ASSERT_FALSE(balances);
  EXPECT_EQ(balances.error().code, base::Code::kDenied);
  EXPECT_EQ(balances.error().detail.find("sk-a"), std::string::npos);
}

TEST_F(AskBalanceTest, AnotherStatusIsAnError) {
  Answer(500, "{}");
  EXPECT_EQ(Ask().error().code, base::Code::kUnavailable);
}

TEST_F(AskBalanceTest, WhatIsNoBalanceIsAnError) {
  Answer(200, "<html>");
  EXPECT_EQ(Ask().error().code, base::Code::kInvalid);
}

TEST(TellsBalanceTest, DeepseekAndWhoPlaysItDo) {
  config::ProviderSettings provider;
  provider.base_url = config::Url::Parse("https://api.deepseek.com").value();
  provider.dialect = config::ApiDialect::kDeepSeek;
  EXPECT_TRUE(TellsBalance(provider));
  provider.base_url = config::Url::Parse("https://api.openai.com/v1").value();
  provider.dialect = config::ApiDialect::kOpenAi;
  EXPECT_FALSE(TellsBalance(provider));
}

}  // namespace
}  // namespace upstream
