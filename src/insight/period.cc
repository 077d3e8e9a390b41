#include "insight/period.h"

#include <chrono>

#include "base/time_text.h"
#include "config/units.h"

namespace insight {
namespace {

using std::chrono::days;
using std::chrono::months;

// The first instant of the day, week, month or year that a word names.
std::optional<base::WallTime> BeginOf(std::string_view word, const base::TimeZone& zone, base::WallTime now) {
  const auto local = zone.ToLocal(now);
  const auto today = std::chrono::floor<days>(local);
  const std::chrono::year_month_day date{std::chrono::sys_days(today.time_since_epoch())};
  const auto at = [&zone](std::chrono::local_time<std::chrono::nanoseconds> begin) {
    return zone.ToInstant(begin);
  };
  const auto month = [&](int back) {
    const auto first = std::chrono::year_month(date.year(), date.month()) - months(back);
    return at(std::chrono::local_days(first / 1));
  };
  const auto since_monday = std::chrono::weekday(today) - std::chrono::Monday;
  if (word == "now") return now;
  if (word == "this-hour") return at(std::chrono::floor<std::chrono::hours>(local));
  if (word == "today") return at(today);
  if (word == "yesterday") return at(today - days(1));
  if (word == "tomorrow") return at(today + days(1));
  if (word == "this-week") return at(today - since_monday);
  if (word == "last-week") return at(today - since_monday - days(7));
  if (word == "this-month") return month(0);
  if (word == "last-month") return month(1);
  if (word == "this-year") return at(std::chrono::local_days(date.year() / 1 / 1));
  return std::nullopt;
}

}  // namespace

base::Result<base::WallTime> ParseInstant(std::string_view text, const base::TimeZone& zone,
                                          base::WallTime now) {
  if (const auto begin = BeginOf(text, zone, now)) return *begin;
  if (const auto ago = config::ParseDuration(text); ago && *ago < std::chrono::years(100)) return now - *ago;
  if (const auto time = base::ParseTime(text, zone)) return *time;
  return base::Fail(base::Code::kInvalid,
                    "'" + std::string(text.substr(0, 40)) +
                        "' is no time; write for example 2026-08-16, 2026-08-16T16:00:00Z, today, yesterday, "
                        "this-month, last-month, or 24h or 7d for how long ago");
}

base::Result<Period> ParsePeriod(std::string_view from, std::string_view to, const base::TimeZone& zone,
                                 base::WallTime now) {
  Period period;
  if (!from.empty()) {
    const auto begin = ParseInstant(from, zone, now);
    if (!begin) return base::Fail(begin.error());
    period.from = *begin;
  }
  if (!to.empty()) {
    const auto end = ParseInstant(to, zone, now);
    if (!end) return base::Fail(end.error());
    period.to = *end;
  }
  if (period.from && period.to && *period.to < *period.from) {
    return base::Fail(base::Code::kInvalid, "the period ends (" + PrintLocal(*period.to, zone) +
                                                ") before it begins (" + PrintLocal(*period.from, zone) +
                                                ")");
  }
  return period;
}

std::string PrintLocal(base::WallTime at, const base::TimeZone& zone) {
  // The clock's own figures, printed as if they were UTC.
  std::string text = base::PrintTime(base::WallTime(zone.ToLocal(at).time_since_epoch()));
  text.pop_back();
  if (const std::size_t t = text.find('T'); t != std::string::npos) text[t] = ' ';
  return text + " " + zone.name();
}

}  // namespace insight
