#include "budget/forecast.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace budget {
namespace {

using std::chrono::hours;

constexpr std::size_t kDayHours = 24;
constexpr std::size_t kWeekHours = 7 * kDayHours;
constexpr auto kHorizon = hours(24 * 400);  // no window of the calendar is longer

// The hour of the week that the clocks show, from Monday's first on.
std::size_t HourOfWeek(const base::TimeZone& zone, base::WallTime at) {
  const auto local = std::chrono::floor<hours>(zone.ToLocal(at));
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto weekday = std::chrono::weekday(day).iso_encoding() - 1;
  return weekday * kDayHours + static_cast<std::size_t>((local - day).count());
}

// What some hours have cost, and how many they were.
struct Mean {
  base::Int128 sum = 0;
  base::Int128 count = 0;
};

class Profile {
 public:
  Profile(const HourlySpend& past, const base::TimeZone& zone, base::WallTime now) : zone_(zone) {
    const base::WallTime until = std::chrono::floor<hours>(now);
    for (base::WallTime hour = past.since; hour < until; hour += hours(1)) Add(hour, 0, 1);
    for (const auto& [hour, spent] : past.hours) {
      if (hour >= past.since && hour < until) Add(hour, spent, 0);
    }
  }

  // What the hour in which `at` lies is expected to cost.
  base::Int128 At(base::WallTime at) const {
    const std::size_t hour = HourOfWeek(zone_, at);
    for (const Mean& mean : {of_week_[hour], of_day_[hour % kDayHours], any_}) {
      if (mean.count > 0) return mean.sum / mean.count;
    }
    return 0;
  }

 private:
  void Add(base::WallTime at, base::Int128 spent, int count) {
    const std::size_t hour = HourOfWeek(zone_, at);
    for (Mean* mean : {&of_week_[hour], &of_day_[hour % kDayHours], &any_}) {
      mean->sum += spent;
      mean->count += count;
    }
  }

  const base::TimeZone& zone_;
  std::array<Mean, kWeekHours> of_week_{};
  std::array<Mean, kDayHours> of_day_{};
  Mean any_;
};

}  // namespace

base::Int128 SpentAtEnd(const HourlySpend& past, const base::TimeZone& zone, const Span& window,
                        base::WallTime now, base::Int128 settled) {
  const Profile profile(past, zone, now);
  const base::WallTime end = std::min(window.end, now + kHorizon);
  constexpr std::int64_t kHour = std::chrono::nanoseconds(hours(1)).count();
  base::Int128 spent = settled;
  for (base::WallTime at = now; at < end;) {
    const base::WallTime hour_end = std::chrono::floor<hours>(at) + hours(1);
    const base::WallTime next = std::min(end, hour_end);
    spent += profile.At(at) * (next - at).count() / kHour;
    at = next;
  }
  return std::max(spent, settled);
}

}  // namespace budget
