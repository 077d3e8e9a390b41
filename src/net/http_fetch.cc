#include "net/http_fetch.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "net/loop.h"
#include "net/resolver.h"

namespace net {
namespace {

Task<> FetchAndStop(Pool& pool, Fetch fetch, Cancel& cancel, Loop& loop,
                    std::optional<base::Result<Fetched>>& result) {
  base::Result<Fetched> fetched = co_await FetchWhole(pool, std::move(fetch), cancel);
  result = std::move(fetched);
  loop.StopAfterPosted();
}

}  // namespace

Task<base::Result<Fetched>> FetchWhole(Pool& pool, Fetch fetch, Cancel& cancel) {
  HeaderText length;
  if (fetch.method != "GET") length.Add("content-length", std::to_string(fetch.body.size()));
  HeaderText host;
  host.Add("host", pool.options().origin.HostHeader());
  const std::string head = fetch.method + " " + fetch.target + " HTTP/1.1\r\n" + host.Take() +
                           fetch.fields.Take() + length.Take() + "\r\n";
  const std::string_view message[] = {head, fetch.body};
  Call call(pool, fetch.timeouts, cancel);
  if (auto sent = co_await call.Send(fetch.method, message); !sent)
    co_return base::Fail(std::move(sent).error());
  Fetched fetched{.status = call.head().status};
  if (fetch.answer_max == 0) co_return std::move(fetched);
  if (auto read = co_await call.ReadAll(fetched.body, fetch.answer_max); !read) {
    co_return base::Fail(std::move(read).error());
  }
  co_return std::move(fetched);
}

base::Result<Fetched> FetchAndWait(const PoolOptions& options, Fetch fetch, const base::Clock& clock) {
  Loop loop(clock);
  Resolver resolver(clock);
  Cancel cancel;
  std::optional<base::Result<Fetched>> result;
  {
    Pool pool(loop, resolver, options);
    loop.Post([&] { Spawn(FetchAndStop(pool, std::move(fetch), cancel, loop, result)); });
    loop.Run();
  }
  CHECK(result.has_value());
  return std::move(*result);
}

base::Result<PoolOptions> PoolOptionsFor(Origin origin, const std::string& ca_file) {
  PoolOptions options;
  options.origin = std::move(origin);
  if (!options.origin.tls) return options;
  auto tls = TlsClientContext::Load(ca_file);
  if (!tls) return base::Fail(std::move(tls).error());
  options.tls = std::move(*tls);
  return options;
}

}  // namespace net
