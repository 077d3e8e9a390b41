#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "budget/crossings.h"
#include "config/alert_settings.h"
#include "config/secret.h"

namespace gateway {

// What goes to whom when a step of a budget is taken. A value.
struct Alert {
  std::string id;         // the same in every attempt to deliver it
  std::string url;        // as config::AlertAddress prints it; by e-mail it goes to one person
  std::string body;       // what is posted; by e-mail the whole message
  std::string signature;  // the value of x-sluice-signature; empty: it has none

  friend bool operator==(const Alert&, const Alert&) = default;
};

// {"event":"budget_threshold","scope":"team/support","at":"75%","used":"150 USD","limit":"200 USD",
// "window_end":"2026-12-01T00:00:00Z","id":...}; of a step that looks ahead the event is budget_forecast.
std::string AlertBody(const budget::Crossing& crossing, std::string_view id);

// "sha256=" and the HMAC-SHA-256 of the body in lower-case hexadecimal.
std::string AlertSignature(std::string_view body, const config::Secret& secret);

// One for a hook, signed where there is a secret; by e-mail one for each person. Each has an id of its own.
std::vector<Alert> MakeAlerts(const budget::Crossing& crossing, const config::AlertingSettings& alerting,
                              base::WallTime now);

}  // namespace gateway
