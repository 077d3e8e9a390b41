#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "admin/api.h"
#include "base/result.h"
#include "config/settings.h"
#include "gateway/gateway.h"
#include "net/http_server.h"
#include "store/key_hash.h"
#include "telemetry/metrics.h"

namespace admin {

// The name of who asks, for the audit trail: "cli:alice". Whoever has the token may say any.
inline constexpr std::string_view kOperatorField = "x-sluice-operator";
inline constexpr std::size_t kOperatorBytesMax = 64;
bool IsOperatorCharacter(char c);  // A-Z a-z 0-9 . _ : @ -

// The operator's listener: GET /healthz (200 while the process runs), /readyz (503 from the moment a drain
// begins), /metrics (Prometheus text), and the API below /admin/v1. With a token, /metrics and the API ask
// for it as a bearer token; health and readiness never do, so that an orchestrator needs no secret.
//
// Without a token the listener is on loopback, and whoever can connect may do everything. A web page that an
// operator has open can connect, too; therefore the API takes no request that a browser makes for a page from
// elsewhere: with an Origin that is not its own, or, without a token, under a name that is not of loopback.
class Listener {
 public:
  // `loops` are those that serve it. Everything given outlives the listener; without an `api` there is none.
  // Errors: the address cannot be bound.
  static base::Result<std::unique_ptr<Listener>> Start(std::span<const std::unique_ptr<net::Loop>> loops,
                                                       const config::Settings& settings,
                                                       const gateway::Gateway& gateway,
                                                       const telemetry::Registry& registry,
                                                       Api* api = nullptr);

  const net::Address& address() const { return server_->local(); }
  void Close() { server_->Drain(); }
  void AbortAll() { server_->AbortAll(); }

 private:
  Listener(const std::string& token, const gateway::Gateway& gateway, const telemetry::Registry& registry,
           Api* api);
  net::Task<void> Serve(net::Exchange& exchange) const;
  net::Task<void> ServeText(net::Exchange& exchange) const;
  net::Task<void> ServeApi(net::Exchange& exchange) const;
  net::Task<Reply> AskApi(net::Exchange& exchange) const;
  std::optional<Reply> RefuseHead(const net::RequestHead& head) const;
  bool Allowed(const net::RequestHead& head) const;

  const store::SecretHasher hasher_;
  const std::optional<store::KeyHash> token_;  // what is compared with takes the same time whatever is sent
  const gateway::Gateway& gateway_;
  const telemetry::Registry& registry_;
  Api* const api_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace admin
