#pragma once

#include <cstdint>
#include <string_view>

namespace chat {

// Which step of the ladder answered, cheapest first. The last provider of a ladder is strong, any earlier one
// cheap.
enum class Rung : std::uint8_t { kRules, kExact, kSemantic, kStudent, kLocal, kCheap, kStrong };

constexpr std::string_view Name(Rung rung) {
  switch (rung) {
    case Rung::kRules:
      return "rules";
    case Rung::kExact:
      return "exact";
    case Rung::kSemantic:
      return "semantic";
    case Rung::kStudent:
      return "student";
    case Rung::kLocal:
      return "local";
    case Rung::kCheap:
      return "cheap";
    case Rung::kStrong:
      return "strong";
  }
  return {};
}

}  // namespace chat
