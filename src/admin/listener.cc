#include "admin/listener.h"

#include <openssl/crypto.h>

#include <utility>

#include "gateway/asked.h"
#include "gateway/refusal.h"
#include "net/header_text.h"

namespace admin {

base::Result<std::unique_ptr<Listener>> Listener::Start(std::span<const std::unique_ptr<net::Loop>> loops,
                                                        const config::Settings& settings,
                                                        const gateway::Gateway& gateway,
                                                        const telemetry::Registry& registry) {
  const config::HostPort& listen = settings.admin.listen;
  const auto address = net::ParseAddress(listen.host == "localhost" ? "127.0.0.1" : listen.host, listen.port);
  if (!address) {
    return base::Fail(base::Code::kInvalid, "admin.listen must be an IP address with a port, or localhost");
  }
  std::unique_ptr<Listener> listener(new Listener(settings.admin.token.Reveal(), gateway, registry));
  net::ServerLimits limits = gateway::LimitsOf(settings.http);
  limits.streams_max = 0;  // HTTP/1.1 only
  auto server =
      net::Server::Listen(loops, {.address = *address,
                                  .limits = limits,
                                  .tls = nullptr,
                                  .make_handler = [raw = listener.get()](net::Loop&) -> net::Server::Handler {
                                    return [raw](net::Exchange& exchange) { return raw->Serve(exchange); };
                                  },
                                  .refuse = gateway::RefuseMessage});
  if (!server) return base::Fail(std::move(server).error());
  listener->server_ = std::move(*server);
  return listener;
}

bool Listener::Allowed(const net::RequestHead& head) const {
  if (token_.empty()) return true;
  const std::string_view given = gateway::PresentedKey(head.fields);
  return given.size() == token_.size() && CRYPTO_memcmp(given.data(), token_.data(), token_.size()) == 0;
}

net::Task<void> Listener::Serve(net::Exchange& exchange) const {
  const net::RequestHead& head = exchange.request();
  int status = 200;
  std::string body;
  std::string_view type = "text/plain; charset=utf-8";
  if (head.method != "GET" && head.method != "HEAD") {
    status = 405;
    body = "this path knows GET only\n";
  } else if (head.path == "/healthz") {
    body = "ok\n";
  } else if (head.path == "/readyz") {
    const bool full = !gateway_.can_write_rows();
    status = gateway_.draining() || full ? 503 : 200;
    body = gateway_.draining() ? "draining\n" : full ? "the ledger's disk is full\n" : "ready\n";
  } else if (head.path == "/metrics" && !Allowed(head)) {
    status = 401;
    body = "send the admin token as 'Authorization: Bearer ...'\n";
  } else if (head.path == "/metrics") {
    body = registry_.Exposition();
    type = telemetry::kExpositionType;
  } else {
    status = 404;
    body = "there is nothing at this path; try /healthz, /readyz or /metrics\n";
  }
  net::HeaderText fields;
  fields.Add("content-type", type);
  [[maybe_unused]] const auto sent = co_await exchange.Reply(status, fields.view(), body);
}

}  // namespace admin
