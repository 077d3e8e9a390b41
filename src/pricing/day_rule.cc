#include "pricing/day_rule.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace pricing {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::uint8_t kEveryDay = 0x7f;
constexpr std::uint8_t kWorkingDays = 0x3e;
constexpr std::uint8_t kWeekend = 0x41;

std::string PrintTime(std::chrono::seconds time) {
  const auto minutes = time.count() / 60;
  std::string text = "00:00";
  text[0] = static_cast<char>('0' + minutes / 600);
  text[1] = static_cast<char>('0' + minutes / 60 % 10);
  text[3] = static_cast<char>('0' + minutes % 60 / 10);
  text[4] = static_cast<char>('0' + minutes % 10);
  return text;
}

std::string PrintDays(std::uint8_t weekdays) {
  if (weekdays == kWorkingDays) return "mon-fri";
  if (weekdays == kWeekend) return "sat-sun";
  std::string text;
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if ((weekdays >> day & 1) == 0) continue;
    if (!text.empty()) text += ',';
    text += kDays[day];
  }
  return text;
}

bool Contains(const DayRule::Window& window, std::chrono::seconds time) {
  if (window.start < window.end) return time >= window.start && time < window.end;
  return time >= window.start || time < window.end;
}

}  // namespace

DayRule::Answer DayRule::Holds(base::WallTime at, const Calendar* calendar) const {
  const auto local = zone.ToLocal(at).time_since_epoch();
  const std::chrono::sys_days day(std::chrono::floor<std::chrono::days>(local));
  // The calendar is asked first: in a year that it does not cover nobody has looked at the rule at all.
  if (!except_holidays.empty()) {
    if (calendar == nullptr || !calendar->Covers(std::chrono::year_month_day(day).year()))
      return Answer::kUnknown;
    if (calendar->IsHoliday(day)) return Answer::kNo;
  }
  if ((weekdays >> std::chrono::weekday(day).c_encoding() & 1) == 0) return Answer::kNo;
  if (windows.empty()) return Answer::kYes;
  const auto time = std::chrono::floor<std::chrono::seconds>(local - day.time_since_epoch());
  const bool inside = std::any_of(windows.begin(), windows.end(),
                                  [time](const Window& window) { return Contains(window, time); });
  return inside ? Answer::kYes : Answer::kNo;
}

std::string DayRule::Print() const {
  std::string text;
  for (const Window& window : windows) text += PrintTime(window.start) + "-" + PrintTime(window.end) + " ";
  text += zone.name();
  if (weekdays != kEveryDay) text += " " + PrintDays(weekdays);
  if (!except_holidays.empty()) text += " except holidays of " + except_holidays;
  return text;
}

}  // namespace pricing
