#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/guarded.h"
#include "budget/books.h"
#include "budget/crossings.h"
#include "budget/policy.h"
#include "budget/rate_limits.h"
#include "config/settings.h"
#include "gateway/counting_desk.h"
#include "gateway/identity.h"
#include "gateway/ledger_desk.h"
#include "gateway/record.h"
#include "gateway/typical_cost.h"
#include "net/resolver.h"
#include "pricing/book.h"
#include "store/journal.h"
#include "store/key_watch.h"
#include "upstream/directory.h"

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
  CountingDesk* counting = nullptr;         // null: only what a loop may is counted
  budget::Books* books = nullptr;           // null only where no policy has budgets
  budget::Crossings* crossings = nullptr;   // null: nobody is told of steps
  TypicalCost* typical = nullptr;           // null where `books` is
  budget::RateLimits* limits = nullptr;     // null only where no policy has limits
  const budget::ScopeHash* hash = nullptr;  // null where the last is
  std::atomic<bool>& draining;
  std::atomic<std::uint64_t>& in_flight;  // requests in the whole process
};

}  // namespace gateway
