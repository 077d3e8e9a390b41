#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "chat/usage.h"

// Amounts as people read them, and how a report sees them in another currency.

namespace insight {

// "1,204,000", '-' before what is negative.
std::string Grouped(base::Int128 number);

// "cached input" for cached_input.
std::string Words(chat::Meter meter);

// What `numerator` / 1,000,000 pico-units are, exactly: up to eighteen decimals, trailing zeros cut.
std::string PrintMillionths(base::Int128 numerator);

// "-27.1%": by how much `now` differs from `before`, to a tenth of a percent; empty where `before` is not
// above 0.
std::string PrintChange(base::Int128 before, base::Int128 now);

// Rates that a reader of a report has given, all into one currency: "CNY=0.14 USD" is what one yuan is worth.
// Nothing but a view: what is recorded keeps its currency.
class Conversion {
 public:
  // Errors: kInvalid with a sentence.
  static base::Result<Conversion> Parse(const std::vector<std::string>& given);

  base::Currency to() const { return to_; }
  // In pico-units of `to`, rounded once; none for a currency without a rate.
  std::optional<base::Int128> Convert(base::Int128 pico, base::Currency from) const;
  // "1 CNY = 0.14 USD", one for each rate.
  std::string Print() const;
  const std::map<base::Currency, base::Int128>& rates() const { return rates_; }  // pico-units of `to` for 1

 private:
  base::Currency to_;
  std::map<base::Currency, base::Int128> rates_;
};

// Totals by currency.
using ByCurrency = std::map<base::Currency, base::Int128>;

// "1.2 USD and 3 CNY"; "nothing" for none.
std::string Print(const ByCurrency& amounts);

}  // namespace insight
