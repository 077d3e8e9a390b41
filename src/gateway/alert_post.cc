#include "gateway/alert_post.h"

#include <array>
#include <string_view>
#include <utility>

namespace gateway {
namespace {

using Counters = telemetry::Family<telemetry::Counter>;

Counters& Declare(telemetry::Registry& registry) {
  telemetry::FamilyOptions options{.name = "sluice_alerts_total",
                                   .help = "Alerts that were delivered, and those that never will be.",
                                   .labels = {"way", "result"}};
  for (const char* way : {"hook", "mail"}) {
    for (const char* result : {"delivered", "dropped"}) options.initial.push_back({way, result});
  }
  return registry.AddCounter(std::move(options));
}

AlertDeliveryOptions Counted(AlertDeliveryOptions options, Counters& counters, std::string_view way) {
  options.delivered = &counters.With({way, "delivered"});
  options.dropped = &counters.With({way, "dropped"});
  return options;
}

}  // namespace

AlertPost::AlertPost(const Parts& parts, const AlertDeliveryOptions& options)
    : AlertPost(parts, options, Declare(parts.registry)) {}

AlertPost::AlertPost(const Parts& parts, const AlertDeliveryOptions& options, Counters& counters)
    : to_hooks_(parts.loop, parts.resolver),
      to_people_(parts.loop, parts.resolver, parts.smtp),
      hooks_(parts.loop, to_hooks_, Counted(options, counters, "hook")),
      people_(parts.loop, to_people_, Counted(options, counters, "mail")) {}

void AlertPost::Add(Alert alert) {
  const bool mail = alert.url.starts_with("mailto:");
  (mail ? people_ : hooks_).Add(std::move(alert));
}

std::vector<Alert> AlertPost::pending() const {
  std::vector<Alert> alerts = hooks_.pending();
  for (Alert& one : people_.pending()) alerts.push_back(std::move(one));
  return alerts;
}

net::Task<void> AlertPost::Stop() {
  co_await hooks_.Stop();
  co_await people_.Stop();
}

}  // namespace gateway
