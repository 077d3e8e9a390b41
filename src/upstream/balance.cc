#include "upstream/balance.h"

#include <utility>

#include "base/bytes.h"
#include "net/http_fetch.h"

namespace upstream {
namespace {

using base::Code;
using Balances = base::Result<std::vector<wire::Balance>>;

constexpr std::uint64_t kBodyBytesMax = 64 * base::KiB;

}  // namespace

bool TellsBalance(const config::ProviderSettings& provider) {
  return config::FlavourOf(provider) == chat::Flavour::kDeepseek;
}

Balances AskBalance(const config::ProviderSettings& provider, const config::Secret& key,
                    const ProxyRules& proxies, const base::Clock& clock) {
  auto options = net::PoolOptionsFor({provider.base_url.host, provider.base_url.port, provider.base_url.tls},
                                     provider.ca_file);
  if (!options) return base::Fail(std::move(options).error());
  options->proxy = proxies.For(options->origin);
  net::Fetch fetch{.target = provider.base_url.path + "/user/balance",
                   .answer_max = kBodyBytesMax,
                   .timeouts = {.connect = provider.timeout.connect,
                                .first_byte = provider.timeout.first_byte,
                                .idle = provider.timeout.idle,
                                .total = provider.timeout.total}};
  fetch.fields.Add("authorization", "Bearer " + key.Reveal()).Add("accept", "application/json");
  const auto answer = net::FetchAndWait(*options, std::move(fetch), clock);
  if (!answer) return base::Fail(answer.error());
  const std::string status = "status " + std::to_string(answer->status);
  if (answer->status == 401 || answer->status == 403) {
    return base::Fail(Code::kDenied, "it refuses the key (" + status + ")");
  }
  if (answer->status != 200) return base::Fail(Code::kUnavailable, "it answered with " + status);
  return wire::ReadBalances(answer->body.view());
}

}  // namespace upstream
