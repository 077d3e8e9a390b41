#include "insight/unpriced.h"

#include <string>
#include <utility>

#include "store/ledger_row.h"

namespace insight {

using store::Dimension;

base::Result<std::vector<UnpricedModel>> Unpriced(store::Ledger& ledger, store::LedgerQuery query,
                                                  const store::Bill& bill) {
  std::vector<UnpricedModel> models;
  if (bill.unknown_price_requests == 0) return models;
  query.by = {{Dimension::kModel}};
  query.filters.push_back({{Dimension::kPriceVersion}, {std::string(store::kUnknownPrice)}});
  auto unknown = ledger.Query(query);
  if (!unknown) return base::Fail(std::move(unknown).error());
  for (store::BillRow& row : unknown->rows) {
    if (row.sums.unknown_price_requests > 0)
      models.push_back({std::move(row.values[0]), row.sums.unknown_price_requests});
  }
  return models;
}

}  // namespace insight
