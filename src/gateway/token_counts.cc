#include "gateway/token_counts.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json_text.h"
#include "base/money.h"
#include "wire/prompt_text.h"

namespace gateway {

namespace {

constexpr std::size_t kWholeTextBytesMax = 8 * base::MiB;  // more than a million tokens, the longest context

}  // namespace

Counted CountText(const engine::TokenCounter& counter, std::string_view provider, std::string_view model,
                  std::string_view text, Effort effort) {
  if (effort == Effort::kWhole) {
    if (const auto tokens = counter.CountWhole(provider, model, text)) return {.tokens = *tokens};
  }
  const engine::TokenCount count = counter.Count(provider, model, text);
  return {.tokens = count.tokens, .exact = count.kind == engine::CountKind::kCounted};
}

Counted CountPrompt(const engine::TokenCounter& counter, std::string_view provider, std::string_view model,
                    const wire::RequestView& request, Effort effort) {
  const std::size_t bytes_max =
      effort == Effort::kWhole ? kWholeTextBytesMax : wire::PromptText::kTextBytesMax;
  const wire::PromptText prompt = wire::ReadPromptText(request, bytes_max);
  Counted counted = CountText(counter, provider, model, prompt.text, effort);
  if (prompt.bytes > bytes_max) {
    counted.exact = false;
    counted.tokens = static_cast<std::int64_t>(
        static_cast<base::Int128>(counted.tokens) * static_cast<base::Int128>(prompt.bytes) /
        static_cast<base::Int128>(std::max<std::size_t>(prompt.text.size(), 1)));
  }
  counted.tokens += prompt.other_tokens;
  counted.tokens += engine::TokenCounter::Overhead(provider, model, prompt.messages);
  counted.exact &= prompt.complete;
  return counted;
}

std::string CountBody(const Counted& counted) {
  base::JsonObject body;
  body.Add("input_tokens", counted.tokens);
  return body.Take();
}

}  // namespace gateway
