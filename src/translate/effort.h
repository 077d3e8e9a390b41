#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "translate/json_text.h"

namespace translate {

// How much a model may think is said in words by some dialects and in tokens by others. This is the table
// between the two:
//
//   effort     none   minimal  low    medium  high    xhigh   max
//   tokens     0      1,024    2,048  8,192   16,384  32,768  65,536
//
// Tokens become the word of the largest entry between low and high that they reach, since not every model
// knows the words beyond those two; fewer than 2,048 are low.
inline std::optional<std::int64_t> BudgetOf(JsonText effort) {
  if (effort.Is("none")) return 0;
  if (effort.Is("minimal")) return 1024;
  if (effort.Is("low")) return 2048;
  if (effort.Is("medium")) return 8192;
  if (effort.Is("high")) return 16384;
  if (effort.Is("xhigh")) return 32768;
  if (effort.Is("max")) return 65536;
  return std::nullopt;
}

constexpr std::string_view EffortOf(std::int64_t budget_tokens) {
  if (budget_tokens >= 16384) return "high";
  return budget_tokens >= 8192 ? "medium" : "low";
}

}  // namespace translate
