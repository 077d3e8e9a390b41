#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace pricing {

// Pico-units for 1,000,000. `exact` is false where the written price falls between two of them and the nearer
// one was taken: a difference of less than one pico-unit in a million tokens.
struct ReadRate {
  std::int64_t rate = 0;
  bool exact = true;
};

// What `per` of something cost, as a decimal with or without an exponent ("0.15", "1.25e-07"), without a
// detour over binary fractions. Errors: kInvalid: no number, negative, more than 30 digits, or too large.
base::Result<ReadRate> ReadPrice(std::string_view text, std::uint64_t per);

}  // namespace pricing
