#pragma once

#include <cstdint>
#include <string_view>

#include "translate/translate.h"

// What models that are asked through Anthropic Messages take. The dialect is one, its models are not: each
// generation of Claude refuses members that earlier ones took.

namespace translate::internal {

struct MessagesModel {
  // How thinking is turned off.
  enum class Off : std::uint8_t {
    kByDisabled,  // thinking: disabled
    kByLeaving,   // it does not think unasked, and `disabled` is refused
    kBetween,     // thinking: between_tools comes nearest
    kNever,       // it always thinks
  };

  bool claude = false;    // otherwise whoever else speaks the dialect
  bool adaptive = false;  // thinking: adaptive
  bool budget = true;     // thinking: enabled with budget_tokens
  bool thinks_unasked = false;
  Off off = Off::kByDisabled;
  bool effort = false;         // output_config.effort
  bool xhigh = false;          // and its step between high and max
  bool samples = true;         // temperature, top_p, top_k at other values than their defaults
  bool both_samplings = true;  // temperature and top_p in one request
  bool prefill = true;         // goes on with an answer that the last turn has begun
  bool forced_tools = true;    // tool_choice any and tool
  bool later_system = false;   // turns of `system` within the conversation
};

// Told by the name, as the provider or a reseller writes it: claude-opus-4-6, anthropic/claude-4.6-opus,
// us.anthropic.claude-opus-4-6-v1:0. A Claude that is not known yet is taken for the newest.
MessagesModel MessagesModelOf(chat::Flavour flavour, std::string_view name);

}  // namespace translate::internal
