#pragma once

#include <vector>

#include "gateway/alert.h"
#include "gateway/alert_courier.h"
#include "gateway/alert_delivery.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
#include "telemetry/metrics.h"

namespace gateway {

// Where alerts are left to be delivered, each in its own way: those to hooks do not wait for a mail server,
// nor the other way round. Counts sluice_alerts_total{way,result}. Belongs to its loop, whose thread calls
// everything.
class AlertPost {
 public:
  // All outlive it.
  struct Parts {
    net::Loop& loop;
    net::Resolver& resolver;
    telemetry::Registry& registry;
    MailCourier::SmtpInForce smtp;
  };

  AlertPost(const Parts& parts, const AlertDeliveryOptions& options);

  void Add(Alert alert);

  // What is not delivered yet.
  std::vector<Alert> pending() const;

  // As AlertDelivery::Stop. REQUIRES: awaited before it is destroyed.
  net::Task<void> Stop();

 private:
  AlertPost(const Parts& parts, const AlertDeliveryOptions& options,
            telemetry::Family<telemetry::Counter>& counters);

  HookCourier to_hooks_;
  MailCourier to_people_;
  AlertDelivery hooks_;
  AlertDelivery people_;
};

}  // namespace gateway
