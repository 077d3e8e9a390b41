#include "gateway/dearest_rates.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

// The words of a request for "as always".
bool IsOrdinary(std::string_view tier) {
  return tier.empty() || tier == "auto" || tier == "default" || tier == "standard" || tier == "standard_only";
}

void Raise(pricing::Rates& dearest, const pricing::Rates& rates) {
  for (std::size_t i = 0; i < chat::kMeters; ++i) {
    const auto meter = static_cast<chat::Meter>(i);
    if (rates[meter]) dearest[meter] = std::max(dearest[meter].value_or(0), *rates[meter]);
  }
}

}  // namespace

bool DearestRates::Answers(const Found& found, const Asked& asked) {
  return found.from <= asked.from && found.until >= asked.until && found.until - asked.until <= 2 * kKept &&
         found.input >= asked.input && (found.input == kUsualInput || found.input == asked.input) &&
         found.service_tier == asked.service_tier;
}

std::optional<pricing::Rates> DearestRates::Look(const pricing::Book& book,
                                                 const pricing::ModelPrices* prices, const Found& wanted,
                                                 base::Currency currency) {
  pricing::Reach reach{.from = wanted.from, .until = wanted.until, .input_max = wanted.input};
  const bool ordinary = IsOrdinary(wanted.service_tier);
  if (!ordinary) reach.service_tier = wanted.service_tier;
  std::optional<pricing::Rates> rates = book.DearestRates(prices, currency, reach);
  if (!rates || ordinary) return rates;
  reach.service_tier = {};
  if (const auto usual = book.DearestRates(prices, currency, reach)) Raise(*rates, *usual);
  return rates;
}

const pricing::Rates* DearestRates::Find(const std::shared_ptr<const pricing::Book>& book,
                                         const Asked& asked) {
  if (book == nullptr) return nullptr;
  if (book_ != book) {
    found_.clear();
    book_ = book;
  }
  const base::Currency currency = book->CurrencyOf(asked.provider);
  const pricing::ModelPrices* prices = book->Find(asked.provider, asked.model, currency, asked.dialect);
  if (prices == nullptr) return nullptr;
  if (found_.size() >= kModelsMax) found_.clear();
  Found& found = found_[prices];
  if (!Answers(found, asked)) {
    found = {.service_tier = std::string(asked.service_tier),
             .from = asked.from,
             .until = asked.until + kKept,
             .input = std::max(asked.input, kUsualInput)};
    found.rates = Look(*book, prices, found, currency);
  }
  return found.rates ? &*found.rates : nullptr;
}

}  // namespace gateway
