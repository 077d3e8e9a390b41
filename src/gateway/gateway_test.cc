#include "gateway/gateway.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <semaphore>
#include <string>
#include <utility>
#include <vector>

#include "gateway/played_gateway_for_test.h"
#include "net/loop_thread_for_test.h"
#include "pricing/price_files.h"
#include "pricing/price_watch.h"
#include "store/directory_for_test.h"

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
  ~GatewayTest() override { Shut(); }

  // Ends everything; a second call does nothing.
  void Shut() {
    if (!gateway_) return;
    gateway_->Drain();
    gateway_->AbortAll();
    thread_.Do([] {});
    thread_.Join();
    gateway_.reset();
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
                                   .counter = &counter_,
                                   .loops = thread_.loops()},
                                  Settings(), prices_);
    if (!started) return base::Fail(started.error());
    gateway_ = std::move(*started);
    thread_.Start();
    return {};
  }
  auto Reload() { return gateway_->Reload(Settings(), prices_); }
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
  engine::TokenCounter counter_;
  std::shared_ptr<const pricing::Book> prices_;
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

// A gateway whose prices are watched as those of the program are. A million tokens read cost 1 at `near`,
// whose answers report three.
class GatewayPricesTest : public GatewayTest {
 protected:
  GatewayPricesTest() {
    played_.server = net::PlayServer(thread_.loops(),
                                     [this](net::Exchange& exchange) { return played_.Answer(exchange); });
    AddPriced("near", base::Currency::kUsd);
  }
  ~GatewayPricesTest() override {
    watch_.reset();
    thread_.Do([this] { pool_.reset(); });
    played_.server->Drain();
    played_.server->AbortAll();
    thread_.Until([this] { return gateway_->connections() == 0 && played_.server->connections() == 0; });
    Shut();
  }

  void AddPriced(const std::string& name, base::Currency currency) {
    settings_.providers[name] =
        Provider("http://127.0.0.1:" + std::to_string(played_.server->local().port) + "/v1");
    settings_.providers[name].currency = currency;
    config::PriceSettings& price = settings_.prices[name + "/m"];
    price.currency = currency;
    for (const chat::Meter meter : {chat::Meter::kInput, chat::Meter::kOutput})
      price.amounts[static_cast<std::size_t>(meter)] = base::kPico;
    config::Complete(settings_);
  }

  void StartPriced() {
    auto loaded = pricing::LoadBook(data_, settings_);
    ASSERT_TRUE(loaded) << loaded.error().detail;
    prices_ = loaded->book;
    ASSERT_TRUE(Start());
    watch_ = pricing::PriceWatch::Start(
        Settings(), loaded->stamp, data_,
        {.wait =
             [this](const std::stop_token& stop) {
               idle_.release();
               const std::stop_callback wake(stop, [this] { go_.release(); });
               go_.acquire();
               return !stop.stop_requested();
             },
         .put_in_force = [this](std::shared_ptr<const pricing::Book> book) { gateway_->SetPrices(book); },
         .on_error = {}});
    idle_.acquire();
    pool_.emplace(thread_.loop(), resolver_, net::PoolTo(gateway_->address()));
  }

  base::Result<> ReloadPriced() {
    return watch_->Use(Settings(), [this](std::shared_ptr<const pricing::Book> book) -> base::Result<> {
      const auto reloaded = gateway_->Reload(Settings(), std::move(book));
      if (!reloaded) return base::Fail(reloaded.error());
      return {};
    });
  }

  void Look() {
    go_.release();
    idle_.acquire();
  }

  void Import(const std::string& content) { ASSERT_TRUE(pricing::StoreImport(data_, "mine", content, true)); }

  // What the next request of `model` costs, or its status where none is told.
  std::string CostOf(const std::string& model) {
    const net::Heard heard = thread_.Await<net::Heard>([&] {
      return net::AskOnce(*pool_, "POST", "/v1/chat/completions", "",
                          R"({"model":")" + model + R"(","messages":[]})");
    });
    const std::string cost(heard.Find("x-sluice-cost"));
    return cost.empty() ? std::to_string(heard.status) : cost;
  }

  const store::TemporaryDirectory directory_;
  const std::filesystem::path data_ = directory_.path();
  PlayedProvider played_;
  std::optional<net::Pool> pool_;
  std::counting_semaphore<> go_{0};
  std::counting_semaphore<> idle_{0};
  std::unique_ptr<pricing::PriceWatch> watch_;
};

TEST_F(GatewayPricesTest, FirstRequestAfterAReloadIsPricedInTheNewProvidersCurrency) {
  StartPriced();
  EXPECT_EQ(CostOf("near/m"), "0.000004 USD");
  AddPriced("far", base::Currency::kCny);
  settings_.providers["near"].currency = base::Currency::kCny;
  settings_.prices["near/m"].currency = base::Currency::kCny;
  ASSERT_TRUE(ReloadPriced());
  EXPECT_EQ(CostOf("far/m"), "0.000004 CNY");
  EXPECT_EQ(CostOf("near/m"), "0.000004 CNY");
}

TEST_F(GatewayPricesTest, ImportThatContradictsItselfRefusesTheReloadAndChangesNothing) {
  StartPriced();
  Import("providers: { q: { models: { m: { prices: [{ as: n }] } } } }");
  AddPriced("far", base::Currency::kCny);
  settings_.prices["near/m"].amounts[0] = 9 * base::kPico;
  EXPECT_FALSE(ReloadPriced());
  EXPECT_EQ(CostOf("far/m"), "200");  // to near by a name of its own, without a price: there is no far
  EXPECT_EQ(CostOf("near/m"), "0.000004 USD");
}

TEST_F(GatewayPricesTest, ImportThatTheWatchSeesHoldsForTheNextRequest) {
  settings_.prices.clear();
  StartPriced();
  EXPECT_EQ(CostOf("near/m"), "200");
  Import("providers: { near: { models: { m: { prices: [{ USD: { input: 2, output: 2 } }] } } } }");
  Look();
  EXPECT_EQ(CostOf("near/m"), "0.000008 USD");
  AddPriced("far", base::Currency::kCny);
  settings_.prices.erase("near/m");
  ASSERT_TRUE(ReloadPriced());
  EXPECT_EQ(CostOf("near/m"), "0.000008 USD");
  Import("providers: { near: { models: { m: { prices: [{ USD: { input: 3, output: 3 } }] } } } }");
  Look();
  EXPECT_EQ(CostOf("near/m"), "0.000012 USD");
  EXPECT_EQ(CostOf("far/m"), "0.000004 CNY");
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
