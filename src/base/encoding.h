#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace base {

// Lower-case hexadecimal, two characters a byte.
std::string Hex(std::string_view bytes);

// URL-safe base64 (RFC 4648 section 5) without padding.
std::string Base64Url(std::string_view bytes);

// What Base64Url wrote. Strict, so that no two texts mean the same bytes: no padding, no blank, no bits left
// over.
std::optional<std::string> ParseBase64Url(std::string_view text);

// Standard base64 (RFC 4648 section 4) with padding.
std::string Base64(std::string_view bytes);

// A whole text of decimal digits as a number: no sign, no blank, no overflow; nothing else is a number.
std::optional<std::uint64_t> ParseDecimal(std::string_view text);

// RFC 3339 in UTC with microseconds: 2026-11-22T08:15:30.123456Z. From the year 0 on.
struct TimeText {
  char text[28];
  std::string_view view() const { return {text, 27}; }
};
TimeText Rfc3339(std::int64_t nanoseconds_since_1970);
inline TimeText Rfc3339(WallTime at) {
  return Rfc3339(at.time_since_epoch().count());
}

}  // namespace base
