#include "config/units.h"

#include <array>
#include <limits>
#include <optional>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/encoding.h"

namespace config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;  // in milliseconds or bytes
};

constexpr std::array<Unit, 5> kTimes{
    {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 4> kSizes{{{"B", 1}, {"KiB", base::KiB}, {"MiB", base::MiB}, {"GiB", base::GiB}}};

struct Split {
  std::string_view digits;
  std::string_view rest;
};

Split SplitNumber(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && base::IsDigit(text[end])) ++end;
  return {text.substr(0, end), text.substr(end)};
}

// What the writer of "30 sec" or "5 minutes" most likely meant.
std::string_view GuessTimeUnit(std::string_view word) {
  const std::string lower = base::Lower(base::TrimBlanks(word));
  if (lower.empty() || lower[0] == 's') return "s";
  if (lower[0] == 'h') return "h";
  if (lower[0] == 'd') return "d";
  if (lower == "ms" || lower.starts_with("mil") || lower == "msec") return "ms";
  return lower[0] == 'm' ? "m" : "s";
}

std::string_view GuessSizeUnit(std::string_view word) {
  const std::string lower = base::Lower(base::TrimBlanks(word));
  if (lower.empty() || lower[0] == 'b') return "B";
  if (lower[0] == 'k') return "KiB";
  return lower[0] == 'g' ? "GiB" : "MiB";
}

// The number times the unit, unless that does not fit a signed 64-bit count.
std::optional<std::uint64_t> Scale(std::string_view digits, std::uint64_t factor) {
  const std::optional<std::uint64_t> number = base::ParseDecimal(digits);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!number || *number > kMost / factor) return std::nullopt;
  return *number * factor;
}

// A long number is not echoed: what stands in its place may be a secret.
std::string Suggest(std::string_view digits, std::string_view unit, std::string_view example) {
  if (digits.empty() || digits.size() > 9) return "write for example " + std::string(example);
  return "write " + std::string(digits) + std::string(unit);
}

template <std::size_t N>
std::string PrintIn(const std::array<Unit, N>& units, std::uint64_t amount) {
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (amount >= unit.factor && amount % unit.factor == 0) best = &unit;
  }
  return std::to_string(amount / best->factor) + std::string(best->name);
}

}  // namespace

Parsed<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  const auto [digits, rest] = SplitNumber(text);
  for (const Unit& unit : kTimes) {
    if (digits.empty() || rest != unit.name) continue;
    const std::optional<std::uint64_t> amount = Scale(digits, unit.factor);
    if (!amount) return Refuse("this time is too long to count", "write for example 30s");
    return std::chrono::milliseconds(static_cast<std::int64_t>(*amount));
  }
  if (!digits.empty() && rest.empty()) {
    return Refuse("a time needs its unit (ms, s, m, h or d)", Suggest(digits, "s", "30s"));
  }
  if (!digits.empty() && rest[0] == '.') {
    return Refuse("a time is a whole number", "use a smaller unit, as in 1500ms for one and a half seconds");
  }
  return Refuse("a time is a whole number and one of the units ms, s, m, h, d without a blank",
                Suggest(digits, GuessTimeUnit(rest), "30s"));
}

std::string Print(std::chrono::milliseconds duration) {
  if (duration.count() == 0) return "0s";
  return PrintIn(kTimes, static_cast<std::uint64_t>(duration.count()));
}

Parsed<std::uint64_t> ParseSize(std::string_view text) {
  const auto [digits, rest] = SplitNumber(text);
  for (const Unit& unit : kSizes) {
    if (digits.empty() || rest != unit.name) continue;
    const std::optional<std::uint64_t> amount = Scale(digits, unit.factor);
    if (!amount) return Refuse("this size is too large to count", "write for example 16MiB");
    return *amount;
  }
  if (!digits.empty() && rest.empty()) {
    return Refuse("a size needs its unit (B, KiB, MiB or GiB)", Suggest(digits, "B", "16MiB"));
  }
  if (!digits.empty() && rest[0] == '.') {
    return Refuse("a size is a whole number", "use a smaller unit, as in 1536KiB for one and a half MiB");
  }
  return Refuse(
      "a size is a whole number and one of the units B, KiB, MiB, GiB (KB and MB mean 1000 to some "
      "and 1024 to others)",
      Suggest(digits, GuessSizeUnit(rest), "16MiB"));
}

std::string PrintSize(std::uint64_t bytes) {
  return PrintIn(kSizes, bytes);
}

Parsed<Percent> ParsePercent(std::string_view text, Percent most) {
  const auto [whole, rest] = SplitNumber(text);
  if (!whole.empty() && rest.empty()) {
    return Refuse("a share needs its percent sign", Suggest(whole, "%", "20%"));
  }
  std::string_view decimals;
  std::string_view sign = rest;
  if (rest.starts_with('.')) {
    const Split fraction = SplitNumber(rest.substr(1));
    decimals = fraction.digits;
    sign = fraction.rest;
    if (decimals.empty() || decimals.size() > 2) sign = "";
  }
  if (whole.empty() || whole.size() > 5 || sign != "%") {
    return Refuse("a share is a number with at most two decimals and a percent sign",
                  "write for example 20%");
  }
  std::string hundredths(decimals);
  hundredths.resize(2, '0');
  const std::uint64_t amount = *base::ParseDecimal(whole) * 100 + *base::ParseDecimal(hundredths);
  if (amount > most.basis_points) {
    return Refuse("it is at most " + Print(most), "write " + Print(most) + " or less");
  }
  return Percent{static_cast<std::uint32_t>(amount)};
}

std::string Print(Percent percent) {
  std::string text = std::to_string(percent.basis_points / 100);
  if (const std::uint32_t rest = percent.basis_points % 100; rest != 0) {
    text += '.';
    text += static_cast<char>('0' + rest / 10);
    if (rest % 10 != 0) text += static_cast<char>('0' + rest % 10);
  }
  return text + "%";
}

Parsed<std::uint64_t> ParseCount(std::string_view text) {
  if (const std::optional<std::uint64_t> number = base::ParseDecimal(text)) return *number;
  const Split split = SplitNumber(text);
  if (!split.digits.empty() && split.rest.empty()) {
    return Refuse("this number is too large to count", "write a smaller number in plain digits");
  }
  return Refuse("a count is a whole number in plain digits, without sign, unit or separator",
                "write for example 100");
}

}  // namespace config
