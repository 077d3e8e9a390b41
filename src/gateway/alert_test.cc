#include "gateway/alert.h"

#include <gtest/gtest.h>

namespace gateway {
namespace {

budget::Crossing Crossed() {
  budget::Crossing crossing;
  crossing.scope = "team/sup\"port";
  crossing.at = config::Percent{7'500};
  crossing.alert = *config::AlertAddress::Parse("https://hooks.example.com/x?y=z");
  crossing.used = *base::ParseMoney("150.25 USD");
  crossing.limit = *base::ParseMoney("200 USD");
  crossing.window_end = base::WallTime(std::chrono::seconds(1'796'083'200));
  return crossing;
}

TEST(AlertTest, TheBodySaysWhatWasReached) {
  EXPECT_EQ(AlertBody(Crossed(), "alert_1"),
            R"({"event":"budget_threshold","scope":"team/sup\"port","at":"75%","used":"150.25 USD",)"
            R"("limit":"200 USD","window_end":"2026-12-01T00:00:00Z","id":"alert_1"})");
  budget::Crossing ahead = Crossed();
  ahead.forecast = true;
  EXPECT_NE(AlertBody(ahead, "x").find(R"("event":"budget_forecast")"), std::string::npos);
}

// RFC 4231, test case 2.
TEST(AlertTest, TheSignatureIsTheHmacOfTheBody) {
  EXPECT_EQ(AlertSignature("what do ya want for nothing?", config::Secret("Jefe")),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(AlertTest, WithoutASecretThereIsNoSignature) {
  config::AlertingSettings alerting;
  EXPECT_EQ(MakeAlerts(Crossed(), alerting, {}).at(0).signature, "");
  alerting.secret = config::Secret("s");
  const std::vector<Alert> alerts = MakeAlerts(Crossed(), alerting, {});
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts[0].signature, AlertSignature(alerts[0].body, alerting.secret));
  EXPECT_EQ(alerts[0].url, "https://hooks.example.com/x?y=z");
  EXPECT_NE(alerts[0].body.find("\"id\":\"" + alerts[0].id + "\""), std::string::npos);
}

TEST(AlertTest, EachPersonGetsAMessageOfItsOwn) {
  budget::Crossing crossing = Crossed();
  crossing.alert = *config::AlertAddress::Parse("mailto:a@example.com,b@example.com");
  config::AlertingSettings alerting;
  alerting.smtp.from = "sluice@example.org";
  alerting.secret = config::Secret("s");
  const std::vector<Alert> alerts = MakeAlerts(crossing, alerting, {});
  ASSERT_EQ(alerts.size(), 2u);
  EXPECT_EQ(alerts[0].url, "mailto:a@example.com");
  EXPECT_EQ(alerts[1].url, "mailto:b@example.com");
  EXPECT_NE(alerts[0].id, alerts[1].id);
  EXPECT_NE(alerts[1].body.find("To: <b@example.com>\r\n"), std::string::npos);
  EXPECT_NE(alerts[1].body.find("Message-ID: <" + alerts[1].id + "@example.org>\r\n"), std::string::npos);
  EXPECT_EQ(alerts[1].body.find("a@example.com"), std::string::npos);
}

}  // namespace
}  // namespace gateway
