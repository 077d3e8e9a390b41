#include "sim/tariff.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/check.h"

namespace sim {
namespace {

using namespace std::chrono;
using base::Currency;

// A price for a million tokens as it is published; what a million costs in millionths is what one costs in
// pico-units.
consteval std::int64_t M(const char* figure) {
  std::int64_t value = 0;
  int decimals = -1;  // none yet
  for (; *figure != '\0'; ++figure) {
    if (*figure == '.') {
      decimals = 0;
      continue;
    }
    if (*figure < '0' || *figure > '9') throw "no figure";
    value = value * 10 + (*figure - '0');
    if (decimals >= 0) ++decimals;
  }
  for (decimals = std::max(decimals, 0); decimals < 6; ++decimals) value *= 10;
  return decimals == 6 ? value : throw "a price finer than a pico-unit a token";
}

constexpr sys_seconds At(int year_number, unsigned month_number, unsigned day_number, int hour = 0,
                         int minute = 0) {
  return sys_days{year{year_number} / month{month_number} / day{day_number}} + hours{hour} + minutes{minute};
}

enum class Hours : std::uint8_t {
  kAlike,
  kNights,  // 16:30 to 00:30 UTC is cheap
  kPeaks,   // IsDeepseekPeak
};

enum class Instant : std::uint8_t { kDispatch, kCompletion };

// One price of one model from an instant on, until its next row.
struct Tariff {
  std::string_view model;  // its dated snapshots cost the same
  sys_seconds from;
  Currency currency;
  Rates rates;    // of the dear hours
  Rates cheap{};  // of the others
  Hours hours = Hours::kAlike;
  Instant instant = Instant::kDispatch;  // the one that decides
  std::size_t cliff = 0;                 // a longer prompt costs twice, its answer one and a half times
  bool flex = false;                     // has that tier, at half the price
  bool over = false;                     // cannot be had any longer
};

constexpr Currency kUsd = Currency::kUsd;
constexpr Currency kCny = Currency::kCny;

// DeepSeek: what missed the cache is also what is written to it, at no price of its own.
constexpr Rates D(std::int64_t hit, std::int64_t miss, std::int64_t out) {
  return {.fresh = miss, .hit = hit, .write_short = miss, .write_long = miss, .out = out};
}
// OpenAI: `write` is what is charged for input that is written to the cache.
constexpr Rates O(std::int64_t fresh, std::int64_t hit, std::int64_t write, std::int64_t out) {
  return {.fresh = fresh, .hit = hit, .write_short = write, .write_long = write, .out = out};
}
// Anthropic: a tenth for reading (or another part), a quarter more for five minutes, twice for an hour.
constexpr Rates A(std::int64_t fresh, std::int64_t out, std::int64_t hit_part = 10) {
  return {.fresh = fresh,
          .hit = fresh / hit_part,
          .write_short = fresh / 4 * 5,
          .write_long = fresh * 2,
          .out = out};
}

constexpr sys_seconds kV31 = At(2025, 9, 5, 16);
constexpr sys_seconds kV32 = At(2025, 9, 29);
constexpr sys_seconds kV4 = At(2026, 4, 24);
constexpr sys_seconds kV4Cut = At(2026, 4, 26);
constexpr sys_seconds kPeaksBegin = At(2026, 8, 16, 16);
constexpr sys_seconds kV41 = At(2026, 9, 10, 4);
constexpr sys_seconds kWeekendsBegin = At(2026, 8, 22, 16);
constexpr sys_seconds kNamesRetired = At(2026, 7, 24, 15, 59);
constexpr sys_seconds kAlways = At(2020, 1, 1);
constexpr std::size_t kLongPrompt = 272'000;

constexpr Tariff kDeepseek[] = {
    {"deepseek-chat", At(2025, 2, 8, 16), kUsd, D(M("0.07"), M("0.27"), M("1.10"))},
    {"deepseek-chat", At(2025, 2, 26, 16, 30), kUsd, D(M("0.07"), M("0.27"), M("1.10")),
     D(M("0.035"), M("0.135"), M("0.550")), Hours::kNights, Instant::kCompletion},
    {"deepseek-reasoner", At(2025, 1, 20), kUsd, D(M("0.14"), M("0.55"), M("2.19"))},
    {"deepseek-reasoner", At(2025, 2, 26, 16, 30), kUsd, D(M("0.14"), M("0.55"), M("2.19")),
     D(M("0.035"), M("0.135"), M("0.550")), Hours::kNights, Instant::kCompletion},
    {"deepseek-chat", kV31, kUsd, D(M("0.07"), M("0.56"), M("1.68"))},
    {"deepseek-chat", kV31, kCny, D(M("0.5"), M("4"), M("12"))},
    {"deepseek-reasoner", kV31, kUsd, D(M("0.07"), M("0.56"), M("1.68"))},
    {"deepseek-reasoner", kV31, kCny, D(M("0.5"), M("4"), M("12"))},
    {"deepseek-chat", kV32, kUsd, D(M("0.028"), M("0.28"), M("0.42"))},
    {"deepseek-chat", kV32, kCny, D(M("0.2"), M("2"), M("3"))},
    {"deepseek-reasoner", kV32, kUsd, D(M("0.028"), M("0.28"), M("0.42"))},
    {"deepseek-reasoner", kV32, kCny, D(M("0.2"), M("2"), M("3"))},
    {.model = "deepseek-chat", .from = kNamesRetired, .currency = kUsd, .rates = {}, .over = true},
    {.model = "deepseek-chat", .from = kNamesRetired, .currency = kCny, .rates = {}, .over = true},
    {.model = "deepseek-reasoner", .from = kNamesRetired, .currency = kUsd, .rates = {}, .over = true},
    {.model = "deepseek-reasoner", .from = kNamesRetired, .currency = kCny, .rates = {}, .over = true},
    {"deepseek-v4-flash", kV4, kUsd, D(M("0.028"), M("0.14"), M("0.28"))},
    {"deepseek-v4-flash", kV4Cut, kUsd, D(M("0.0028"), M("0.14"), M("0.28"))},
    {"deepseek-v4-flash", kV4Cut, kCny, D(M("0.02"), M("1"), M("2"))},
    {"deepseek-v4-flash", kPeaksBegin, kUsd, D(M("0.014"), M("0.44"), M("1.32")),
     D(M("0.007"), M("0.22"), M("0.66")), Hours::kPeaks},
    {"deepseek-v4-flash", kPeaksBegin, kCny, D(M("0.1"), M("3"), M("9")), D(M("0.05"), M("1.5"), M("4.5")),
     Hours::kPeaks},
    {"deepseek-v4-flash", kV41, kUsd, D(M("0.006"), M("0.30"), M("1.20")),
     D(M("0.003"), M("0.15"), M("0.60")), Hours::kPeaks},
    {"deepseek-v4-flash", kV41, kCny, D(M("0.04"), M("2"), M("8")), D(M("0.02"), M("1"), M("4")),
     Hours::kPeaks},
    {"deepseek-flash", kV41, kUsd, D(M("0.006"), M("0.30"), M("1.20")), D(M("0.003"), M("0.15"), M("0.60")),
     Hours::kPeaks},
    {"deepseek-flash", kV41, kCny, D(M("0.04"), M("2"), M("8")), D(M("0.02"), M("1"), M("4")), Hours::kPeaks},
    {"deepseek-v4-pro", kV4, kUsd, D(M("0.145"), M("1.74"), M("3.48"))},
    {"deepseek-v4-pro", kV4Cut, kUsd, D(M("0.003625"), M("0.435"), M("0.87"))},
    {"deepseek-v4-pro", kV4Cut, kCny, D(M("0.025"), M("3"), M("6"))},
    {"deepseek-v4-pro", kPeaksBegin, kUsd, D(M("0.044"), M("1.32"), M("3.96")),
     D(M("0.022"), M("0.66"), M("1.98")), Hours::kPeaks},
    {"deepseek-v4-pro", kPeaksBegin, kCny, D(M("0.3"), M("9"), M("27")), D(M("0.15"), M("4.5"), M("13.5")),
     Hours::kPeaks},
};

constexpr Tariff OpenAi(std::string_view model, sys_seconds from, const Rates& rates, std::size_t cliff = 0) {
  return {.model = model, .from = from, .currency = kUsd, .rates = rates, .cliff = cliff, .flex = true};
}

constexpr Tariff kOpenai[] = {
    OpenAi("gpt-4o", kAlways, O(M("2.50"), M("1.25"), M("2.50"), M("10"))),
    OpenAi("gpt-4o-mini", kAlways, O(M("0.15"), M("0.075"), M("0.15"), M("0.60"))),
    OpenAi("gpt-5", kAlways, O(M("1.25"), M("0.125"), M("1.25"), M("10"))),
    OpenAi("gpt-5-mini", kAlways, O(M("0.25"), M("0.025"), M("0.25"), M("2"))),
    OpenAi("gpt-5-nano", kAlways, O(M("0.05"), M("0.005"), M("0.05"), M("0.40"))),
    OpenAi("gpt-6.1-sol", kAlways, O(M("2"), M("0.10"), M("2.50"), M("10")), kLongPrompt),
    OpenAi("gpt-6.1-terra", kAlways, O(M("1"), M("0.05"), M("1.25"), M("5")), kLongPrompt),
    OpenAi("gpt-5.6-sol", kAlways, O(M("5"), M("0.50"), M("6.25"), M("30")), kLongPrompt),
    OpenAi("gpt-5.6-sol", At(2026, 8, 21), O(M("4"), M("0.40"), M("5"), M("20")), kLongPrompt),
    OpenAi("gpt-5.6-terra", kAlways, O(M("2.50"), M("0.25"), M("3.125"), M("15")), kLongPrompt),
    OpenAi("gpt-5.6-terra", At(2026, 7, 30), O(M("2"), M("0.20"), M("2.50"), M("12")), kLongPrompt),
    OpenAi("gpt-5.6-luna", kAlways, O(M("1"), M("0.10"), M("1.25"), M("6")), kLongPrompt),
    OpenAi("gpt-5.6-luna", At(2026, 7, 30), O(M("0.20"), M("0.02"), M("0.25"), M("1.20")), kLongPrompt),
    OpenAi("text-embedding-3-small", kAlways, O(M("0.02"), M("0.02"), M("0.02"), 0)),
    OpenAi("text-embedding-3-large", kAlways, O(M("0.13"), M("0.13"), M("0.13"), 0)),
};

constexpr Tariff kAnthropic[] = {
    {"claude-opus-4-8", kAlways, kUsd, A(M("5"), M("25"))},
    {"claude-opus-5", kAlways, kUsd, A(M("5"), M("25"))},
    {"claude-sonnet-4-6", At(2026, 3, 13), kUsd, A(M("3"), M("15"))},
    {"claude-sonnet-5", kAlways, kUsd, A(M("2"), M("10"))},
    {"claude-sonnet-5-5", kAlways, kUsd, A(M("2"), M("10"))},
    {"claude-sonnet-5-5", At(2026, 10, 7), kUsd, A(M("2"), M("10"), 20)},
    {"claude-haiku-4-5", kAlways, kUsd, A(M("1"), M("5"))},
};

template <std::size_t kCount>
constexpr bool HalvesAreWhole(const Tariff (&tariffs)[kCount]) {
  return std::all_of(std::begin(tariffs), std::end(tariffs), [](const Tariff& tariff) {
    const Rates& rates = tariff.rates;
    return rates.fresh % 2 == 0 && rates.hit % 2 == 0 && rates.write_short % 2 == 0 &&
           rates.write_long % 2 == 0 && rates.out % 4 == 0;  // of one and a half
  });
}
static_assert(HalvesAreWhole(kOpenai), "half a price is still a whole number of pico-units");

// The public holidays of China in 2026, first and last day.
constexpr int kCalendarYear = 2026;
constexpr std::array<std::pair<month_day, month_day>, 7> kHolidays = {{{January / 1, January / 3},
                                                                       {February / 15, February / 23},
                                                                       {April / 4, April / 6},
                                                                       {May / 1, May / 5},
                                                                       {June / 19, June / 21},
                                                                       {September / 25, September / 27},
                                                                       {October / 1, October / 7}}};

template <std::size_t kCount>
const Tariff* InForce(const Tariff (&tariffs)[kCount], std::string_view model, Currency currency,
                      sys_seconds at) {
  const Tariff* found = nullptr;
  for (const Tariff& tariff : tariffs) {
    if (!model.starts_with(tariff.model) || tariff.currency != currency || tariff.from > at) continue;
    const std::string_view rest = model.substr(tariff.model.size());
    if (!rest.empty() && !rest.starts_with("-20")) continue;  // not even a dated snapshot of it
    if (found == nullptr || found->from <= tariff.from) found = &tariff;
  }
  return found;
}

const Tariff* InForce(const PricedCall& call, sys_seconds at) {
  switch (call.dialect) {
    case Dialect::kDeepseek:
    case Dialect::kDeepseekMessages:
      return InForce(kDeepseek, call.model, call.currency, at);
    case Dialect::kOpenai:
    case Dialect::kResponses:
      return InForce(kOpenai, call.model, kUsd, at);
    case Dialect::kAnthropic:
      return InForce(kAnthropic, call.model, kUsd, at);
  }
  return nullptr;
}

bool IsNight(sys_seconds at) {
  const seconds of_day = at - floor<days>(at);
  return of_day >= hours{16} + minutes{30} || of_day < minutes{30};
}

// Whether the tariff's dear rates hold then.
std::optional<bool> IsDear(const Tariff& tariff, sys_seconds at) {
  switch (tariff.hours) {
    case Hours::kAlike:
      return true;
    case Hours::kNights:
      return !IsNight(at);
    case Hours::kPeaks:
      return IsDeepseekPeak(at);
  }
  return std::nullopt;
}

Rates Scaled(const Rates& rates, std::int64_t in, std::int64_t out, std::int64_t divisor) {
  return {.fresh = rates.fresh * in / divisor,
          .hit = rates.hit * in / divisor,
          .write_short = rates.write_short * in / divisor,
          .write_long = rates.write_long * in / divisor,
          .out = rates.out * out / divisor};
}

}  // namespace

std::optional<bool> IsDeepseekPeak(base::WallTime at) {
  constexpr hours kBeijing{8};
  const auto there = at + kBeijing;
  const sys_days day = floor<days>(there);
  const auto of_day = there - day;
  const bool in_window =
      (of_day >= hours{9} && of_day < hours{12}) || (of_day >= hours{14} && of_day < hours{18});
  if (!in_window) return false;
  if (at < kWeekendsBegin) return true;
  const weekday of_week{day};
  if (of_week == Saturday || of_week == Sunday) return false;
  const year_month_day date{day};
  if (date.year() != year{kCalendarYear}) return std::nullopt;
  const month_day of_year = date.month() / date.day();
  return std::none_of(kHolidays.begin(), kHolidays.end(), [of_year](const auto& holiday) {
    return holiday.first <= of_year && of_year <= holiday.second;
  });
}

std::optional<Quote> QuoteOf(const PricedCall& call) {
  const Tariff* tariff = InForce(call, floor<seconds>(call.dispatched));
  // A price that goes by the end of a call is the one in force then.
  const Tariff* at_end = InForce(call, floor<seconds>(call.completed));
  if (at_end != nullptr && at_end->instant == Instant::kCompletion) tariff = at_end;
  if (tariff == nullptr || tariff->over) return std::nullopt;
  const bool by_end = tariff->instant == Instant::kCompletion;
  const auto dear = IsDear(*tariff, floor<seconds>(by_end ? call.completed : call.dispatched));
  if (!dear) return std::nullopt;

  Quote quote{.rates = *dear ? tariff->rates : tariff->cheap, .currency = tariff->currency, .phase = {}};
  if (tariff->hours != Hours::kAlike) quote.phase = *dear ? "peak" : "off-peak";
  if (tariff->cliff != 0 && call.prompt_tokens > tariff->cliff) quote.rates = Scaled(quote.rates, 4, 3, 2);
  const std::string_view tier = call.tier;
  if (tier.empty() || tier == "default" || tier == "standard" || tier == "auto") return quote;
  if (tier != "flex" || !tariff->flex) return std::nullopt;
  quote.rates = Scaled(quote.rates, 1, 1, 2);
  return quote;
}

base::Int128 CostOf(const Rates& rates, const Counts& counts) {
  const std::size_t apart = counts.cached + counts.written_5m + counts.written_1h;
  CHECK(apart <= counts.prompt);
  const auto times = [](std::size_t count, std::int64_t rate) {
    return static_cast<base::Int128>(count) * rate;
  };
  return times(counts.prompt - apart, rates.fresh) + times(counts.cached, rates.hit) +
         times(counts.written_5m, rates.write_short) + times(counts.written_1h, rates.write_long) +
         times(counts.completion, rates.out);
}

std::string WriteAmount(base::Int128 pico, std::size_t decimals_min) {
  constexpr std::size_t kDecimals = 12;
  const bool negative = pico < 0;
  std::string digits;  // from the last to the first
  for (base::Int128 rest = negative ? -pico : pico; rest > 0 || digits.size() <= kDecimals; rest /= 10) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  const std::size_t point = digits.size() - kDecimals;
  std::size_t end = digits.size();
  while (end > point + decimals_min && digits[end - 1] == '0') --end;
  const std::string decimals = digits.substr(point, end - point);
  return digits.substr(0, point) + (decimals.empty() ? "" : "." + decimals);
}

}  // namespace sim
