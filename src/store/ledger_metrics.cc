#include "store/ledger_metrics.h"

#include <string>

namespace store {

void AddLedgerMetrics(telemetry::Registry& registry, const Journal& journal) {
  using Kind = telemetry::Registry::Kind;
  const auto add = [&](Kind kind, std::string name, std::string help, std::uint64_t JournalCounts::*count) {
    registry.AddCallback(kind, std::move(name), std::move(help),
                         [&journal, count] { return static_cast<double>(journal.Counts().*count); });
  };
  add(Kind::kCounter, "sluice_ledger_rows_total", "Rows written to the ledger.", &JournalCounts::rows);
  add(Kind::kCounter, "sluice_ledger_lost_total", "Rows that could not be written: requests without a bill.",
      &JournalCounts::lost);
  add(Kind::kCounter, "sluice_ledger_sync_errors_total", "Times the disk did not take what was written.",
      &JournalCounts::sync_errors);
  add(Kind::kGauge, "sluice_ledger_bytes", "Size of the ledger's journal.", &JournalCounts::bytes);
  add(Kind::kGauge, "sluice_ledger_segments", "Files of the ledger's journal.", &JournalCounts::segments);
  registry.AddCallback(Kind::kGauge, "sluice_ledger_writable",
                       "1 while the ledger has room for the rows of new requests, else 0.",
                       [&journal] { return journal.CanTakeMore() ? 1.0 : 0.0; });
}

}  // namespace store
