#include "gateway/identity.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/identity_signer_internal.h"
#include "net/header_text.h"
#include "net/loop_thread_for_test.h"
#include "net/loopback_for_test.h"
#include "store/directory_for_test.h"
#include "store/key_store.h"
#include "store/key_watch.h"
#include "store/wait_for.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

// An issuer on loopback, and who is found by its tokens.
class IdentityTest : public testing::Test {
 protected:
  IdentityTest() {
    server_ = net::PlayServer(thread_.loops(), [this](net::Exchange& exchange) { return Serve(exchange); });
    settings_.issuer = "http://" + server_->local().ToString();
    settings_.audience = {"sluice"};
    auto store = store::KeyStore::Open(directory_.path(), clock_);
    CHECK(store.has_value());
    auto watch = store::KeyWatch::Start(std::move(*store), {.wait = store::WaitFor(1h), .on_error = {}});
    CHECK(watch.has_value());
    keys_ = std::move(*watch);
    thread_.Start();
  }
  ~IdentityTest() override {
    if (issuers_ != nullptr) issuers_->Stop();
    server_->Drain();
    server_->AbortAll();
    thread_.Join();
  }

  void Start() {
    issuers_ = std::make_unique<Issuers>(Issuers::Parts{
        .loop = thread_.loop(), .resolver = resolver_, .note = [this](std::string_view sentence) {
          notes_.emplace_back(sentence);
        }});
    Accept({settings_});
    identity_.emplace(keys_.get(), issuers_.get());
  }
  void Accept(const std::vector<config::OidcSettings>& settings) {
    auto made = issuers_->Make(settings);
    ASSERT_TRUE(made) << made.error().detail;
    issuers_->Use(std::move(*made));
  }

  net::Task<void> Serve(net::Exchange& exchange) {
    const std::string path(exchange.request().path);
    asked_.push_back(path);
    std::string body = published_;
    if (path == "/.well-known/openid-configuration") {
      const std::string issuer = discovered_as_.empty() ? settings_.issuer : discovered_as_;
      body = R"({"issuer":")" + issuer + R"(","jwks_uri":")" + settings_.issuer + R"(/keys?v=1"})";
    }
    net::HeaderText fields;
    fields.Add("content-type", "application/json");
    [[maybe_unused]] const auto sent = co_await exchange.Reply(status_, fields.view(), body);
  }

  std::string Claims(const std::string& more = "") const {
    return R"({"iss":")" + settings_.issuer + R"(","aud":"sluice","sub":"u","team":"t","exp":)" +
           std::to_string(
               std::chrono::floor<std::chrono::seconds>(clock_.WallNow().time_since_epoch()).count() + 3600) +
           more + "}";
  }

  // Who is found on the loop: the team, or what the refusal says; the issuer is asked again where that may
  // help.
  std::string Find(const std::string& token) {
    return thread_.Await<std::string>([&]() -> net::Task<std::string> {
      Caller caller;
      RefusalText refusal{.refusal = Refusal::kInvalidRequest, .message = {}};
      const std::string value = "Bearer " + token;
      net::Fields fields;
      fields.Add({"authorization", value});
      bool found = identity_->Find(fields, {}, clock_.Now(), clock_.WallNow(), caller, refusal);
      if (!found && caller.ask != nullptr) {
        co_await caller.ask->Ask(thread_.loop());
        found = identity_->Find(fields, {}, clock_.Now(), clock_.WallNow(), caller, refusal);
      }
      if (!found) co_return refusal.message;
      co_return caller.key->team;
    });
  }
  void Advance(std::chrono::nanoseconds step) {
    thread_.Do([this, step] { clock_.Advance(step); });
  }
  std::size_t Fetches() {
    std::size_t count = 0;
    thread_.Do([&] {
      for (const std::string& path : asked_) count += path == "/keys" ? 1 : 0;
    });
    return count;
  }

  const Signer first_{Signer::Kind::kEc, "k1"};
  const Signer second_{Signer::Kind::kEd25519, "k2"};
  base::FakeClock clock_;
  store::TemporaryDirectory directory_;
  net::LoopThread thread_{clock_};
  net::Resolver resolver_{clock_};
  std::unique_ptr<net::Server> server_;
  config::OidcSettings settings_;
  std::unique_ptr<store::KeyWatch> keys_;
  std::unique_ptr<Issuers> issuers_;
  std::optional<Identity> identity_;
  // Of the loop.
  std::vector<std::string> asked_;
  std::vector<std::string> notes_;
  std::string published_ = KeySetOf({first_.Jwk()});
  std::string discovered_as_;
  int status_ = 200;
};

TEST_F(IdentityTest, ATokenIsTakenOnceItsIssuersKeysHaveCome) {
  Start();
  EXPECT_EQ(Find(first_.Sign(Claims())), "t");
  EXPECT_EQ(Fetches(), 1u);
  EXPECT_EQ(asked_.front(), "/.well-known/openid-configuration");
}

TEST_F(IdentityTest, TheKeysMayBeNamedInsteadOfDiscovered) {
  settings_.jwks_url = *config::Url::Parse(settings_.issuer + "/keys");
  settings_.issuer = "some-issuer";
  Start();
  EXPECT_EQ(Find(first_.Sign(Claims())), "t");
  EXPECT_EQ(asked_, std::vector<std::string>{"/keys"});
}

TEST_F(IdentityTest, AKeyThatIsNewIsAskedForAtMostOnceInTenSeconds) {
  Start();
  EXPECT_EQ(Find(first_.Sign(Claims())), "t");
  const std::string unknown = "this token is signed with a key that its issuer has not published";
  EXPECT_EQ(Find(second_.Sign(Claims())), unknown);
  EXPECT_EQ(Fetches(), 1u) << "the last fetch was just now";
  Advance(Issuers::kAgain);
  EXPECT_EQ(Find(second_.Sign(Claims())), unknown);
  EXPECT_EQ(Fetches(), 2u);
  Advance(Issuers::kAgain - 1ns);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Find(second_.Sign(Claims(",\"n\":" + std::to_string(i)))), unknown);
  EXPECT_EQ(Fetches(), 2u);
  thread_.Do([this] { published_ = KeySetOf({second_.Jwk()}); });
  Advance(1ns);
  EXPECT_EQ(Find(second_.Sign(Claims())), "t");
}

TEST_F(IdentityTest, AKeyThatIsWithdrawnTakesItsRememberedTokensAlong) {
  Start();
  const std::string token = first_.Sign(Claims());
  EXPECT_EQ(Find(token), "t");
  thread_.Do([this] { published_ = KeySetOf({second_.Jwk()}); });
  Advance(Issuers::kAgain);
  EXPECT_EQ(Find(second_.Sign(Claims())), "t");
  EXPECT_NE(Find(token), "t");
}

TEST_F(IdentityTest, ARememberedTokenExpires) {
  Start();
  const std::string token = first_.Sign(Claims());
  EXPECT_EQ(Find(token), "t");
  Advance(1h + settings_.leeway - 1ns);
  EXPECT_EQ(Find(token), "t");
  Advance(1ns);
  EXPECT_EQ(Find(token), "this token has expired; get a new one");
}

TEST_F(IdentityTest, OneBeginningOfATokenIsNotAnother) {
  Start();
  const std::string token = first_.Sign(Claims());
  EXPECT_EQ(Find(token), "t");
  std::string forged = token;
  forged[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Find(forged), "the signature of this token is wrong");
  EXPECT_EQ(Find(token.substr(0, token.rfind('.') + 1)), "the signature of this token is wrong");
}

TEST_F(IdentityTest, OnlyTheAlgorithmsOfTheIssuerAreTaken) {
  settings_.algorithms = {config::TokenAlgorithm::kEdDsa};
  published_ = KeySetOf({first_.Jwk(), second_.Jwk()});
  Start();
  EXPECT_EQ(Find(second_.Sign(Claims())), "t");
  EXPECT_EQ(Find(first_.Sign(Claims())), "this token is signed in a way that is not accepted of its issuer");
}

TEST_F(IdentityTest, WhatIsNoTokenOfAKnownIssuerIsRefused) {
  Start();
  EXPECT_EQ(Find(first_.Sign(R"({"iss":"https://elsewhere"})")),
            "this token is of an issuer that is not accepted here");
  EXPECT_EQ(Find(first_.Sign(R"({})")), "this token is of an issuer that is not accepted here");
  EXPECT_EQ(Find("sk-sluice-nothing"), "this API key is not known here");
  EXPECT_EQ(Find("eyJ.x.y"), "this token is not encoded as it must be");
}

TEST_F(IdentityTest, ADiscoveryDocumentOfAnotherIssuerIsNotBelieved) {
  discovered_as_ = "http://127.0.0.1:1";
  Start();
  EXPECT_NE(Find(first_.Sign(Claims())), "t");
  EXPECT_EQ(Fetches(), 0u);
  thread_.Do([this] { ASSERT_EQ(notes_.size(), 1u); });
  EXPECT_NE(notes_.front().find("of another issuer"), std::string::npos) << notes_.front();
}

TEST_F(IdentityTest, WhileAnIssuerFailsItsLastKeysStayAndItIsToldOnce) {
  Start();
  EXPECT_EQ(Find(first_.Sign(Claims())), "t");
  thread_.Do([this] { status_ = 500; });
  for (int i = 0; i < 3; ++i) {
    Advance(Issuers::kAgain);
    EXPECT_NE(Find(second_.Sign(Claims())), "t");
  }
  EXPECT_EQ(Find(first_.Sign(Claims(R"(,"again":1)"))), "t");
  thread_.Do([this] { EXPECT_EQ(notes_.size(), 1u); });
  thread_.Do([this] {
    status_ = 200;
    published_ = KeySetOf({first_.Jwk(), second_.Jwk()});
  });
  Advance(Issuers::kAgain);
  EXPECT_EQ(Find(second_.Sign(Claims())), "t");
}

TEST_F(IdentityTest, OtherIssuersTakeThePlaceOfThoseInForceAtOnce) {
  Start();
  const std::string token = first_.Sign(Claims());
  EXPECT_EQ(Find(token), "t");
  Accept({});
  EXPECT_EQ(Find(token), "this API key is not known here");
  Accept({settings_});
  EXPECT_EQ(Find(token), "t");
  EXPECT_EQ(Fetches(), 2u);
}

TEST_F(IdentityTest, WhatHasNotChangedIsNotFetchedAgainAndKeysAtTheirPlaceHoldFromTheStart) {
  Start();
  const std::string token = first_.Sign(Claims());
  EXPECT_EQ(Find(token), "t");
  Accept({settings_});
  EXPECT_EQ(Find(token), "t");
  EXPECT_EQ(Fetches(), 1u);
  thread_.Do([this] { status_ = 500; });
  settings_.claims.team = "sub";
  Accept({settings_});
  EXPECT_EQ(Find(token), "u");
}

TEST_F(IdentityTest, WhatCannotBeMadeChangesNothing) {
  Start();
  EXPECT_EQ(Find(first_.Sign(Claims())), "t");
  config::OidcSettings other = settings_;
  other.ca_file = "/nowhere/ca.pem";
  EXPECT_FALSE(issuers_->Make(std::vector{other}));
  EXPECT_EQ(Find(first_.Sign(Claims(R"(,"again":1)"))), "t");
}

TEST_F(IdentityTest, WhoeverWaitsForAnIssuerThatGoesIsTold) {
  Start();
  EXPECT_EQ(Find(first_.Sign(Claims())), "t");
  const auto gone = issuers_->Find(settings_.issuer);
  Accept({});
  Advance(Issuers::kAgain);
  EXPECT_TRUE(thread_.Await<bool>([&]() -> net::Task<bool> {
    co_await gone->Ask(thread_.loop());
    co_return true;
  }));
  EXPECT_EQ(Fetches(), 1u);
}

}  // namespace
}  // namespace gateway
