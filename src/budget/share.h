#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/money.h"
#include "config/scope.h"

namespace budget {

// What part of a limit something is, in hundredths of a percent, rounded down; beyond the whole where it is
// more, at most kShareMax. REQUIRES: limit above 0.
inline constexpr std::uint64_t kShareMax = 1'000'000'000'000;
std::uint64_t ShareOf(base::Int128 used, base::Int128 limit);

// "92.5%": without decimals that are 0.
std::string PrintShare(std::uint64_t basis_points);

// Whose an account is: "team/support" of team/* and the value support; "org" of everybody's.
std::string AccountName(const config::ScopePattern& scope, std::string_view value);

}  // namespace budget
