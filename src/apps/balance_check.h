#pragma once

#include <string>

#include "apps/commands.h"
#include "apps/ledger_view.h"
#include "apps/table.h"
#include "base/clock.h"
#include "store/ledger.h"

namespace apps {

// `sluice bill --check`: reads the balances of the providers that tell them, keeps the readings, and prints
// how each period between two of them compares with the ledger. Gives back the exit code.
int CheckBalances(store::Ledger& ledger, const std::string& data_directory, const LoadedConfig& loaded,
                  const LedgerView& view, const config::Environment& environment, const base::Clock& clock,
                  Format format);

}  // namespace apps
