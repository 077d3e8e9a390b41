#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace pricing {

// The public holidays of one country, year by year. A year that is not there is not known: nothing is guessed
// about it.
struct Calendar {
  std::string id;
  std::map<int, std::vector<std::chrono::sys_days>> holidays;  // by year; the days in order

  bool Covers(std::chrono::year year) const { return holidays.contains(static_cast<int>(year)); }
  // REQUIRES: Covers(the day's year).
  bool IsHoliday(std::chrono::sys_days day) const;
};

}  // namespace pricing
