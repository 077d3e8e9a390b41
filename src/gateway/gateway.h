#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "config/settings.h"
#include "gateway/pipeline.h"
#include "gateway/record.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "store/key_watch.h"
#include "telemetry/metrics.h"
#include "upstream/directory.h"
#include "upstream/proxy.h"

namespace gateway {

// The gateway of one process: what is in force, its pipelines and its data listener. Made, reloaded and
// drained by one thread that is no loop's; SetPrices may come from another one. Everything that loops touch
// is thread-safe.
class Gateway {
 public:
  struct Parts {
    const base::Clock& clock;
    telemetry::Registry& registry;
    Recorder& recorder;
    net::Resolver& resolver;
    const upstream::ProxyRules& proxies;
    const store::KeyWatch* keys;              // null: auth is open
    const Issuers* issuers = nullptr;         // null: no tokens are accepted
    store::Journal* journal = nullptr;        // null: nothing is written down
    LedgerDesk* desk = nullptr;               // null where there is no journal
    engine::TokenCounter* counter = nullptr;  // null: nothing is settled
    CountingDesk* counting = nullptr;         // null: only what a loop may is counted
    // Null: there are neither budgets nor limits, whatever the settings say; all or none.
    budget::Books* books = nullptr;
    budget::Crossings* crossings = nullptr;
    budget::RateLimits* limits = nullptr;
    std::span<const std::unique_ptr<net::Loop>> loops;
  };

  // `prices` is made with these settings, and the books' policy too; null: nothing is priced. Errors: a file
  // that the settings name cannot be read, the address cannot be bound.
  static base::Result<std::unique_ptr<Gateway>> Start(const Parts& parts,
                                                      std::shared_ptr<const config::Settings> settings,
                                                      std::shared_ptr<const pricing::Book> prices);

  // Puts other settings, and the prices made with them, in force at once for the requests that come from now
  // on: providers, models, limits, certificates (issuers are their own). On an error nothing has changed.
  // What needs a restart (addresses, data directory, auth, threads, log) keeps its old value and is named in
  // the result.
  base::Result<std::vector<std::string>> Reload(std::shared_ptr<const config::Settings> settings,
                                                std::shared_ptr<const pricing::Book> prices);

  // Puts other prices of the settings in force in force for the requests that come from now on. Never at the
  // same time as Reload: whoever makes books has one turn for both, as pricing::PriceWatch does.
  void SetPrices(std::shared_ptr<const pricing::Book> prices);

  // Refuses new requests and closes the listener; what is being answered goes on.
  void Drain();
  // Ends what is being answered with an error, then closes every connection.
  void GiveUp() { server_->GiveUp(); }
  void AbortAll() { server_->AbortAll(); }

  // Whether the ledger has room for the rows of new requests; without it they are refused.
  bool can_write_rows() const { return parts_.journal == nullptr || parts_.journal->CanTakeMore(); }
  // The budgets and limits in force; null: none, whatever is configured.
  std::shared_ptr<const budget::Policy> policy() const { return in_force_.Load()->policy; }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }
  std::uint64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  std::size_t connections() const { return server_->connections(); }
  std::size_t exchanges() const { return server_->exchanges(); }
  const net::Address& address() const { return server_->local(); }

 private:
  Gateway(const Parts& parts, std::shared_ptr<const config::Settings> settings);
  base::Result<std::shared_ptr<const upstream::Directory>> MakeDirectory(const config::Settings& settings,
                                                                         const upstream::Directory* previous);
  net::Server::Handler MakeHandler(net::Loop& loop);
  Shared MakeShared();

  const Parts parts_;
  const std::shared_ptr<const config::Settings> started_with_;  // what needs a restart stays as it is here
  upstream::Metrics upstream_metrics_;
  base::Snapshot<InForce> in_force_;
  TypicalCost typical_;
  std::atomic<bool> draining_{false};
  std::atomic<std::uint64_t> in_flight_{0};
  std::vector<std::shared_ptr<Pipeline>> pipelines_;  // one a loop, in the order of the loops
  std::unique_ptr<net::Server> server_;
};

// Limits of a listener from the settings.
net::ServerLimits LimitsOf(const config::HttpSettings& http);

// The answer to a message that never became a request; nobody knows its dialect, so it is OpenAI's.
net::Refusal RefuseMessage(int status, const base::Error& error);

}  // namespace gateway
