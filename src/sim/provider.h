#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "sim/answer.h"
#include "sim/bill.h"
#include "sim/breakpoint_cache.h"
#include "sim/dialect.h"
#include "sim/fault.h"
#include "sim/pace.h"
#include "sim/prompt_cache.h"
#include "sim/response_store.h"
#include "sim/scenario.h"
#include "sim/told_clock.h"
#include "sim/visits.h"

namespace sim {

struct ProviderOptions {
  std::optional<Dialect> dialect;    // none: by path and model; else no other provider's paths exist
  std::vector<std::string> keys;     // empty: any key will do
  std::int64_t concurrency_max = 0;  // requests at once for each key; 0: no cap
  Pace pace;
  std::chrono::nanoseconds queue{0};                              // how long a request waits in line, median
  std::chrono::nanoseconds keep_alive = std::chrono::seconds(1);  // between two signs of life in line
  std::uint64_t seed = 1;
  base::Currency currency = base::Currency::kUsd;  // of accounts that the scenario does not name
  Scenario scenario;
  VisitLog::Limits visits;
};

// What all loops share: keys and caps, caches, scenario, log of requests. Thread-safe.
class Provider {
 public:
  Provider(const base::Clock& clock, ProviderOptions options);  // `clock` outlives this

  ToldClock& clock() { return clock_; }
  const ProviderOptions& options() const { return options_; }
  Dialect ChatDialectOf(std::string_view model) const;  // for the paths of OpenAI and DeepSeek
  bool Offers(Dialect dialect) const;
  const Pace& PaceOf(std::string_view model) const;
  bool HasModel(Dialect dialect, std::string_view model) const;
  std::vector<std::string> Models(Dialect dialect) const;  // on the list of that dialect

  enum class KeyState : std::uint8_t { kGood, kMissing, kUnknown, kOutOfBalance };
  KeyState CheckKey(std::string_view key) const;

  // What a request costs, and then what everything did. Accounts that the scenario gives no money never run
  // out; their balance begins at 110.00 and tells what they spent all the same.
  std::string Take(const Charge& charge);
  std::string BalanceJson(std::string_view key) const;
  std::string BillJson() const;

  std::optional<Fault> FaultOf(const RuleBook::Request& request);

  // How many prompt tokens are hits, or are written at the caller's wish. DeepSeek isolates by user_id.
  CacheUse ReadCache(Dialect dialect, const Ask& ask, const Prompt& prompt);
  void WriteCache(Dialect dialect, const Ask& ask, const TokenHashes& whole);

  base::Guarded<ResponseStore>& responses() { return responses_; }

  // A place among a key's concurrent requests, given back when destroyed.
  class Slot {
   public:
    Slot(Provider* provider, std::string key) : provider_(provider), key_(std::move(key)) {}
    Slot(Slot&& other) noexcept
        : provider_(std::exchange(other.provider_, nullptr)), key_(std::move(other.key_)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot();

   private:
    Provider* provider_;
    std::string key_;
  };
  std::optional<Slot> TakeSlot(std::string_view key);  // none: the cap is reached

  VisitLog& visits() { return visits_; }
  std::string StateJson() const;
  void Reset();  // forgets requests, caches, responses, rule counts and the bill

 private:
  struct Running {
    std::unordered_map<std::string, std::int64_t> by_key;
    std::int64_t now = 0;
    std::int64_t most = 0;
    std::uint64_t total = 0;
    std::uint64_t refused = 0;
  };

  base::Currency CurrencyOf(std::string_view key) const;

  ToldClock clock_;
  const ProviderOptions options_;
  VisitLog visits_;
  base::Guarded<RuleBook> rules_;
  base::Guarded<PromptCache> cache_;
  base::Guarded<BreakpointCache> marked_;
  base::Guarded<ResponseStore> responses_;
  base::Guarded<Running> running_;
  base::Guarded<Bill> bill_;
};

}  // namespace sim
