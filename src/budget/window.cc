#include "budget/window.h"

#include <utility>

#include "base/check.h"

namespace budget {
namespace {

using base::WallTime;
using std::chrono::days;
using std::chrono::local_days;
using std::chrono::nanoseconds;

// The first day of the unit that `day` is in.
local_days FirstDay(Window::Unit unit, local_days day) {
  using namespace std::chrono;
  const year_month_day date(day);
  switch (unit) {
    case Window::Unit::kHour:
    case Window::Unit::kDay:
      break;
    case Window::Unit::kWeek:
      return day - days(weekday(day).iso_encoding() - 1);
    case Window::Unit::kMonth:
      return local_days(date.year() / date.month() / 1);
    case Window::Unit::kQuarter:
      return local_days(date.year() / month((unsigned{date.month()} - 1) / 3 * 3 + 1) / 1);
  }
  return day;
}

// The first day of the next one.
local_days NextFirstDay(Window::Unit unit, local_days first) {
  using namespace std::chrono;
  const year_month_day date(first);
  switch (unit) {
    case Window::Unit::kHour:
    case Window::Unit::kDay:
      break;
    case Window::Unit::kWeek:
      return first + days(7);
    case Window::Unit::kMonth:
      return local_days(date + months(1));
    case Window::Unit::kQuarter:
      return local_days(date + months(3));
  }
  return first + days(1);
}

// The first instant in (before, after] at which the clocks are no longer as at `before`. REQUIRES: they are
// not at `after`, and change once in between.
WallTime ChangeBetween(const base::TimeZone& zone, WallTime before, WallTime after) {
  const auto offset = zone.OffsetAt(before);
  while (after - before > nanoseconds(1)) {
    const WallTime middle = before + (after - before) / 2;
    (zone.OffsetAt(middle) == offset ? before : after) = middle;
  }
  return after;
}

}  // namespace

Window Window::Calendar(Unit unit, base::TimeZone zone) {
  Window window;
  window.unit_ = unit;
  window.zone_ = std::move(zone);
  return window;
}

Window Window::Rolling(nanoseconds length) {
  CHECK(length >= std::chrono::seconds(1));
  Window window;
  window.kind_ = Kind::kRolling;
  window.length_ = length;
  window.slot_ = (length + nanoseconds(kSlots - 1)) / kSlots;
  return window;
}

Window Window::Idle(nanoseconds silence) {
  CHECK(silence > nanoseconds(0));
  Window window;
  window.kind_ = Kind::kIdle;
  window.length_ = silence;
  return window;
}

Span Window::At(WallTime at) const {
  if (kind_ == Kind::kIdle) return {at, at + length_};
  if (kind_ == Kind::kRolling) {
    auto into = at.time_since_epoch() % slot_;
    if (into < nanoseconds(0)) into += slot_;
    return {at - into, at - into + slot_};
  }
  if (unit_ == Unit::kHour) return HourAt(at);
  local_days first = FirstDay(unit_, std::chrono::floor<days>(zone_.ToLocal(at)));
  Span span{zone_.ToInstant(first), zone_.ToInstant(NextFirstDay(unit_, first))};
  // Where clocks are put back over midnight a day begins that has begun before; where a day is left out, it
  // has no instant.
  while (span.end <= at) {
    first = NextFirstDay(unit_, first);
    span = {span.end, zone_.ToInstant(NextFirstDay(unit_, first))};
  }
  return span;
}

Span Window::HourAt(WallTime at) const {
  constexpr nanoseconds kHour = std::chrono::hours(1);
  auto into = (at.time_since_epoch() + zone_.OffsetAt(at)) % kHour;
  if (into < nanoseconds(0)) into += kHour;
  Span span{at - into, at - into + kHour};
  const auto offset = zone_.OffsetAt(at);
  if (zone_.OffsetAt(span.start) != offset) span.start = ChangeBetween(zone_, span.start, at);
  const WallTime last = span.end - nanoseconds(1);
  if (zone_.OffsetAt(last) != offset) span.end = ChangeBetween(zone_, at, last);
  return span;
}

}  // namespace budget
