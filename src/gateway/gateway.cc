#include "gateway/gateway.h"

#include <utility>

#include "config/restart.h"
#include "gateway/refusal.h"

namespace gateway {
namespace {

using base::Fail;
using base::Result;

std::vector<std::string> ProviderNames(const config::Settings& settings) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : settings.providers) names.push_back(name);
  return names;
}

Result<std::shared_ptr<const net::TlsServerContext>> LoadTls(const config::TlsSettings& tls, bool http2) {
  if (tls.cert.empty()) return std::shared_ptr<const net::TlsServerContext>();
  return net::TlsServerContext::Load(tls.cert, tls.key,
                                     http2 ? net::Alpn::kHttp2OrHttp11 : net::Alpn::kHttp11);
}

}  // namespace

net::ServerLimits LimitsOf(const config::HttpSettings& http) {
  return {.head_bytes_max = http.header_max,
          .body_bytes_max = http.body_max,
          .header_timeout = http.header_timeout,
          .body_idle_timeout = http.body_idle_timeout,
          .body_timeout = http.body_timeout,
          .keep_alive = http.keep_alive,
          .write_idle_timeout = http.write_idle_timeout,
          .connections_max = http.connections_max,
          .streams_max = static_cast<std::uint32_t>(http.streams_max)};
}

net::Refusal RefuseMessage(int status, const base::Error& error) {
  RefusalText text{.refusal = RefusalOf(status), .message = error.detail};
  if (status == 503) text.retry_after = std::chrono::seconds(1);
  return {.fields = text.Fields(), .body = text.Body(chat::Dialect::kOpenai, {})};
}

Gateway::Gateway(const Parts& parts, std::shared_ptr<const config::Settings> settings)
    : parts_(parts),
      started_with_(std::move(settings)),
      upstream_metrics_(parts.registry, ProviderNames(*started_with_)),
      in_force_(std::make_shared<const InForce>()) {}

Result<std::unique_ptr<Gateway>> Gateway::Start(const Parts& parts,
                                                std::shared_ptr<const config::Settings> settings,
                                                std::shared_ptr<const pricing::Book> prices) {
  std::unique_ptr<Gateway> gateway(new Gateway(parts, settings));
  auto directory = gateway->MakeDirectory(*settings, nullptr);
  if (!directory) return Fail(std::move(directory).error());
  auto policy = parts.books != nullptr ? parts.books->policy() : nullptr;
  gateway->in_force_.Store(std::make_shared<const InForce>(
      InForce{settings, std::move(*directory), std::move(prices), std::move(policy)}));

  auto tls = LoadTls(settings->tls, settings->http.streams_max > 0);
  if (!tls) return Fail(std::move(tls).error());
  const auto address = net::ParseAddress(
      settings->listen.host == "localhost" ? "127.0.0.1" : settings->listen.host, settings->listen.port);
  if (!address) return Fail(base::Code::kInvalid, "listen must be an IP address with a port, or localhost");
  auto server = net::Server::Listen(
      parts.loops, {.address = *address,
                    .limits = LimitsOf(settings->http),
                    .tls = std::move(*tls),
                    .make_handler = [raw = gateway.get()](net::Loop& loop) { return raw->MakeHandler(loop); },
                    .refuse = RefuseMessage});
  if (!server) return Fail(std::move(server).error());
  gateway->server_ = std::move(*server);
  return gateway;
}

Shared Gateway::MakeShared() {
  return {.clock = parts_.clock,
          .recorder = parts_.recorder,
          .resolver = parts_.resolver,
          .in_force = in_force_,
          .keys = parts_.keys,
          .issuers = parts_.issuers,
          .journal = parts_.journal,
          .desk = parts_.desk,
          .counter = parts_.counter,
          .counting = parts_.counting,
          .books = parts_.books,
          .crossings = parts_.crossings,
          .typical = &typical_,
          .limits = parts_.limits,
          .hash = parts_.books != nullptr ? &parts_.books->hash() : nullptr,
          .draining = draining_,
          .in_flight = in_flight_};
}

net::Server::Handler Gateway::MakeHandler(net::Loop& loop) {
  auto pipeline = std::make_shared<Pipeline>(MakeShared(), loop);
  pipelines_.push_back(pipeline);
  return [pipeline](net::Exchange& exchange) { return pipeline->Serve(exchange); };
}

Result<std::shared_ptr<const upstream::Directory>> Gateway::MakeDirectory(
    const config::Settings& settings, const upstream::Directory* previous) {
  Recorder& recorder = parts_.recorder;
  return upstream::Directory::Make(
      settings,
      {.clock = parts_.clock,
       .metrics = upstream_metrics_,
       .proxies = parts_.proxies,
       .alarm = [&recorder](std::string_view event,
                            const std::string& sentence) { recorder.Note(event, sentence); }},
      previous);
}

Result<std::vector<std::string>> Gateway::Reload(std::shared_ptr<const config::Settings> settings,
                                                 std::shared_ptr<const pricing::Book> prices) {
  const auto before = in_force_.Load();
  auto directory = MakeDirectory(*settings, before->directory.get());
  if (!directory) return Fail(std::move(directory).error());
  auto tls = LoadTls(settings->tls, settings->http.streams_max > 0);
  if (!tls) return Fail(std::move(tls).error());

  std::shared_ptr<const budget::Policy> policy;
  if (parts_.books != nullptr) {
    policy = budget::Policy::Compile(*settings, parts_.books->hash());
    if (auto adopted = parts_.books->Adopt(policy); !adopted) return Fail(std::move(adopted).error());
  }
  const auto after = std::make_shared<const InForce>(
      InForce{settings, std::move(*directory), std::move(prices), std::move(policy)});
  in_force_.Store(after);
  after->directory->BringBackKeys();
  server_->SetLimits(LimitsOf(settings->http));
  if (*tls && !started_with_->tls.cert.empty()) server_->SetTls(std::move(*tls));
  for (std::size_t i = 0; i < pipelines_.size(); ++i) {
    parts_.loops[i]->Post([pipeline = pipelines_[i], after] { pipeline->OnReload(*after); });
  }
  return config::NeedsRestart(*started_with_, *settings);
}

void Gateway::SetPrices(std::shared_ptr<const pricing::Book> prices) {
  InForce after = *in_force_.Load();
  after.prices = std::move(prices);
  in_force_.Store(std::make_shared<const InForce>(std::move(after)));
}

void Gateway::Drain() {
  draining_.store(true, std::memory_order_relaxed);
  for (std::size_t i = 0; i < pipelines_.size(); ++i) {
    parts_.loops[i]->Post([pipeline = pipelines_[i]] { pipeline->StopRenewing(); });
  }
  server_->Drain();
}

}  // namespace gateway
