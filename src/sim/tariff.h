#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/money.h"
#include "sim/answer.h"
#include "sim/dialect.h"

// What the providers charge, as they publish it. This is the simulator's own table and its own arithmetic:
// it shares nothing with whoever is tested against it but the public price lists.

namespace sim {

// What a token costs, in pico-units; every published price is a whole number of them.
struct Rates {
  std::int64_t fresh = 0;        // input that is neither read from a cache nor written to one
  std::int64_t hit = 0;          // read from a cache
  std::int64_t write_short = 0;  // written for the ordinary lifetime
  std::int64_t write_long = 0;   // written for an hour
  std::int64_t out = 0;          // reasoning included

  friend bool operator==(const Rates&, const Rates&) = default;
};

// A call as far as its price depends on it.
struct PricedCall {
  Dialect dialect = Dialect::kOpenai;
  std::string_view model;         // that answered
  base::Currency currency;        // of the account; who has one price list only charges by that
  std::string_view tier;          // that was applied; empty: none was named
  base::WallTime dispatched;      // the request came
  base::WallTime completed;       // its answer ended
  std::size_t prompt_tokens = 0;  // whole: a long one is dearer altogether
};

struct Quote {
  Rates rates;
  base::Currency currency;
  std::string_view phase;  // "peak", "off-peak"; empty: all hours are alike
};

// None: nobody has published what this costs, or the calendar that decides it is not known here.
std::optional<Quote> QuoteOf(const PricedCall& call);

// In pico-units. REQUIRES: what is cached and written is not more than the prompt.
base::Int128 CostOf(const Rates& rates, const Counts& counts);

// Whether DeepSeek's rule of 2026 makes an instant dear: working days of Beijing, 9 to 12 and 14 to 18. None:
// its year's public holidays are not known here, and decide.
std::optional<bool> IsDeepseekPeak(base::WallTime at);

// "0.0012": plain decimal of pico-units, at least `decimals_min` and at most twelve decimals.
std::string WriteAmount(base::Int128 pico, std::size_t decimals_min = 0);

}  // namespace sim
