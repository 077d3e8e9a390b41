#pragma once

#include <string>
#include <string_view>

#include "budget/crossings.h"
#include "config/secret.h"
#include "config/settings.h"

namespace gateway {

// What is posted to whom when a step of a budget is taken. A value.
struct Alert {
  std::string id;  // the same in every attempt to deliver it
  std::string url;
  std::string body;
  std::string signature;  // the value of x-sluice-signature; empty: it has none

  friend bool operator==(const Alert&, const Alert&) = default;
};

// {"event":"budget_threshold","scope":"team/support","at":"75%","used":"150 USD","limit":"200 USD",
// "window_end":"2026-12-01T00:00:00Z","id":...}; of a step that looks ahead the event is budget_forecast.
std::string AlertBody(const budget::Crossing& crossing, std::string_view id);

// "sha256=" and the HMAC-SHA-256 of the body in lower-case hexadecimal.
std::string AlertSignature(std::string_view body, const config::Secret& secret);

// Signed where there is a secret.
Alert MakeAlert(const budget::Crossing& crossing, std::string id, const config::Secret& secret);

}  // namespace gateway
