#include "insight/row_filter.h"

#include <algorithm>
#include <string>

namespace insight {
namespace {

using store::Dimension;
using store::LedgerFilter;
using store::LedgerRow;

bool Has(const LedgerFilter& filter, std::string_view value) {
  return std::find(filter.any_of.begin(), filter.any_of.end(), value) != filter.any_of.end();
}

// Without making "provider/model" of its parts, since this is asked for every row of a ledger.
bool HasModel(const LedgerFilter& filter, const LedgerRow& row) {
  return std::any_of(filter.any_of.begin(), filter.any_of.end(), [&row](const std::string& wanted) {
    if (row.provider.empty()) return wanted.empty();
    const std::string_view model = wanted;
    return model.size() == row.provider.size() + 1 + row.model.size() && model.starts_with(row.provider) &&
           model[row.provider.size()] == '/' && model.ends_with(row.model);
  });
}

bool HasTag(const LedgerFilter& filter, const LedgerRow& row) {
  const auto tag = std::find_if(row.tags.begin(), row.tags.end(),
                                [&filter](const auto& one) { return one.first == filter.dimension.tag; });
  return Has(filter, tag == row.tags.end() ? std::string_view() : tag->second);
}

bool Passes(const LedgerRow& row, const LedgerFilter& filter) {
  switch (filter.dimension.dimension) {
    case Dimension::kOrg:
      return Has(filter, row.org);
    case Dimension::kTeam:
      return Has(filter, row.team);
    case Dimension::kProject:
      return Has(filter, row.project);
    case Dimension::kKey:
      return Has(filter, row.key_id);
    case Dimension::kUser:
      return Has(filter, row.user);
    case Dimension::kSession:
      return Has(filter, row.session);
    case Dimension::kTag:
      return HasTag(filter, row);
    case Dimension::kAskedModel:
      return Has(filter, row.asked_model);
    case Dimension::kModel:
      return HasModel(filter, row);
    case Dimension::kProvider:
      return Has(filter, row.provider);
    case Dimension::kRung:
      return Has(filter, chat::Name(row.rung));
    case Dimension::kOperation:
      return Has(filter, store::OperationWord(row.operation));
    case Dimension::kStatus:
      return Has(filter, row.status == 0 ? "none" : std::to_string(row.status / 100) + "xx");
    case Dimension::kStream:
      return Has(filter, row.stream ? "true" : "false");
    case Dimension::kCurrency:
      return Has(filter, row.price.currency.code());
    case Dimension::kPriceVersion:
      return Has(filter, row.price.version);
    case Dimension::kPricePhase:
      return Has(filter, row.price.phase);
    case Dimension::kUsageSource:
      return Has(filter, chat::Name(row.usage_source));
    case Dimension::kRequest:
      return Has(filter, row.request_id);
    case Dimension::kHour:
    case Dimension::kDay:
    case Dimension::kWeek:
    case Dimension::kMonth:
      return true;
  }
  return true;
}

}  // namespace

bool Passes(const store::LedgerRow& row, std::span<const store::LedgerFilter> filters) {
  return std::all_of(filters.begin(), filters.end(),
                     [&row](const LedgerFilter& filter) { return Passes(row, filter); });
}

}  // namespace insight
