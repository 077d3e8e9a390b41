#pragma once

#include <string_view>

// How a call was served, in one word that decides its price: what a request asks for and what its answer says
// are composed alike.

namespace wire {

// What everybody gets who asks for nothing else.
inline bool IsUsualTier(std::string_view tier) {
  return tier.empty() || tier == "standard" || tier == "default" || tier == "auto" || tier == "standard_only";
}

// Adds what Messages say beside the tier: another speed than the standard one, and a region that is not the
// whole world: "fast-us", "priority-fast".
template <class String>
void AddToTier(String& tier, std::string_view speed, std::string_view region) {
  const auto add = [&tier](std::string_view word) {
    if (IsUsualTier(tier)) tier.clear();
    if (!tier.empty()) tier += '-';
    tier += word;
  };
  if (!IsUsualTier(speed)) add(speed);
  if (!region.empty() && region != "global" && region != "not_available") add(region);
}

}  // namespace wire
