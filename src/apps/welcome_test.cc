#include "apps/welcome.h"

#include <gtest/gtest.h>

namespace apps {
namespace {

using config::ApiDialect;

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

config::Settings With(const char* name, ApiDialect dialect) {
  config::Settings settings;
  settings.auth = config::Auth::kOpen;
  settings.providers[name].dialect = dialect;
  return settings;
}

TEST(WelcomeTest, SimulatedProvidersAreCalledSo) {
  config::Settings settings = With("s", ApiDialect::kOpenAi);
  settings.providers["s"].simulated = true;
  EXPECT_TRUE(Has(Welcome(settings, ""), "SIMULATED providers, which invent their answers: s\n"));
  settings.providers["d"].dialect = ApiDialect::kDeepSeek;
  EXPECT_TRUE(Has(Welcome(settings, ""), "providers: d, s (SIMULATED)\n"));
}

TEST(WelcomeTest, AliasIsTriedByItsName) {
  config::Settings settings = With("d", ApiDialect::kDeepSeek);
  settings.models["assistant"].preferred = {"d", "x"};
  const std::string text = Welcome(settings, "");
  EXPECT_TRUE(Has(text, "try: curl http://127.0.0.1:8080/v1/chat/completions -H 'content-type"));
  EXPECT_TRUE(Has(text, "\"model\":\"assistant\""));
  EXPECT_FALSE(Has(text, "keys"));
}

TEST(WelcomeTest, ProviderThatTakesMessagesOnlyIsAskedByThem) {
  config::Settings settings = With("a", ApiDialect::kAnthropic);
  settings.models["assistant"].preferred = {"a", "x"};
  EXPECT_TRUE(Has(Welcome(settings, ""), "/v1/messages -H"));
}

TEST(WelcomeTest, WhereOnlyTheProviderKnowsNamesTheyAreListed) {
  EXPECT_TRUE(
      Has(Welcome(With("d", ApiDialect::kDeepSeek), ""), "try: curl http://127.0.0.1:8080/v1/models\n"));
}

TEST(WelcomeTest, AddressAndKeyAreThoseOfTheConfig) {
  config::Settings settings = With("d", ApiDialect::kDeepSeek);
  settings.auth = config::Auth::kKeys;
  settings.listen = {"0.0.0.0", 443};
  settings.tls.cert = "cert.pem";
  const std::string text = Welcome(settings, "/etc/sluice/sluice.yaml");
  EXPECT_TRUE(Has(text, "sluice keys create --team NAME -c /etc/sluice/sluice.yaml\n"));
  EXPECT_TRUE(Has(text, "https://127.0.0.1:443/v1/models -H \"authorization: Bearer $SLUICE_KEY\"\n"));
}

}  // namespace
}  // namespace apps
