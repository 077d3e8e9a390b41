#include "gateway/settler.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/check.h"
#include "gateway/spending.h"
#include "gateway/untold_use.h"
#include "pricing/version_text.h"
#include "wire/json_string.h"

namespace gateway {
namespace {

using base::Int128;
using chat::UsageSource;

constexpr std::size_t kDefinitionsMax = 1'000;
constexpr std::uint64_t kLearnEvery = 32;  // answers: the estimator needs only some to learn from

// What it has used that nobody told.
UntoldUse UseOf(const RequestRecord& record, const DeliveredText& text) {
  return UntoldUseOf(record, record.status < 400 || text.bytes() > 0);
}

std::string Unescaped(std::string_view inside) {
  std::string text;
  text.reserve(inside.size());
  wire::AppendUnescaped(text, inside);
  return text;
}

// What a call costs at the prices of one model.
Price PriceOf(const pricing::Cost& cost) {
  // Without a currency: a bill has no amount for it, not even 0.
  if (cost.version == nullptr || !cost.pico) return {.version = pricing::kUnknownVersion};
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
  row.org = record.org;
  row.team = record.team;
  row.project = record.project;
  row.operation = record.operation.value_or(chat::Operation::kChat);
  row.asked_model = record.asked_model;
  row.provider = record.provider;
  row.model = record.model;
  row.response_model = record.response_model;
  row.said_as = record.said_as;
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

// What one call costs. Where its price has a part for the call itself, the call is one of its units.
Price PriceCall(const pricing::Book& book, const pricing::ModelPrices* prices, base::Currency currency,
                chat::Usage& usage, const pricing::Circumstances& when) {
  pricing::Cost cost = book.Price(prices, currency, usage, when);
  if (cost.version != nullptr && cost.version->rates[chat::Meter::kRequest]) {
    usage[chat::Meter::kRequest] = 1;
    cost = book.Price(prices, currency, usage, when);
  }
  return PriceOf(cost);
}

std::optional<store::LedgerCall> CallOf(const AttemptNote& note) {
  if (!note.usage) return std::nullopt;
  return store::LedgerCall{.said_as = note.said_as.value_or(chat::Operation::kChat),
                           .dispatched = note.dispatched,
                           .completed = note.completed,
                           .service_tier = note.service_tier};
}

// Puts what was counted where the provider said nothing, or less.
void TakeUntold(const Untold& untold, RequestRecord& record) {
  chat::Usage usage = record.usage.value_or(chat::Usage());
  // It said something that is no number of tokens.
  if (!record.usage && !record.provider_usage.empty()) usage.inconsistent = true;
  if (!record.usage) usage.input = untold.input;
  usage.reasoning = std::max(usage.reasoning, untold.reasoning);
  usage.output = std::max(usage.output, untold.output);
  record.usage = usage;
  record.usage_source = untold.exact ? UsageSource::kCounted : UsageSource::kEstimated;
}

chat::Dialect DialectAsked(const std::optional<chat::Operation>& said_as) {
  return chat::DialectOf(said_as.value_or(chat::Operation::kChat));
}

}  // namespace

Settler::~Settler() {
  CHECK(unwritten_.empty() && written_.empty());
}

bool Settler::CountsLong(const RequestRecord& record, const SettledBy& by, const DeliveredText& text) const {
  constexpr std::size_t kShort = engine::TokenCounter::kCountedBytesMax;
  if (parts_.desk == nullptr || !(UseOf(record, text) == UntoldUse::kCounted || TellsOnlyBeginning(record)))
    return false;
  if (text.answer().size() > kShort || text.reasoning().size() > kShort) return true;
  return !record.usage && by.request != nullptr && by.request->body.size() > kShort;
}

net::Task<std::optional<Untold>> Settler::CountLong(const RequestRecord& record, const SettledBy& by,
                                                    const DeliveredText& text) {
  Untold untold;
  const std::size_t body = record.usage || by.request == nullptr ? 0 : by.request->body.size();
  // The desk may outlive this.
  std::function<void()> count = [&counter = parts_.counter, &untold, &record, &by, &text] {
    untold = Count(counter, record, by, text, Effort::kWhole);
  };
  const bool counted = co_await parts_.desk->Do(parts_.loop, text.kept() + body, std::move(count));
  if (!counted) co_return std::nullopt;
  co_return untold;
}

void Settler::Settle(RequestRecord& record, const SettledBy& by, const DeliveredText& text,
                     Spending* spending, std::coroutine_handle<> waiter,
                     const std::optional<Untold>& counted) {
  record.completed = parts_.clock.WallNow();
  if (!record.attempts.empty() && record.attempts.back().error.empty()) {
    AttemptNote& last = record.attempts.back();  // it is being answered still
    last.took = std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.Now() - last.begun);
  }
  const UntoldUse use = UseOf(record, text);
  if (use == UntoldUse::kCounted || TellsOnlyBeginning(record)) {
    TakeUntold(counted ? *counted : Count(parts_.counter, record, by, text, Effort::kQuick), record);
  } else if (record.usage) {
    if (record.usage_source != UsageSource::kDrained) record.usage_source = UsageSource::kProvider;
    if (++settled_ % kLearnEvery == 0) Learn(record, text);
  }
  if (by.book != nullptr) Price(record, by);
  record.untold = use == UntoldUse::kUnknown;
  if (by.book != nullptr && record.untold) {
    record.price = {.version = pricing::kUnknownVersion};
    record.cost.reset();
  }
  if (unwritten_.empty() && written_.empty()) parts_.loop.AtTurnEnd(*this);
  if (!rows_.HasRoom()) WriteOut();
  if (parts_.journal != nullptr) AddRow(record, by);
  unwritten_.push_back({&record, spending, waiter});
}

chat::Usage Settler::CountPrompt(const RequestRecord& record, const SettledBy& by) const {
  chat::Usage usage;
  if (by.request == nullptr) return usage;
  usage.input = gateway::CountPrompt(parts_.counter, record.provider, record.model, *by.request).tokens;
  return usage;
}

// The rows of the turn go into the journal, and what they cost takes the place of what was reserved.
void Settler::WriteOut() {
  const auto holding = std::find_if(unwritten_.begin(), unwritten_.end(), [](const Waiting& waiting) {
    return waiting.spending != nullptr && waiting.spending->holds() && waiting.spending->books() != nullptr;
  });
  // The rows and what they settle are in the next checkpoint together or not at all.
  std::optional<budget::Books::Settling> settling;
  if (holding != unwritten_.end()) settling.emplace(*holding->spending->books());
  if (!rows_.empty()) {
    [[maybe_unused]] const auto appended = parts_.journal->Append(rows_);
    rows_.Clear();
  }
  for (const Waiting& waiting : unwritten_) {
    if (waiting.spending != nullptr) waiting.spending->Settle(*waiting.record);
  }
  written_.insert(written_.end(), unwritten_.begin(), unwritten_.end());
  unwritten_.clear();
}

void Settler::OnTurnEnd() {
  WriteOut();
  // Who goes on may settle something else, which then has the next turn's end.
  resuming_.swap(written_);
  for (const Waiting& waiting : resuming_) waiting.waiter.resume();
  resuming_.clear();
}

// Tokens that the provider did not tell, of what it was sent and of what it sent. Changes nothing: it runs on
// the desk's thread, too.
Untold Settler::Count(const engine::TokenCounter& counter, const RequestRecord& record, const SettledBy& by,
                      const DeliveredText& text, Effort effort) {
  Untold untold{.exact = text.bytes() <= text.kept()};
  const auto take = [&untold](const Counted& counted) {
    untold.exact &= counted.exact;
    return counted.tokens;
  };
  const auto tokens = [&](std::string_view inside) {
    return take(CountText(counter, record.provider, record.model, Unescaped(inside), effort));
  };
  if (!record.usage && by.request != nullptr) {
    untold.input = take(gateway::CountPrompt(counter, record.provider, record.model, *by.request, effort));
  }
  const auto whole = [&text](std::int64_t kept) {  // of a text that was too long to keep
    if (text.bytes() <= text.kept()) return kept;
    return static_cast<std::int64_t>(static_cast<Int128>(kept) * static_cast<Int128>(text.bytes()) /
                                     static_cast<Int128>(std::max<std::size_t>(text.kept(), 1)));
  };
  untold.reasoning = whole(tokens(text.reasoning()));
  untold.output = whole(tokens(text.answer()));
  return untold;
}

// What a provider says of a text teaches how to estimate the next one. Only of a text that is all there was:
// calls of tools may be told in other words, and thoughts may be hidden or shortened.
void Settler::Learn(const RequestRecord& record, const DeliveredText& text) {
  if (record.finish != chat::FinishReason::kStop || text.answer().empty() || text.bytes() > text.kept())
    return;
  if (record.usage->output <= 0 || record.usage->inconsistent) return;
  engine::TextClasses classes;
  classes.Add(Unescaped(text.answer()));
  parts_.counter.Learn(record.provider, record.model, classes, record.usage->output);
}

void Settler::Price(RequestRecord& record, const SettledBy& by) {
  const base::Currency currency = by.book->CurrencyOf(record.provider);
  std::optional<Int128> others = PriceFailed(record, by, currency);
  if (!record.usage) {
    record.price = {.currency = currency, .cost = 0};
    record.cost = others;
    return;
  }
  const pricing::Circumstances when{.dispatched = record.dispatched.value_or(record.started),
                                    .completed = record.completed,
                                    .service_tier = record.service_tier};
  const auto* prices = by.book->FindAnswered(record.provider, record.model, record.response_model,
                                             DialectAsked(record.said_as));
  if (!PriceAsAsked(record, by, prices, currency, when))
    record.price = PriceCall(*by.book, prices, currency, *record.usage, when);
  if (!record.price.cost || !others) return;
  record.cost = *record.price.cost + *others;
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

// By the tier that was asked for, where the answer did not come far enough to tell the one that it has, and
// where the model has that tier.
bool Settler::PriceAsAsked(RequestRecord& record, const SettledBy& by, const pricing::ModelPrices* prices,
                           base::Currency currency, pricing::Circumstances when) {
  if (!record.service_tier.empty() || by.request == nullptr || by.request->service_tier.empty() ||
      record.usage_source == UsageSource::kProvider || record.said_as != record.operation)
    return false;
  when.service_tier = by.request->service_tier;
  const gateway::Price price = PriceCall(*by.book, prices, currency, *record.usage, when);
  if (!price.cost) return false;
  record.price = price;
  record.service_tier = by.request->service_tier;
  return true;
}

// What failed attempts cost in the answer's currency; none where it is not known.
std::optional<Int128> Settler::PriceFailed(RequestRecord& record, const SettledBy& by,
                                           base::Currency currency) {
  std::optional<Int128> sum = 0;
  for (AttemptNote& note : record.attempts) {
    if (!note.usage) continue;
    if (note.untold) {
      note.price = {.version = pricing::kUnknownVersion};
      sum.reset();
      continue;
    }
    const base::Currency its = by.book->CurrencyOf(note.provider);
    const auto* prices = by.book->Find(note.provider, note.model, its, DialectAsked(note.said_as));
    note.price = PriceCall(
        *by.book, prices, its, *note.usage,
        {.dispatched = note.dispatched, .completed = note.completed, .service_tier = note.service_tier});
    if (!note.price.cost) sum.reset();
    if (sum && note.price.currency == currency) *sum += *note.price.cost;
  }
  return sum;
}

void Settler::AddRow(const RequestRecord& record, const SettledBy& by) {
  if (definitions_.size() >= kDefinitionsMax && rows_.empty()) definitions_.clear();  // else views are held
  base::BlockVector<base::BlockString> names;
  base::BlockVector<store::LedgerAttempt> attempts;
  base::BlockVector<store::PriceDefinition> prices;
  const std::size_t count = std::min(record.attempts.size(), store::kRowAttemptsMax);
  names.reserve(count);
  attempts.reserve(count);
  const auto priced = [&](const gateway::Price& price, const base::Money& reserved) {
    if (price.of != nullptr) prices.push_back({price.version, DefinitionOf(*price.of)});
    return store::LedgerPrice{.version = price.version,
                              .phase = price.phase,
                              .currency = price.currency,
                              .cost = price.cost,
                              .held = price.version == pricing::kUnknownVersion ? reserved : base::Money()};
  };
  for (const AttemptNote& note : std::span(record.attempts).first(count)) {
    base::BlockString& name = names.emplace_back(note.provider);
    name.append("/").append(note.model);
    attempts.push_back({.model = name,
                        .status = note.status,
                        .error = note.error,
                        .ms = static_cast<std::uint32_t>(note.took.count()),
                        .usage = note.usage,
                        .price = priced(note.price, note.reserved),
                        .call = CallOf(note)});
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
  row.price = priced(record.price, record.reserved);
  row.saved = record.saved;
  rows_.Add(row, prices);
}

std::string_view Settler::DefinitionOf(const pricing::PriceVersion& version) {
  const auto found = definitions_.find(version.id);
  if (found != definitions_.end()) return found->second;
  return definitions_.emplace(version.id, pricing::WriteVersion(version)).first->second;
}

}  // namespace gateway
