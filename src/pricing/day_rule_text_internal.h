#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "config/tree.h"
#include "pricing/day_rule.h"
#include "pricing/field_walk_internal.h"

namespace pricing {

// "09:00-12:00"; up to 24:00. None: it is no window.
std::optional<DayRule::Window> ParseWindow(std::string_view text);

// "mon-fri" or "sat" as bits of DayRule::weekdays. None: it is neither.
std::optional<std::uint8_t> ParseWeekdays(std::string_view text);

// { zone: "+08:00", windows: [09:00-12:00], weekdays: [mon-fri], except_holidays: cn }
std::optional<DayRule> ReadDayRule(const config::Node& node, Mistake& mistake);

}  // namespace pricing
