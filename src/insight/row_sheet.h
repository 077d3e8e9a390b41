#pragma once

#include <optional>
#include <string>
#include <vector>

#include "insight/amounts.h"
#include "store/ledger_row.h"

// Single requests as CSV: what the ledger has of a row under the names of its JSON, one column each. Times
// are RFC 3339 in UTC with microseconds, amounts plain numbers beside their currency; tags are a JSON object.
// The usage is the answer's, the cost also that of failed attempts; what is not known is an empty cell.

namespace insight {

std::vector<std::string> RowCsvHeader(const std::optional<Conversion>& conversion);
std::vector<std::string> RowCsvCells(const store::LedgerRow& row,
                                     const std::optional<Conversion>& conversion);

}  // namespace insight
