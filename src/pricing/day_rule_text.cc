#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "pricing/day_rule_text_internal.h"

namespace pricing {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::optional<std::chrono::seconds> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = base::ParseDecimal(text.substr(0, 2));
  const auto minute = base::ParseDecimal(text.substr(3));
  if (!hour || !minute || *minute > 59 || *hour * 60 + *minute > 24 * 60) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(*hour * 60 + *minute) * 60);
}

std::optional<std::size_t> DayNumber(std::string_view name) {
  const auto found = std::find(kDays.begin(), kDays.end(), name);
  return found == kDays.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - kDays.begin()));
}

}  // namespace

std::optional<DayRule::Window> ParseWindow(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto start = ParseTimeOfDay(text.substr(0, dash));
  const auto end = ParseTimeOfDay(text.substr(dash + 1));
  if (!start || !end || *start == *end || *start == std::chrono::hours(24)) return std::nullopt;
  return DayRule::Window{*start, *end};
}

std::optional<std::uint8_t> ParseWeekdays(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = DayNumber(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : DayNumber(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  std::uint8_t days = 0;
  for (std::size_t day = *first;; day = (day + 1) % kDays.size()) {
    days = static_cast<std::uint8_t>(days | 1U << day);
    if (day == *last) return days;
  }
}

std::optional<DayRule> ReadDayRule(const config::Node& node, Mistake& mistake) {
  Fields fields(node, "hours", mistake);
  DayRule rule;
  if (const config::Node* zone = fields.Find("zone")) {
    auto found = base::TimeZone::Find(fields.TextOf(*zone, "zone"));
    if (!found) fields.Wrong(*zone, "zone", found.error().detail, "write for example \"+08:00\"");
    if (found) rule.zone = std::move(*found);
  }
  rule.place = fields.Text("place");
  for (const config::Node& item : fields.List("windows")) {
    const auto window = ParseWindow(fields.TextOf(item, "windows"));
    if (!window) fields.Wrong(item, "windows", "a window is two times of the day", "write 09:00-12:00");
    if (window) rule.windows.push_back(*window);
  }
  if (const auto& days = fields.List("weekdays"); !days.empty()) {
    rule.weekdays = 0;
    for (const config::Node& item : days) {
      const auto some = ParseWeekdays(fields.TextOf(item, "weekdays"));
      if (!some)
        fields.Wrong(item, "weekdays", "a weekday is one of sun mon tue wed thu fri sat", "write mon-fri");
      if (some) rule.weekdays = static_cast<std::uint8_t>(rule.weekdays | *some);
    }
  }
  rule.except_holidays = fields.Text("except_holidays");
  fields.End();
  if (mistake.first()) return std::nullopt;
  return rule;
}

}  // namespace pricing
