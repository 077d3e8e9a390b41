#include "gateway/worst_case.h"

#include <algorithm>
#include <initializer_list>

#include "engine/token_counter.h"

namespace gateway {
namespace {

using base::Int128;
using chat::Meter;
using chat::Operation;

// What providers put around a prompt on their own: the form of a conversation, what tells a model that it has
// tools, the description of a tool of the provider's own.
constexpr std::int64_t kFormTokensMax = 256;
constexpr std::int64_t kToolsTokensMax = 1'024;
constexpr std::int64_t kKnownToolTokensMax = 2'048;

// Products of what callers write. Past it nothing is affordable anyway, and with it no sum of ours overflows.
std::int64_t Times(std::int64_t a, std::int64_t b) {
  const Int128 product = static_cast<Int128>(a) * b;
  return static_cast<std::int64_t>(std::min<Int128>(product, pricing::kCountMax));
}

Int128 RoundUp(Int128 numerator) {
  return (numerator + pricing::kRatePer - 1) / pricing::kRatePer;
}

std::optional<std::int64_t> Dearest(const pricing::Rates& rates, std::initializer_list<Meter> meters) {
  std::optional<std::int64_t> most;
  for (const Meter meter : meters) {
    if (rates[meter]) most = std::max(most.value_or(0), *rates[meter]);
  }
  return most;
}

std::optional<std::int64_t> InputRate(const wire::RequestExtent& extent, const pricing::Rates& rates) {
  if (!rates[Meter::kInput] || (extent.long_cache && !rates[Meter::kCacheWrite1h])) return std::nullopt;
  std::int64_t most = *Dearest(rates, {Meter::kInput, Meter::kCachedInput, Meter::kCacheWrite5m});
  const auto raise = [&](Meter meter) { most = std::max(most, rates[meter].value_or(0)); };
  if (extent.long_cache) raise(Meter::kCacheWrite1h);
  if (extent.images > 0 || extent.reads_elsewhere) raise(Meter::kInputImage);
  if (extent.sounds || extent.reads_elsewhere) raise(Meter::kInputAudio);
  return most;
}

std::optional<std::int64_t> OutputRate(const wire::RequestExtent& extent, const pricing::Rates& rates) {
  if (!rates[Meter::kOutput]) return std::nullopt;
  return extent.other_output
             ? Dearest(rates, {Meter::kOutput, Meter::kReasoning, Meter::kOutputAudio, Meter::kOutputImage})
             : Dearest(rates, {Meter::kOutput, Meter::kReasoning});
}

base::Error Unknown(std::string_view why) {
  return {base::Code::kDenied, std::string(why) + ", so that nobody knows what it may cost"};
}

}  // namespace

Int128 WorstCase::Pico(std::int64_t output_limit) const {
  return RoundUp(before + static_cast<Int128>(Times(answers, output_limit)) * rate);
}

std::optional<std::int64_t> WorstCase::OutputWithin(Int128 pico) const {
  const Int128 room = pico * pricing::kRatePer - before;
  const Int128 per_token = static_cast<Int128>(answers) * rate;
  if (room < per_token) return std::nullopt;
  if (per_token == 0) return output;
  return static_cast<std::int64_t>(std::min<Int128>(room / per_token, output));
}

std::int64_t InputBound(const wire::RequestView& request, const wire::RequestExtent& extent,
                        std::int64_t context_max, std::optional<std::int64_t> worded) {
  std::int64_t text =
      engine::TokenCounter::Upper(request.body) - static_cast<std::int64_t>(extent.image_bytes);
  if (worded) text = std::min(text, *worded);
  std::int64_t bound = text + Times(extent.images, kImageTokensMax) + kFormTokensMax;
  if (extent.tools) bound += kToolsTokensMax + Times(extent.known_tools, kKnownToolTokensMax);
  return extent.reads_elsewhere ? std::max(bound, context_max) : bound;
}

base::Result<WorstCase> BoundCall(const wire::RequestView& request, const wire::RequestExtent& extent,
                                  const pricing::Rates& rates, base::Currency currency,
                                  const CallBounds& bounds) {
  WorstCase worst{.currency = currency};
  if (request.operation == Operation::kCountTokens) return worst;
  if (!extent.own_tool_uses) {
    return base::Fail(
        Unknown("it lets its provider use tools as often as it likes (max_uses of a tool, or "
                "max_tool_calls, would limit that)"));
  }
  const std::optional<std::int64_t> input_rate = InputRate(extent, rates);
  if (!input_rate) return base::Fail(Unknown("a price of its prompt is not known"));
  const std::int64_t uses = *extent.own_tool_uses;
  const std::int64_t runs = std::min(uses, pricing::kCountMax - 1) + 1;  // of the model
  const std::int64_t input = uses > 0 ? std::max(bounds.input, bounds.context_max) : bounds.input;
  worst.before = static_cast<Int128>(Times(input, runs)) * *input_rate + rates[Meter::kRequest].value_or(0);
  if (uses > 0) {
    const auto use_rate =
        Dearest(rates, {Meter::kSearch, Meter::kFetch, Meter::kPage, Meter::kImage, Meter::kSecond});
    worst.before += static_cast<Int128>(Times(uses, 1)) * use_rate.value_or(0);
  }
  if (request.operation == Operation::kEmbedding) return worst;
  const std::optional<std::int64_t> output_rate = OutputRate(extent, rates);
  if (!output_rate) return base::Fail(Unknown("the price of its answer is not known"));
  const std::int64_t times = Times(extent.answers, runs);
  worst.before += static_cast<Int128>(Times(times, extent.prediction_bytes)) * *output_rate;
  worst.answers = times;
  worst.rate = *output_rate;
  worst.output = bounds.output;
  return worst;
}

}  // namespace gateway
