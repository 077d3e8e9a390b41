#include "store/contribution_internal.h"

namespace store {
namespace {

std::string_view StatusClass(std::int32_t status) {
  constexpr std::array<std::string_view, 6> kClasses = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  const std::int32_t hundreds = status / 100;
  return hundreds >= 1 && hundreds <= 5 ? kClasses[static_cast<std::size_t>(hundreds)] : kClasses[0];
}

void SetPrice(Contribution& contribution, const LedgerPrice& price) {
  contribution.texts[kSummedAt<Dimension::kCurrency>] = price.currency.code();
  contribution.texts[kSummedAt<Dimension::kPriceVersion>] = price.version;
  contribution.texts[kSummedAt<Dimension::kPricePhase>] = price.phase;
  contribution.sums.cost = price.cost.value_or(0);
}

}  // namespace

SummedTexts TextsOf(const LedgerRow& row, std::string& model) {
  SummedTexts texts;
  model.clear();
  if (!row.provider.empty()) model.append(row.provider).append("/").append(row.model);
  texts[kSummedAt<Dimension::kTeam>] = row.team;
  texts[kSummedAt<Dimension::kAskedModel>] = row.asked_model;
  texts[kSummedAt<Dimension::kModel>] = model;
  texts[kSummedAt<Dimension::kProvider>] = row.provider;
  texts[kSummedAt<Dimension::kCurrency>] = row.price.currency.code();
  texts[kSummedAt<Dimension::kOrg>] = row.org;
  texts[kSummedAt<Dimension::kProject>] = row.project;
  texts[kSummedAt<Dimension::kKey>] = row.key_id;
  texts[kSummedAt<Dimension::kRung>] = Name(row.rung);
  texts[kSummedAt<Dimension::kOperation>] = OperationWord(row.operation);
  texts[kSummedAt<Dimension::kStatus>] = StatusClass(row.status);
  texts[kSummedAt<Dimension::kStream>] = row.stream ? "true" : "false";
  texts[kSummedAt<Dimension::kPriceVersion>] = row.price.version;
  texts[kSummedAt<Dimension::kPricePhase>] = row.price.phase;
  texts[kSummedAt<Dimension::kUsageSource>] = Name(row.usage_source);
  return texts;
}

void ForEachContribution(const LedgerRow& row, std::string& model,
                         const std::function<void(const Contribution&)>& use) {
  Contribution own;
  own.texts = TextsOf(row, model);
  own.sums.cost = row.price.cost.value_or(0);
  own.sums.requests = 1;
  own.sums.saved = row.saved.value_or(0);
  own.sums.usage = row.usage;
  own.sums.usage.inconsistent = false;
  own.sums.counted_requests = row.usage_source == chat::UsageSource::kCounted ? 1 : 0;
  own.sums.estimated_requests = row.usage_source == chat::UsageSource::kEstimated ? 1 : 0;
  const bool used_something = !row.price.version.empty() && !row.price.unknown();
  own.sums.inconsistent_requests = row.usage.inconsistent ? 1 : 0;
  own.sums.unknown_saved_requests = used_something && !row.saved ? 1 : 0;
  bool unknown = row.price.unknown();  // a request counts once, however many of its prices are unknown
  own.sums.unknown_price_requests = unknown ? 1 : 0;
  use(own);
  for (const LedgerAttempt& attempt : row.attempts) {
    if (!attempt.usage) continue;
    Contribution failed = own;
    failed.sums = {};
    failed.texts[kSummedAt<Dimension::kModel>] = attempt.model;
    failed.texts[kSummedAt<Dimension::kProvider>] = attempt.provider();
    failed.texts[kSummedAt<Dimension::kUsageSource>] = Name(attempt.usage_source());
    SetPrice(failed, attempt.price);
    failed.sums.usage = *attempt.usage;
    failed.sums.usage.inconsistent = false;
    failed.sums.unknown_price_requests = attempt.price.unknown() && !unknown ? 1 : 0;
    unknown = unknown || attempt.price.unknown();
    use(failed);
  }
}

}  // namespace store
