#include "admin/listener.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "net/loop_thread_for_test.h"
#include "net/loopback_for_test.h"

namespace admin {
namespace {

// A gateway without providers and its admin listener, on one loop that also asks.
class ListenerTest : public testing::Test {
 protected:
  ListenerTest() {
    settings_.auth = config::Auth::kOpen;
    settings_.listen.port = 0;
    settings_.admin.listen.port = 0;
  }
  ~ListenerTest() override {
    if (!pool_) return;
    gateway_->Drain();
    thread_.Do([this] { pool_.reset(); });
    listener_->AbortAll();
    thread_.Join();
  }

  void Start() {
    auto gateway = gateway::Gateway::Start({.clock = clock_,
                                            .registry = registry_,
                                            .recorder = recorder_,
                                            .resolver = resolver_,
                                            .proxies = proxies_,
                                            .keys = nullptr,
                                            .loops = thread_.loops()},
                                           std::make_shared<const config::Settings>(settings_), nullptr);
    ASSERT_TRUE(gateway) << gateway.error().detail;
    gateway_ = std::move(*gateway);
    auto listener = Listener::Start(thread_.loops(), settings_, *gateway_, registry_);
    ASSERT_TRUE(listener) << listener.error().detail;
    listener_ = std::move(*listener);
    pool_.emplace(thread_.loop(), resolver_, net::PoolTo(listener_->address()));
    thread_.Start();
  }

  net::Heard Ask(const std::string& method, const std::string& path, const std::string& fields = "") {
    return thread_.Await<net::Heard>([&] { return net::AskOnce(*pool_, method, path, fields); });
  }

  base::SystemClock clock_;
  telemetry::Registry registry_;
  std::unique_ptr<telemetry::LineLog> log_ = telemetry::LineLog::Off();
  gateway::Recorder recorder_{clock_, registry_, *log_, nullptr};
  upstream::ProxyRules proxies_;
  config::Settings settings_;
  net::LoopThread thread_;
  net::Resolver resolver_{clock_};
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<Listener> listener_;
  std::optional<net::Pool> pool_;
};

TEST_F(ListenerTest, HealthAndReadinessAreWords) {
  Start();
  const net::Heard health = Ask("GET", "/healthz");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body, "ok\n");
  const net::Heard ready = Ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.body, "ready\n");
}

TEST_F(ListenerTest, DrainEndsReadinessAndNotHealth) {
  Start();
  gateway_->Drain();
  EXPECT_EQ(Ask("GET", "/readyz").status, 503);
  EXPECT_EQ(Ask("GET", "/readyz").body, "draining\n");
  EXPECT_EQ(Ask("GET", "/healthz").status, 200);
}

TEST_F(ListenerTest, MetricsAreAnExposition) {
  Start();
  const net::Heard metrics = Ask("GET", "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.Find("content-type"), telemetry::kExpositionType);
  EXPECT_NE(metrics.body.find("# TYPE sluice_requests_total counter\n"), std::string::npos);
}

TEST_F(ListenerTest, HeadHasNoBody) {
  Start();
  const net::Heard health = Ask("HEAD", "/healthz");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.body, "");
}

TEST_F(ListenerTest, TokenGuardsTheMetricsOnly) {
  settings_.admin.token = config::Secret("tok-123");
  Start();
  EXPECT_EQ(Ask("GET", "/healthz").status, 200);
  EXPECT_EQ(Ask("GET", "/readyz").status, 200);
  for (const char* fields : {"", "authorization: Bearer tok-124\r\n", "authorization: Bearer tok-1234\r\n",
                             "authorization: Bearer tok-12\r\n", "authorization: Bearer \r\n",
                             "authorization: Basic tok-123\r\n"}) {
    const net::Heard refused = Ask("GET", "/metrics", fields);
    EXPECT_EQ(refused.status, 401) << fields;
    EXPECT_EQ(refused.body.find("tok-123"), std::string::npos);
    EXPECT_EQ(refused.body.find("sluice_"), std::string::npos);
  }
  EXPECT_EQ(Ask("GET", "/metrics", "authorization: Bearer tok-123\r\n").status, 200);
  EXPECT_EQ(Ask("GET", "/metrics", "x-api-key: tok-123\r\n").status, 200);
}

TEST_F(ListenerTest, OtherPathsAndMethodsAreRefused) {
  Start();
  EXPECT_EQ(Ask("GET", "/").status, 404);
  EXPECT_EQ(Ask("GET", "/metrics/").status, 404);
  EXPECT_EQ(Ask("GET", "/v1/models").status, 404);
  EXPECT_EQ(Ask("POST", "/healthz", "content-length: 0\r\n").status, 405);
  EXPECT_EQ(Ask("DELETE", "/metrics").status, 405);
}

TEST_F(ListenerTest, QueryDoesNotChangeThePath) {
  Start();
  EXPECT_EQ(Ask("GET", "/healthz?verbose=1").status, 200);
}

TEST_F(ListenerTest, AddressThatIsNoneIsAnError) {
  Start();
  settings_.admin.listen.host = "admin.example";
  const auto listener = Listener::Start(thread_.loops(), settings_, *gateway_, registry_);
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, base::Code::kInvalid);
}

}  // namespace
}  // namespace admin
