#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

// Money is whole pico-units (a million-millionth) of a named currency: one cached token costs thousands of
// them, so that no price of the trade is ever cut. There is no exchange and no fraction of binary digits
// here.

namespace base {

// A total of pico-units: 128 bits hold more than all the money there is.
__extension__ using Int128 = __int128;

inline constexpr std::int64_t kPico = 1'000'000'000'000;  // pico-units of one unit

// Three capital letters as in ISO 4217: USD, CNY. The default is "none", the currency of nothing.
class Currency {
 public:
  constexpr Currency() = default;

  // Errors: kInvalid with a sentence that says what a currency looks like.
  static Result<Currency> Parse(std::string_view code);

  constexpr bool none() const { return code_[0] == 0; }
  constexpr std::string_view code() const { return {code_.data(), none() ? 0U : code_.size()}; }  // of this

  friend constexpr auto operator<=>(const Currency&, const Currency&) = default;

  static const Currency kUsd;
  static const Currency kCny;

 private:
  constexpr Currency(char a, char b, char c) : code_{a, b, c} {}
  std::array<char, 3> code_{};
};

inline constexpr Currency Currency::kUsd{'U', 'S', 'D'};
inline constexpr Currency Currency::kCny{'C', 'N', 'Y'};

// An amount; negative where something was given back.
struct Money {
  Int128 pico = 0;
  Currency currency;

  friend bool operator==(const Money&, const Money&) = default;
};

// "0.00012345": plain decimal, trailing zeros cut, up to twelve decimals, '-' before what is negative.
std::string PrintPico(Int128 pico);
// "0.00012345 USD".
std::string Print(const Money& money);

// A plain decimal with at most twelve decimals that count, '-' allowed, no exponent, no grouping. Errors:
// kInvalid with a sentence; also for what does not fit into `pico_max`.
Result<Int128> ParsePico(std::string_view text,
                         Int128 pico_max = static_cast<Int128>(kPico) * 1'000'000'000'000);
// "200 USD": a decimal, one blank, a currency. Errors: kInvalid with a sentence.
Result<Money> ParseMoney(std::string_view text);

// `numerator` / `denominator` to the nearest whole number, halves away from zero. REQUIRES: denominator > 0.
Int128 DivideRounded(Int128 numerator, Int128 denominator);

}  // namespace base
