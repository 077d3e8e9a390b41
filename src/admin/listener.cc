#include "admin/listener.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "gateway/asked.h"
#include "net/header_text.h"

namespace admin {
namespace {

bool IsOfApi(std::string_view path) {
  return path == kApiPath || (path.starts_with(kApiPath) && path[kApiPath.size()] == '/');
}

// "127.0.0.1" of "127.0.0.1:8081", "::1" of "[::1]".
std::string_view WithoutPort(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool IsLoopbackName(std::string_view host) {
  const std::string_view name = WithoutPort(host);
  if (base::EqualIgnoringCase(name, "localhost")) return true;
  const auto address = net::ParseAddress(name, 0);
  return address && address->IsLoopback();
}

// Whether a browser says that the request is of a page of this server.
bool IsOwnOrigin(std::string_view origin, std::string_view host) {
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && base::EqualIgnoringCase(origin.substr(scheme + 3), host);
}

bool IsJson(std::string_view type) {
  return base::EqualIgnoringCase(base::TrimBlanks(type.substr(0, type.find(';'))), "application/json");
}

// Where an operator asks from, which is certain, and in brackets the name that goes with it, which is not:
// "api:127.0.0.1 (cli:alice)".
base::Result<std::string> OperatorOf(const net::RequestHead& head, const net::Address& peer) {
  const std::string address = peer.ToString();
  std::string who = "api:" + address.substr(0, address.rfind(':'));
  const auto name = head.fields.Find(kOperatorField);
  if (!name) return who;
  if (name->empty() || name->size() > kOperatorBytesMax ||
      !std::all_of(name->begin(), name->end(), IsOperatorCharacter)) {
    return base::Fail(base::Code::kInvalid, std::string(kOperatorField) + ": up to " +
                                                std::to_string(kOperatorBytesMax) +
                                                " of A-Z a-z 0-9 . _ : @ -");
  }
  who.append(" (").append(*name).append(")");
  return who;
}

net::Refusal RefuseMessage(int status, const base::Error& error) {
  Reply reply = RefuseStatus(status, error.detail);
  return {.fields = FieldsOf(reply), .body = std::move(reply.body)};
}

}  // namespace

bool IsOperatorCharacter(char c) {
  return base::IsAlnum(c) || std::string_view("._:@-").find(c) != std::string_view::npos;
}

base::Result<std::unique_ptr<Listener>> Listener::Start(std::span<const std::unique_ptr<net::Loop>> loops,
                                                        const config::Settings& settings,
                                                        const gateway::Gateway& gateway,
                                                        const telemetry::Registry& registry, Api* api) {
  const config::HostPort& listen = settings.admin.listen;
  const auto address = net::ParseAddress(listen.host == "localhost" ? "127.0.0.1" : listen.host, listen.port);
  if (!address) {
    return base::Fail(base::Code::kInvalid, "admin.listen must be an IP address with a port, or localhost");
  }
  std::unique_ptr<Listener> listener(new Listener(settings.admin.token.Reveal(), gateway, registry, api));
  net::ServerLimits limits = gateway::LimitsOf(settings.http);
  limits.streams_max = 0;  // HTTP/1.1 only
  limits.body_bytes_max = std::min<std::uint64_t>(limits.body_bytes_max, kBodyBytesMax);
  auto server =
      net::Server::Listen(loops, {.address = *address,
                                  .limits = limits,
                                  .tls = nullptr,
                                  .make_handler = [raw = listener.get()](net::Loop&) -> net::Server::Handler {
                                    return [raw](net::Exchange& exchange) { return raw->Serve(exchange); };
                                  },
                                  .refuse = RefuseMessage});
  if (!server) return base::Fail(std::move(server).error());
  listener->server_ = std::move(*server);
  return listener;
}

Listener::Listener(const std::string& token, const gateway::Gateway& gateway,
                   const telemetry::Registry& registry, Api* api)
    : token_(token.empty() ? std::nullopt : std::optional(hasher_.Hash(token))),
      gateway_(gateway),
      registry_(registry),
      api_(api) {}

bool Listener::Allowed(const net::RequestHead& head) const {
  return !token_ || store::EqualInConstantTime(hasher_.Hash(gateway::PresentedKey(head.fields)), *token_);
}

net::Task<void> Listener::Serve(net::Exchange& exchange) const {
  return api_ != nullptr && IsOfApi(exchange.request().path) ? ServeApi(exchange) : ServeText(exchange);
}

net::Task<void> Listener::ServeText(net::Exchange& exchange) const {
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
    body = "there is nothing at this path; try /healthz, /readyz, /metrics or /admin/v1\n";
  }
  net::HeaderText fields;
  fields.Add("content-type", type);
  [[maybe_unused]] const auto sent = co_await exchange.Reply(status, fields.view(), body);
}

net::Task<void> Listener::ServeApi(net::Exchange& exchange) const {
  const Reply reply = co_await AskApi(exchange);
  if (reply.status == 0) co_return;  // nobody waits for it any more
  const std::string fields = FieldsOf(reply);
  [[maybe_unused]] const auto sent = co_await exchange.Reply(reply.status, fields, reply.body);
}

// What can be said no to before the path is looked at.
std::optional<Reply> Listener::RefuseHead(const net::RequestHead& head) const {
  if (!Allowed(head)) {
    return Refuse(Trouble::kUnauthorized, "send the admin token as 'Authorization: Bearer ...'");
  }
  if (const auto origin = head.fields.Find("origin"); origin && !IsOwnOrigin(*origin, head.host)) {
    return Refuse(Trouble::kForbidden, "a page of another origin may not ask this");
  }
  if (!token_ && !IsLoopbackName(head.host)) {
    return Refuse(Trouble::kForbidden, "without admin.token this is asked as localhost or by its address");
  }
  return std::nullopt;
}

net::Task<Reply> Listener::AskApi(net::Exchange& exchange) const {
  const net::RequestHead& head = exchange.request();
  if (auto refusal = RefuseHead(head)) co_return std::move(*refusal);
  Api::Found found = Api::Find(head.method, head.path);
  if (found.route == nullptr) co_return std::move(found.refusal);
  auto body = co_await exchange.ReadBody();
  if (!body) {
    if (body.error().code == base::Code::kClosed) co_return Reply{.status = 0, .body = {}};
    if (body.error().code == base::Code::kTooLarge) co_return Refuse(Trouble::kTooLarge, body.error().detail);
    co_return Refuse(body.error());
  }
  if (!body->view().empty() && !IsJson(head.fields.Find("content-type").value_or(""))) {
    co_return Refuse(Trouble::kMediaType, "a body is sent as application/json");
  }
  auto who = OperatorOf(head, exchange.peer());
  if (!who) co_return Refuse(who.error());
  Ask ask{.id = std::move(found.id),
          .query = std::string(head.query),
          .body = std::string(body->view()),
          .who = std::move(*who)};
  co_return co_await api_->Answer(exchange.loop(), *found.route, std::move(ask));
}

}  // namespace admin
