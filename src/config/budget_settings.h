#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time_zone.h"
#include "config/alert_settings.h"
#include "config/model_ref.h"
#include "config/scope.h"
#include "config/units.h"

// What may be spent and how often may be asked, as it is written; room `budget` makes rules of it.

namespace config {

// So many in any time of that length: 600/min. Zero: no rate is set.
struct Rate {
  std::uint64_t count = 0;
  std::chrono::seconds per{0};  // 1 s, 1 min, 1 h or 1 day

  static Parsed<Rate> Parse(std::string_view text);
  std::string Print() const;
  friend auto operator<=>(const Rate&, const Rate&) = default;
};

// How much traffic; at least one is set where it is a limit.
struct Throughput {
  Rate requests;
  Rate tokens;
  std::uint64_t in_flight = 0;  // 0: not limited

  bool empty() const { return requests.count == 0 && tokens.count == 0 && in_flight == 0; }
  friend bool operator==(const Throughput&, const Throughput&) = default;
};

struct LimitSettings {
  ScopePattern scope;
  Throughput most;
};

// Where on the calendar a budget begins anew.
enum class CalendarWindow : std::uint8_t { kNone, kHour, kDay, kWeek, kMonth, kQuarter };

std::string_view Name(CalendarWindow window);  // month; of kNone nothing

enum class BudgetMode : std::uint8_t { kStrict, kTypical };

// The words of `allow`; kCache is kExact and kSemantic.
enum class AllowedRungs : std::uint8_t {
  kRules,
  kExact,
  kSemantic,
  kCache,
  kStudent,
  kLocal,
  kCheap,
  kStrong
};

std::string_view Name(AllowedRungs rungs);  // cache

// What happens at a share of a budget. Checked settings: exactly one of `at` and `forecast` and exactly one
// action is set.
struct StepSettings {
  std::optional<Percent> at;        // of what may be spent is spent
  std::optional<Percent> forecast;  // of it will be spent when the window ends, at the pace of the last days
  AlertAddress alert;
  ModelRef ladder_max;              // empty model: none
  std::vector<AllowedRungs> allow;  // empty: none
  Throughput limits;                // of each account of the budget's scope
  bool block = false;
};

struct BudgetSettings {
  ScopePattern scope;
  base::Money limit;  // checked settings: more than nothing, of a currency
  CalendarWindow window = CalendarWindow::kNone;
  std::chrono::milliseconds rolling{0};            // 0: on the calendar; a session's budget may have neither
  base::TimeZone timezone;                         // of the calendar
  std::chrono::milliseconds idle{24 * 3'600'000};  // a session that is silent for longer begins anew
  BudgetMode mode = BudgetMode::kStrict;
  Percent carry_over;  // of the limit, that an unspent rest adds to the next window
  std::chrono::milliseconds reserve_wait{2'000};  // without anything coming back that others have reserved
  std::uint64_t output_floor = 256;               // tokens: an answer is not cut below it
  std::vector<StepSettings> steps;
};

// What one unit of a currency is worth in another: by the code of the first.
using ExchangeSettings = std::map<std::string, base::Money, std::less<>>;

// An amount of one currency in another: numerator / denominator of it.
struct ExchangeRate {
  std::int64_t numerator = 1;
  std::int64_t denominator = 1;

  friend bool operator==(const ExchangeRate&, const ExchangeRate&) = default;
};

// The rate from one currency to another: the one that is written, its inverse, or two of these over a third
// currency, the first by its code. None where they do not meet, or where the fraction does not fit into 63
// bits a side.
std::optional<ExchangeRate> RateBetween(const ExchangeSettings& exchange, base::Currency from,
                                        base::Currency to);

}  // namespace config
