#include "gateway/pipeline.h"

#include <filesystem>

#include "gateway/names.h"
#include "gateway/played_gateway_for_test.h"
#include "store/key_store.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

class PipelineTest : public PlayedGateway {
 protected:
  ~PipelineTest() override {
    Shut([this] { pipeline_.reset(); });
    keys_.reset();
    std::filesystem::remove_all(data_);
  }

  // An alias `m` over the first provider, then the others.
  void Alias() {
    config::AliasSettings& alias = settings_.models["m"];
    for (const auto& [name, unused] : providers_) {
      (alias.ladder.empty() ? alias.ladder : alias.fallback).push_back({name, "model-of-" + name});
    }
  }

  void Start() {
    Open([this](net::Exchange& exchange) { return pipeline_->Serve(exchange); });
    in_force_.Store(std::make_shared<const InForce>(
        InForce{std::make_shared<const config::Settings>(settings_), directory_, nullptr}));
    thread_.Do([this] {
      pipeline_.emplace(Shared{.clock = clock_,
                               .recorder = recorder_,
                               .resolver = resolver_,
                               .in_force = in_force_,
                               .keys = keys_.get(),
                               .draining = draining_,
                               .in_flight = in_flight_},
                        thread_.loop());
    });
  }

  // Makes a key and asks for keys from now on. Call before Start.
  std::string Key(std::vector<std::string> models = {}) {
    return KeyOf({.team = "t", .models = std::move(models)});
  }
  std::string KeyOf(const store::NewKey& key) {
    auto store = store::KeyStore::Open(data_, clock_);
    CHECK(store.has_value());
    const auto made = (*store)->Create(key, "test:pipeline");
    CHECK(made.has_value());
    auto watch = store::KeyWatch::Start(std::move(*store), {.wait = store::WaitFor(1h), .on_error = {}});
    CHECK(watch.has_value());
    keys_ = std::move(*watch);
    return "authorization: Bearer " + made->secret + "\r\n";
  }

  static std::string For(std::string_view model) {
    return R"({"model":")" + std::string(model) + R"(","messages":[]})";
  }
  static bool Has(const net::Heard& heard, std::string_view part) {
    return heard.body.find(part) != std::string::npos;
  }
  // Waits until the metrics have this line, which they have when the request has been recorded.
  void Recorded(std::string_view line) {
    thread_.Until([&] { return registry_.Exposition().find(line) != std::string::npos; });
  }

  const std::string data_ = (std::filesystem::path(testing::TempDir()) / "pipeline_test").string();
  std::unique_ptr<store::KeyWatch> keys_;
  base::Snapshot<InForce> in_force_{std::make_shared<const InForce>()};
  std::atomic<bool> draining_{false};
  std::atomic<std::uint64_t> in_flight_{0};
  std::optional<Pipeline> pipeline_;
};

// ---- admit

TEST_F(PipelineTest, PathsAndMethodsThatAreNotServedAreRefused) {
  Add("a");
  Start();
  EXPECT_EQ(Ask("{}", "", "/nothing").status, 404);
  EXPECT_EQ(Get("/v1/chat/completions").status, 405);
}

TEST_F(PipelineTest, WishesAndCodingsThatCannotBeReadAreRefused) {
  Add("a");
  Start();
  EXPECT_EQ(Ask(For("m"), "x-sluice-deadline: soon\r\n").status, 400);
  EXPECT_EQ(Ask(For("m"), "content-encoding: gzip\r\n").status, 400);
}

TEST_F(PipelineTest, WithoutAGoodKeyNobodyIsCalled) {
  const PlayedProvider& a = Add("a");
  Alias();
  const std::string key = Key();
  Start();
  EXPECT_TRUE(Has(Ask(For("m")), "invalid_api_key"));
  EXPECT_EQ(Ask(For("m"), "authorization: Bearer sk-sluice-wrong\r\n").status, 401);
  EXPECT_TRUE(a.heard.empty());
  EXPECT_EQ(Ask(For("m"), key).status, 200);
  ASSERT_EQ(a.heard.size(), 1u);
  EXPECT_NE(a.heard[0].find("Bearer k "), std::string::npos);  // the provider's, not the caller's
}

TEST_F(PipelineTest, AKeyIsRefusedFromOutsideItsNetworks) {
  const PlayedProvider& a = Add("a");
  Alias();
  const std::string key = KeyOf({.team = "t", .networks = {*store::Network::Parse("10.0.0.0/8")}});
  Start();
  const net::Heard refused = Ask(For("m"), key);
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(Has(refused, "network_not_allowed"));
  EXPECT_TRUE(Has(refused, "from 127.0.0.1;")) << refused.body;
  EXPECT_TRUE(a.heard.empty());
}

TEST_F(PipelineTest, AKeyIsTakenFromItsNetworks) {
  Add("a");
  Alias();
  const std::string key = KeyOf({.team = "t", .networks = {*store::Network::Parse("127.0.0.0/8")}});
  Start();
  EXPECT_EQ(Ask(For("m"), key).status, 200);
}

TEST_F(PipelineTest, DrainingGatewayTakesNoRequest) {
  Add("a");
  Alias();
  Start();
  draining_ = true;
  const net::Heard heard = Ask(For("m"));
  EXPECT_EQ(heard.status, 503);
  EXPECT_EQ(heard.Find("retry-after"), "1");
  EXPECT_EQ(heard.Find("connection"), "close");
}

TEST_F(PipelineTest, OneRequestTooManyIsTurnedAway) {
  PlayedProvider& a = Add("a");
  a.replies = {{.stalls = true}};
  Alias();
  settings_.http.requests_max = 1;
  Start();
  std::optional<net::Heard> first;
  Begin(first, For("m"), "x-sluice-deadline: 1s\r\n");
  thread_.Until([&] { return a.stalling; });
  EXPECT_TRUE(Has(Ask(For("m")), "too many requests are in flight"));
  Pass(1s + 20ms);
  EXPECT_EQ(Await(first).status, 504);
  thread_.Until([&] { return in_flight_ == 0; });
}

// ---- read

TEST_F(PipelineTest, BodyThatIsNoRequestIsRefused) {
  Add("a");
  Alias();
  Start();
  EXPECT_TRUE(Has(Ask("not JSON"), "invalid_request"));
  EXPECT_EQ(Ask(R"({"model":"m","model":"m","messages":[]})").status, 400);
}

// ---- plan

TEST_F(PipelineTest, ExplanationCallsNobody) {
  const PlayedProvider& a = Add("a");
  Add("b");
  Alias();
  Start();
  const net::Heard heard = Ask(For("m"), "x-sluice-explain: only\r\n");
  EXPECT_EQ(heard.status, 200);
  EXPECT_TRUE(
      Has(heard, R"("model":"a/model-of-a","rung":"strong","reason":"the default rung of the ladder")"));
  EXPECT_TRUE(Has(heard, R"("model":"b/model-of-b")"));
  EXPECT_TRUE(a.heard.empty());
}

TEST_F(PipelineTest, UnknownModelIsRefusedWithTheNearest) {
  Add("a");
  Alias();
  settings_.models["assistant"] = settings_.models["m"];
  Start();
  const net::Heard heard = Ask(For("asistant"));
  EXPECT_EQ(heard.status, 404);
  EXPECT_TRUE(Has(heard, "did you mean 'assistant'?"));
}

TEST_F(PipelineTest, ModelsOfAKeyAreWhatTheyMean) {
  PlayedProvider& a = Add("a");
  a.replies = {{.body = R"({"data":[{"id":"x"},{"id":"y"}]})"}, {}};
  const std::string key = Key({"a/x"});
  Start();
  EXPECT_EQ(Ask(For("x"), key).Find("x-sluice-model"), "a/x");
  EXPECT_EQ(Ask(For("a/x"), key).status, 200);
  EXPECT_EQ(Ask(For("y"), key).status, 403);
  const net::Heard list = Get("/v1/models", key);
  EXPECT_TRUE(Has(list, R"("id":"x")"));
  EXPECT_FALSE(Has(list, R"("id":"y")"));
  EXPECT_EQ(Get("/v1/models/y", key).status, 404);
}

TEST_F(PipelineTest, ListThatLacksANameIsAskedForAgainAfterAWhile) {
  PlayedProvider& a = Add("a");
  a.replies = {
      {.body = R"({"data":[{"id":"old"}]})"}, {.body = R"({"data":[{"id":"old"},{"id":"new"}]})"}, {}};
  Start();
  EXPECT_EQ(Ask(For("new")).status, 404);
  EXPECT_EQ(Ask(For("new")).status, 404);
  EXPECT_EQ(a.heard.size(), 1u);
  Pass(11s);
  EXPECT_EQ(Ask(For("new")).status, 200);
  EXPECT_EQ(Ask(For("old")).status, 200);
  EXPECT_EQ(a.heard.size(), 4u);  // two lists, two answers
}

TEST_F(PipelineTest, NameInAnOldListIsAnsweredWhileTheListsAreAskedForAgain) {
  PlayedProvider& a = Add("a");
  PlayedProvider& b = Add("b");
  a.replies = {{.body = R"({"data":[{"id":"x"}]})"}, {}};  // then answers, which are no lists
  b.replies = {{.body = R"({"data":[{"id":"y"}]})"}, {.stalls = true}};
  Start();
  EXPECT_EQ(Ask(For("x")).status, 200);
  Pass(kListKept + 1s);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ask(For("x")).Find("x-sluice-model"), "a/x");
    thread_.Until([&] { return b.stalling; });
  }
  EXPECT_FALSE(b.given_up);
  EXPECT_EQ(b.heard.size(), 2u);
  thread_.Do([this] { pipeline_->StopRenewing(); });
  thread_.Until([&] { return b.given_up; });
}

TEST_F(PipelineTest, ProvidersAreAskedForTheirListsAtTheSameTime) {
  PlayedProvider& a = Add("a");
  PlayedProvider& b = Add("b");
  a.replies = {{.stalls = true}};
  b.replies = {{.body = R"({"data":[{"id":"x"}]})"}, {}};
  Start();
  std::optional<net::Heard> heard;
  Begin(heard, For("x"));
  thread_.Until([&] { return a.stalling && b.heard.size() == 1; });
  Pass(3s + 20ms);  // as long as a list is waited for
  EXPECT_EQ(Await(heard).Find("x-sluice-model"), "b/x");
}

// ---- answer, record

TEST_F(PipelineTest, AnswerCarriesItsIdAndIsCounted) {
  Add("a");
  Alias();
  Start();
  const net::Heard heard = Ask(For("m"));
  EXPECT_EQ(heard.status, 200);
  EXPECT_TRUE(heard.Find("x-sluice-request-id").starts_with("req_"));
  Recorded("sluice_requests_total{model=\"m\",rung=\"strong\",provider=\"a\",status=\"200\"} 1\n");
  Recorded("sluice_tokens_total{kind=\"input\"} 3\n");
}

TEST_F(PipelineTest, FallbackThatAnswersIsTheOneThatIsCounted) {
  Add("a").replies = {{.status = 500}};
  Add("b");
  Alias();
  Start();
  EXPECT_EQ(Ask(For("m")).Find("x-sluice-model"), "b/model-of-b");
  Recorded("sluice_requests_total{model=\"m\",rung=\"strong\",provider=\"b\",status=\"200\"} 1\n");
  Recorded("sluice_upstream_errors_total{provider=\"a\",code=\"500\"} 1\n");
}

TEST_F(PipelineTest, NameThatNoSettingKnowsIsNoLabel) {
  Add("a");
  Alias();
  Start();
  EXPECT_EQ(Ask(For("a/invented")).status, 200);
  Recorded("sluice_requests_total{model=\"other\",rung=\"strong\",provider=\"a\",status=\"200\"} 1\n");
}

TEST_F(PipelineTest, ReloadedSettingsHoldForTheNextRequest) {
  Add("a");
  Alias();
  Start();
  EXPECT_EQ(Ask(For("new")).status, 404);
  settings_.models["new"] = settings_.models["m"];
  in_force_.Store(std::make_shared<const InForce>(
      InForce{std::make_shared<const config::Settings>(settings_), directory_, nullptr}));
  EXPECT_EQ(Ask(For("new")).status, 200);
}

}  // namespace
}  // namespace gateway
