#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "base/guarded.h"
#include "base/money.h"

namespace gateway {

// Which part of its worst case a call typically costs, by model and key: what budgets of mode `typical`
// reserve. Learned from what calls have cost; of the last few hundred of a pair, 99 in 100 cost no more.
// Thread-safe; asked only where such a budget holds.
class TypicalCost {
 public:
  static constexpr std::int64_t kWhole = 64;          // a share is so many of it
  static constexpr std::uint32_t kCallsMin = 100;     // before, the worst case is reserved
  static constexpr std::uint32_t kCallsKept = 1'000;  // then old ones weigh less and less
  static constexpr std::size_t kPairsMax = 50'000;    // beyond, all are learned anew

  // 1 to kWhole.
  std::int64_t ShareOf(std::string_view model, std::string_view key_id) const;

  // REQUIRES: worst > 0.
  void Learn(std::string_view model, std::string_view key_id, base::Int128 cost, base::Int128 worst);

 private:
  // How many calls cost which share, rounded up.
  struct Shares {
    std::array<std::uint16_t, kWhole> calls{};
    std::uint32_t all = 0;
  };
  using Pairs = std::unordered_map<std::uint64_t, Shares>;  // by a hash of both names

  static std::uint64_t Hash(std::string_view model, std::string_view key_id);

  base::Guarded<Pairs> pairs_;
};

}  // namespace gateway
