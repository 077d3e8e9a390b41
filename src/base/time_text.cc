#include "base/time_text.h"

#include <chrono>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/encoding.h"

namespace base {
namespace {

// Reads the fixed places of a time from the front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Eat(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<int> Digits(std::size_t count, int least, int most) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (!IsDigit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value >= least && value <= most ? std::optional(value) : std::nullopt;
  }
  // What stands behind a decimal point, up to nanoseconds.
  std::optional<std::chrono::nanoseconds> Fraction() {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && IsDigit(rest_[digits]); ++digits) {
      if (digits < 9) value = value * 10 + (rest_[digits] - '0');
    }
    if (digits == 0) return std::nullopt;
    for (std::size_t i = digits; i < 9; ++i) value *= 10;
    rest_.remove_prefix(digits);
    return std::chrono::nanoseconds(value);
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::optional<std::chrono::sys_days> Day(Reader& in) {
  const auto year = in.Digits(4, 1970, 2200);
  if (!year || !in.Eat('-')) return std::nullopt;
  const auto month = in.Digits(2, 1, 12);
  if (!month || !in.Eat('-')) return std::nullopt;
  const auto day = in.Digits(2, 1, 31);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

std::optional<std::chrono::nanoseconds> TimeOfDay(Reader& in) {
  const auto hour = in.Digits(2, 0, 23);
  if (!hour || !in.Eat(':')) return std::nullopt;
  const auto minute = in.Digits(2, 0, 59);
  if (!minute) return std::nullopt;
  std::chrono::nanoseconds time = std::chrono::hours(*hour) + std::chrono::minutes(*minute);
  if (!in.Eat(':')) return time;
  const auto second = in.Digits(2, 0, 59);
  if (!second) return std::nullopt;
  time += std::chrono::seconds(*second);
  if (!in.Eat('.')) return time;
  const auto fraction = in.Fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

std::optional<WallTime> Parse(std::string_view text, const TimeZone& zone) {
  Reader in(text);
  const auto day = Day(in);
  if (!day) return std::nullopt;
  std::chrono::nanoseconds time(0);
  if (!in.rest().empty()) {
    if (!in.Eat('T') && !in.Eat('t') && !in.Eat(' ')) return std::nullopt;
    const auto of_day = TimeOfDay(in);
    if (!of_day) return std::nullopt;
    time = *of_day;
  }
  const std::chrono::local_time<std::chrono::nanoseconds> local(day->time_since_epoch() + time);
  if (in.rest().empty()) return zone.ToInstant(local);
  const std::string_view written = in.rest();
  if (written != "Z" && written != "z" && !written.starts_with('+') && !written.starts_with('-'))
    return std::nullopt;
  const auto own = TimeZone::Find(written == "z" ? "Z" : written, "");
  return own ? std::optional(own->ToInstant(local)) : std::nullopt;
}

}  // namespace

Result<WallTime> ParseTime(std::string_view text, const TimeZone& zone) {
  if (const auto time = Parse(text, zone)) return *time;
  return Fail(Code::kInvalid,
              "'" + std::string(text.substr(0, 40)) +
                  "' is no time; write for example 2026-08-16T16:00:00Z, 2026-08-16 16:00 or 2026-08-16");
}

std::string PrintTime(WallTime time) {
  constexpr std::size_t kToTheSecond = 19;
  const TimeText whole = Rfc3339(time);
  std::string_view text = whole.view();
  text.remove_suffix(1);
  while (text.size() > kToTheSecond && (text.ends_with('0') || text.ends_with('.'))) text.remove_suffix(1);
  return std::string(text) + "Z";
}

}  // namespace base
