#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/time_text.h"
#include "pricing/book_parts_internal.h"

namespace pricing {
namespace {

bool IsOrdinary(std::string_view tier) {
  return tier.empty() || tier == "default" || tier == "standard" || tier == "auto";
}

bool IsOfTime(const PriceVersion& version, base::WallTime at) {
  return (!version.valid_from || at >= *version.valid_from) &&
         (!version.valid_until || at < *version.valid_until);
}

bool IsOfSize(const PriceVersion& version, std::int64_t input_tokens) {
  return version.context_over == 0 || input_tokens > version.context_over;
}

std::string NameOf(const ModelPrices& prices) {
  return prices.provider + "/" + prices.model;
}

std::string WhyNoCalendar(const PriceRule& rule, base::WallTime at) {
  const std::string& calendar = rule.when->except_holidays;
  const auto day = std::chrono::floor<std::chrono::days>(rule.when->zone.ToLocal(at).time_since_epoch());
  const auto year = std::chrono::year_month_day(std::chrono::sys_days(day)).year();
  return "the price of " + rule.version.provider + "/" + rule.version.model +
         " depends on the holidays of '" + calendar + "', and there is no calendar of " +
         std::to_string(static_cast<int>(year)) + " for them";
}

std::string WhyNone(const ModelPrices& prices, base::Currency currency, const Circumstances& circumstances) {
  const AskedTier asked = TierOf(circumstances);
  bool any_currency = false;
  bool any_tier = false;
  for (const PriceRule& rule : prices.rules) {
    if (rule.version.currency != currency) continue;
    any_currency = true;
    any_tier = any_tier || IsFor(rule.version, asked);
  }
  if (!any_currency)
    return "no price of " + NameOf(prices) + " in " + std::string(currency.code()) + " is known";
  if (!any_tier && asked.batch) return "no batch price of " + NameOf(prices) + " is known";
  if (!any_tier) {
    return "no price of " + NameOf(prices) + " is known for the service tier '" + std::string(asked.tier) +
           "'";
  }
  const base::WallTime at = circumstances.prices_of.value_or(circumstances.dispatched);
  return "no price of " + NameOf(prices) + " is known for " + base::PrintTime(at);
}

// What is asked for, as each rule is looked at.
struct Asked {
  base::Currency currency;
  std::int64_t input_tokens = 0;
  AskedTier tier;
  std::optional<base::WallTime> prices_of;

  // Hours apart.
  bool Holds(const PriceVersion& version, base::WallTime at) const {
    return version.currency == currency && IsFor(version, tier) && IsOfSize(version, input_tokens) &&
           IsOfTime(version, prices_of.value_or(at));
  }
};

// One pass over the rules; each is looked at with the instant that `instant` gives.
template <class Instant>
Choice Pass(const ModelPrices& prices, const Asked& asked, bool wants_why, Instant instant) {
  for (const PriceRule& rule : prices.rules) {
    const base::WallTime at = instant(rule.version);
    if (!asked.Holds(rule.version, at)) continue;
    if (!rule.when) return {&rule, {}};
    switch (rule.when->Holds(at, rule.calendar)) {
      case DayRule::Answer::kYes:
        return {&rule, {}};
      case DayRule::Answer::kNo:
        break;
      case DayRule::Answer::kUnknown:
        return {nullptr, wants_why ? WhyNoCalendar(rule, at) : "?"};
    }
  }
  return {};
}

}  // namespace

AskedTier TierOf(const Circumstances& circumstances) {
  const std::string_view tier = circumstances.service_tier;
  if (IsOrdinary(tier)) return {{}, circumstances.batch};
  if (tier == "batch") return {{}, true};
  return {tier, circumstances.batch};
}

bool IsFor(const PriceVersion& version, AskedTier asked) {
  if (version.service_tier != kAnyTier && version.service_tier != asked.tier) return false;
  return version.batch == Batch::kAny || (version.batch == Batch::kYes) == asked.batch;
}

Choice Choose(const ModelPrices& prices, base::Currency currency, std::int64_t input_tokens,
              const Circumstances& circumstances, bool wants_why) {
  const Asked asked = {currency, input_tokens, TierOf(circumstances), circumstances.prices_of};
  const auto decisive = [&circumstances](const PriceVersion& version) {
    return version.billed_at == BilledAt::kDispatch ? circumstances.dispatched : circumstances.completed;
  };
  if (circumstances.off_peak) {
    for (const PriceRule& rule : prices.rules) {
      if (rule.version.phase == kOffPeak && asked.Holds(rule.version, decisive(rule.version)))
        return {&rule, {}};
    }
  }
  Choice choice = Pass(prices, asked, wants_why, decisive);
  // A call that was under way while the deciding instant itself was changed may fall between two prices: the
  // one at its dispatch counts.
  if (choice.rule == nullptr && choice.why.empty()) {
    choice = Pass(prices, asked, wants_why,
                  [&circumstances](const PriceVersion&) { return circumstances.dispatched; });
  }
  if (choice.rule == nullptr && choice.why.empty() && wants_why)
    choice.why = WhyNone(prices, currency, circumstances);
  return choice;
}

}  // namespace pricing
