#include "upstream/directory.h"

#include <gtest/gtest.h>

#include <string>

namespace upstream {
namespace {

using namespace std::chrono_literals;
using base::Code;

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() {
    settings_.providers["near"] = Provider("http://127.0.0.1:9/v1");
    settings_.providers["far"] = Provider("https://api.example");
  }

  static config::ProviderSettings Provider(std::string_view url) {
    config::ProviderSettings settings;
    settings.base_url = *config::Url::Parse(url);
    settings.keys = {config::Secret("k")};
    return settings;
  }

  base::Result<std::shared_ptr<const Directory>> Make(const Directory* previous = nullptr) {
    return Directory::Make(settings_,
                           {.clock = clock_,
                            .metrics = metrics_,
                            .proxies = proxies_,
                            .alarm = [](std::string_view, const std::string&) {}},
                           previous);
  }

  base::FakeClock clock_;
  telemetry::Registry registry_;
  Metrics metrics_{registry_, {"near", "far"}};
  ProxyRules proxies_ = *ProxyRules::FromEnvironment([](std::string_view name) {
    return name == "HTTPS_PROXY" ? std::optional<std::string>("proxy.example:3128") : std::nullopt;
  });
  config::Settings settings_;
};

TEST_F(DirectoryTest, ProvidersAreFoundByName) {
  const auto directory = *Make();
  EXPECT_EQ(directory->Find("near")->name(), "near");
  EXPECT_EQ(directory->Find("nobody"), nullptr);
  EXPECT_EQ(directory->providers().size(), 2u);
}

TEST_F(DirectoryTest, PoolsFollowTheSettings) {
  settings_.providers["far"].idle_max = 7;
  settings_.providers["far"].keep_alive = 9s;
  const auto directory = *Make();
  const net::PoolOptions& far = directory->Find("far")->pool_options();
  EXPECT_EQ(far.origin, (net::Origin{.host = "api.example", .port = 443, .tls = true}));
  EXPECT_EQ(far.proxy->host, "proxy.example");
  EXPECT_EQ(far.idle_max, 7u);
  EXPECT_EQ(far.idle_close, 9s);
  EXPECT_TRUE(far.tls);
  const net::PoolOptions& near = directory->Find("near")->pool_options();
  EXPECT_EQ(near.origin, (net::Origin{.host = "127.0.0.1", .port = 9, .tls = false}));
  EXPECT_FALSE(near.tls || near.proxy);
}

TEST_F(DirectoryTest, ProvidersWithTheSameAuthoritiesShareThem) {
  settings_.providers["too"] = Provider("https://api.other.example");
  const auto directory = *Make();
  EXPECT_EQ(directory->Find("far")->pool_options().tls, directory->Find("too")->pool_options().tls);
}

TEST_F(DirectoryTest, ReloadKeepsWhatHasNotChangedWithItsLimits) {
  const auto before = *Make();
  before->Find("near")->KeyLimited(0, 10s);
  settings_.providers["far"].in_flight_max = 3;
  settings_.providers["new"] = Provider("http://127.0.0.1:10");
  const auto after = *Make(before.get());
  EXPECT_EQ(after->Find("near"), before->Find("near"));
  EXPECT_EQ(after->Find("near")->WaitForLimit("m"), 10s);
  EXPECT_NE(after->Find("far"), before->Find("far"));
  EXPECT_EQ(after->Find("far")->settings().in_flight_max, 3u);
  EXPECT_TRUE(after->Find("new"));
  EXPECT_FALSE(before->Find("new"));
}

TEST_F(DirectoryTest, ReloadBringsBackKeysThatWerePutAside) {
  const auto before = *Make();
  before->Find("near")->KeyRefused(0, 401);
  EXPECT_NE(before->Find("near")->Ailment("m"), "");
  const auto after = *Make(before.get());
  after->BringBackKeys();
  EXPECT_EQ(after->Find("near")->Ailment("m"), "");
}

TEST_F(DirectoryTest, ReloadThatFailsChangesNothing) {
  const auto before = *Make();
  before->Find("far")->KeyRefused(0, 401);
  before->Find("near")->KeyRefused(0, 401);
  const std::string far = before->Find("far")->Ailment("m");
  const std::string near = before->Find("near")->Ailment("m");
  settings_.providers["new"] = Provider("https://api.other.example");
  settings_.providers["new"].ca_file = "/does/not/exist.pem";
  EXPECT_FALSE(Make(before.get()));
  settings_.providers.erase("new");
  EXPECT_TRUE(Make(before.get()));  // nor does one that is not put in force
  EXPECT_EQ(before->Find("far")->Ailment("m"), far);
  EXPECT_EQ(before->Find("near")->Ailment("m"), near);
  EXPECT_NE(near, "");
}

TEST_F(DirectoryTest, RemovedProviderIsGone) {
  const auto before = *Make();
  settings_.providers.erase("far");
  EXPECT_EQ((*Make(before.get()))->Find("far"), nullptr);
}

TEST_F(DirectoryTest, ChangedRetryBudgetReachesEveryProvider) {
  const auto before = *Make();
  settings_.retry.budget_min = 77;
  const auto after = *Make(before.get());
  EXPECT_NE(after->Find("near"), before->Find("near"));
  EXPECT_EQ(after->Find("near")->retry_policy().extra_min, 77u);
}

TEST_F(DirectoryTest, AuthoritiesThatCannotBeReadAreAnErrorThatNamesTheProvider) {
  settings_.providers["far"].ca_file = "/does/not/exist.pem";
  const auto directory = Make();
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().detail.find("provider far"), std::string::npos);
}

TEST_F(DirectoryTest, PoolsAreOnePerProviderAndEndWithIt) {
  net::Loop loop(clock_);
  net::Resolver resolver(clock_);
  Pools pools(loop, resolver);
  const auto before = *Make();
  const auto near = pools.For(before->Find("near"));
  const std::weak_ptr<net::Pool> far = pools.For(before->Find("far"));
  EXPECT_EQ(pools.For(before->Find("near")), near);
  EXPECT_EQ(near->options().origin.port, 9);
  settings_.providers["far"].in_flight_max = 3;
  const auto after = *Make(before.get());
  pools.Retain(*after);
  EXPECT_TRUE(far.expired());
  EXPECT_EQ(pools.For(after->Find("near")), near);
}

}  // namespace
}  // namespace upstream
