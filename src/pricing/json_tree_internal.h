#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "config/tree.h"

namespace pricing {

inline constexpr std::size_t kJsonBytesMax = 32 * base::MiB;
inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::size_t kJsonValuesMax = 4'000'000;

// JSON (RFC 8259) as the same plain data that YAML becomes, so that one reader reads both: numbers and truth
// values are their own text, exact to the last digit. Errors: kInvalid with line and column: not JSON, not
// UTF-8, a key twice; kTooLarge: past one of the limits.
base::Result<config::Node> ParseJson(std::string_view text);

}  // namespace pricing
