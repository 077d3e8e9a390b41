#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "budget/limit_terms.h"
#include "chat/rung.h"
#include "config/budget_settings.h"

namespace budget {

// Some of the rungs of the ladder. A value.
class RungSet {
 public:
  constexpr RungSet() = default;
  static constexpr RungSet All() { return RungSet(0xff); }

  constexpr void Add(chat::Rung rung) { bits_ = static_cast<std::uint8_t>(bits_ | Bit(rung)); }
  constexpr bool Has(chat::Rung rung) const { return (bits_ & Bit(rung)) != 0; }
  constexpr RungSet operator&(RungSet other) const { return RungSet(bits_ & other.bits_); }
  friend constexpr bool operator==(RungSet, RungSet) = default;

 private:
  explicit constexpr RungSet(unsigned bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  static constexpr unsigned Bit(chat::Rung rung) { return 1U << static_cast<unsigned>(rung); }

  std::uint8_t bits_ = 0;
};

// What a budget does at a share of it. `at` and `forecast` as in config::StepSettings.
struct Step {
  enum class Action : std::uint8_t { kAlert, kLadderMax, kAllow, kLimits, kBlock };

  std::uint64_t id = 0;  // of the budget, the share and the action: survives a reload
  bool forecast = false;
  config::Percent at;
  Action action = Action::kBlock;
  config::AlertAddress alert;
  config::ModelRef ladder_max;
  RungSet allow = RungSet::All();
  std::string allowed;  // in words: "rules, cache, local"
  std::vector<LimitTerms> limits;
};

std::string_view Name(Step::Action action);  // alert, ladder_max, ...: as in the config

// In the order of their shares, those of forecasts behind. REQUIRES: checked settings.
std::vector<Step> MakeSteps(const std::vector<config::StepSettings>& steps, std::uint64_t budget_id);

}  // namespace budget
