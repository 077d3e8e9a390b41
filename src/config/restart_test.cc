#include "config/restart.h"

#include <gtest/gtest.h>

namespace config {
namespace {

TEST(RestartTest, WhatIsTheSameNeedsNone) {
  EXPECT_TRUE(NeedsRestart(Settings(), Settings()).empty());
}

TEST(RestartTest, WhatCanChangeInARunningProcessNeedsNone) {
  Settings after;
  after.providers["p"].keys = {Secret("k")};
  after.http.body_max = 1;
  after.drain_timeout = std::chrono::milliseconds(1);
  after.admin.token = Secret("t");
  after.oidc.emplace_back();
  EXPECT_TRUE(NeedsRestart(Settings(), after).empty());
}

TEST(RestartTest, EverySettingOfTheListIsNoticed) {
  Settings after;
  after.listen.port = 1;
  after.admin.listen.port = 2;
  after.data = "elsewhere";
  after.models_dir = "elsewhere";
  after.auth = Auth::kOpen;
  after.threads = 3;
  after.tls.cert = "cert.pem";
  after.ledger.segment_size = 1;
  after.telemetry.log = "off";
  after.telemetry.otlp.endpoint.host = "collector";
  EXPECT_EQ(NeedsRestart(Settings(), after), RestartSettings());
}

TEST(RestartTest, AnotherCertificateNeedsNone) {
  Settings before;
  before.tls.cert = "a.pem";
  Settings after;
  after.tls.cert = "b.pem";
  EXPECT_TRUE(NeedsRestart(before, after).empty());
}

}  // namespace
}  // namespace config
