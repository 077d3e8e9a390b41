#include "insight/focus.h"

#include <chrono>
#include <vector>

#include "base/json_text.h"
#include "base/time_text.h"
#include "insight/amounts.h"
#include "insight/row_filter.h"
#include "insight/sheet.h"
#include "pricing/version_text.h"

namespace insight {
namespace {

using chat::Meter;

constexpr std::string_view kColumns[] = {"BilledCost",
                                         "BillingAccountId",
                                         "BillingCurrency",
                                         "BillingPeriodStart",
                                         "BillingPeriodEnd",
                                         "ChargeCategory",
                                         "ChargeClass",
                                         "ChargeDescription",
                                         "ChargeFrequency",
                                         "ChargePeriodStart",
                                         "ChargePeriodEnd",
                                         "ConsumedQuantity",
                                         "ConsumedUnit",
                                         "ContractedCost",
                                         "ContractedUnitPrice",
                                         "EffectiveCost",
                                         "InvoiceIssuer",
                                         "ListCost",
                                         "ListUnitPrice",
                                         "PricingCategory",
                                         "PricingQuantity",
                                         "PricingUnit",
                                         "Publisher",
                                         "ResourceId",
                                         "ServiceCategory",
                                         "ServiceName",
                                         "ServiceProvider",
                                         "ServiceSubcategory",
                                         "SkuId",
                                         "SkuMeter",
                                         "SkuPriceDetails",
                                         "SkuPriceId",
                                         "SubAccountId",
                                         "SubAccountName",
                                         "Tags",
                                         "x_CacheHit",
                                         "x_Project",
                                         "x_RequestId",
                                         "x_Rung"};

bool IsToken(Meter meter) {
  return static_cast<std::size_t>(meter) < chat::kTokenMeters;
}

std::string UnitOf(Meter meter) {
  switch (meter) {
    case Meter::kRequest:
      return "Requests";
    case Meter::kSearch:
      return "Searches";
    case Meter::kFetch:
      return "Fetches";
    case Meter::kPage:
      return "Pages";
    case Meter::kCharacter:
      return "Characters";
    case Meter::kImage:
      return "Images";
    case Meter::kSecond:
      return "Seconds";
    default:
      return "Tokens";
  }
}

// What one million of the meter would have cost without the provider's cache.
std::optional<std::int64_t> ListRate(const pricing::PriceVersion& version, Meter meter) {
  const bool input =
      meter == Meter::kCachedInput || meter == Meter::kCacheWrite5m || meter == Meter::kCacheWrite1h;
  const Meter standard = input && version.rates[Meter::kInput] ? Meter::kInput : meter;
  const auto priced_as = pricing::PricedAs(version.rates, standard);
  if (priced_as) return version.rates[*priced_as];
  return meter == Meter::kRequest ? std::optional<std::int64_t>(0) : std::nullopt;
}

std::optional<std::int64_t> RateOf(const pricing::PriceVersion& version, Meter meter) {
  const auto priced_as = pricing::PricedAs(version.rates, meter);
  if (priced_as) return version.rates[*priced_as];
  return meter == Meter::kRequest ? std::optional<std::int64_t>(0) : std::nullopt;
}

// The calendar month of UTC that an instant is in.
std::pair<base::WallTime, base::WallTime> MonthOf(base::WallTime at) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
  const std::chrono::year_month month(day.year(), day.month());
  return {std::chrono::sys_days(month / 1), std::chrono::sys_days((month + std::chrono::months(1)) / 1)};
}

// `rate` for a million, as what one million costs, and what `count` of it come to.
std::string CostOf(std::optional<std::int64_t> rate, std::int64_t count) {
  return rate ? PrintMillionths(base::Int128{count} * *rate) : "";
}

std::string TagsOf(const store::LedgerRow& row) {
  std::string tags = "{";
  const auto add = [&tags](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (tags.size() > 1) tags += ',';
    base::AppendJsonString(tags, name);
    tags += ':';
    base::AppendJsonString(tags, value);
  };
  add("user", row.user);
  for (const auto& [name, value] : row.tags) add(name, value);
  return tags + "}";
}

// A failed attempt as if it had been the request's answer.
store::LedgerRow AsRow(const store::LedgerAttempt& attempt, const store::LedgerRow& row) {
  store::LedgerRow one = row;
  one.provider = attempt.provider();
  one.model = attempt.name();
  one.usage_source = attempt.usage_source();
  one.price = attempt.price;
  return one;
}

}  // namespace

std::string Focus::Header() {
  return CsvLine({std::begin(kColumns), std::end(kColumns)});
}

const pricing::PriceVersion* Focus::Find(std::string_view id) {
  auto found = versions_.find(id);
  if (found == versions_.end()) {
    std::optional<pricing::PriceVersion> version;
    if (const std::string text = find_(id); !text.empty()) {
      if (auto read = pricing::ReadVersion(text)) version = std::move(*read);
    }
    found = versions_.emplace(std::string(id), std::move(version)).first;
  }
  return found->second ? &*found->second : nullptr;
}

std::string Focus::Line(const Charge& charge, std::int64_t count) {
  const auto [month, month_end] = MonthOf(charge.start);
  const bool token = IsToken(charge.meter);
  const std::string cost = CostOf(charge.rate, count);
  const std::string rate = charge.rate ? base::PrintPico(*charge.rate) : "";
  const std::string unit = UnitOf(charge.meter);
  base::JsonObject details;
  if (!charge.phase.empty()) details.Add("Phase", charge.phase);
  return CsvLine({cost,
                  charge.provider,
                  std::string(charge.currency.code()),
                  base::PrintTime(month),
                  base::PrintTime(month_end),
                  "Usage",
                  "",
                  Words(charge.meter) + " of " + charge.model,
                  "Usage-Based",
                  base::PrintTime(charge.start),
                  base::PrintTime(charge.end),
                  std::to_string(count),
                  unit,
                  cost,
                  rate,
                  cost,
                  charge.provider,
                  CostOf(charge.list_rate, count),
                  charge.list_rate ? base::PrintPico(*charge.list_rate) : "",
                  charge.phase.empty() ? "Standard" : "Dynamic",
                  base::PrintPico(base::Int128{count} * (base::kPico / pricing::kRatePer)),
                  token ? "1M Tokens" : "1M " + unit,
                  charge.provider,
                  charge.provider + "/" + charge.model,
                  "AI and Machine Learning",
                  charge.model,
                  charge.provider,
                  "Generative AI",
                  charge.model,
                  std::string(chat::Name(charge.meter)),
                  details.Take(),
                  charge.version,
                  charge.team.empty() ? charge.key : charge.team,
                  charge.team,
                  charge.tags,
                  charge.meter == Meter::kCachedInput ? "true" : "false",
                  charge.project,
                  charge.request,
                  charge.rung});
}

std::string Focus::AddUsage(Charge charge, const chat::Usage& usage, const store::LedgerPrice& price) {
  const pricing::PriceVersion* version =
      price.version.empty() || price.unknown() ? nullptr : Find(price.version);
  charge.version = price.version;
  charge.phase = price.phase;
  charge.currency = price.currency;
  std::string lines;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    charge.meter = static_cast<Meter>(i);
    const std::int64_t count = usage[charge.meter];
    if (count == 0) continue;
    charge.rate = version == nullptr ? std::nullopt : RateOf(*version, charge.meter);
    charge.list_rate = version == nullptr ? std::nullopt : ListRate(*version, charge.meter);
    if (grain_ == Grain::kHour) {
      sums_[charge] += count;
    } else {
      lines += Line(charge, count);
    }
  }
  return lines;
}

std::string Focus::Add(const store::LedgerRow& row) {
  Charge charge;
  charge.start = row.started;
  charge.end = row.completed;
  charge.provider = row.provider;
  charge.model = row.model;
  charge.team = row.team;
  charge.project = row.project;
  charge.key = row.key_id;
  if (grain_ == Grain::kHour) {
    charge.start = std::chrono::floor<std::chrono::hours>(row.started);
    charge.end = charge.start + std::chrono::hours(1);
    charge.tags = "{}";
  } else {
    charge.tags = TagsOf(row);
    charge.request = row.request_id;
  }
  charge.rung = chat::Name(row.rung);
  std::string lines;
  if (Passes(row, filters_)) lines += AddUsage(charge, row.usage, row.price);
  for (const store::LedgerAttempt& attempt : row.attempts) {
    if (!attempt.usage) continue;
    const store::LedgerRow one = AsRow(attempt, row);
    if (!Passes(one, filters_)) continue;
    charge.provider = one.provider;
    charge.model = one.model;
    lines += AddUsage(charge, *attempt.usage, attempt.price);
  }
  return lines;
}

std::string Focus::Finish() {
  std::string lines;
  for (const auto& [charge, count] : sums_) lines += Line(charge, count);
  sums_.clear();
  return lines;
}

}  // namespace insight
