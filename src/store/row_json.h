#pragma once

#include <optional>
#include <string>

#include "base/money.h"
#include "store/ledger_row.h"

namespace store {

// What the whole request cost in the currency of its price: its own cost and those of failed attempts in the
// same currency. None where one of them is unknown.
std::optional<base::Int128> CostOf(const LedgerRow& row);

// The row as one line of JSON, under the names that `GET /sluice/v1/requests/{id}` and `sluice bill` promise.
std::string RowJson(const LedgerRow& row);

}  // namespace store
