#include "gateway/typical_cost.h"

#include <algorithm>
#include <functional>

namespace gateway {

std::uint64_t TypicalCost::Hash(std::string_view model, std::string_view key_id) {
  const std::hash<std::string_view> hash;
  return hash(model) * 0x9e3779b97f4a7c15 ^ hash(key_id);
}

std::int64_t TypicalCost::ShareOf(std::string_view model, std::string_view key_id) const {
  return pairs_.With([&](const Pairs& pairs) {
    const auto found = pairs.find(Hash(model, key_id));
    if (found == pairs.end() || found->second.all < kCallsMin) return kWhole;
    const Shares& shares = found->second;
    std::uint32_t dearer = shares.all / 100;  // that may be
    std::int64_t share = kWhole;
    while (share > 1 && shares.calls[static_cast<std::size_t>(share - 1)] <= dearer) {
      dearer -= shares.calls[static_cast<std::size_t>(share - 1)];
      --share;
    }
    return share;
  });
}

void TypicalCost::Learn(std::string_view model, std::string_view key_id, base::Int128 cost,
                        base::Int128 worst) {
  const base::Int128 share = (std::clamp<base::Int128>(cost, 1, worst) * kWhole + worst - 1) / worst;
  pairs_.With([&](Pairs& pairs) {
    if (pairs.size() >= kPairsMax) pairs.clear();
    Shares& shares = pairs[Hash(model, key_id)];
    ++shares.calls[static_cast<std::size_t>(std::clamp<base::Int128>(share, 1, kWhole) - 1)];
    if (++shares.all < kCallsKept) return;
    shares.all = 0;
    for (std::uint16_t& calls : shares.calls) {
      calls /= 2;
      shares.all += calls;
    }
  });
}

}  // namespace gateway
