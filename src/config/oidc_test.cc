#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "config/explain.h"
#include "config/reader.h"

namespace config {
namespace {

const std::string kBase = "providers:\n  deepseek: { dialect: deepseek, key: k }\n";

ReadResult Read(const std::string& text) {
  return ReadText(kBase + text, "f", [](std::string_view) { return std::nullopt; });
}

// What is wrong; empty: nothing.
std::string Problems(const std::string& text) {
  const ReadResult result = Read(text);
  std::string problems;
  if (!result) {
    for (const Problem& problem : result.error()) problems += Print(problem) + "\n";
  }
  return problems;
}

TEST(OidcTest, TheLeastThatIsWrittenHasDefaults) {
  const auto read = Read("oidc:\n  - { issuer: \"https://login.example/\", audience: [sluice] }\n");
  ASSERT_TRUE(read);
  ASSERT_EQ((*read)->oidc.size(), 1u);
  const OidcSettings& oidc = (*read)->oidc.front();
  EXPECT_EQ(oidc.issuer, "https://login.example/") << "to the last slash";
  EXPECT_EQ(oidc.claims.team, "team");
  EXPECT_EQ(oidc.claims.user, "sub");
  EXPECT_TRUE(oidc.algorithms.empty());
  EXPECT_EQ(oidc.leeway, std::chrono::seconds(30));
}

TEST(OidcTest, EverythingCanBeWritten) {
  const auto read = Read(
      "oidc:\n  - issuer: someone\n    audience: [a, \"api://b\"]\n    jwks_url: https://login.example/keys\n"
      "    algorithms: [ES256, EdDSA]\n    leeway: 5s\n    models: [m]\n    ca_file: ./ca.pem\n"
      "    claims: { org: o, team: \"https://example.com/team\", project: p, user: email }\n");
  ASSERT_TRUE(read) << Print(read.error().front());
  const OidcSettings& oidc = (*read)->oidc.front();
  EXPECT_EQ(oidc.audience, (std::vector<std::string>{"a", "api://b"}));
  EXPECT_EQ(oidc.algorithms, (std::vector{TokenAlgorithm::kEs256, TokenAlgorithm::kEdDsa}));
  EXPECT_EQ(oidc.claims.team, "https://example.com/team");
  const std::string page = Explain(**read);
  EXPECT_NE(page.find("or a token of an issuer:\n    someone, whose claim"), std::string::npos) << page;
}

TEST(OidcTest, WhatWouldBeUnsafeOrUnclearIsRefused) {
  const std::string good = "issuer: \"https://a.example\", audience: [s]";
  const auto wrong = [](const std::string& one) { return Problems("oidc:\n  - { " + one + " }\n"); };
  EXPECT_EQ(wrong(good), "");
  EXPECT_EQ(wrong("issuer: \"http://127.0.0.1:1\", audience: [s]"), "");
  EXPECT_NE(wrong("issuer: \"https://a.example\""), "");
  EXPECT_NE(wrong("audience: [s]"), "");
  EXPECT_NE(wrong("issuer: \"https://a.example\", audience: []"), "");
  EXPECT_NE(wrong("issuer: nobody, audience: [s]").find("no URL"), std::string::npos);
  EXPECT_NE(wrong("issuer: \"http://a.example\", audience: [s]").find("write https"), std::string::npos);
  EXPECT_NE(wrong(good + ", jwks_url: \"http://a.example\"").find("write https"), std::string::npos);
  EXPECT_NE(wrong(good + ", algorithms: [HS256]"), "");
  EXPECT_NE(Problems("auth: open\noidc:\n  - { " + good + " }\n").find("auth: open"), std::string::npos);
  EXPECT_NE(Problems("oidc:\n  - { " + good + " }\n  - { " + good + " }\n").find("twice"), std::string::npos);
}

TEST(OidcTest, AnIssuerThatCannotBeReadLeavesTheNumbersOfTheOthersAlone) {
  const std::string told = Problems(
      "oidc:\n  - { issuer: \"https://a.example\", audience: [s], leeway: soon }\n"
      "  - { issuer: nobody, audience: [s] }\n");
  EXPECT_NE(told.find("oidc[0].leeway"), std::string::npos) << told;
  EXPECT_NE(told.find("oidc[1].issuer"), std::string::npos) << told;
  EXPECT_EQ(told.find("oidc[2]"), std::string::npos) << told;
}

}  // namespace
}  // namespace config
