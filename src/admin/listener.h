#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/settings.h"
#include "gateway/gateway.h"
#include "net/http_server.h"
#include "telemetry/metrics.h"

namespace admin {

// The operator's listener: GET /healthz (200 while the process runs), /readyz (503 from the moment a drain
// begins), /metrics (Prometheus text). With a token, /metrics asks for it as a bearer token; health and
// readiness never do, so that an orchestrator needs no secret.
class Listener {
 public:
  // `loops` are those that serve it. Everything given outlives the listener. Errors: the address cannot be
  // bound.
  static base::Result<std::unique_ptr<Listener>> Start(std::span<const std::unique_ptr<net::Loop>> loops,
                                                       const config::Settings& settings,
                                                       const gateway::Gateway& gateway,
                                                       const telemetry::Registry& registry);

  const net::Address& address() const { return server_->local(); }
  void Close() { server_->Drain(); }
  void AbortAll() { server_->AbortAll(); }

 private:
  Listener(std::string token, const gateway::Gateway& gateway, const telemetry::Registry& registry)
      : token_(std::move(token)), gateway_(gateway), registry_(registry) {}
  net::Task<void> Serve(net::Exchange& exchange) const;
  bool Allowed(const net::RequestHead& head) const;

  const std::string token_;
  const gateway::Gateway& gateway_;
  const telemetry::Registry& registry_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace admin
