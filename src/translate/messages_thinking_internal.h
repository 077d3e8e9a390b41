#pragma once

#include <cstdint>
#include <string_view>

#include "translate/form.h"
#include "translate/losses.h"
#include "translate/messages_models_internal.h"
#include "translate/translate.h"

namespace translate::internal {

// How the thinking that a request wants is asked for in Messages. Newer models of Claude are told an effort,
// older ones a budget; effort.h has the table between the two. A budget made of an effort is at most three
// quarters of max_tokens, so that room for the answer is left, and never under 1024, the least that is
// accepted. An effort that a model has no step for is said as the nearest below; minimal is low.
struct ThinkingPlan {
  enum class Ask : std::uint8_t {
    kNothing,
    kDisabled,
    kBetweenTools,
    kEnabled,
    kAdaptive
  } ask = Ask::kNothing;
  std::int64_t budget_tokens = 0;  // of kEnabled; 0: not written
  std::string_view effort{};       // for output_config; empty: not written
  std::string_view display{};      // empty: not written
  // Something is thought because it was asked for: sampling, prefills and forced tools are then refused.
  bool Thinks() const { return ask == Ask::kEnabled || ask == Ask::kAdaptive; }
};

// Notes what of it cannot be said. `max_tokens` is what the request will say.
ThinkingPlan PlanThinking(const Request& request, const Target& target, const MessagesModel& model,
                          std::int64_t max_tokens, Losses& losses);

}  // namespace translate::internal
