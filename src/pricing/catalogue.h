#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "pricing/calendar.h"
#include "pricing/day_rule.h"
#include "pricing/name_rule.h"
#include "pricing/price.h"

// A catalogue as it was read, from whichever format: plain data, nothing resolved yet.

namespace pricing {

inline constexpr std::size_t kCatalogueProvidersMax = 1'000;
inline constexpr std::size_t kCatalogueModelsMax = 20'000;  // of one catalogue
inline constexpr std::size_t kModelPricesMax = 1'000;       // of one model
inline constexpr std::size_t kModelNameBytesMax = 256;
inline constexpr std::size_t kRegionsMax = 32;  // of one provider
inline constexpr base::Int128 kRegionTimesMax =
    100 * base::kPico;                                            // no region costs more than that many times
inline constexpr std::int64_t kContextTokensMax = 1'000'000'000;  // more is no model's

// One price: conditions that must all hold, and what is paid then. Of a model's prices the first whose
// conditions hold is the one in force.
struct PriceEntry {
  std::optional<base::WallTime> from;
  std::optional<base::WallTime> until;  // exclusive
  std::optional<DayRule> when;          // of the day and week; none: at all times
  std::string phase;
  BilledAt billed_at = BilledAt::kDispatch;
  std::string service_tier;  // as in PriceVersion
  Batch batch = Batch::kNo;
  std::int64_t context_over = 0;
  std::map<base::Currency, Rates> rates;  // by currency: separate prices, not an exchange rate
  std::string as;  // instead of rates: what another model of this provider costs in this time
  std::string source;
  std::string checked_on;
  Confidence confidence = Confidence::kReported;
};

// How much a model reads and writes at most, in tokens; 0: nothing is known.
struct ModelLimits {
  std::int64_t context = 0;  // that it reads at once
  std::int64_t output = 0;   // of one answer, its thoughts included

  friend bool operator==(const ModelLimits&, const ModelLimits&) = default;
};

struct CatalogueModel {
  std::string name;
  std::vector<std::string> names;  // others that mean the same
  bool dated = false;              // also NAME-20260930 and NAME-2026-09-30
  std::vector<NameRule> rules;     // further names
  ModelLimits limits;
  std::vector<PriceEntry> prices;
  std::map<std::string, base::Int128> regions{};  // times (in pico) that every token costs as much there
};

struct CatalogueProvider {
  std::string id;
  std::vector<std::string> hosts;  // of its base URL: whole names, or ".example.com" for all below it
  std::map<std::string, std::vector<std::string>>
      regions{};  // the hosts that work in one region, by its name
  std::vector<CatalogueModel> models;
  std::string messages_otherwise;  // the model that answers names it does not know, in Messages; empty: none
};

struct Catalogue {
  std::string origin;  // "catalogue", "import NAME", "config"
  std::vector<CatalogueProvider> providers;
  std::map<std::string, Calendar, std::less<>> calendars;
};

}  // namespace pricing
