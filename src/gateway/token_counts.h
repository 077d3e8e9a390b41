#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/token_counter.h"
#include "wire/request.h"

namespace gateway {

// Tokens that no provider told.
struct Counted {
  std::int64_t tokens = 0;
  bool exact = true;  // by the model's own tokenizer, of a text that is all there is
};

// What was used of a provider that did not tell it.
struct Untold {
  std::int64_t input = 0;  // 0 where it told that much
  std::int64_t output = 0;
  std::int64_t reasoning = 0;
  bool exact = true;  // all of them
};

enum class Effort : std::uint8_t {
  kQuick,  // about a millisecond, as on an event loop: of a long text the end is estimated by its beginning
  kWhole,  // by every byte: some 10 ms for each MiB
};

Counted CountText(const engine::TokenCounter& counter, std::string_view provider, std::string_view model,
                  std::string_view text, Effort effort = Effort::kQuick);

// What a request is for a model that reads it: its texts, its pictures and documents by rules of thumb, and
// the form of a conversation around them.
Counted CountPrompt(const engine::TokenCounter& counter, std::string_view provider, std::string_view model,
                    const wire::RequestView& request, Effort effort = Effort::kQuick);

// What count_tokens of Messages answers.
std::string CountBody(const Counted& counted);

}  // namespace gateway
