#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/time_zone.h"

namespace budget {

// From `start` on and before `end`.
struct Span {
  base::WallTime start;
  base::WallTime end;

  bool Has(base::WallTime at) const { return start <= at && at < end; }
  friend bool operator==(const Span&, const Span&) = default;
};

// The time in which a limit holds before it begins anew. A value; thread-safe.
class Window {
 public:
  enum class Unit : std::uint8_t { kHour, kDay, kWeek, kMonth, kQuarter };
  enum class Kind : std::uint8_t { kCalendar, kRolling, kIdle };

  // The last stretch of time that a rolling window looks at is cut into so many slots. What was spent in one
  // leaves the window when all of the slot has, so up to a 64th of the length late and never early.
  static constexpr int kSlots = 64;

  // On the clocks of a place; weeks begin on Monday. A day on which they are put forward has 23 hours. An
  // hour ends where they change in the middle of it.
  static Window Calendar(Unit unit, base::TimeZone zone);
  // The time of that length before each instant. REQUIRES: at least a second.
  static Window Rolling(std::chrono::nanoseconds length);
  // From the first use until nothing was used for so long: the window of a session. REQUIRES: above 0.
  static Window Idle(std::chrono::nanoseconds silence);

  Window() = default;  // the month of UTC

  Kind kind() const { return kind_; }
  // Of kRolling the window, of kIdle the silence that ends it.
  std::chrono::nanoseconds length() const { return length_; }

  // Of kCalendar the window that `at` is in: every instant is in exactly one, and where one ends the next
  // begins. Of kRolling the slot that it is in. Of kIdle what a use at `at` opens.
  Span At(base::WallTime at) const;

 private:
  Span HourAt(base::WallTime at) const;

  Kind kind_ = Kind::kCalendar;
  Unit unit_ = Unit::kMonth;
  base::TimeZone zone_;
  std::chrono::nanoseconds length_{0};
  std::chrono::nanoseconds slot_{0};
};

}  // namespace budget
