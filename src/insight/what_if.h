#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "config/settings.h"
#include "config/units.h"
#include "insight/amounts.h"
#include "pricing/book.h"
#include "store/ledger_query.h"
#include "store/ledger_row.h"
#include "store/price_definition.h"

namespace insight {

inline constexpr std::size_t kWhatIfReasonsMax = 200;  // that are named; what comes later counts as "others"

// Traffic that another model would have had.
struct Move {
  std::vector<store::LedgerFilter> filters{};  // which requests; none: all
  config::Percent share{10'000};               // of those
  config::ModelRef to{};
};

// What is supposed to have been different. As it stands, nothing: then every request is priced again from its
// price's definition in the ledger, and what comes out differs from what was recorded only by a mistake.
struct Supposition {
  // Where other prices come from: needed for `moves`, `prices_of`, `off_peak` and `other_prices`.
  std::shared_ptr<const pricing::Book> book{};
  bool other_prices = false;                  // the book's prices instead of the recorded ones ...
  bool keep_unlisted = false;                 // ... but for models that it does not have
  std::optional<base::WallTime> prices_of{};  // the prices in force at that time, at each call's hour
  bool off_peak = false;                      // every hour is off-peak where a price has phases
  bool no_provider_cache = false;             // what was read from or written to it is ordinary input
  config::Percent cache_hits{0};              // the share of requests that would have cost nothing
  std::optional<Move> move{};
};

// Whether a request is among the share that `salt` picks: always the same ones, whatever the order, and more
// of them for a larger share.
bool IsInShare(std::string_view request_id, config::Percent share, std::uint64_t salt);

struct LeftOut {
  std::int64_t requests = 0;
  ByCurrency recorded{};

  friend bool operator==(const LeftOut&, const LeftOut&) = default;
};

// What came out. Exact; two halves of a ledger add up.
struct WhatIf {
  std::int64_t requests = 0;      // in the period and past the filters
  std::int64_t priced_again = 0;  // those that both sums below are about
  ByCurrency recorded{};          // what they cost
  ByCurrency supposed{};          // what they would have cost

  std::int64_t changed = 0;  // of those: would have cost something else
  std::int64_t moved = 0;    // would have gone to the other model
  std::int64_t hits = 0;     // would have been answered from a cache
  std::int64_t kept = 0;     // keep their recorded price, since the other prices do not list their model
  // Have a price without a known beginning that nobody is known to have looked up by the supposed time: it is
  // taken to have held then.
  std::int64_t undated = 0;

  // Had no known price when they were recorded, and have one under the supposition; in no other sum.
  std::int64_t newly_priced = 0;
  ByCurrency newly{};

  std::map<std::string, LeftOut> left_out{};  // by the reason why they cannot be priced again

  WhatIf& operator+=(const WhatIf& other);
  friend bool operator==(const WhatIf&, const WhatIf&) = default;
};

// Prices rows again under a supposition and sums them up. Belongs to one thread; the supposition outlives it.
// A row takes well below a microsecond.
class Repricer {
 public:
  explicit Repricer(const Supposition& supposition);
  explicit Repricer(Supposition&&) = delete;

  // A price version that rows given later may name.
  void Define(const store::PriceDefinition& definition);
  void Take(const store::LedgerRow& row);

  const WhatIf& result() const { return result_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  // One priced usage of a row.
  struct Part {
    std::string_view provider;
    std::string_view model;
    std::string_view response_model;
    chat::Usage usage;
    const store::LedgerPrice* recorded;
    pricing::Circumstances circumstances;
    chat::Dialect dialect;
    bool untold;  // its usage is that of nobody: what it used is not known
  };
  struct Priced {
    base::Int128 pico = 0;
    base::Currency currency;
  };

  // False: `why_` says why not.
  bool Price(const Part& part, const Move* move, Priced& priced);
  bool PriceByBook(const Part& part, const pricing::ModelPrices* prices, base::Currency currency,
                   Priced& priced);
  bool PriceAsRecorded(const Part& part, Priced& priced);
  bool PriceOffPeak(const Part& part, Priced& priced);
  const pricing::ModelPrices* Find(const Part& part);
  static void TakeCall(const store::LedgerAttempt& attempt, const store::LedgerRow& row, Part& part);
  bool TakeParts(const store::LedgerRow& row, const Move* move);
  Priced& NextPriced(std::size_t index);
  void LeaveOut(const store::LedgerRow& row);
  void TakeHit(const store::LedgerRow& row);
  void AddPriced(const store::LedgerRow& row);

  const Supposition& supposition_;
  std::string day_of_prices_;  // 2026-08-20, of `prices_of`; empty: none is supposed
  std::unordered_map<std::string, pricing::PriceVersion, Hash, std::equal_to<>> versions_;
  WhatIf result_;

  // Of the row at hand.
  std::vector<Priced> priced_;
  bool kept_ = false;
  bool undated_ = false;
  std::string why_;
};

}  // namespace insight
