#include "gateway/identity_token.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"
#include "base/time_text.h"
#include "gateway/identity_claims.h"
#include "gateway/identity_keys.h"
#include "gateway/identity_signer_internal.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

const Signer& Rsa() {
  static const Signer signer(Signer::Kind::kRsa, "r1");
  return signer;
}
const Signer& Ec() {
  static const Signer signer(Signer::Kind::kEc, "e1");
  return signer;
}
const Signer& Ed() {
  static const Signer signer(Signer::Kind::kEd25519, "d1");
  return signer;
}

std::string Encode(std::string_view text) {
  return base::Base64Url(text);
}

// What is wrong with a token of this head and these claims.
std::string Wrong(const std::string& head, const std::string& claims = "{}") {
  const auto token = Token::Parse(Encode(head) + "." + Encode(claims) + ".AAAA");
  return token ? "accepted" : token.error().detail;
}

bool Verifies(const KeySet& keys, const std::string& text) {
  const auto token = Token::Parse(text);
  EXPECT_TRUE(token) << (token ? "" : token.error().detail);
  return token && keys.Verifies(*token);
}

KeySet Keys(const std::vector<std::string>& keys) {
  auto set = KeySet::Parse(KeySetOf(keys));
  EXPECT_TRUE(set);
  return set ? std::move(*set) : KeySet();
}

TEST(TokenTest, EachAlgorithmIsVerifiedWithItsKey) {
  const KeySet keys = Keys({Rsa().Jwk(), Ec().Jwk(R"(,"use":"sig","alg":"ES256")"), Ed().Jwk()});
  for (const Signer* signer : {&Rsa(), &Ec(), &Ed()}) {
    const std::string text = signer->Sign(R"({"sub":"a"})");
    EXPECT_TRUE(Verifies(keys, text)) << signer->algorithm();
    std::string other = text;
    other[text.find('.') + 6] = other[text.find('.') + 6] == 'A' ? 'B' : 'A';
    const auto token = Token::Parse(other);
    EXPECT_FALSE(token && keys.Verifies(*token)) << signer->algorithm();
  }
}

TEST(TokenTest, ASignatureOfAnotherKeyIsWrong) {
  const Signer other(Signer::Kind::kEc, "e1");
  EXPECT_FALSE(Verifies(Keys({Ec().Jwk()}), other.Sign("{}")));
  EXPECT_FALSE(Verifies(Keys({Rsa().Jwk()}), Ec().Sign("{}")));
}

TEST(TokenTest, TheTokenCannotChooseHowItsKeyIsUsed) {
  const KeySet keys = Keys({Rsa().Jwk(), Ec().Jwk(), Ed().Jwk()});
  for (const Signer* signer : {&Rsa(), &Ec(), &Ed()}) {
    for (const char* algorithm : {"RS256", "ES256", "EdDSA"}) {
      if (algorithm == signer->algorithm()) continue;
      for (const char* kid : {"r1", "e1", "d1"}) {
        const std::string head = std::string(R"({"alg":")") + algorithm + R"(","kid":")" + kid + "\"}";
        EXPECT_FALSE(Verifies(keys, signer->Sign("{}", head))) << head;
      }
    }
  }
}

TEST(TokenTest, NoneAndSharedSecretsAreNoSignatures) {
  for (const char* algorithm : {"none", "None", "NONE", "HS256", "HS512", "RS384", "PS256", "ES384", ""}) {
    EXPECT_NE(Wrong(std::string(R"({"alg":")") + algorithm + "\"}").find("signed in a way"),
              std::string::npos)
        << algorithm;
  }
  EXPECT_NE(Wrong(R"({"typ":"JWT"})").find("signed in a way"), std::string::npos);
  EXPECT_NE(Wrong(R"({"alg":1})").find("signed in a way"), std::string::npos);
}

TEST(TokenTest, ExtensionsTypesAndRepetitionsAreRefused) {
  EXPECT_EQ(Wrong(R"({"alg":"RS256"})"), "accepted");
  EXPECT_EQ(Wrong(R"({"alg":"RS256","typ":"at+JWT"})"), "accepted");
  for (const char* head :
       {R"({"alg":"RS256","crit":["exp"]})", R"({"alg":"RS256","b64":false})",
        R"({"alg":"RS256","zip":"DEF"})", R"({"alg":"RS256","typ":"logout+jwt"})",
        R"({"alg":"RS256","typ":1})", R"({"alg":"RS256","kid":1})", R"({"alg":"RS256","alg":"RS256"})",
        R"({"alg":"RS256","al\u0067":"none"})", R"(["RS256"])",
        R"({"alg":"RS256"} )"
        "x",
        "{"}) {
    EXPECT_NE(Wrong(head), "accepted") << head;
  }
  EXPECT_NE(Wrong(R"({"alg":"RS256"})", R"({"sub":"a","sub":"b"})"), "accepted");
  EXPECT_NE(Wrong(R"({"alg":"RS256"})", R"([])"), "accepted");
  EXPECT_NE(Wrong(R"({"alg":"RS256"})", std::string(100, '[') + std::string(100, ']')), "accepted");
}

TEST(TokenTest, TheEncodingIsStrict) {
  const std::string good = Rsa().Sign("{}");
  EXPECT_TRUE(Token::Parse(good));
  for (const std::string& bad : {good + "=", good + ".", " " + good, good + "\n", good.substr(1), good + "!",
                                 std::string("eyJ.."), std::string("eyJ"), std::string()}) {
    EXPECT_FALSE(Token::Parse(bad)) << bad.substr(0, 20);
  }
  const std::string long_one = Rsa().Sign(R"({"x":")" + std::string(kTokenBytesMax, 'x') + "\"}");
  EXPECT_FALSE(Token::Parse(long_one));
}

TEST(TokenTest, WithoutANameOnlyTheOnlyKeyOfItsAlgorithmIsMeant) {
  const std::string text = Ec().Sign("{}", R"({"alg":"ES256"})");
  EXPECT_TRUE(Verifies(Keys({Rsa().Jwk(), Ec().Jwk()}), text));
  const Signer other(Signer::Kind::kEc, "e2");
  EXPECT_FALSE(Verifies(Keys({Ec().Jwk(), other.Jwk()}), text));
  EXPECT_FALSE(Keys({Rsa().Jwk()}).Knows(*Token::Parse(text)));
}

TEST(KeySetTest, KeysThatSignNothingAcceptedAreLeftOut) {
  const Signer small(Signer::Kind::kRsa, "r1", 1024);
  const std::string text = Rsa().Sign("{}");
  const auto token = Token::Parse(text);
  for (const std::string& key : {
           small.Jwk(),
           Rsa().Jwk(R"(,"use":"enc")"),
           Rsa().Jwk(R"(,"alg":"PS256")"),
           std::string(R"({"kid":"r1","kty":"oct","k":"AAAA"})"),
           std::string(R"({"kid":"r1"})"),
           std::string(R"({"kid":"r1","kty":"RSA","n":"!","e":"AQAB"})"),
           std::string("1"),
           std::string("null"),
           std::string(R"({"kid":"r1","kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})"),
           std::string(R"({"kid":"r1","kty":"EC","crv":"P-256","x":")" + std::string(43, 'A') + R"(","y":")" +
                       std::string(43, 'A') + "\"}"),
       }) {
    EXPECT_FALSE(Keys({key}).Knows(*token)) << key;
    EXPECT_TRUE(Keys({key, Rsa().Jwk()}).Verifies(*token)) << key;
  }
}

TEST(KeySetTest, WhatIsNoneIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[})", "<html>"}) {
    EXPECT_FALSE(KeySet::Parse(text)) << text;
  }
  EXPECT_TRUE(KeySet::Parse(R"({"keys":[]})"));
  EXPECT_FALSE(KeySet::Parse(R"({"keys":[]})" + std::string(kKeySetBytesMax, ' ')));
}

class ClaimsTest : public testing::Test {
 protected:
  ClaimsTest() {
    settings_.issuer = "https://login.example/";
    settings_.audience = {"sluice", "other"};
  }
  base::Result<store::KeyRecord> Read(const std::string& claims) {
    text_ = Ec().Sign(claims);
    const auto token = Token::Parse(text_);
    EXPECT_TRUE(token);
    return ReadClaims(*token, settings_, now_);
  }
  std::string Wrong(const std::string& claims) {
    const auto read = Read(claims);
    return read ? "accepted" : read.error().detail;
  }
  // The claims of a good token, with one of them replaced or, where `value` is empty, left out.
  static std::string With(const std::string& name = "", const std::string& value = "") {
    std::string text = "{";
    bool replaced = false;
    for (const auto& [claim, good] :
         {std::pair<const char*, const char*>{"iss", R"("https://login.example/")"},
          {"aud", R"("sluice")"},
          {"exp", "1790000100"},
          {"sub", R"("u-1")"},
          {"team", R"("support")"}}) {
      replaced = replaced || name == claim;
      const std::string one = name == claim ? value : good;
      if (!one.empty()) text += (text == "{" ? "\"" : ",\"") + std::string(claim) + "\":" + one;
    }
    if (!name.empty() && !replaced) text += ",\"" + name + "\":" + value;
    return text + "}";
  }

  config::OidcSettings settings_;
  const base::WallTime now_{1'790'000'000s};
  std::string text_;
};

TEST_F(ClaimsTest, AGoodTokenIsAKeyOfItsTeam) {
  settings_.claims.org = "org";
  settings_.models = {"m"};
  const auto key = Read(With("org", R"("acme")"));
  ASSERT_TRUE(key) << key.error().detail;
  EXPECT_EQ(key->org, "acme");
  EXPECT_EQ(key->team, "support");
  EXPECT_EQ(key->project, "");
  EXPECT_EQ(key->user, "u-1");
  EXPECT_EQ(key->models, std::vector<std::string>{"m"});
  EXPECT_EQ(key->expires, now_ + 100s + settings_.leeway);
  EXPECT_TRUE(key->id.starts_with("oidc_")) << key->id;
  EXPECT_EQ(key->id, Read(With("exp", "1790000200"))->id) << "one subject has one id";
  EXPECT_NE(key->id, Read(With("sub", R"("u-2")"))->id);
}

TEST_F(ClaimsTest, IssuerAndAudienceAreExact) {
  for (const char* issuer : {R"("https://login.example")", R"("https://LOGIN.example/")", "1", R"([])", ""}) {
    EXPECT_NE(Wrong(With("iss", issuer)).find("another issuer"), std::string::npos) << issuer;
  }
  for (const char* audience : {R"("sluic")", R"([])", R"(["x"])", R"([1])", R"({"sluice":1})", ""}) {
    EXPECT_NE(Wrong(With("aud", audience)).find("another audience"), std::string::npos) << audience;
  }
  EXPECT_EQ(Wrong(With("aud", R"(["x","other"])")), "accepted");
}

TEST_F(ClaimsTest, TimesAreHeededToTheSecondWithTheLeeway) {
  settings_.leeway = 10s;
  EXPECT_EQ(Wrong(With("exp", "1789999991")), "accepted");
  EXPECT_NE(Wrong(With("exp", "1789999990")).find("has expired"), std::string::npos);
  EXPECT_EQ(Wrong(With("exp", "1789999991.75")), "accepted");
  EXPECT_EQ(Wrong(With("exp", "9000000000000000000")), "accepted");
  for (const char* never :
       {"", "\"1790000100\"", "1e12", "-1", "null", "99999999999999999999", "1.", "1.x"}) {
    EXPECT_NE(Wrong(With("exp", never)).find("never expires"), std::string::npos) << never;
  }
  for (const char* name : {"nbf", "iat"}) {
    EXPECT_EQ(Wrong(With(name, "1790000010")), "accepted");
    EXPECT_NE(Wrong(With(name, "1790000011")).find("not valid yet"), std::string::npos);
    EXPECT_NE(Wrong(With(name, "\"x\"")).find("not valid yet"), std::string::npos);
  }
}

TEST_F(ClaimsTest, WhoseItIsMustBeSayable) {
  EXPECT_NE(Wrong(With("sub", "")).find("no subject"), std::string::npos);
  EXPECT_NE(Wrong(With("team", "")).find("'team'"), std::string::npos);
  EXPECT_NE(Wrong(With("team", R"("a b")")).find("not usable"), std::string::npos);
  EXPECT_NE(Wrong(With("team", R"(["a","b"])")).find("not one text"), std::string::npos);
  EXPECT_EQ(Wrong(With("team", R"(["a"])")), "accepted");
  settings_.claims.user = "email";
  EXPECT_NE(Wrong(With()).find("'email'"), std::string::npos);
  settings_.claims.user = "";
  EXPECT_EQ(Read(With())->user, "");
}

}  // namespace
}  // namespace gateway
