#pragma once

#include <span>

#include "store/ledger_query.h"
#include "store/ledger_row.h"

namespace insight {

// Whether a row has one of the values of each filter: for readers of the journal that need no index. A filter
// by time (hour to month) holds for every row.
bool Passes(const store::LedgerRow& row, std::span<const store::LedgerFilter> filters);

}  // namespace insight
