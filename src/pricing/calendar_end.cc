#include <algorithm>
#include <chrono>

#include "pricing/book_parts_internal.h"

namespace pricing {
namespace {

using base::WallTime;

std::chrono::year YearOf(const base::TimeZone& zone, WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(zone.ToLocal(at).time_since_epoch());
  return std::chrono::year_month_day(std::chrono::sys_days(day)).year();
}

// The end of the years in a row that the rule's calendar covers from `at` on.
CalendarEnd EndOf(const PriceRule& rule, WallTime at) {
  CalendarEnd end{rule.when->except_holidays, YearOf(rule.when->zone, at), at};
  while (rule.calendar != nullptr && rule.calendar->Covers(end.year)) {
    ++end.year;
    end.at = rule.when->zone.ToInstant(std::chrono::local_days(end.year / std::chrono::January / 1));
  }
  return end;
}

}  // namespace

std::optional<CalendarEnd> CalendarEndOf(const ModelPrices& prices, base::Currency currency,
                                         const Circumstances& circumstances) {
  std::optional<CalendarEnd> first;
  for (const PriceRule& rule : prices.rules) {
    const PriceVersion& version = rule.version;
    if (!rule.when || rule.when->except_holidays.empty() || version.currency != currency ||
        !IsFor(version, TierOf(circumstances)))
      continue;
    const WallTime from = std::max(circumstances.dispatched, version.valid_from.value_or(WallTime::min()));
    CalendarEnd end = EndOf(rule, from);
    if (version.valid_until && *version.valid_until <= end.at) continue;
    if (!first || end.at < first->at) first = std::move(end);
  }
  return first;
}

}  // namespace pricing
