#include "base/money.h"

#include <algorithm>
#include <limits>

#include "base/ascii.h"
#include "base/check.h"

namespace base {
namespace {

constexpr std::size_t kDecimals = 12;

tl::unexpected<Error> NoAmount(std::string_view text) {
  return Fail(Code::kInvalid, "'" + std::string(text.substr(0, 40)) +
                                  "' is no amount; write a plain decimal such as 0.15 or 200");
}

}  // namespace

Result<Currency> Currency::Parse(std::string_view code) {
  const bool letters = std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (code.size() != 3 || !letters) {
    return Fail(Code::kInvalid, "'" + std::string(code.substr(0, 40)) +
                                    "' is no currency; write its three letters, such as USD or CNY");
  }
  return Currency(code[0], code[1], code[2]);
}

std::string PrintPico(Int128 pico) {
  __extension__ using Magnitude = unsigned __int128;
  const bool negative = pico < 0;
  // The magnitude of the smallest number does not fit into the signed type.
  const Magnitude magnitude = negative ? 0 - static_cast<Magnitude>(pico) : static_cast<Magnitude>(pico);
  // Only numbers above 18 million units need the slow division.
  const bool small = magnitude <= std::numeric_limits<std::uint64_t>::max();
  const auto low = static_cast<std::uint64_t>(magnitude);
  Magnitude units = small ? low / kPico : magnitude / kPico;
  auto decimals = small ? low % kPico : static_cast<std::uint64_t>(magnitude % kPico);
  char digits[56];
  char* const end = digits + sizeof digits;
  char* at = end;
  if (decimals != 0) {
    std::size_t left = kDecimals;
    for (; decimals % 10 == 0; decimals /= 10) --left;
    for (; left > 0; --left, decimals /= 10) *--at = static_cast<char>('0' + decimals % 10);
    *--at = '.';
  }
  for (; units > std::numeric_limits<std::uint64_t>::max(); units /= 10) {
    *--at = static_cast<char>('0' + static_cast<int>(units % 10));
  }
  auto rest = static_cast<std::uint64_t>(units);
  do {
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (negative) *--at = '-';
  return {at, end};
}

std::string Print(const Money& money) {
  std::string text = PrintPico(money.pico);
  text.append(" ").append(money.currency.code());
  return text;
}

Result<Int128> ParsePico(std::string_view text, Int128 pico_max) {
  const bool negative = text.starts_with('-');
  std::string_view digits = text.substr(negative ? 1 : 0);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string_view decimals = digits.substr(std::min(point + 1, digits.size()));
  digits = digits.substr(0, point);
  if (digits.empty() || (decimals.empty() && text.ends_with('.'))) return NoAmount(text);
  while (decimals.ends_with('0')) decimals.remove_suffix(1);
  if (decimals.size() > kDecimals) {
    return Fail(Code::kInvalid, "'" + std::string(text.substr(0, 40)) + "' has more than twelve decimals");
  }
  Int128 pico = 0;
  const auto take = [&pico, pico_max](char c) {
    if (!IsDigit(c) || pico > pico_max) return false;
    pico = pico * 10 + (c - '0');
    return true;
  };
  for (const char c : digits) {
    if (!take(c)) return NoAmount(text);
  }
  for (std::size_t i = 0; i < kDecimals; ++i) {
    if (!take(i < decimals.size() ? decimals[i] : '0')) return NoAmount(text);
  }
  if (pico > pico_max) {
    return Fail(Code::kInvalid,
                "'" + std::string(text.substr(0, 40)) + "' is more than " + PrintPico(pico_max));
  }
  return negative ? -pico : pico;
}

Result<Money> ParseMoney(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) {
    return Fail(Code::kInvalid, "'" + std::string(text.substr(0, 40)) +
                                    "' is no amount of money; write it with its currency, such as 200 USD");
  }
  auto currency = Currency::Parse(text.substr(blank + 1));
  if (!currency) return Fail(std::move(currency).error());
  auto pico = ParsePico(text.substr(0, blank));
  if (!pico) return Fail(std::move(pico).error());
  return Money{*pico, *currency};
}

Int128 DivideRounded(Int128 numerator, Int128 denominator) {
  CHECK(denominator > 0);
  const Int128 quotient = numerator / denominator;
  const Int128 rest = numerator % denominator;
  const Int128 twice = (rest < 0 ? -rest : rest) * 2;
  if (twice < denominator) return quotient;
  return numerator < 0 ? quotient - 1 : quotient + 1;
}

}  // namespace base
