#include "gateway/gateway.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "net/loop_thread_for_test.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    settings_.listen = {"127.0.0.1", 0};
    settings_.auth = config::Auth::kOpen;
    settings_.providers["near"] = Provider("http://127.0.0.1:9/v1");
  }
  ~GatewayTest() override {
    if (!gateway_) return;
    gateway_->Drain();
    gateway_->AbortAll();
    thread_.Do([] {});
    thread_.Join();
  }

  static config::ProviderSettings Provider(std::string_view url) {
    config::ProviderSettings settings;
    settings.base_url = *config::Url::Parse(url);
    settings.keys = {config::Secret("k")};
    return settings;
  }

  base::Result<void> Start() {
    auto started = Gateway::Start({.clock = clock_,
                                   .registry = registry_,
                                   .recorder = recorder_,
                                   .resolver = resolver_,
                                   .proxies = proxies_,
                                   .keys = nullptr,
                                   .loops = thread_.loops()},
                                  Settings());
    if (!started) return base::Fail(started.error());
    gateway_ = std::move(*started);
    thread_.Start();
    return {};
  }
  auto Reload() { return gateway_->Reload(Settings()); }
  std::shared_ptr<const config::Settings> Settings() {
    return std::make_shared<const config::Settings>(settings_);
  }

  base::SystemClock clock_;
  telemetry::Registry registry_;
  std::unique_ptr<telemetry::LineLog> log_ = telemetry::LineLog::Off();
  Recorder recorder_{clock_, registry_, *log_, nullptr};
  net::Resolver resolver_{clock_};
  upstream::ProxyRules proxies_ =
      *upstream::ProxyRules::FromEnvironment([](std::string_view) { return std::optional<std::string>(); });
  config::Settings settings_;
  net::LoopThread thread_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(GatewayTest, AddressThatIsNoneIsRefused) {
  settings_.listen = {"gateway.example", 80};
  const auto started = Start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().detail.find("listen"), std::string::npos);
}

TEST_F(GatewayTest, LocalhostIsTheLoopbackAddress) {
  settings_.listen = {"localhost", 0};
  ASSERT_TRUE(Start());
  EXPECT_TRUE(gateway_->address().IsLoopback());
  EXPECT_NE(gateway_->address().port, 0);
}

TEST_F(GatewayTest, CertificateThatCannotBeReadRefusesTheStart) {
  settings_.tls = {.cert = "/does/not/exist.pem", .key = "/does/not/exist.key"};
  EXPECT_FALSE(Start());
}

TEST_F(GatewayTest, ReloadNamesWhatNeedsARestart) {
  ASSERT_TRUE(Start());
  settings_.http.requests_max = 1;
  EXPECT_EQ(Reload().value(), std::vector<std::string>());
  settings_.listen.port = 1;
  settings_.admin.listen.port = 2;
  settings_.data = "elsewhere";
  settings_.auth = config::Auth::kKeys;
  settings_.threads = 3;
  settings_.telemetry.log = "off";
  settings_.telemetry.otlp.sample = config::Percent{1};
  EXPECT_EQ(Reload().value(), (std::vector<std::string>{"listen", "admin.listen", "data", "auth", "threads",
                                                        "telemetry.log", "telemetry.otlp"}));
}

TEST_F(GatewayTest, ReloadThatFailsLeavesWhatIsInForce) {
  ASSERT_TRUE(Start());
  settings_.tls = {.cert = "/does/not/exist.pem", .key = "/does/not/exist.key"};
  EXPECT_FALSE(Reload());
  settings_.tls = {};
  settings_.providers["far"] = Provider("https://api.example");
  settings_.providers["far"].ca_file = "/does/not/exist.pem";
  const auto refused = Reload();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("provider far"), std::string::npos);
  settings_.providers.erase("far");
  EXPECT_TRUE(Reload());
}

TEST(RefuseMessageTest, BodyIsOfTheDialectAndOnlyAFullHouseSaysWhenToComeBack) {
  const net::Refusal full = RefuseMessage(503, {base::Code::kUnavailable, "too many"});
  EXPECT_NE(full.fields.find("retry-after: 1\r\n"), std::string::npos);
  EXPECT_NE(full.body.find("\"unavailable\""), std::string::npos);
  const net::Refusal bad = RefuseMessage(400, {base::Code::kInvalid, "a \"quoted\" word"});
  EXPECT_EQ(bad.fields.find("retry-after"), std::string::npos);
  EXPECT_NE(bad.body.find("\"invalid_request\""), std::string::npos);
  EXPECT_NE(bad.body.find("a \\\"quoted\\\" word"), std::string::npos);
}

TEST(LimitsOfTest, EverySettingOfTheListenerReachesIt) {
  const net::ServerLimits limits = LimitsOf({.body_max = 1,
                                             .header_max = 2,
                                             .header_timeout = 3ms,
                                             .body_idle_timeout = 4ms,
                                             .body_timeout = 5ms,
                                             .keep_alive = 6ms,
                                             .connections_max = 7,
                                             .streams_max = 6,
                                             .requests_max = 8,
                                             .write_idle_timeout = 9ms});
  EXPECT_EQ(limits.body_bytes_max, 1u);
  EXPECT_EQ(limits.head_bytes_max, 2u);
  EXPECT_EQ(limits.header_timeout, 3ms);
  EXPECT_EQ(limits.body_idle_timeout, 4ms);
  EXPECT_EQ(limits.body_timeout, 5ms);
  EXPECT_EQ(limits.keep_alive, 6ms);
  EXPECT_EQ(limits.connections_max, 7u);
  EXPECT_EQ(limits.streams_max, 6u);
  EXPECT_EQ(limits.write_idle_timeout, 9ms);
}

}  // namespace
}  // namespace gateway
