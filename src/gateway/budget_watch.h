#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "budget/accounts.h"
#include "budget/crossings.h"
#include "budget/policy.h"
#include "budget/scope_hash.h"
#include "gateway/alert_post.h"
#include "gateway/record.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "store/ledger.h"
#include "telemetry/metrics.h"

namespace gateway {

struct BudgetWatchOptions {
  std::chrono::nanoseconds tick = std::chrono::seconds(1);      // between two looks at windows and shares
  std::chrono::nanoseconds forecast = std::chrono::minutes(5);  // between two forecasts
  AlertDeliveryOptions delivery{};                              // its callbacks and counters are set here
};

// What happens around budgets beside the requests, on a thread of its own: steps that are taken or taken back
// are logged, told by alerts and written down (DATA/steps.json, before an alert leaves, so that none is told
// twice), windows that end are noticed without a request, forecasts are made from the ledger, and metrics
// say how much of each budget is used.
//
// Thread-safe. Outlives everything that notes.
class BudgetWatch {
 public:
  // All outlive it.
  struct Parts {
    const base::Clock& clock;
    net::Resolver& resolver;
    Recorder& recorder;
    telemetry::Registry& registry;
    budget::Accounts& accounts;
    const budget::ScopeHash& hash;
    store::Disk& disk;
    std::function<std::shared_ptr<const budget::Policy>()> policy;  // that in force, never null; thread-safe
    std::filesystem::path data;                                     // the data directory
  };

  // Errors: kIo, kInvalid: the file of the steps cannot be read.
  static base::Result<std::unique_ptr<BudgetWatch>> Start(Parts parts, BudgetWatchOptions options = {});
  ~BudgetWatch();
  BudgetWatch(const BudgetWatch&) = delete;
  BudgetWatch& operator=(const BudgetWatch&) = delete;

  // Where requests note how their accounts stand, and ask for forecasts.
  budget::Crossings& crossings() { return crossings_; }

  // After something was settled that no request notes, or limits changed: every account is looked at with the
  // next tick.
  void LookAgain() { look_again_ = true; }

 private:
  BudgetWatch(Parts parts, BudgetWatchOptions options);
  AlertDeliveryOptions Telling(AlertDeliveryOptions options);
  void OnCrossing(budget::Crossing crossing);
  void TakeNews();
  void Save(const std::vector<Alert>& more);
  void OnTick();
  void LookAtAll(const budget::Policy& policy, base::WallTime now);
  void LookAtRolling(const budget::Policy& policy, base::WallTime now);
  void Forecast(const budget::Policy& policy, base::WallTime now);
  void Measure(const budget::Policy& policy, base::WallTime now);
  net::Task<void> End();

  const Parts parts_;
  const BudgetWatchOptions options_;
  budget::Crossings crossings_;
  std::atomic<bool> look_again_{true};  // at the start too: lost calls of the process before count
  base::Guarded<std::vector<budget::Crossing>> news_;  // that the thread has not seen yet
  base::Guarded<telemetry::Registry::Series> used_;    // for the metric

  // The thread's own.
  net::Loop loop_;
  AlertPost post_;
  net::Timer tick_;
  std::unique_ptr<store::Ledger> ledger_;  // null until a forecast is wanted
  base::MonoTime forecast_due_{};
  base::MonoTime measure_due_{};
  std::uint64_t saved_version_ = 0;
  bool failing_ = false;  // the last save failed, and that was noted
  bool forecast_failing_ = false;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace gateway
