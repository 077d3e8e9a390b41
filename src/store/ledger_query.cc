#include "store/ledger_query.h"

#include <algorithm>
#include <array>
#include <limits>

namespace store {
namespace {

constexpr std::string_view kTagPrefix = "tag:";

// In the order of Dimension.
constexpr std::array<std::string_view, 23> kNames = {
    "org",         "team",         "project", "key_id",    "user",   "session", "tag",      "asked_model",
    "model",       "provider",     "rung",    "operation", "status", "stream",  "currency", "price_version",
    "price_phase", "usage_source", "hour",    "day",       "week",   "month",   "request"};
static_assert(static_cast<std::size_t>(Dimension::kRequest) + 1 == kNames.size());

std::int64_t Sum(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

std::string Name(const DimensionRef& dimension) {
  if (dimension.dimension == Dimension::kTag) return std::string(kTagPrefix) + dimension.tag;
  return std::string(kNames[static_cast<std::size_t>(dimension.dimension)]);
}

base::Result<DimensionRef> ParseDimension(std::string_view name) {
  if (name.starts_with(kTagPrefix) && name.size() > kTagPrefix.size()) {
    return DimensionRef{.dimension = Dimension::kTag, .tag = std::string(name.substr(kTagPrefix.size()))};
  }
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end() && *found != "tag") {
    return DimensionRef{.dimension = static_cast<Dimension>(found - kNames.begin())};
  }
  std::string known;
  for (const std::string_view each : kNames) {
    known.append(known.empty() ? "" : ", ").append(each == "tag" ? "tag:NAME" : each);
  }
  return base::Fail(base::Code::kInvalid,
                    "nothing is split by '" + std::string(name) + "'; there are " + known);
}

LedgerSums& LedgerSums::operator+=(const LedgerSums& other) {
  requests = Sum(requests, other.requests);
  cost = static_cast<base::Int128>(static_cast<unsigned __int128>(cost) +
                                   static_cast<unsigned __int128>(other.cost));
  saved = static_cast<base::Int128>(static_cast<unsigned __int128>(saved) +
                                    static_cast<unsigned __int128>(other.saved));
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const auto meter = static_cast<chat::Meter>(i);
    usage[meter] = Sum(usage[meter], other.usage[meter]);
  }
  unknown_price_requests = Sum(unknown_price_requests, other.unknown_price_requests);
  counted_requests = Sum(counted_requests, other.counted_requests);
  estimated_requests = Sum(estimated_requests, other.estimated_requests);
  unknown_saved_requests = Sum(unknown_saved_requests, other.unknown_saved_requests);
  inconsistent_requests = Sum(inconsistent_requests, other.inconsistent_requests);
  return *this;
}

}  // namespace store
