#include "upstream/retry_after.h"

#include <algorithm>
#include <ctime>
#include <string>

#include "base/ascii.h"
#include "base/encoding.h"

namespace upstream {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kWaitMax = std::chrono::hours(24);

std::optional<milliseconds> ParseSeconds(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto whole = base::ParseDecimal(text.substr(0, dot));
  if (!whole) return std::nullopt;
  std::uint64_t thousandths = 0;
  if (dot != std::string_view::npos) {
    const std::string_view digits = text.substr(dot + 1);
    const auto fraction = base::ParseDecimal(digits.substr(0, 3));
    if (!fraction || !std::all_of(digits.begin(), digits.end(), base::IsDigit)) return std::nullopt;
    thousandths = *fraction;
    for (std::size_t i = digits.size(); i < 3; ++i) thousandths *= 10;
  }
  const std::uint64_t seconds = std::min<std::uint64_t>(*whole, 86'400);
  return std::min(milliseconds(seconds * 1000 + thousandths), kWaitMax);
}

// "Sun, 06 Nov 1994 08:49:37 GMT"; the two obsolete forms are not sent by any provider.
// Whole seconds, because nanoseconds cannot hold the year 2300.
std::optional<std::chrono::sys_seconds> ParseDate(const std::string& text) {
  std::tm time{};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end != text.c_str() + text.size()) return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{timegm(&time)}};
}

}  // namespace

std::optional<milliseconds> ParseRetryAfter(std::string_view value, base::WallTime now) {
  if (const auto seconds = ParseSeconds(value)) return seconds;
  const auto date = ParseDate(std::string(value));
  if (!date) return std::nullopt;
  const auto today = std::chrono::floor<std::chrono::seconds>(now);
  if (*date - today > kWaitMax) return kWaitMax;
  if (*date < today) return milliseconds(0);
  return std::clamp(std::chrono::ceil<milliseconds>(*date - now), milliseconds(0), kWaitMax);
}

}  // namespace upstream
