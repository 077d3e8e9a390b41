#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/ledger_query.h"

// How people name what a bill is split by and which requests count, on the command line and in the admin API.

namespace insight {

// "team=support", "team=support|search": a dimension of the ledger and which of its values count. `asked` and
// `key` are short for asked_model and key_id. Errors: kInvalid, also for a value that nothing can have, such
// as a rung that there is none of.
base::Result<store::LedgerFilter> ParseFilter(std::string_view text);

// Refuses what no row can have, so that a slip of the pen is not an empty bill. Errors: kInvalid.
base::Result<> CheckValues(const store::LedgerFilter& filter);

// A comma list of dimensions, by the same names. Errors: kInvalid.
base::Result<std::vector<store::DimensionRef>> ParseDimensions(std::string_view list);

}  // namespace insight
