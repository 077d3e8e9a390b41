#pragma once

#include "store/journal.h"
#include "telemetry/metrics.h"

namespace store {

// Shows what the journal has done and whether it takes more. `journal` outlives the registry.
void AddLedgerMetrics(telemetry::Registry& registry, const Journal& journal);

}  // namespace store
