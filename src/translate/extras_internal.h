#pragma once

#include <string_view>
#include <vector>

#include "translate/form.h"
#include "translate/json_out.h"
#include "translate/losses.h"
#include "translate/translate.h"

namespace translate::internal {

// A member at the top of a request that no dialect has: a setting of some server's own, as vLLM's `min_p` or
// `chat_template_kwargs`. Views lie in the body.
struct Extra {
  std::string_view name;  // the inside of a JSON string
  std::string_view raw;
};

inline constexpr std::size_t kExtrasMax = 64;  // that are passed on; more are refused as unknown members are

// Those of `request` that pass to `target` as they are: all where the server is no maker's own, since only it
// knows what it takes; none elsewhere. One that is there twice is told once, and so is refused.
std::vector<Extra> ExtrasOf(const Request& request, const Target& target);

// Writes `extras`; what else only the caller's dialect knows, or nobody, is unsayable, and `why`.
void WriteOthers(const Request& request, const std::vector<Extra>& extras, std::string_view why,
                 JsonOut& json, Losses& losses);

}  // namespace translate::internal
