#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/block_allocator.h"
#include "base/guarded.h"
#include "base/random.h"
#include "budget/books.h"
#include "budget/crossings.h"
#include "budget/policy.h"
#include "budget/rate_limits.h"
#include "config/settings.h"
#include "gateway/asked.h"
#include "gateway/counting_desk.h"
#include "gateway/dearest_rates.h"
#include "gateway/identity.h"
#include "gateway/ledger_desk.h"
#include "gateway/record.h"
#include "gateway/refusal.h"
#include "gateway/settler.h"
#include "gateway/typical_cost.h"
#include "net/cancel.h"
#include "net/http_server.h"
#include "net/resolver.h"
#include "pricing/book.h"
#include "routing/plan.h"
#include "store/key_watch.h"
#include "telemetry/trace.h"
#include "upstream/directory.h"
#include "wire/request.h"

namespace gateway {

// What is in force: one version of the settings with its providers and their prices. A request keeps the one
// it began with, so that it is priced in the currency of the provider that it was sent to.
struct InForce {
  std::shared_ptr<const config::Settings> settings;
  std::shared_ptr<const upstream::Directory> directory;
  std::shared_ptr<const pricing::Book> prices;     // null: nothing is priced
  std::shared_ptr<const budget::Policy> policy{};  // null: there are neither budgets nor limits
};

// What all loops share. Thread-safe; outlives the pipelines.
struct Shared {
  const base::Clock& clock;
  Recorder& recorder;
  net::Resolver& resolver;
  base::Snapshot<InForce>& in_force;
  const store::KeyWatch* keys;              // null: auth is open
  const Issuers* issuers = nullptr;         // null: no tokens are accepted
  store::Journal* journal = nullptr;        // null: nothing is written down
  LedgerDesk* desk = nullptr;               // null where there is no journal
  engine::TokenCounter* counter = nullptr;  // null: nothing is settled
  CountingDesk* counting = nullptr;         // null: bounds go by bytes alone
  budget::Books* books = nullptr;           // null only where no policy has budgets
  budget::Crossings* crossings = nullptr;   // null: nobody is told of steps
  TypicalCost* typical = nullptr;           // null where `books` is
  budget::RateLimits* limits = nullptr;     // null only where no policy has limits
  const budget::ScopeHash* hash = nullptr;  // null where the last is
  std::atomic<bool>& draining;
  std::atomic<std::uint64_t>& in_flight;  // requests in the whole process
};

// Serves the requests of one loop's connections on the data listener. Belongs to the loop.
class Pipeline {
 public:
  Pipeline(const Shared& shared, net::Loop& loop);
  ~Pipeline() { StopRenewing(); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // One request from its head to its last byte. Never fails: every way out has been answered and recorded.
  net::Task<void> Serve(net::Exchange& exchange);

  // Lets go of connections to providers that are no longer configured.
  void OnReload(const InForce& in_force) {
    in_force_.Get();
    pools_.Retain(*in_force.directory);
  }

  // Ends what no request waits for, so that the loop can end.
  void StopRenewing() { renewing_->Fire(base::Code::kUnavailable); }

 private:
  struct Work;

  base::BlockString NewId();
  void BeginTrace(Work& work);
  net::Task<void> Steps(Work& work);
  bool Admit(Work& work, RefusalText& refusal);
  bool Identify(Work& work, RefusalText& refusal);
  net::Task<void> AskIssuer(Work& work);
  net::Task<void> ReadRest(Work& work);
  net::Task<void> RefuseUnread(Work& work, base::Error error);
  net::Task<void> Generate(Work& work);
  net::Task<void> LearnAndPlan(Work& work);
  net::Task<void> PlanAndAnswer(Work& work);
  bool ReadRequest(Work& work, RefusalText& refusal) const;
  bool Govern(Work& work, RefusalText& refusal);
  net::Task<void> LearnNames(Work& work);
  bool MakePlan(Work& work, RefusalText& refusal) const;
  net::Task<void> Run(Work& work);
  net::Task<void> CountHere(Work& work);
  net::Task<void> Explain(Work& work);
  net::Task<void> ListModels(Work& work);
  net::Task<void> ShowRow(Work& work);
  net::Task<void> ReplyJson(Work& work, const std::string& body, std::string_view reason);
  net::Task<void> Refuse(Work& work, const RefusalText& refusal);

  const Shared shared_;
  net::Loop& loop_;
  base::SnapshotReader<InForce> in_force_;
  Identity identity_;
  std::optional<Settler> settler_;
  DearestRates rates_;
  upstream::Pools pools_;
  const std::shared_ptr<net::Cancel> renewing_ = std::make_shared<net::Cancel>();  // of models' lists
  base::Random random_;
  telemetry::SpanIds span_ids_;
};

}  // namespace gateway
