#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/block_allocator.h"
#include "base/guarded.h"
#include "base/random.h"
#include "gateway/dearest_rates.h"
#include "gateway/identity.h"
#include "gateway/in_force.h"
#include "gateway/promiser.h"
#include "gateway/refusal.h"
#include "gateway/settler.h"
#include "net/cancel.h"
#include "net/http_server.h"
#include "telemetry/trace.h"
#include "upstream/directory.h"

namespace gateway {

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
  bool Govern(Work& work, RefusalText& refusal) const;
  net::Task<void> LearnNames(Work& work);
  bool MakePlan(Work& work, RefusalText& refusal) const;
  net::Task<void> Run(Work& work);
  net::Task<void> CountHere(Work& work);
  net::Task<void> Explain(Work& work);
  net::Task<void> ListModels(Work& work);
  net::Task<void> ShowModel(Work& work);
  net::Task<void> RefuseUnlisted(Work& work, base::Code why);
  net::Task<void> ShowRow(Work& work);
  net::Task<void> ReplyJson(Work& work, const std::string& body, std::string_view reason);
  net::Task<void> Refuse(Work& work, const RefusalText& refusal);

  const Shared shared_;
  net::Loop& loop_;
  base::SnapshotReader<InForce> in_force_;
  Identity identity_;
  std::optional<Settler> settler_;
  std::optional<Promiser> promiser_;  // none where there are no books
  DearestRates rates_;
  upstream::Pools pools_;
  const std::shared_ptr<net::Cancel> renewing_ = std::make_shared<net::Cancel>();  // of models' lists
  base::Random random_;
  telemetry::SpanIds span_ids_;
};

}  // namespace gateway
