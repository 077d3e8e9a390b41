#include <limits>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/money.h"
#include "pricing/amount_internal.h"

namespace pricing {
namespace {

using base::Int128;

constexpr std::size_t kDigitsMax = 30;
constexpr int kExponentMax = 60;
constexpr int kPicoPerMillion = 18;  // decimals of a pico-unit for 1,000,000

// A number as a whole one times a power of ten.
struct Decimal {
  Int128 digits = 0;
  int exponent = 0;
};

std::optional<int> ParseExponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (!base::IsDigit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > kExponentMax) return std::nullopt;
  }
  return negative ? -value : value;
}

std::optional<Decimal> ParseNumber(std::string_view text) {
  Decimal number;
  if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    const auto exponent = ParseExponent(text.substr(e + 1));
    if (!exponent) return std::nullopt;
    number.exponent = *exponent;
    text = text.substr(0, e);
  }
  bool point = false;
  bool any = false;
  std::size_t significant = 0;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!base::IsDigit(c)) return std::nullopt;
    any = true;
    if (point) --number.exponent;
    number.digits = number.digits * 10 + (c - '0');
    if (number.digits != 0 && ++significant > kDigitsMax) return std::nullopt;
  }
  if (!any || text.ends_with('.')) return std::nullopt;
  while (number.digits != 0 && number.digits % 10 == 0) number.digits /= 10, ++number.exponent;
  return number;
}

std::optional<ReadRate> Scale(Decimal number, std::uint64_t per) {
  if (number.digits == 0) return ReadRate{};
  constexpr Int128 kMost = std::numeric_limits<std::int64_t>::max();
  // Large enough for every rate that fits, small enough that one more factor of ten still fits.
  constexpr Int128 kRoom = (static_cast<Int128>(1) << 120) / 10;
  Int128 numerator = number.digits;
  Int128 denominator = per;
  int exponent = number.exponent + kPicoPerMillion;
  for (; exponent > 0; --exponent) {
    if (numerator > kRoom) return std::nullopt;
    numerator *= 10;
  }
  for (; exponent < 0; ++exponent) {
    if (denominator > kRoom) return ReadRate{.rate = 0, .exact = false};
    denominator *= 10;
  }
  const Int128 rate = base::DivideRounded(numerator, denominator);
  if (rate > kMost) return std::nullopt;
  return ReadRate{.rate = static_cast<std::int64_t>(rate), .exact = numerator % denominator == 0};
}

}  // namespace

base::Result<ReadRate> ReadPrice(std::string_view text, std::uint64_t per) {
  const auto number = per == 0 ? std::nullopt : ParseNumber(text);
  if (number) {
    if (const auto rate = Scale(*number, per)) return *rate;
  }
  return base::Fail(base::Code::kInvalid,
                    "'" + std::string(text.substr(0, 40)) +
                        "' is no price; write a decimal such as 0.15 that is below 9 for one token or unit");
}

}  // namespace pricing
