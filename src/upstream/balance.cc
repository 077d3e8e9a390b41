#include "upstream/balance.h"

#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "net/http_fetch.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"

namespace upstream {
namespace {

using base::Code;
using Balances = base::Result<std::vector<wire::Balance>>;

constexpr std::uint64_t kBodyBytesMax = 64 * base::KiB;

net::Task<Balances> Ask(net::Pool& pool, net::Fetch fetch) {
  net::Cancel cancel;
  const auto answer = co_await net::FetchWhole(pool, std::move(fetch), cancel);
  if (!answer) co_return base::Fail(answer.error());
  const std::string status = "status " + std::to_string(answer->status);
  if (answer->status == 401 || answer->status == 403) {
    co_return base::Fail(Code::kDenied, "it refuses the key (" + status + ")");
  }
  if (answer->status != 200) co_return base::Fail(Code::kUnavailable, "it answered with " + status);
  co_return wire::ReadBalances(answer->body.view());
}

net::Task<> AskAndStop(net::Pool& pool, net::Fetch fetch, net::Loop& loop, std::optional<Balances>& answer) {
  Balances balances = co_await Ask(pool, std::move(fetch));
  answer = std::move(balances);
  loop.StopAfterPosted();
}

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
  net::Loop loop(clock);
  net::Resolver resolver(clock);
  std::optional<Balances> answer;
  {
    net::Pool pool(loop, resolver, std::move(*options));
    loop.Post([&] { net::Spawn(AskAndStop(pool, std::move(fetch), loop, answer)); });
    loop.Run();
  }
  CHECK(answer.has_value());
  return std::move(*answer);
}

}  // namespace upstream
