#include "gateway/alert.h"

#include <gtest/gtest.h>

namespace gateway {
namespace {

budget::Crossing Crossed() {
  budget::Crossing crossing;
  crossing.scope = "team/sup\"port";
  crossing.at = config::Percent{7'500};
  crossing.alert = *config::ParseAlertUrl("https://hooks.example.com/x?y=z");
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
  EXPECT_EQ(MakeAlert(Crossed(), "alert_1", {}).signature, "");
  const Alert alert = MakeAlert(Crossed(), "alert_1", config::Secret("s"));
  EXPECT_EQ(alert.signature, AlertSignature(alert.body, config::Secret("s")));
  EXPECT_EQ(alert.url, "https://hooks.example.com/x?y=z");
}

}  // namespace
}  // namespace gateway
