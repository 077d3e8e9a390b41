#include "upstream/balance.h"

#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"

namespace upstream {
namespace {

using base::Code;
using Balances = base::Result<std::vector<wire::Balance>>;

constexpr std::uint64_t kBodyBytesMax = 64 * base::KiB;

net::Task<Balances> Ask(net::Pool& pool, std::string head, net::CallTimeouts timeouts) {
  net::Cancel cancel;
  const std::string_view message[] = {head};
  net::Call call(pool, timeouts, cancel);
  const auto sent = co_await call.Send("GET", message);
  if (!sent) co_return base::Fail(sent.error());
  const int status = call.head().status;
  if (status == 401 || status == 403) {
    co_return base::Fail(Code::kDenied, "it refuses the key (status " + std::to_string(status) + ")");
  }
  if (status != 200)
    co_return base::Fail(Code::kUnavailable, "it answered with status " + std::to_string(status));
  base::Buffer body;
  const auto read = co_await call.ReadAll(body, kBodyBytesMax);
  if (!read) co_return base::Fail(read.error());
  co_return wire::ReadBalances(body.view());
}

net::Task<> AskAndStop(net::Pool& pool, std::string head, net::CallTimeouts timeouts, net::Loop& loop,
                       std::optional<Balances>& answer) {
  Balances balances = co_await Ask(pool, std::move(head), timeouts);
  answer = std::move(balances);
  loop.StopAfterPosted();
}

}  // namespace

bool TellsBalance(const config::ProviderSettings& provider) {
  return config::FlavourOf(provider) == chat::Flavour::kDeepseek;
}

Balances AskBalance(const config::ProviderSettings& provider, const config::Secret& key,
                    const ProxyRules& proxies, const base::Clock& clock) {
  net::PoolOptions options;
  options.origin = {provider.base_url.host, provider.base_url.port, provider.base_url.tls};
  options.proxy = proxies.For(options.origin);
  if (options.origin.tls) {
    auto context = net::TlsClientContext::Load(provider.ca_file);
    if (!context) return base::Fail(context.error());
    options.tls = std::move(*context);
  }
  const net::CallTimeouts timeouts{.connect = provider.timeout.connect,
                                   .first_byte = provider.timeout.first_byte,
                                   .idle = provider.timeout.idle,
                                   .total = provider.timeout.total};
  std::string head = "GET " + provider.base_url.path +
                     "/user/balance HTTP/1.1\r\nhost: " + options.origin.HostHeader() +
                     "\r\nauthorization: Bearer " + key.Reveal() + "\r\naccept: application/json\r\n\r\n";
  net::Loop loop(clock);
  net::Resolver resolver(clock);
  std::optional<Balances> answer;
  {
    net::Pool pool(loop, resolver, std::move(options));
    loop.Post([&] { net::Spawn(AskAndStop(pool, std::move(head), timeouts, loop, answer)); });
    loop.Run();
  }
  CHECK(answer.has_value());
  return std::move(*answer);
}

}  // namespace upstream
