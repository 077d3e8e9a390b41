#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/time_zone.h"

namespace insight {

// A span of time; a side without an instant is open.
struct Period {
  std::optional<base::WallTime> from;  // inclusive
  std::optional<base::WallTime> to;    // exclusive

  bool Has(base::WallTime at) const { return (!from || at >= *from) && (!to || at < *to); }
  friend bool operator==(const Period&, const Period&) = default;
};

// An instant as people say it, on the clock of `zone`: a time or a day (base/time_text.h), `now`, the
// beginning of a span (`today`, `yesterday`, `tomorrow`, `this-hour`, `this-week` from Monday, `last-week`,
// `this-month`, `last-month`, `this-year`), or how long ago (`30m`, `24h`, `7d`). Errors: kInvalid.
base::Result<base::WallTime> ParseInstant(std::string_view text, const base::TimeZone& zone,
                                          base::WallTime now);

// Both sides; an empty text leaves its side open. Errors: kInvalid, also where the period ends before it
// begins.
base::Result<Period> ParsePeriod(std::string_view from, std::string_view to, const base::TimeZone& zone,
                                 base::WallTime now);

// "2026-11-23 09:12:03 Asia/Shanghai", with fractions down to what is not zero.
std::string PrintLocal(base::WallTime at, const base::TimeZone& zone);

}  // namespace insight
