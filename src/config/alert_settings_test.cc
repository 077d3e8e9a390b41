#include "config/alert_settings.h"

#include <gtest/gtest.h>

#include <memory>

#include "config/explain.h"
#include "config/read_result_for_test.h"
#include "config/reader.h"

namespace config {
namespace {

ReadResult Read(const std::string& text) {
  const std::string base =
      "providers: { box: { dialect: openai, base_url: \"http://127.0.0.1:1/v1\", local: true } }\n";
  return ReadText(base + text, "f", [](std::string_view) { return std::nullopt; });
}

std::shared_ptr<const Settings> Accept(const std::string& text) {
  return Accepted(Read(text));
}

std::string Refusal(const std::string& text) {
  return Refused(Read(text));
}

// A budget whose only step is an alert to there.
std::string To(const std::string& address) {
  return "budgets: [{ scope: org, limit: 5 USD, window: day, steps: [{ at: 9%, alert: \"" + address +
         "\" }] }]\n";
}

TEST(AlertAddressTest, AHookKeepsItsQuery) {
  const auto hook = AlertAddress::Parse("https://chat.example.com?key=s3cret");
  ASSERT_TRUE(hook);
  EXPECT_EQ(hook->hook.path, "/?key=s3cret");
  EXPECT_EQ(*AlertAddress::Parse(hook->Print()), *hook);
  EXPECT_EQ(hook->PrintShort(), "https://chat.example.com/...");
  EXPECT_FALSE(AlertAddress::Parse("https://a/x?y#z"));
  EXPECT_FALSE(AlertAddress::Parse("https://a/x?" + std::string(2048, 'y')));
  EXPECT_TRUE(AlertAddress::Parse("https://a/x?" + std::string(2047, 'y')));
}

TEST(AlertAddressTest, PeopleStandBehindMailto) {
  const auto people = AlertAddress::Parse("MailTo:Ops@Example.COM,a.b+c@localhost");
  ASSERT_TRUE(people);
  EXPECT_EQ(people->mail, (std::vector<std::string>{"Ops@example.com", "a.b+c@localhost"}));
  EXPECT_EQ(people->Print(), "mailto:Ops@example.com,a.b+c@localhost");
  EXPECT_EQ(*AlertAddress::Parse(people->Print()), *people);
  EXPECT_EQ(people->PrintShort(), "Ops@example.com, a.b+c@localhost");
  EXPECT_FALSE(AlertAddress::Parse("mailto:a@b.c,a@b.c"));
  std::string many = "mailto:a0@b.c";
  for (int i = 1; i < 20; ++i) many += ",a" + std::to_string(i) + "@b.c";
  EXPECT_EQ(AlertAddress::Parse(many)->mail.size(), 20u);
  EXPECT_FALSE(AlertAddress::Parse(many + ",a20@b.c"));
}

TEST(AlertAddressTest, AnAddressHasNothingThatMeansSomethingElsewhere) {
  for (const char* bad : {"",
                          "a",
                          "@b.c",
                          "a@",
                          "a b@c.d",
                          "a@b c",
                          "a@b.c>",
                          "<a@b.c>",
                          "a@b.c\r\nRCPT TO:<x@y>",
                          "a@b@c.d",
                          ".a@b.c",
                          "a.@b.c",
                          "a..b@c.d",
                          "\"a\"@b.c",
                          "a%40b@c.d",
                          "a@b.c?cc=x@y.z",
                          "a@[127.0.0.1]",
                          "a@127.0.0.1",
                          "a@b_c.d",
                          "a@b.c:25",
                          "a@-b.c",
                          "\xe4\xba\xba@b.c",
                          "a@\xe4\xba\xba.c",
                          "a;b@c.d"}) {
    EXPECT_FALSE(ParseMailAddress(bad)) << bad;
    EXPECT_FALSE(AlertAddress::Parse(std::string("mailto:") + bad)) << bad;
  }
  const std::string local(64, 'a'),
      domain = "@" + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd');
  EXPECT_TRUE(ParseMailAddress(local + domain));
  EXPECT_FALSE(ParseMailAddress("a" + local + "@b.c"));
  EXPECT_FALSE(ParseMailAddress(local + domain + "d"));
}

TEST(AlertAddressTest, AnAddressWithoutMailtoIsToldWhatIsMissing) {
  const std::string said = Refusal(To("ops@example.com"));
  EXPECT_NE(said.find("or to mailto:ADDRESS, write mailto:ops@example.com"), std::string::npos) << said;
}

const std::string kSmtp =
    "smtp: { server: \"smtp.example.com:587\", from: sluice@example.com, user: me, password: \"p w\" }\n";

TEST(SmtpSettingsTest, EverySettingReachesItsVariable) {
  const auto settings = Accept(
      "smtp: { server: \"mail:465\", tls: implicit, from: A@B.c, user: \"m e\", password: \"p w\", ca_file: "
      "ca.pem }\n");
  const SmtpSettings& smtp = settings->smtp;
  EXPECT_EQ(smtp.server.Print(), "mail:465");
  EXPECT_EQ(smtp.tls, MailSecurity::kImplicit);
  EXPECT_EQ(smtp.from, "A@b.c");
  EXPECT_EQ(smtp.user.Reveal(), "m e");
  EXPECT_EQ(smtp.password.Reveal(), "p w");
  EXPECT_EQ(smtp.ca_file, "ca.pem");
  EXPECT_EQ(Accept("")->smtp, SmtpSettings());
}

TEST(SmtpSettingsTest, AnAlertByEMailNeedsAServer) {
  EXPECT_NE(Refusal(To("mailto:a@b.c"))
                .find("steps[0].alert goes by e-mail, there is no smtp.server that takes it"),
            std::string::npos);
  const auto settings = Accept(kSmtp + To("mailto:a@b.c,d@e.f"));
  const std::string words = Explain(*settings);
  EXPECT_NE(words.find("  At 9% an alert goes to a@b.c, d@e.f.\n"), std::string::npos) << words;
  EXPECT_NE(words.find("Alerts by e-mail are from sluice@example.com and go through smtp.example.com:587.\n"),
            std::string::npos)
      << words;
  EXPECT_EQ(words.find("p w"), std::string::npos);
  EXPECT_EQ(words.find("alert_secret"), std::string::npos);
}

TEST(SmtpSettingsTest, WhatBelongsTogetherIsMissed) {
  EXPECT_NE(Refusal("smtp: { from: a@b.c }\n").find("smtp has no server"), std::string::npos);
  EXPECT_NE(Refusal("smtp: { server: \"m:25\" }\n").find("smtp has no from"), std::string::npos);
  EXPECT_NE(Refusal("smtp: { server: \"m:0\", from: a@b.c }\n").find("smtp.server has port 0"),
            std::string::npos);
  EXPECT_NE(Refusal("smtp: { server: \"m:25\", from: a@b.c, user: u }\n").find("smtp has no password"),
            std::string::npos);
  EXPECT_NE(Refusal("smtp: { server: \"m:25\", from: a@b.c, password: u }\n").find("smtp has no user"),
            std::string::npos);
}

TEST(SmtpSettingsTest, APasswordGoesNowhereInTheClear) {
  const std::string rest = ", from: a@b.c, user: u, password: s3cret, tls: none }\n";
  const std::string said = Refusal("smtp: { server: \"m.example.com:25\"" + rest);
  EXPECT_NE(said.find("smtp.tls is none and there is a password"), std::string::npos) << said;
  EXPECT_EQ(said.find("s3cret"), std::string::npos);
  Accept("smtp: { server: \"localhost:25\"" + rest);
  EXPECT_NE(Explain(*Accept("smtp: { server: \"m.example.com:25\", from: a@b.c, tls: none }\n"))
                .find("whoever is on the way reads the alerts"),
            std::string::npos);
}

TEST(SmtpSettingsTest, APortThatSpeaksOtherwiseIsPointedOut) {
  EXPECT_NE(Explain(*Accept("smtp: { server: \"m:465\", from: a@b.c }\n")).find("that is tls: implicit"),
            std::string::npos);
  EXPECT_NE(Explain(*Accept("smtp: { server: \"m:587\", from: a@b.c, tls: implicit }\n"))
                .find("implicit is most often on port 465"),
            std::string::npos);
}

TEST(SmtpSettingsTest, ACredentialIsOneLineOfAtMost512Bytes) {
  const auto with = [](const std::string& password) {
    return Refusal("smtp: { server: \"m:587\", from: a@b.c, user: u, password: \"" + password + "\" }\n");
  };
  EXPECT_EQ(with("p\xc3\xa4ss " + std::string(500, 'x')), "accepted");
  EXPECT_NE(with(std::string(513, 'x')), "accepted");
  EXPECT_NE(with("a\\nb"), "accepted");
  EXPECT_NE(with(""), "accepted");
}

}  // namespace
}  // namespace config
