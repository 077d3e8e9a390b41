#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/environment.h"
#include "net/http_client.h"

namespace upstream {

// The HTTP proxy of the environment: HTTPS_PROXY for https origins, HTTP_PROXY for none of ours (a provider
// without TLS is on the own network), NO_PROXY for exceptions: hosts, .domains, host:port or *. Lower-case
// names win, as in curl.
class ProxyRules {
 public:
  // Errors: kInvalid when HTTPS_PROXY is not http://[user:password@]host[:port].
  static base::Result<ProxyRules> FromEnvironment(const config::Environment& environment);

  std::optional<net::Proxy> For(const net::Origin& origin) const;

 private:
  std::optional<net::Proxy> proxy_;
  std::vector<std::string> exceptions_;  // lower case
};

}  // namespace upstream
