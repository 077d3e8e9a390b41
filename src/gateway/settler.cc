#include "gateway/settler.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "gateway/token_counts.h"
#include "pricing/version_text.h"
#include "wire/json_string.h"

namespace gateway {
namespace {

using base::Int128;
using chat::UsageSource;

constexpr std::size_t kDefinitionsMax = 1'000;
constexpr std::uint64_t kLearnEvery = 32;  // answers: the estimator needs only some to learn from

// Whether the numbers of a stream are only those of its beginning: Messages tell the tokens of the answer at
// its end.
bool IsBeginning(const RequestRecord& record) {
  return record.usage && record.stream && record.said_as == chat::Operation::kMessages &&
         record.finish == chat::FinishReason::kNone;
}

// Whether a provider has worked for this request without having said how much. What it refused cost nothing;
// of one that never answered nobody knows; what a failed one said stands with its attempt.
bool WorkedUntold(const RequestRecord& record) {
  if (record.attempts.empty() || record.said_as == chat::Operation::kCountTokens) return false;
  const AttemptNote& last = record.attempts.back();
  if (last.usage) return false;
  const bool answered = last.error.empty() && last.status >= 200 && last.status < 300;
  return !record.usage && (answered || record.aborted);
}

std::string Unescaped(std::string_view inside) {
  std::string text;
  text.reserve(inside.size());
  wire::AppendUnescaped(text, inside);
  return text;
}

// What a call costs at the prices of one model.
Price PriceOf(const pricing::Cost& cost, base::Currency currency) {
  if (cost.version == nullptr || !cost.pico) {
    return {.version = pricing::kUnknownVersion, .currency = currency};
  }
  return {.of = cost.version,
          .version = cost.version->id,
          .phase = cost.version->phase,
          .currency = cost.version->currency,
          .cost = cost.pico};
}

// What is said in the record itself.
void FillRow(const RequestRecord& record, store::LedgerRow& row) {
  row.request_id = record.id;
  row.started = record.started;
  row.dispatched = record.dispatched;
  if (record.first_token) row.first_token = record.started + (*record.first_token - record.begun);
  row.completed = record.completed;
  row.key_id = record.key_id;
  row.team = record.team;
  row.project = record.project;
  row.operation = record.operation.value_or(chat::Operation::kChat);
  row.asked_model = record.asked_model;
  row.provider = record.provider;
  row.model = record.model;
  row.response_model = record.response_model;
  row.rung = record.rung.value_or(chat::Rung::kStrong);
  row.reason = record.reason;
  row.stream = record.stream;
  row.aborted = record.aborted;
  row.status = record.status;
  row.error = record.error_code;
  row.finish = record.finish;
  if (record.usage) row.usage = *record.usage;
  row.usage_source = record.usage_source;
  row.provider_usage = record.provider_usage;
  row.service_tier = record.service_tier;
}

chat::Dialect DialectAsked(const std::optional<chat::Operation>& said_as) {
  return chat::DialectOf(said_as.value_or(chat::Operation::kChat));
}

}  // namespace

void Settler::Settle(RequestRecord& record, const SettledBy& by, const DeliveredText& text) {
  record.completed = parts_.clock.WallNow();
  if (!record.attempts.empty() && record.attempts.back().error.empty()) {
    AttemptNote& last = record.attempts.back();  // it is being answered still
    last.took = std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.Now() - last.begun);
  }
  if (WorkedUntold(record) || IsBeginning(record)) {
    Count(record, by, text);
  } else if (record.usage) {
    if (record.usage_source != UsageSource::kDrained) record.usage_source = UsageSource::kProvider;
    if (++settled_ % kLearnEvery == 0) Learn(record, text);
  }
  if (by.book != nullptr) Price(record, by);
  if (parts_.journal != nullptr) Write(record, by);
}

// Tokens that the provider did not tell, of what it was sent and of what it sent.
void Settler::Count(RequestRecord& record, const SettledBy& by, const DeliveredText& text) {
  bool exact = text.bytes() <= text.kept();
  const auto take = [&exact](const Counted& counted) {
    exact &= counted.exact;
    return counted.tokens;
  };
  const auto tokens = [&](std::string_view inside) {
    return take(CountText(parts_.counter, record.provider, record.model, Unescaped(inside)));
  };
  chat::Usage usage = record.usage.value_or(chat::Usage());
  if (!record.usage && by.request != nullptr) {
    usage.input = take(CountPrompt(parts_.counter, record.provider, record.model, *by.request));
  }
  usage.reasoning = std::max(usage.reasoning, tokens(text.reasoning()));
  usage.output = std::max(usage.output, tokens(text.answer()));
  record.usage = usage;
  record.usage_source = exact ? UsageSource::kCounted : UsageSource::kEstimated;
}

// What a provider says of a text teaches how to estimate the next one.
void Settler::Learn(const RequestRecord& record, const DeliveredText& text) {
  const std::int64_t tokens = record.usage->output + record.usage->reasoning;
  if (text.bytes() == 0 || text.bytes() > text.kept() || tokens <= 0) return;
  engine::TextClasses classes;
  classes.Add(Unescaped(text.answer()));
  engine::TextClasses reasoning;
  reasoning.Add(Unescaped(text.reasoning()));
  classes += reasoning;
  parts_.counter.Learn(record.provider, record.model, classes, tokens);
}

void Settler::Price(RequestRecord& record, const SettledBy& by) {
  const pricing::Circumstances when{.dispatched = record.dispatched.value_or(record.started),
                                    .completed = record.completed,
                                    .service_tier = record.service_tier};
  Int128 others = 0;  // what failed attempts cost in the answer's currency
  const base::Currency currency = by.book->CurrencyOf(record.provider);
  for (AttemptNote& note : record.attempts) {
    if (!note.usage) continue;
    const base::Currency its = by.book->CurrencyOf(note.provider);
    const auto* prices = by.book->Find(note.provider, note.model, its, DialectAsked(note.said_as));
    note.price = PriceOf(by.book->Price(prices, its, *note.usage, when), its);
    if (note.price.currency == currency) others += note.price.cost.value_or(0);
  }
  if (!record.usage) {
    record.price = {.currency = currency, .cost = 0};
    record.cost = others;
    return;
  }
  const chat::Dialect dialect = DialectAsked(record.said_as);
  const auto* prices = by.book->FindAnswered(record.provider, record.model, record.response_model, dialect);
  record.price = PriceOf(by.book->Price(prices, currency, *record.usage, when), currency);
  if (!record.price.cost) return;
  record.cost = *record.price.cost + others;
  const bool strongest_answered = by.strongest == nullptr || (by.strongest->provider == record.provider &&
                                                              by.strongest->model == record.model);
  if (strongest_answered) {
    record.saved = *record.price.cost - *record.cost;
  } else if (by.book->CurrencyOf(by.strongest->provider) == currency) {
    const auto* strongest = by.book->Find(by.strongest->provider, by.strongest->model, currency);
    const auto cost = by.book->Price(strongest, currency, *record.usage, when);
    if (cost.pico) record.saved = *cost.pico - *record.cost;
  }
}

void Settler::Write(const RequestRecord& record, const SettledBy& by) {
  base::BlockVector<base::BlockString> names;
  base::BlockVector<store::LedgerAttempt> attempts;
  base::BlockVector<store::PriceDefinition> prices;
  const std::size_t count = std::min(record.attempts.size(), store::kRowAttemptsMax);
  names.reserve(count);
  attempts.reserve(count);
  const auto priced = [&](const gateway::Price& price) {
    if (price.of != nullptr) prices.push_back({price.version, DefinitionOf(*price.of)});
    return store::LedgerPrice{
        .version = price.version, .phase = price.phase, .currency = price.currency, .cost = price.cost};
  };
  for (const AttemptNote& note : std::span(record.attempts).first(count)) {
    base::BlockString& name = names.emplace_back(note.provider);
    name.append("/").append(note.model);
    attempts.push_back({.model = name,
                        .status = note.status,
                        .error = note.error,
                        .ms = static_cast<std::uint32_t>(note.took.count()),
                        .usage = note.usage,
                        .price = priced(note.price)});
  }
  base::BlockVector<std::pair<std::string_view, std::string_view>> tags;
  store::LedgerRow row;
  if (by.attribution != nullptr) {
    row.user = by.attribution->user();
    row.session = by.attribution->session();
    for (const auto& [name, value] : by.attribution->tags()) tags.emplace_back(name, value);
  }
  FillRow(record, row);
  base::BlockString dropped;
  for (const std::string& name : record.dropped) dropped.append(dropped.empty() ? "" : ",").append(name);
  row.dropped = dropped;
  row.tags = tags;
  row.attempts = attempts;
  row.price = priced(record.price);
  row.saved = record.saved;
  [[maybe_unused]] const auto appended = parts_.journal->Append(row, prices);
}

std::string_view Settler::DefinitionOf(const pricing::PriceVersion& version) {
  const auto found = definitions_.find(version.id);
  if (found != definitions_.end()) return found->second;
  if (definitions_.size() >= kDefinitionsMax) definitions_.clear();
  return definitions_.emplace(version.id, pricing::WriteVersion(version)).first->second;
}

}  // namespace gateway
