#include "sim/bill.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"
#include "sim/tariff.h"

namespace sim {
namespace {

constexpr std::size_t kBalanceDecimals = 2;  // at least

std::string_view ProviderOf(Dialect dialect) {
  switch (dialect) {
    case Dialect::kOpenai:
    case Dialect::kResponses:
      return "openai";
    case Dialect::kDeepseek:
    case Dialect::kDeepseekMessages:
      return "deepseek";
    case Dialect::kAnthropic:
      return "anthropic";
  }
  return {};
}

// Tiers that cost what the list says.
std::string NamedTier(const std::string& tier) {
  return tier == "default" || tier == "standard" || tier == "auto" ? std::string() : tier;
}

}  // namespace

void Bill::Sums::Add(const Counts& more, base::Int128 cost) {
  ++requests;
  counts.prompt += more.prompt;
  counts.cached += more.cached;
  counts.written_5m += more.written_5m;
  counts.written_1h += more.written_1h;
  counts.completion += more.completion;
  counts.reasoning += more.reasoning;
  pico += cost;
}

std::string Bill::Add(const Charge& charge, base::Currency currency) {
  const auto quote = QuoteOf({.dialect = charge.dialect,
                              .model = charge.model,
                              .currency = currency,
                              .tier = charge.tier,
                              .dispatched = charge.dispatched,
                              .completed = charge.completed,
                              .prompt_tokens = charge.counts.prompt});
  const base::Int128 cost = quote ? CostOf(quote->rates, charge.counts) : 0;
  Line line{.reckoning = charge.reckoning,
            .priced = quote.has_value(),
            .key = charge.key,
            .provider = ProviderOf(charge.dialect),
            .model = charge.model,
            .phase = quote ? quote->phase : std::string_view(),
            .tier = NamedTier(charge.tier),
            .currency = quote ? quote->currency : base::Currency()};
  const bool known = lines_.size() < kBillLinesMax || lines_.find(line) != lines_.end();
  if (!known) line.key.clear(), line.model.clear(), line.tier.clear();
  lines_[line].Add(charge.counts, cost);
  if (!quote) return "unpriced";

  totals_[{charge.reckoning, quote->currency}].Add(charge.counts, cost);
  const auto account = spent_.find(std::pair(charge.key, quote->currency));
  if (account != spent_.end()) {
    account->second += cost;
  } else if (spent_.size() < kBillLinesMax) {
    spent_.emplace(std::pair(charge.key, quote->currency), cost);
  }
  return WriteAmount(cost) + " " + std::string(quote->currency.code());
}

base::Int128 Bill::Spent(std::string_view key, base::Currency currency) const {
  const auto account = spent_.find(std::pair(std::string(key), currency));
  return account == spent_.end() ? 0 : account->second;
}

void Bill::AppendSums(const Sums& sums, std::string& json) {
  const Counts& counts = sums.counts;
  base::JsonObject usage;
  const auto add = [&usage](std::string_view name, std::size_t count) {
    usage.Add(name, std::uint64_t{count});
  };
  add("input", counts.prompt - counts.cached - counts.written_5m - counts.written_1h);
  add("cached_input", counts.cached);
  add("cache_write_5m", counts.written_5m);
  add("cache_write_1h", counts.written_1h);
  add("output", counts.completion - counts.reasoning);
  add("reasoning", counts.reasoning);
  json += "\"requests\":" + std::to_string(sums.requests) + ",\"usage\":" + usage.Take();
}

std::string Bill::WriteLines(Reckoning reckoning, bool priced) const {
  std::string json = "[";
  for (const auto& [line, sums] : lines_) {
    if (line.priced != priced || (priced && line.reckoning != reckoning)) continue;
    if (json.size() > 1) json += ',';
    json += "{\"key\":";
    base::AppendJsonString(json, line.key);
    json += ",\"provider\":";
    base::AppendJsonString(json, line.provider);
    json += ",\"model\":";
    base::AppendJsonString(json, line.model);
    json += ",\"tier\":";
    base::AppendJsonString(json, line.tier);
    json += ',';
    AppendSums(sums, json);
    if (priced) {
      json += ",\"phase\":";
      base::AppendJsonString(json, line.phase);
      json += ",\"cost\":\"" + WriteAmount(sums.pico) + "\",\"currency\":\"";
      json.append(line.currency.code()).append("\"");
    }
    json += '}';
  }
  return json + "]";
}

std::string Bill::WriteTotals(Reckoning reckoning) const {
  std::string json = "[";
  for (const auto& [of, sums] : totals_) {
    if (std::get<Reckoning>(of) != reckoning) continue;
    if (json.size() > 1) json += ',';
    json += "{\"currency\":\"";
    json.append(std::get<base::Currency>(of).code()).append("\",");
    AppendSums(sums, json);
    json += ",\"cost\":\"" + WriteAmount(sums.pico) + "\"}";
  }
  return json + "]";
}

std::string Bill::WriteMembers() const {
  std::string json;
  for (const Reckoning reckoning : {Reckoning::kTold, Reckoning::kUntold, Reckoning::kAborted}) {
    json += '"';
    json += Name(reckoning);
    json += "\":{\"total\":" + WriteTotals(reckoning) + ",\"lines\":" + WriteLines(reckoning, true) + "},";
  }
  return json + "\"unpriced\":" + WriteLines(Reckoning::kTold, false);
}

Funds Funds::After(base::Int128 spent) const {
  const base::Int128 of_granted = std::min(spent, granted);
  return {.granted = granted - of_granted, .topped_up = topped_up - (spent - of_granted)};
}

std::string WriteBalance(const Funds& left, base::Currency currency, bool available) {
  base::JsonObject info;
  info.Add("currency", currency.code());
  info.Add("total_balance", WriteAmount(left.Total(), kBalanceDecimals));
  info.Add("granted_balance", WriteAmount(left.granted, kBalanceDecimals));
  info.Add("topped_up_balance", WriteAmount(left.topped_up, kBalanceDecimals));
  return std::string("{\"is_available\":") + (available ? "true" : "false") + ",\"balance_infos\":[" +
         info.Take() + "]}";
}

}  // namespace sim
