#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/token_counter.h"
#include "wire/request.h"

namespace gateway {

// Tokens that no provider told.
struct Counted {
  std::int64_t tokens = 0;
  bool exact = true;  // by the model's own tokenizer, of a text that is all there is
};

Counted CountText(const engine::TokenCounter& counter, std::string_view provider, std::string_view model,
                  std::string_view text);

// What a request is for a model that reads it: its texts and the form of a conversation around them.
Counted CountPrompt(const engine::TokenCounter& counter, std::string_view provider, std::string_view model,
                    const wire::RequestView& request);

}  // namespace gateway
