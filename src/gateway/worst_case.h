#pragma once

#include <cstdint>
#include <optional>

#include "base/money.h"
#include "base/result.h"
#include "pricing/price.h"
#include "wire/request.h"
#include "wire/request_extent.h"

namespace gateway {

// What one call may cost at most. A plain value.
struct WorstCase {
  base::Currency currency{};
  base::Int128 before = 0;   // pico-units times pricing::kRatePer, for all but the answer's own tokens
  std::int64_t answers = 0;  // that have as many tokens as the output limit allows; 0: nothing is generated
  std::int64_t rate = 0;     // pico-units for pricing::kRatePer tokens of them
  std::int64_t output = 0;   // tokens: the output limit that the call is bound by

  // With an output limit of so many tokens; rounded up.
  base::Int128 Pico(std::int64_t output_limit) const;
  base::Int128 Pico() const { return Pico(output); }

  // The largest output limit that costs no more than `pico`, at most `output`. None: not even one token fits.
  std::optional<std::int64_t> OutputWithin(base::Int128 pico) const;
};

// No published rule makes more tokens of one picture.
inline constexpr std::int64_t kImageTokensMax = 65'536;

// The most tokens that a provider can count for a request's prompt. By its bytes: a token is at least one
// byte of text, and what JSON needs around a message is more than what a conversation's form adds to it. By
// `text_tokens` of it, where somebody has counted them (`worded`: how many a model's own tokenizer makes of
// the whole body). What is no text is bound by itself; what only its context bounds, by `context_max`.
std::int64_t InputBound(const wire::RequestView& request, const wire::RequestExtent& extent,
                        std::int64_t context_max, std::optional<std::int64_t> worded = std::nullopt);

// What a call is bound by, beside its rates.
struct CallBounds {
  std::int64_t input = 0;        // InputBound
  std::int64_t output = 0;       // the output limit that is sent with it
  std::int64_t context_max = 0;  // tokens that a model reads at once, where bytes do not say
};

// At `rates`, each the dearest that may hold (pricing::Book::DearestRates): every token of the prompt as
// dear as any that is read, written to a cache or taken from one, every token of the answer as dear as any
// that is thought or said, each as often as the request asks for it. Error: kDenied, with a sentence that
// ends
// "... , so that nobody knows what it may cost": a price is missing, or tools that the provider runs have no
// limit.
base::Result<WorstCase> BoundCall(const wire::RequestView& request, const wire::RequestExtent& extent,
                                  const pricing::Rates& rates, base::Currency currency,
                                  const CallBounds& bounds);

}  // namespace gateway
