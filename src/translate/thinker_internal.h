#pragma once

#include <cstdint>
#include <string_view>

#include "translate/form.h"
#include "translate/losses.h"

namespace translate::internal {

// How a model of OpenAI thinks, told by its name; one that is not known is taken for a new one.
enum class Thinker : std::uint8_t { kNever, kAlways, kAtLeastMinimally, kIfAsked };

inline Thinker ThinkerOf(std::string_view model) {
  if (model.starts_with("ft:")) model.remove_prefix(3);
  for (const std::string_view older : {"gpt-4", "gpt-3", "chatgpt-", "gpt-5-chat"}) {
    if (model.starts_with(older)) return Thinker::kNever;
  }
  for (const std::string_view always : {"o1", "o3", "o4", "gpt-5-pro", "gpt-5-codex", "codex-mini"}) {
    if (model.starts_with(always)) return Thinker::kAlways;
  }
  return model == "gpt-5" || model.starts_with("gpt-5-") ? Thinker::kAtLeastMinimally : Thinker::kIfAsked;
}

// Who leaves it to the model whether it thinks is answered also by one that never does: names what was said
// of it.
inline void NameLeftToTheModel(const Thinking& thinking, Losses& losses) {
  losses.Ignored(thinking.mode_raw);
  if (!thinking.effort.empty()) losses.Ignored(thinking.effort.inside);
}

}  // namespace translate::internal
