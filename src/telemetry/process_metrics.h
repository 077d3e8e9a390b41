#pragma once

#include "telemetry/metrics.h"

namespace telemetry {

// Adds the standard process_* metrics of this process, read from the kernel at each scrape:
// process_resident_memory_bytes, process_open_fds, process_cpu_seconds_total, process_start_time_seconds.
void AddProcessMetrics(Registry& registry);

}  // namespace telemetry
