#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/complaint.h"

// Numbers with units, as people write them. A unit is never guessed: a bare number is refused everywhere.

namespace config {

// A share in hundredths of a percent, so that 0.25% is exact.
struct Percent {
  std::uint32_t basis_points = 0;  // 0 to 10000, beyond only where it says so
  constexpr double Ratio() const { return basis_points / 10000.0; }
  friend constexpr auto operator<=>(const Percent&, const Percent&) = default;
};

// 500ms, 30s, 5m, 2h, 90d: a whole number and one unit, no blank between them.
Parsed<std::chrono::milliseconds> ParseDuration(std::string_view text);
std::string Print(std::chrono::milliseconds duration);  // in the largest unit that is exact: 90s, 15m

// 512B, 64KiB, 16MiB, 2GiB: binary units only, because KB means 1000 to some and 1024 to others.
Parsed<std::uint64_t> ParseSize(std::string_view text);
std::string PrintSize(std::uint64_t bytes);

// 20%, 0.5%: at most two decimals, 0% to 100% or what else is the most.
inline constexpr Percent kWhole{10'000};
Parsed<Percent> ParsePercent(std::string_view text, Percent most = kWhole);
std::string Print(Percent percent);

// A whole number in plain digits.
Parsed<std::uint64_t> ParseCount(std::string_view text);

}  // namespace config
