#include "gateway/token_counts.h"

#include <algorithm>

#include "base/money.h"
#include "wire/prompt_text.h"

namespace gateway {

Counted CountText(const engine::TokenCounter& counter, std::string_view provider, std::string_view model,
                  std::string_view text) {
  const engine::TokenCount count = counter.Count(provider, model, text);
  return {.tokens = count.tokens, .exact = count.kind == engine::CountKind::kCounted};
}

Counted CountPrompt(const engine::TokenCounter& counter, std::string_view provider, std::string_view model,
                    const wire::RequestView& request) {
  const wire::PromptText prompt = wire::ReadPromptText(request);
  Counted counted = CountText(counter, provider, model, prompt.text);
  if (prompt.bytes > wire::PromptText::kTextBytesMax) {
    counted.exact = false;
    counted.tokens = static_cast<std::int64_t>(
        static_cast<base::Int128>(counted.tokens) * static_cast<base::Int128>(prompt.bytes) /
        static_cast<base::Int128>(std::max<std::size_t>(prompt.text.size(), 1)));
  }
  counted.tokens += engine::TokenCounter::Overhead(provider, model, prompt.messages);
  counted.exact &= prompt.complete;
  return counted;
}

}  // namespace gateway
