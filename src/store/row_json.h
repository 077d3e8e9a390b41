#pragma once

#include <optional>
#include <string>

#include "base/money.h"
#include "store/ledger_row.h"

namespace store {

// The currency of a row's bill: that of its price, else of the first failed attempt that has one; none where
// nothing was used.
base::Currency CurrencyOf(const LedgerRow& row);

// What the whole request cost in that currency: its own cost and those of failed attempts in the same one.
// None where the price of one of them is unknown.
std::optional<base::Int128> CostOf(const LedgerRow& row);

// The row as one line of JSON, under the names that `GET /sluice/v1/requests/{id}` and `sluice bill` promise.
// What is not there is null; amounts are decimals as text.
std::string RowJson(const LedgerRow& row);

}  // namespace store
