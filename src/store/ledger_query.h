#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "base/result.h"
#include "chat/usage.h"

namespace store {

// What a bill can be split by.
enum class Dimension : std::uint8_t {
  kOrg,
  kTeam,
  kProject,
  kKey,
  kUser,
  kSession,
  kTag,  // one tag by its name
  kAskedModel,
  kModel,  // "provider/model"
  kProvider,
  kRung,
  kOperation,
  kStatus,    // class of the answer's status: "2xx", "4xx", "5xx"; "none": no answer
  kStream,    // "true" or "false"
  kCurrency,  // every row of a bill has one anyway
  kPriceVersion,
  kPricePhase,
  kUsageSource,  // where the numbers of tokens are from: "provider", "counted", ...
  kHour,
  kDay,
  kWeek,
  kMonth,
  kRequest,  // each by its id
};

struct DimensionRef {
  Dimension dimension;
  std::string tag{};  // of kTag: its name

  friend bool operator==(const DimensionRef&, const DimensionRef&) = default;
};

// "team", "key_id", "tag:app": the names of the command line and of JSON.
std::string Name(const DimensionRef& dimension);
// Errors: kInvalid with the names there are.
base::Result<DimensionRef> ParseDimension(std::string_view name);

struct LedgerFilter {
  DimensionRef dimension;           // not a time: use from and to
  std::vector<std::string> any_of;  // the row counts where it has one of these; empty: none does
};

struct LedgerQuery {
  std::vector<DimensionRef> by{};
  std::optional<base::WallTime> from{};  // a request counts when it was started; inclusive
  std::optional<base::WallTime> to{};    // exclusive
  std::vector<LedgerFilter> filters{};   // all must hold
  // How far the person's clock is ahead of UTC at an instant, for hours, days, weeks and months; empty: UTC.
  std::function<std::chrono::seconds(base::WallTime)> utc_offset{};
};

// Sums of what rows say, exact. A sum of tokens beyond 64 bits stays at the end of them.
struct LedgerSums {
  std::int64_t requests = 0;
  base::Int128 cost = 0;   // pico-units of the currency beside it; what is unknown is not in it
  base::Int128 saved = 0;  // the same
  chat::Usage usage;       // failed attempts that used tokens included
  std::int64_t unknown_price_requests = 0;
  std::int64_t counted_requests = 0;        // usage counted by us
  std::int64_t estimated_requests = 0;      // usage estimated by us
  std::int64_t unknown_saved_requests = 0;  // what they cost is known, what they saved is not
  std::int64_t inconsistent_requests = 0;   // the provider's numbers contradict each other

  LedgerSums& operator+=(const LedgerSums& other);
  friend bool operator==(const LedgerSums&, const LedgerSums&) = default;
};

struct BillRow {
  std::vector<std::string> values{};  // one a dimension asked for
  base::Currency currency;            // none: of what has no price
  LedgerSums sums;

  friend bool operator==(const BillRow&, const BillRow&) = default;
};

inline constexpr std::size_t kDimensionsMax = 8;      // that one query may ask for
inline constexpr std::size_t kBillRowsMax = 500'000;  // of one bill

// A failed attempt that cost something counts with its own model, price and currency, and with no request.
struct Bill {
  std::vector<BillRow> rows{};   // by values, then currency
  std::vector<BillRow> total{};  // one a currency, without values
  std::int64_t unknown_price_requests = 0;
  // Requests that were started before this may be missing: the bill reaches back to rows that were removed
  // for their age, and they are not in the sums that it was made of. None: nothing is missing.
  std::optional<base::WallTime> missing_before{};
};

}  // namespace store
