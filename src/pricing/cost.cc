#include <algorithm>

#include "pricing/price.h"

namespace pricing {

using chat::Meter;

std::optional<Meter> PricedAs(const Rates& rates, Meter meter) {
  if (rates[meter]) return meter;
  const auto if_priced = [&rates](Meter other) { return rates[other] ? std::optional(other) : std::nullopt; };
  switch (meter) {
    case Meter::kReasoning:
    case Meter::kOutputAudio:
    case Meter::kOutputImage:
      return if_priced(Meter::kOutput);
    case Meter::kCachedInput:
    case Meter::kCacheWrite5m:
    case Meter::kInputAudio:
    case Meter::kInputImage:
      return if_priced(Meter::kInput);
    case Meter::kCacheWrite1h:
      return rates[Meter::kCacheWrite5m] ? std::nullopt : if_priced(Meter::kInput);
    case Meter::kInput:
    case Meter::kOutput:
    case Meter::kRequest:
    case Meter::kSearch:
    case Meter::kFetch:
    case Meter::kPage:
    case Meter::kCharacter:
    case Meter::kImage:
    case Meter::kSecond:
      return std::nullopt;
  }
  return std::nullopt;
}

Terms TermsOf(const Rates& rates, const chat::Usage& usage) {
  Terms terms;
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const auto meter = static_cast<Meter>(i);
    const std::int64_t count = usage[meter];
    if (count == 0) continue;
    const bool sane = count > 0 && count <= kCountMax;
    const std::optional<Meter> priced_as = PricedAs(rates, meter);
    if (!priced_as || !sane) {
      if ((meter != Meter::kRequest || !sane) && !terms.unpriced) terms.unpriced = meter;
      continue;
    }
    const std::int64_t rate = *rates[*priced_as];
    const base::Int128 numerator = static_cast<base::Int128>(count) * rate;
    terms.lines[terms.size++] = {meter, *priced_as, count, rate, numerator};
    terms.numerator += numerator;
  }
  return terms;
}

std::optional<base::Int128> Total(const Terms& terms) {
  if (terms.unpriced) return std::nullopt;
  return base::DivideRounded(terms.numerator, kRatePer);
}

}  // namespace pricing
