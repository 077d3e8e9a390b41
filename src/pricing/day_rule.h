#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/time_zone.h"
#include "pricing/calendar.h"

namespace pricing {

// When in the day, the week and the year something holds, on the clock of one place.
struct DayRule {
  struct Window {
    std::chrono::seconds start;  // of the day, inclusive
    std::chrono::seconds end;    // exclusive, up to 24 h; before `start`: it goes on over midnight
    friend bool operator==(const Window&, const Window&) = default;
  };

  base::TimeZone zone;
  std::string place{};           // what people call that clock: "Beijing"; empty: as the zone is written
  std::vector<Window> windows;   // any of them; none: the whole day
  std::uint8_t weekdays = 0x7f;  // bit 0 is Sunday; of the day that the instant is in
  std::string except_holidays;   // id of a calendar on whose holidays it does not hold; empty: none

  enum class Answer { kNo, kYes, kUnknown };
  // kUnknown: it depends on a calendar that does not cover the year. `calendar` is that of except_holidays,
  // null if it names none or one that is not there.
  Answer Holds(base::WallTime at, const Calendar* calendar) const;

  // "09:00-12:00 14:00-18:00 +08:00 mon-fri except holidays of cn".
  std::string Print() const;
};

}  // namespace pricing
