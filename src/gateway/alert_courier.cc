#include "gateway/alert_courier.h"

#include <string>
#include <utility>

#include "net/http_fetch.h"
#include "net/smtp_client.h"

namespace gateway {
namespace {

using base::Code;
using base::Fail;

bool IsFinal(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 429;
}

net::MailServer::Security SecurityOf(config::MailSecurity security) {
  switch (security) {
    case config::MailSecurity::kStartTls:
      return net::MailServer::Security::kStartTls;
    case config::MailSecurity::kImplicit:
      return net::MailServer::Security::kTls;
    case config::MailSecurity::kNone:
      return net::MailServer::Security::kNone;
  }
  return {};
}

base::Result<net::MailServer> ServerOf(const config::SmtpSettings& smtp) {
  net::MailServer server{.host = smtp.server.host,
                         .port = smtp.server.port,
                         .security = SecurityOf(smtp.tls),
                         .tls = {},
                         .user = smtp.user.Reveal(),
                         .password = smtp.password.Reveal(),
                         .own_name = smtp.from.substr(smtp.from.rfind('@') + 1)};
  if (smtp.tls == config::MailSecurity::kNone) return server;
  auto tls = net::TlsClientContext::Load(smtp.ca_file);
  if (!tls) return Fail(std::move(tls).error());
  server.tls = std::move(*tls);
  return server;
}

}  // namespace

net::Task<base::Result<void>> HookCourier::Deliver(const Alert& alert, net::Cancel& cancel) {
  const auto to = config::AlertAddress::Parse(alert.url);
  if (!to || to->hook.host.empty()) co_return Fail(Code::kDenied, "its address is no URL");
  auto options = net::PoolOptionsFor({.host = to->hook.host, .port = to->hook.port, .tls = to->hook.tls});
  if (!options) co_return Fail(std::move(options).error());
  net::Pool pool(loop_, resolver_, std::move(*options));
  net::Fetch post{.method = "POST", .body = alert.body, .answer_max = 0};
  if (!to->hook.path.empty()) post.target = to->hook.path;
  post.fields.Add("content-type", "application/json");
  if (!alert.signature.empty()) post.fields.Add("x-sluice-signature", alert.signature);
  const auto answer = co_await net::FetchWhole(pool, std::move(post), cancel);
  if (!answer) co_return Fail(answer.error());
  if (answer->status < 300) co_return base::Result<void>();
  co_return Fail(IsFinal(answer->status) ? Code::kDenied : Code::kUnavailable,
                 "it was answered with status " + std::to_string(answer->status));
}

net::Task<base::Result<void>> MailCourier::Deliver(const Alert& alert, net::Cancel& cancel) {
  const auto to = config::AlertAddress::Parse(alert.url);
  if (!to || to->mail.size() != 1) co_return Fail(Code::kDenied, "its address is no e-mail address");
  const config::SmtpSettings smtp = smtp_();
  if (smtp.server.host.empty()) co_return Fail(Code::kDenied, "the config has no smtp any more");
  auto server = ServerOf(smtp);
  if (!server) co_return Fail(Code::kUnavailable, server.error().detail);
  net::Mail mail{.from = smtp.from, .to = to->mail.front(), .message = alert.body};
  co_return co_await net::SendMail(loop_, resolver_, std::move(*server), std::move(mail), {}, cancel);
}

}  // namespace gateway
