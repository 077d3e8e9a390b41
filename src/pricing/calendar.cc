#include "pricing/calendar.h"

#include <algorithm>

#include "base/check.h"

namespace pricing {

bool Calendar::IsHoliday(std::chrono::sys_days day) const {
  const auto year = holidays.find(static_cast<int>(std::chrono::year_month_day(day).year()));
  CHECK(year != holidays.end());
  return std::binary_search(year->second.begin(), year->second.end(), day);
}

}  // namespace pricing
