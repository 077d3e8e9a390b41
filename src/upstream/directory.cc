#include "upstream/directory.h"

#include <utility>

namespace upstream {
namespace {

net::Origin OriginOf(const config::Url& url) {
  return {.host = url.host, .port = url.port, .tls = url.tls};
}

}  // namespace

base::Result<std::shared_ptr<const Directory>> Directory::Make(const config::Settings& settings,
                                                               const Parts& parts,
                                                               const Directory* previous) {
  auto directory = std::make_shared<Directory>();
  // Reading the authorities costs milliseconds, so providers with the same ones share them.
  std::map<std::string, std::shared_ptr<const net::TlsClientContext>> contexts;
  const routing::RetryPolicy retry{.basis_points = settings.retry.budget.basis_points,
                                   .extra_min = settings.retry.budget_min};
  for (const auto& [name, provider] : settings.providers) {
    const std::shared_ptr<Provider> kept = previous == nullptr ? nullptr : previous->Find(name);
    if (kept && kept->settings() == provider && kept->retry_policy() == retry) {
      directory->providers_[name] = kept;
      continue;
    }
    net::PoolOptions pool;
    pool.origin = OriginOf(provider.base_url);
    pool.idle_max = provider.idle_max;
    pool.idle_close = provider.keep_alive;
    pool.http2 = provider.http2;
    pool.proxy = parts.proxies.For(pool.origin);
    if (pool.origin.tls) {
      auto& context = contexts[provider.ca_file];
      if (!context) {
        auto loaded = net::TlsClientContext::Load(provider.ca_file);
        if (!loaded)
          return base::Fail(loaded.error().code, "provider " + name + ": " + loaded.error().detail);
        context = std::move(*loaded);
      }
      pool.tls = context;
    }
    directory->providers_[name] = std::make_shared<Provider>(name, provider, retry, std::move(pool),
                                                             parts.clock, parts.metrics, parts.alarm);
  }
  return std::shared_ptr<const Directory>(std::move(directory));
}

void Directory::BringBackKeys() const {
  for (const auto& [unused, provider] : providers_) provider->BringBackKeys();
}

const std::shared_ptr<Provider>& Directory::Find(std::string_view name) const {
  static const std::shared_ptr<Provider> kNone;
  const auto found = providers_.find(name);
  return found == providers_.end() ? kNone : found->second;
}

std::shared_ptr<net::Pool> Pools::For(const std::shared_ptr<Provider>& provider) {
  std::shared_ptr<net::Pool>& pool = pools_[provider];
  if (!pool) pool = std::make_shared<net::Pool>(loop_, resolver_, provider->pool_options());
  return pool;
}

void Pools::Retain(const Directory& directory) {
  std::erase_if(pools_, [&](const auto& one) { return directory.Find(one.first->name()) != one.first; });
}

}  // namespace upstream
