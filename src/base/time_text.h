#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/time_zone.h"

namespace base {

// An instant as people and programs write it: 2026-08-16T16:00:00Z, with an offset (+08:00) instead of the Z,
// with fractions of a second, without seconds, with a blank instead of the T; or a day alone, which is its
// first instant. What has neither Z nor offset is on the clock of `zone`. Errors: kInvalid with a sentence.
Result<WallTime> ParseTime(std::string_view text, const TimeZone& zone = {});

// "2026-08-16T16:00:00Z", with fractions only where there are any.
std::string PrintTime(WallTime time);

}  // namespace base
