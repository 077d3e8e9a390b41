#include "gateway/alert.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "base/money.h"
#include "base/random.h"
#include "base/time_text.h"
#include "config/units.h"
#include "gateway/alert_mail.h"

namespace gateway {
namespace {

constexpr std::size_t kIdBytes = 9;

std::string NewAlertId() {
  return "alert_" + base::Hex(base::SecureRandomBytes(kIdBytes));
}

}  // namespace

std::string AlertBody(const budget::Crossing& crossing, std::string_view id) {
  base::JsonObject body;
  body.AddPlain("event", crossing.forecast ? "budget_forecast" : "budget_threshold");
  body.Add("scope", crossing.scope);
  body.Add("at", config::Print(crossing.at));
  body.Add("used", base::Print(crossing.used));
  body.Add("limit", base::Print(crossing.limit));
  body.Add("window_end", base::PrintTime(crossing.window_end));
  body.Add("id", id);
  return std::string(body.Finish());
}

std::string AlertSignature(std::string_view body, const config::Secret& secret) {
  const std::string& key = secret.Reveal();
  std::array<unsigned char, EVP_MAX_MD_SIZE> code;
  unsigned int bytes = 0;
  const auto* made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(body.data()), body.size(), code.data(), &bytes);
  CHECK(made != nullptr);
  return "sha256=" + base::Hex({reinterpret_cast<const char*>(code.data()), bytes});
}

std::vector<Alert> MakeAlerts(const budget::Crossing& crossing, const config::AlertingSettings& alerting,
                              base::WallTime now) {
  std::vector<Alert> alerts;
  for (const std::string& to : crossing.alert.mail) {
    Alert alert{
        .id = NewAlertId(), .url = config::AlertAddress{{}, {to}}.Print(), .body = {}, .signature = {}};
    alert.body = AlertMail(crossing, {.id = alert.id, .from = alerting.smtp.from, .to = to, .sent = now});
    alerts.push_back(std::move(alert));
  }
  if (crossing.alert.hook.host.empty()) return alerts;
  Alert alert{.id = NewAlertId(), .url = crossing.alert.Print(), .body = {}, .signature = {}};
  alert.body = AlertBody(crossing, alert.id);
  if (!alerting.secret.empty()) alert.signature = AlertSignature(alert.body, alerting.secret);
  alerts.push_back(std::move(alert));
  return alerts;
}

}  // namespace gateway
