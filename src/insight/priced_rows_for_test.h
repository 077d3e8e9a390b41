#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time_text.h"
#include "insight/explain.h"
#include "pricing/priced_for_test.h"
#include "pricing/version_text.h"
#include "store/ledger_row.h"
#include "store/price_definition.h"

// Rows as the gateway writes them: priced by the shipped catalogue, some of them of unknown price, some with
// attempts that failed.

namespace insight {

class PricedRows {
 public:
  explicit PricedRows(std::uint64_t seed, base::WallTime first = pricing::At("2026-11-16T00:00:00Z"))
      : book_(pricing::ShippedBook()), random_(seed), at_(first) {}

  // The next row; valid until the one after it.
  const store::LedgerRow& Next() {
    static constexpr std::pair<std::string_view, std::string_view> kModels[] = {
        {"deepseek", "deepseek-flash"},
        {"deepseek", "deepseek-v4-pro"},
        {"openai", "gpt-5-mini"},
        {"nobody", "unheard-of"}};
    static constexpr std::string_view kTeams[] = {"support", "search", ""};
    at_ += std::chrono::seconds(random_.Below(1'800));
    row_ = {};
    definitions_.clear();
    attempts_.clear();
    id_ = "req_" + std::to_string(random_.Next());
    row_.request_id = id_;
    row_.started = at_;
    row_.dispatched = at_ + std::chrono::milliseconds(1);
    row_.completed = at_ + std::chrono::seconds(1 + random_.Below(60));
    row_.team = kTeams[random_.Below(3)];
    row_.asked_model = "assistant";
    const auto& [provider, model] = kModels[random_.Below(20) == 0 ? 3 : random_.Below(3)];
    row_.provider = provider;
    row_.model = row_.response_model = model;
    row_.status = 200;
    row_.usage = Usage();
    row_.usage_source = chat::UsageSource::kProvider;
    row_.price = Price(provider, model, row_.usage);
    if (random_.Below(10) == 0) {
      attempts_.emplace_back();
      attempts_.back().model = "deepseek/deepseek-flash";
      attempts_.back().status = 500;
      attempts_.back().error = "500";
      attempts_.back().usage = Usage();
      attempts_.back().price = Price("deepseek", "deepseek-flash", *attempts_.back().usage);
      row_.attempts = attempts_;
    }
    return row_;
  }

  // Of the versions that the row names.
  const std::vector<store::PriceDefinition>& definitions() const { return definitions_; }
  const std::shared_ptr<const pricing::Book>& book() const { return book_; }
  FindDefinition Finder() const {
    return [this](std::string_view version) {
      for (const auto& [id, text] : texts_) {
        if (id == version) return text;
      }
      return std::string();
    };
  }

 private:
  chat::Usage Usage() {
    chat::Usage usage;
    usage.input = static_cast<std::int64_t>(random_.Below(5'000));
    usage.cached_input = static_cast<std::int64_t>(random_.Below(5'000));
    usage.output = static_cast<std::int64_t>(random_.Below(1'000));
    usage.reasoning = static_cast<std::int64_t>(random_.Below(1'000));
    return usage;
  }
  store::LedgerPrice Price(std::string_view provider, std::string_view model, const chat::Usage& usage) {
    const auto usd = base::Currency::kUsd;
    const pricing::Cost cost = book_->Price(book_->Find(provider, model, usd), usd, usage,
                                            {.dispatched = *row_.dispatched, .completed = row_.completed});
    if (cost.version == nullptr)
      return {.version = store::kUnknownPrice, .phase = {}, .currency = {}, .cost = {}};
    std::string& text = texts_[cost.version->id];
    if (text.empty()) text = pricing::WriteVersion(*cost.version);
    definitions_.push_back({cost.version->id, text});
    return {cost.version->id, cost.version->phase, usd, cost.pico};
  }

  const std::shared_ptr<const pricing::Book> book_;
  base::Random random_;
  base::WallTime at_;
  std::string id_;
  std::map<std::string, std::string> texts_;
  std::vector<store::PriceDefinition> definitions_;
  std::vector<store::LedgerAttempt> attempts_;
  store::LedgerRow row_;
};

}  // namespace insight
