#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/desk.h"
#include "net/loop.h"
#include "net/task.h"
#include "store/live_ledger.h"

namespace gateway {

// Looks rows of the ledger up for requests, on a thread of its own: files are not for event loops.
// Thread-safe. The loops that ask outlive it, and it outlives whoever asks.
class LedgerDesk {
 public:
  static constexpr std::size_t kWaitingMax = 1'000;  // questions; one more is turned away

  // Both outlive the desk.
  LedgerDesk(const base::Clock& clock, store::LiveLedger& ledger);

  // A row as JSON, and whose it is.
  struct Row {
    std::string json;
    std::string team;
  };
  // Called on `loop`, which the answer comes back to; nullopt: there is no such row. Errors: kUnavailable:
  // too many ask; kIo: the ledger cannot be read.
  net::Task<base::Result<std::optional<Row>>> Find(net::Loop& loop, std::string request_id);

 private:
  base::Result<std::optional<Row>> Look(const std::string& request_id);

  store::LiveLedger& ledger_;
  net::Desk desk_;  // last: its thread uses the above
};

}  // namespace gateway
