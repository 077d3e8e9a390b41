#include "translate/extras_internal.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

// Members at the top of a request that one of the dialects has. To whom it is not said in that dialect, such
// a member would mean something else, or the same a second time. `top_k` is not among them: compatible
// servers take it in all three.
constexpr std::string_view kOfDialects[] = {
    "access_programs",
    "audio",
    "background",
    "background_options",
    "betas",
    "billing_policy",
    "cache_control",
    "compaction",
    "comparison_response_id",
    "completion_window",
    "container",
    "context_compression",
    "context_management",
    "conversation",
    "diagnostics",
    "fallback_credit_token",
    "fallbacks",
    "frequency_penalty",
    "function_call",
    "functions",
    "image",
    "include",
    "inference_geo",
    "input",
    "instructions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "max_tool_calls",
    "mcp_servers",
    "messages",
    "metadata",
    "modalities",
    "model",
    "moderation",
    "n",
    "output_config",
    "output_format",
    "output_schema",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "previous_response_id",
    "prewarm",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "speed",
    "stop",
    "stop_sequences",
    "store",
    "stream",
    "stream_options",
    "system",
    "temperature",
    "text",
    "thinking",
    "thread",
    "tool_choice",
    "tools",
    "top_k",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
    "user_id",
    "user_profile_id",
    "verbosity",
    "web_search_options",
    "workspace_id",
};
static_assert(std::is_sorted(std::begin(kOfDialects), std::end(kOfDialects)));

}  // namespace

std::vector<Extra> ExtrasOf(const Request& request, const Target& target) {
  std::vector<Extra> extras;
  if (target.flavour != chat::Flavour::kCompatible || request.others.empty()) return extras;
  std::vector<const char*> unread;
  for (const std::string_view other : request.others) unread.push_back(other.data());
  std::sort(unread.begin(), unread.end(), std::less<>());
  wire::JsonCursor cursor(request.body);
  if (!cursor.EnterObject()) return extras;
  while (extras.size() < kExtrasMax && cursor.NextMember()) {
    const std::string_view name = cursor.Key();
    const bool escaped = cursor.KeyHasEscapes();
    const wire::JsonValue value = cursor.Take();
    if (escaped || std::binary_search(std::begin(kOfDialects), std::end(kOfDialects), name)) continue;
    if (!std::binary_search(unread.begin(), unread.end(), value.raw.data(), std::less<>())) continue;
    const bool twice =
        std::any_of(extras.begin(), extras.end(), [name](const Extra& extra) { return extra.name == name; });
    if (!twice) extras.push_back({name, value.raw});
  }
  return extras;
}

void WriteOthers(const Request& request, const std::vector<Extra>& extras, std::string_view why,
                 JsonOut& json, Losses& losses) {
  for (const Extra& extra : extras) json.Key(extra.name).Raw(extra.raw);
  for (const std::string_view other : request.others) {
    const bool said = std::any_of(extras.begin(), extras.end(),
                                  [other](const Extra& extra) { return extra.raw.data() == other.data(); });
    if (!said) losses.Cannot(other, why);
  }
}

}  // namespace translate::internal
