#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "config/settings.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "upstream/provider.h"
#include "upstream/proxy.h"

namespace upstream {

// All providers of one version of the settings. Immutable and thread-safe.
class Directory {
 public:
  struct Parts {
    const base::Clock& clock;
    Metrics& metrics;
    const ProxyRules& proxies;
    Provider::Alarm alarm;
  };

  // A provider whose settings are as in `previous` (may be null) is taken over from there, with what it knows
  // of its keys. Nothing of `previous` changes. Errors: a CA file that cannot be read.
  static base::Result<std::shared_ptr<const Directory>> Make(const config::Settings& settings,
                                                             const Parts& parts, const Directory* previous);

  // Once a reload is in force: keys that were put aside are tried again.
  void BringBackKeys() const;

  // Null when there is none of that name. Lives as long as the directory.
  const std::shared_ptr<Provider>& Find(std::string_view name) const;
  const std::map<std::string, std::shared_ptr<Provider>, std::less<>>& providers() const {
    return providers_;
  }

 private:
  std::map<std::string, std::shared_ptr<Provider>, std::less<>> providers_;
};

// The connection pools of one loop. Belongs to it.
class Pools {
 public:
  Pools(net::Loop& loop, net::Resolver& resolver) : loop_(loop), resolver_(resolver) {}

  // The pool for a provider. Calls keep it by the pointer, so that it outlives them.
  std::shared_ptr<net::Pool> For(const std::shared_ptr<Provider>& provider);

  // Lets go of the pools whose provider is no longer in `directory`.
  void Retain(const Directory& directory);

 private:
  net::Loop& loop_;
  net::Resolver& resolver_;
  std::unordered_map<std::shared_ptr<Provider>, std::shared_ptr<net::Pool>> pools_;
};

}  // namespace upstream
