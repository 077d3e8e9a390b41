#include "insight/what_if.h"

#include <algorithm>
#include <utility>

#include "base/time_text.h"
#include "chat/endpoint.h"
#include "insight/row_filter.h"
#include "pricing/version_text.h"

namespace insight {
namespace {

constexpr std::uint64_t kMoveSalt = 1;
constexpr std::uint64_t kHitSalt = 2;
constexpr std::uint64_t kShareSteps = 10'000;  // basis points
constexpr std::string_view kOthers = "other reasons";

void Add(ByCurrency& to, const ByCurrency& more) {
  for (const auto& [currency, pico] : more) to[currency] += pico;
}

std::string NameOf(std::string_view provider, std::string_view model) {
  return std::string(provider) + "/" + std::string(model);
}

// As if the provider kept no cache of prompts: what it read from it or wrote to it is read afresh.
chat::Usage WithoutProviderCache(chat::Usage usage) {
  usage.input += usage.cached_input + usage.cache_write_5m + usage.cache_write_1h;
  usage.cached_input = usage.cache_write_5m = usage.cache_write_1h = 0;
  return usage;
}

bool AllKnown(const store::LedgerRow& row) {
  return !row.price.unknown() && std::none_of(row.attempts.begin(), row.attempts.end(),
                                              [](const auto& one) { return one.price.unknown(); });
}

// What the row cost by currency, as far as it is known; false: not all of it is.
bool AddRecorded(const store::LedgerRow& row, ByCurrency& sums) {
  if (row.price.cost) sums[row.price.currency] += *row.price.cost;
  for (const store::LedgerAttempt& attempt : row.attempts) {
    if (attempt.price.cost) sums[attempt.price.currency] += *attempt.price.cost;
  }
  return AllKnown(row);
}

// Whether a price without a beginning is known to have held on a day (2026-08-20): it was looked up by then,
// or is the operator's own.
bool IsKnownToHold(const pricing::PriceVersion& version, std::string_view day) {
  if (version.valid_from || version.origin == "config") return true;
  return !version.checked_on.empty() && version.checked_on <= day;
}

}  // namespace

bool IsInShare(std::string_view request_id, config::Percent share, std::uint64_t salt) {
  if (share.basis_points == 0 || share.basis_points >= kShareSteps) return share.basis_points != 0;
  std::uint64_t hash = 0xcbf29ce484222325 ^ (salt * 0x9e3779b97f4a7c15);
  for (const char c : request_id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  return hash % kShareSteps < share.basis_points;
}

WhatIf& WhatIf::operator+=(const WhatIf& other) {
  requests += other.requests;
  priced_again += other.priced_again;
  Add(recorded, other.recorded);
  Add(supposed, other.supposed);
  changed += other.changed;
  moved += other.moved;
  hits += other.hits;
  kept += other.kept;
  undated += other.undated;
  newly_priced += other.newly_priced;
  Add(newly, other.newly);
  for (const auto& [reason, more] : other.left_out) {
    const bool room = left_out.contains(reason) || left_out.size() < kWhatIfReasonsMax;
    LeftOut& sums = left_out[room ? reason : std::string(kOthers)];
    sums.requests += more.requests;
    Add(sums.recorded, more.recorded);
  }
  return *this;
}

Repricer::Repricer(const Supposition& supposition) : supposition_(supposition) {
  if (supposition.prices_of)
    day_of_prices_ =
        base::PrintTime(std::chrono::floor<std::chrono::days>(*supposition.prices_of)).substr(0, 10);
}

void Repricer::Define(const store::PriceDefinition& definition) {
  if (versions_.find(definition.version) != versions_.end()) return;
  auto version = pricing::ReadVersion(definition.text);
  if (version) versions_.emplace(std::string(definition.version), std::move(*version));
}

const pricing::ModelPrices* Repricer::Find(const Part& part) {
  const pricing::Book& book = *supposition_.book;
  const base::Currency currency =
      part.recorded->currency.none() ? book.CurrencyOf(part.provider) : part.recorded->currency;
  if (!part.response_model.empty()) {
    if (const auto* prices = book.Find(part.provider, part.response_model, currency)) return prices;
  }
  return book.Find(part.provider, part.model, currency, part.dialect);
}

bool Repricer::PriceByBook(const Part& part, const pricing::ModelPrices* prices, base::Currency currency,
                           Priced& priced) {
  if (prices == nullptr) {
    const std::string in = currency.none() ? "" : " in " + std::string(currency.code());
    why_ = "no price of " + NameOf(part.provider, part.model) + in + " is known";
    return false;
  }
  const pricing::Book& book = *supposition_.book;
  const pricing::PriceVersion* version =
      book.VersionAt(prices, currency, part.usage.TotalInput(), part.circumstances, nullptr);
  if (version == nullptr) {
    // The sentence names the day only: one reason for all calls of it.
    pricing::Circumstances of_day = part.circumstances;
    of_day.dispatched = std::chrono::floor<std::chrono::days>(of_day.dispatched);
    (void)book.VersionAt(prices, currency, part.usage.TotalInput(), of_day, &why_);
    if (why_.empty()) why_ = "no price of " + NameOf(part.provider, part.model) + " is known for that hour";
    return false;
  }
  const pricing::Terms terms = pricing::TermsOf(version->rates, part.usage);
  const auto pico = pricing::Total(terms);
  if (!pico) {
    why_ = "the price " + version->id + " of " + NameOf(version->provider, version->model) +
           " does not say what " + Words(*terms.unpriced) + " costs";
    return false;
  }
  if (!day_of_prices_.empty() && !IsKnownToHold(*version, day_of_prices_)) undated_ = true;
  priced = {*pico, currency};
  return true;
}

bool Repricer::PriceAsRecorded(const Part& part, Priced& priced) {
  const store::LedgerPrice& recorded = *part.recorded;
  if (recorded.version.empty()) {
    priced = {recorded.cost.value_or(0), recorded.currency};
    return true;
  }
  if (recorded.unknown()) {
    why_ = "no price was known when it was recorded";
    return false;
  }
  const auto found = versions_.find(recorded.version);
  if (found == versions_.end()) {
    why_ = "the ledger does not define the price version " + std::string(recorded.version);
    return false;
  }
  const auto pico = pricing::Total(pricing::TermsOf(found->second.rates, part.usage));
  if (!pico) {
    why_ = "the price version " + std::string(recorded.version) + " has no price for what was used";
    return false;
  }
  priced = {*pico, recorded.currency};
  return true;
}

bool Repricer::PriceOffPeak(const Part& part, Priced& priced) {
  if (part.recorded->phase == pricing::kOffPeak) return PriceAsRecorded(part, priced);
  const base::Currency currency = part.recorded->currency;
  const pricing::ModelPrices* prices = Find(part);
  const pricing::PriceVersion* version =
      prices == nullptr ? nullptr
                        : supposition_.book->VersionAt(prices, currency, part.usage.TotalInput(),
                                                       part.circumstances, nullptr);
  if (version != nullptr && version->phase == pricing::kOffPeak)
    return PriceByBook(part, prices, currency, priced);
  // A price without phases is the same at every hour.
  if (part.recorded->phase.empty()) return PriceAsRecorded(part, priced);
  why_ = "no off-peak price of " + NameOf(part.provider, part.model) + " is known for its day";
  return false;
}

bool Repricer::Price(const Part& part, const Move* move, Priced& priced) {
  const Supposition& s = supposition_;
  if (move != nullptr) {
    Part moved = part;
    moved.provider = move->to.provider;
    moved.model = move->to.model;
    const base::Currency currency = s.book->CurrencyOf(move->to.provider);
    return PriceByBook(moved, s.book->Find(moved.provider, moved.model, currency), currency, priced);
  }
  if (s.other_prices || s.prices_of) {
    const pricing::ModelPrices* prices = Find(part);
    if (prices == nullptr && s.keep_unlisted) {
      kept_ = true;
      return PriceAsRecorded(part, priced);
    }
    const base::Currency currency =
        part.recorded->currency.none() ? s.book->CurrencyOf(part.provider) : part.recorded->currency;
    return PriceByBook(part, prices, currency, priced);
  }
  if (s.off_peak) return PriceOffPeak(part, priced);
  return PriceAsRecorded(part, priced);
}

Repricer::Priced& Repricer::NextPriced(std::size_t index) {
  if (index >= priced_.size()) priced_.resize(index + 1);
  return priced_[index];
}

// The instants and the tier of a failed attempt. Rows of before do not tell them: there it is the beginning
// of the request.
void Repricer::TakeCall(const store::LedgerAttempt& attempt, const store::LedgerRow& row, Part& part) {
  const store::LedgerCall call = attempt.call.value_or(store::LedgerCall{
      .said_as = row.operation, .dispatched = row.started, .completed = row.started, .service_tier = {}});
  part.circumstances.dispatched = call.dispatched;
  part.circumstances.completed = call.completed;
  part.circumstances.service_tier = call.service_tier;
  part.dialect = chat::DialectOf(call.said_as);
}

bool Repricer::TakeParts(const store::LedgerRow& row, const Move* move) {
  const base::WallTime dispatched = row.dispatched.value_or(row.started);
  Part part{row.provider,
            row.model,
            row.response_model,
            row.usage,
            &row.price,
            {.dispatched = dispatched,
             .completed = row.completed,
             .service_tier = row.service_tier,
             .batch = row.batch,
             .prices_of = supposition_.prices_of,
             .off_peak = supposition_.off_peak},
            chat::DialectOf(row.said_as.value_or(row.operation)),
            row.untold()};
  std::size_t count = 0;
  const auto take = [&](const Move* moves) {
    if (supposition_.no_provider_cache) part.usage = WithoutProviderCache(part.usage);
    Priced& priced = NextPriced(count);
    ++count;
    if (part.untold) {
      why_ = "nobody knows what it used";
      return false;
    }
    // Where nothing was used there is nothing to price, whatever was supposed.
    if (part.usage.CountsNothing()) {
      priced = {0, part.recorded->currency};
      return true;
    }
    return Price(part, moves, priced);
  };
  if (!take(move)) return false;
  for (const store::LedgerAttempt& attempt : row.attempts) {
    if (!attempt.usage) continue;
    part.provider = attempt.provider();
    part.model = attempt.name();
    part.response_model = {};
    part.usage = *attempt.usage;
    part.recorded = &attempt.price;
    part.untold = attempt.untold();
    TakeCall(attempt, row, part);
    if (!take(nullptr)) return false;
  }
  priced_.resize(count);
  return true;
}

void Repricer::LeaveOut(const store::LedgerRow& row) {
  auto found = result_.left_out.find(why_);
  if (found == result_.left_out.end()) {
    if (result_.left_out.size() >= kWhatIfReasonsMax) why_ = kOthers;
    found = result_.left_out.try_emplace(why_).first;
  }
  ++found->second.requests;
  (void)AddRecorded(row, found->second.recorded);
}

void Repricer::TakeHit(const store::LedgerRow& row) {
  ByCurrency recorded;
  if (!AddRecorded(row, recorded)) {
    ++result_.newly_priced;  // at nothing
    return;
  }
  ++result_.hits;
  ++result_.priced_again;
  for (const auto& [currency, pico] : recorded) {
    if (pico != 0) ++result_.changed;
    result_.supposed.try_emplace(currency);
  }
  Add(result_.recorded, recorded);
}

void Repricer::AddPriced(const store::LedgerRow& row) {
  // Nearly every row has one price, known and in one currency.
  if (priced_.size() == 1 && row.price.cost && priced_[0].currency == row.price.currency) {
    result_.recorded[row.price.currency] += *row.price.cost;
    result_.supposed[row.price.currency] += priced_[0].pico;
    if (priced_[0].pico != *row.price.cost) ++result_.changed;
    return;
  }
  ByCurrency recorded;
  ByCurrency supposed;
  (void)AddRecorded(row, recorded);
  for (const Priced& one : priced_) {
    if (!one.currency.none() || one.pico != 0) supposed[one.currency] += one.pico;
  }
  if (supposed != recorded) ++result_.changed;
  Add(result_.recorded, recorded);
  Add(result_.supposed, supposed);
}

void Repricer::Take(const store::LedgerRow& row) {
  const Supposition& s = supposition_;
  ++result_.requests;
  kept_ = undated_ = false;
  why_.clear();
  if (row.price.stated()) {
    why_ = "its cost was stated, and nothing is known of its tokens";
    return LeaveOut(row);
  }
  const bool answered = !row.provider.empty();
  if (answered && IsInShare(row.request_id, s.cache_hits, kHitSalt)) return TakeHit(row);
  const bool moves = answered && s.move && IsInShare(row.request_id, s.move->share, kMoveSalt) &&
                     Passes(row, s.move->filters);
  if (!TakeParts(row, moves ? &*s.move : nullptr)) return LeaveOut(row);
  if (!AllKnown(row)) {
    ++result_.newly_priced;
    for (const Priced& one : priced_) {
      if (!one.currency.none()) result_.newly[one.currency] += one.pico;
    }
    return;
  }
  ++result_.priced_again;
  if (moves) ++result_.moved;
  if (kept_) ++result_.kept;
  if (undated_) ++result_.undated;
  AddPriced(row);
}

}  // namespace insight
