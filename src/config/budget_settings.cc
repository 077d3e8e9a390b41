#include "config/budget_settings.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/ascii.h"
#include "base/encoding.h"

namespace config {
namespace {

constexpr std::uint64_t kCountMax = 1'000'000'000'000;

struct Period {
  std::string_view name;
  std::chrono::seconds length;
  std::string_view also;  // the first letters of what people write instead
};
constexpr std::array<Period, 4> kPeriods{{{"s", std::chrono::seconds(1), "sec"},
                                          {"min", std::chrono::minutes(1), "m"},
                                          {"h", std::chrono::hours(1), "h"},
                                          {"day", std::chrono::hours(24), "d"}}};

// What the writer of "600/minute" or "10 per sec" most likely meant.
std::string_view GuessPeriod(std::string_view word) {
  const std::string lower = base::Lower(base::TrimBlanks(word));
  for (const Period& period : kPeriods) {
    if (lower.starts_with(period.also)) return period.name;
  }
  return "min";
}

base::Int128 Divisor(base::Int128 a, base::Int128 b) {
  while (b != 0) {
    const base::Int128 rest = a % b;
    a = b, b = rest;
  }
  return a;
}

struct Fraction {
  base::Int128 numerator = 1;
  base::Int128 denominator = 1;
};

Fraction Reduced(Fraction fraction) {
  const base::Int128 divisor = Divisor(fraction.numerator, fraction.denominator);
  return {fraction.numerator / divisor, fraction.denominator / divisor};
}

std::optional<Fraction> Direct(const ExchangeSettings& exchange, base::Currency from, base::Currency to) {
  if (const auto found = exchange.find(from.code());
      found != exchange.end() && found->second.currency == to && found->second.pico > 0) {
    return Reduced({found->second.pico, base::kPico});
  }
  if (const auto found = exchange.find(to.code());
      found != exchange.end() && found->second.currency == from && found->second.pico > 0) {
    return Reduced({base::kPico, found->second.pico});
  }
  return std::nullopt;
}

std::optional<ExchangeRate> Fitting(const Fraction& fraction) {
  constexpr base::Int128 kMost = std::numeric_limits<std::int64_t>::max();
  if (fraction.numerator > kMost || fraction.denominator > kMost) return std::nullopt;
  return ExchangeRate{static_cast<std::int64_t>(fraction.numerator),
                      static_cast<std::int64_t>(fraction.denominator)};
}

// The currencies that rates name.
std::vector<base::Currency> Known(const ExchangeSettings& exchange) {
  std::vector<base::Currency> known;
  for (const auto& [code, worth] : exchange) {
    if (const auto currency = base::Currency::Parse(code)) known.push_back(*currency);
    known.push_back(worth.currency);
  }
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  return known;
}

}  // namespace

Parsed<Rate> Rate::Parse(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view digits = text.substr(0, slash);
  const std::string_view word = text.substr(std::min(slash + 1, text.size()));
  const std::optional<std::uint64_t> count = base::ParseDecimal(digits);
  const std::string shown = count && digits.size() <= 12 ? std::string(digits) : "600";
  if (!count || word.empty()) {
    return Refuse("a rate is a whole number and a time with a slash between",
                  "write for example " + shown + "/min");
  }
  for (const Period& period : kPeriods) {
    if (word != period.name) continue;
    if (*count == 0) {
      return Refuse("the least is 1, and nothing at all is no rate",
                    "write 1/" + std::string(word) + ", or a budget with a step at 0% that has block: true");
    }
    if (*count > kCountMax) return Refuse("the most is 1000000000000", "write a smaller number");
    return Rate{*count, period.length};
  }
  return Refuse("the time of a rate is one of s, min, h or day",
                "write " + shown + "/" + std::string(GuessPeriod(word)));
}

std::string Rate::Print() const {
  const auto found =
      std::find_if(kPeriods.begin(), kPeriods.end(), [this](const Period& p) { return p.length == per; });
  return std::to_string(count) + "/" + std::string(found == kPeriods.end() ? "min" : found->name);
}

std::string_view Name(CalendarWindow window) {
  switch (window) {
    case CalendarWindow::kNone:
      return "";
    case CalendarWindow::kHour:
      return "hour";
    case CalendarWindow::kDay:
      return "day";
    case CalendarWindow::kWeek:
      return "week";
    case CalendarWindow::kMonth:
      return "month";
    case CalendarWindow::kQuarter:
      return "quarter";
  }
  return {};
}

std::string_view Name(AllowedRungs rungs) {
  switch (rungs) {
    case AllowedRungs::kRules:
      return "rules";
    case AllowedRungs::kExact:
      return "exact";
    case AllowedRungs::kSemantic:
      return "semantic";
    case AllowedRungs::kCache:
      return "cache";
    case AllowedRungs::kStudent:
      return "student";
    case AllowedRungs::kLocal:
      return "local";
    case AllowedRungs::kCheap:
      return "cheap";
    case AllowedRungs::kStrong:
      return "strong";
  }
  return {};
}

std::optional<ExchangeRate> RateBetween(const ExchangeSettings& exchange, base::Currency from,
                                        base::Currency to) {
  if (from == to) return ExchangeRate{};
  if (const auto direct = Direct(exchange, from, to)) return Fitting(*direct);
  for (const base::Currency over : Known(exchange)) {
    const auto first = Direct(exchange, from, over);
    const auto second = Direct(exchange, over, to);
    if (!first || !second) continue;
    // Cut across, so that the products of four numbers below 2^80 fit where their fraction does.
    const Fraction down = Reduced({first->numerator, second->denominator});
    const Fraction up = Reduced({second->numerator, first->denominator});
    if (!Fitting(down) || !Fitting(up)) continue;
    return Fitting(Reduced({down.numerator * up.numerator, down.denominator * up.denominator}));
  }
  return std::nullopt;
}

}  // namespace config
