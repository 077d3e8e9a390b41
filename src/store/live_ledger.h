#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <thread>

#include "base/guarded.h"
#include "base/result.h"
#include "store/journal.h"
#include "store/ledger.h"

namespace store {

struct LiveLedgerOptions {
  // Between two rounds of its thread: returns when it is time for the next; false: stop, which it must say
  // soon after a stop is requested.
  std::function<bool(std::stop_token)> wait;
  // Told on that thread what of the journal could not be read, that the index did not belong to the journal
  // and was made anew, and when it begins to fail, once until it works again. May be empty.
  std::function<void(std::string_view event, std::string_view sentence)> note;
};

// The ledger of a running gateway: a thread keeps the index up to date with the journal, and a row can be
// looked up as soon as it was appended. Thread-safe.
class LiveLedger {
 public:
  // `journal` outlives it, and is told how far the index is. Errors: those of Ledger::Open.
  static base::Result<std::unique_ptr<LiveLedger>> Start(Journal& journal, LiveLedgerOptions options);
  ~LiveLedger();
  LiveLedger(const LiveLedger&) = delete;
  LiveLedger& operator=(const LiveLedger&) = delete;

  // The row with this id; false: there is none. Reads files, a row that was appended lately from one place
  // and an older one through the index: tens of microseconds where the system has them in memory, and the
  // disk's time where not. Errors: kIo.
  base::Result<bool> Find(std::string_view request_id, const UseRow& use);

 private:
  LiveLedger(Journal& journal, LiveLedgerOptions options, std::unique_ptr<Ledger> feeding,
             std::unique_ptr<Ledger> looking, JournalPosition indexed);
  void Run(const std::stop_token& stop);
  base::Result<> TakeAll(const std::stop_token& stop);

  Journal& journal_;
  const LiveLedgerOptions options_;
  const std::unique_ptr<Ledger> feeding_;  // the thread's
  bool failing_ = false;                   // the thread's
  base::Guarded<std::unique_ptr<Ledger>> looking_;
  base::Guarded<JournalPosition> indexed_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace store
