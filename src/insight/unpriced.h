#pragma once

#include <vector>

#include "base/result.h"
#include "insight/report.h"
#include "store/ledger.h"

namespace insight {

// The models of a bill's requests without a known price; `query` is what the bill was asked by. Errors: those
// of the ledger.
base::Result<std::vector<UnpricedModel>> Unpriced(store::Ledger& ledger, store::LedgerQuery query,
                                                  const store::Bill& bill);

}  // namespace insight
