#include <algorithm>
#include <vector>

#include "pricing/book_parts_internal.h"

namespace pricing {
namespace {

using base::WallTime;
using chat::Meter;

// Longer spans are not looked at hour by hour: whatever is in force at any time of them counts.
constexpr std::chrono::days kLookedAt{35};

bool Overlaps(const PriceVersion& version, const Reach& reach) {
  return (!version.valid_from || *version.valid_from <= reach.until) &&
         (!version.valid_until || *version.valid_until > reach.from);
}

// Every instant of the span at which another price may begin to hold; the first one included.
std::vector<WallTime> Turns(const ModelPrices& prices, const Reach& reach) {
  std::vector<WallTime> turns = {reach.from, reach.until};
  const auto put = [&turns, &reach](WallTime at) {
    if (at > reach.from && at < reach.until) turns.push_back(at);
  };
  for (const PriceRule& rule : prices.rules) {
    if (rule.version.valid_from) put(*rule.version.valid_from);
    if (rule.version.valid_until) put(*rule.version.valid_until);
    if (!rule.when) continue;
    const auto local = [&rule](WallTime at) {
      return std::chrono::floor<std::chrono::days>(rule.when->zone.ToLocal(at));
    };
    for (auto day = local(reach.from); day <= local(reach.until) + std::chrono::days(1);
         day += std::chrono::days(1)) {
      put(rule.when->zone.ToInstant(day));
      for (const DayRule::Window& window : rule.when->windows) {
        put(rule.when->zone.ToInstant(day + window.start));
        put(rule.when->zone.ToInstant(day + window.end));
      }
    }
  }
  std::sort(turns.begin(), turns.end());
  turns.erase(std::unique(turns.begin(), turns.end()), turns.end());
  return turns;
}

// Sizes of a call, one for each price that its size may lead to.
std::vector<std::int64_t> Sizes(const ModelPrices& prices, std::int64_t input_max) {
  std::vector<std::int64_t> sizes = {0};
  for (const PriceRule& rule : prices.rules) {
    if (rule.version.context_over > 0 && rule.version.context_over < input_max)
      sizes.push_back(rule.version.context_over + 1);
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

void Raise(Rates& dearest, const Rates& rates) {
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const auto meter = static_cast<Meter>(i);
    const auto priced_as = PricedAs(rates, meter);
    if (!priced_as) continue;
    dearest[meter] = std::max(dearest[meter].value_or(0), *rates[*priced_as]);
  }
}

}  // namespace

std::optional<Rates> Book::DearestRates(const ModelPrices* prices, base::Currency currency,
                                        const Reach& reach) const {
  if (prices == nullptr || reach.until < reach.from) return std::nullopt;
  Rates dearest;
  Circumstances at{.dispatched = reach.from,
                   .completed = reach.from,
                   .service_tier = reach.service_tier,
                   .batch = reach.batch};
  if (reach.until - reach.from > kLookedAt) {
    bool any = false;
    for (const PriceRule& rule : prices->rules) {
      if (rule.version.currency != currency || !IsFor(rule.version, TierOf(at)) ||
          !Overlaps(rule.version, reach))
        continue;
      Raise(dearest, rule.version.rates);
      any = true;
    }
    return any ? std::optional(dearest) : std::nullopt;
  }
  for (const std::int64_t size : Sizes(*prices, reach.input_max)) {
    for (const WallTime turn : Turns(*prices, reach)) {
      at.dispatched = at.completed = turn;
      const Choice choice = Choose(*prices, currency, size, at, false);
      if (choice.rule == nullptr) return std::nullopt;
      Raise(dearest, choice.rule->version.rates);
    }
  }
  return dearest;
}

}  // namespace pricing
