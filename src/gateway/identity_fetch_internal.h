#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/endpoint.h"
#include "config/oidc_settings.h"
#include "gateway/identity_keys.h"
#include "net/cancel.h"
#include "net/http_client.h"

namespace gateway {

// Gets the keys of one issuer. Belongs to its loop.
class IssuerFetch {
 public:
  // Errors: as Issuers::Make.
  static base::Result<std::unique_ptr<IssuerFetch>> Make(net::Loop& loop, net::Resolver& resolver,
                                                         const config::OidcSettings& settings);

  // Errors: the network's; kInvalid: what came is not what it must be.
  net::Task<base::Result<KeySet>> Get();

  // Ends a Get that is under way, and every later one at once.
  void Stop() { cancel_.Fire(base::Code::kUnavailable); }

 private:
  // A URL with the query that config::Url has not.
  struct Place {
    config::Url url;
    std::string query;
    static base::Result<Place> Parse(std::string_view text);
  };

  IssuerFetch(net::Loop& loop, net::Resolver& resolver, std::string issuer, Place start, bool discovers,
              std::shared_ptr<const net::TlsClientContext> tls);
  net::Task<base::Result<std::string>> GetText(Place place);
  base::Result<Place> ReadDiscovery(const std::string& text) const;
  net::Pool& PoolOf(const config::Url& url);

  net::Loop& loop_;
  net::Resolver& resolver_;
  const std::string issuer_;
  const Place start_;
  const bool discovers_;  // `start_` is a document that tells where the keys are
  const std::shared_ptr<const net::TlsClientContext> tls_;
  net::Cancel cancel_;
  std::map<std::string, std::unique_ptr<net::Pool>> pools_;  // by origin; those of one issuer are few
};

}  // namespace gateway
