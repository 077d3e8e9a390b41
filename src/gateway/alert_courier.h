#pragma once

#include <functional>
#include <utility>

#include "base/result.h"
#include "config/alert_settings.h"
#include "gateway/alert.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"

namespace gateway {

// One way to deliver an alert. Belongs to a loop.
class AlertCourier {
 public:
  virtual ~AlertCourier() = default;

  // Tries it once. Both outlive it. Errors: kDenied: it will never be taken; any other: not now.
  virtual net::Task<base::Result<void>> Deliver(const Alert& alert, net::Cancel& cancel) = 0;
};

// Posts it to its URL. An answer that says that it never will be taken is a 4xx other than 408 and 429.
class HookCourier final : public AlertCourier {
 public:
  // Both outlive it.
  HookCourier(net::Loop& loop, net::Resolver& resolver) : loop_(loop), resolver_(resolver) {}
  net::Task<base::Result<void>> Deliver(const Alert& alert, net::Cancel& cancel) override;

 private:
  net::Loop& loop_;
  net::Resolver& resolver_;
};

// Hands it to the mail server of the settings in force. What the server says for good (5xx) of the sender,
// the recipient or the message is final; that it is not there, or does not let us in, can be mended.
class MailCourier final : public AlertCourier {
 public:
  using SmtpInForce = std::function<config::SmtpSettings()>;

  // All outlive it.
  MailCourier(net::Loop& loop, net::Resolver& resolver, SmtpInForce smtp)
      : loop_(loop), resolver_(resolver), smtp_(std::move(smtp)) {}
  net::Task<base::Result<void>> Deliver(const Alert& alert, net::Cancel& cancel) override;

 private:
  net::Loop& loop_;
  net::Resolver& resolver_;
  const SmtpInForce smtp_;
};

}  // namespace gateway
