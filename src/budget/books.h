#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "base/thread_annotations.h"
#include "budget/accounts.h"
#include "budget/policy.h"
#include "budget/scope_hash.h"
#include "budget/spend.h"
#include "store/disk.h"
#include "store/journal.h"
#include "store/lease_log.h"

namespace budget {

struct BooksOptions {
  std::chrono::milliseconds sync_interval{100};  // what a power cut can take, as of the ledger
  std::chrono::milliseconds checkpoint_every{5'000};
  AccountsOptions accounts{};
  std::uint64_t lease_segment_bytes = 4 * base::MiB;
  // Told what an operator should know: a word for the event and a sentence. May be empty.
  std::function<void(std::string_view event, std::string_view sentence)> note{};
  // Between two rounds of its thread: false: stop, which it must say soon after a stop is requested. Empty:
  // store::WaitFor(sync_interval).
  std::function<bool(std::stop_token)> wait{};
};

class Books;

// That a call may cost something, in the log of leases until its row is in the ledger. Who drops it without a
// row says that it cost nothing. Belongs to one thread at a time; the books outlive it.
class [[nodiscard]] Promise {
 public:
  Promise() = default;  // of nothing
  Promise(Promise&& other) noexcept;
  Promise& operator=(Promise&& other) noexcept;
  ~Promise() { Release(); }

  bool holds() const { return books_ != nullptr; }
  // The row is written. REQUIRES: it holds, and a Settling covers both the row and this.
  void Close();
  // The call was not made, or cost nothing. Of a promise of nothing it does nothing.
  void Release();

 private:
  friend class Books;
  Books* books_ = nullptr;
  store::LeaseTicket ticket_;
};

// Promises that go into the log together, with one write(2). Keeps its room when it is written. Not
// thread-safe.
class PromiseGroup {
 public:
  bool empty() const { return promises_.empty(); }
  // Whether another one fits whatever is in it. An empty group has room.
  bool HasRoom() const { return leases_.HasRoom(); }
  // What a call may cost at most. `promise`, which holds nothing, stays until the group is written and holds
  // then. REQUIRES: HasRoom().
  void Add(const Spend& worst, Promise& promise);

 private:
  friend class Books;
  store::LeaseGroup leases_;
  std::vector<Promise*> promises_;
};

// The accounts of a data directory, made durable: what is settled is what the ledger's rows say, and what is
// under way is in the log of leases before its call is made. A start reads the last checkpoint, the rows
// behind it, and of budgets that it does not know the rows of their whole windows. A lease without a row
// counts as spent until somebody says what became of its call.
//
// Thread-safe, save Adopt. The owner of the thread that syncs the log and writes checkpoints.
class Books {
 public:
  // `journal`, `clock` and `disk` outlive it. Errors: kIo with a sentence that names the file.
  static base::Result<std::unique_ptr<Books>> Open(store::Journal& journal, const base::Clock& clock,
                                                   store::Disk& disk, std::shared_ptr<const Policy> policy,
                                                   const ScopeHash& hash, BooksOptions options);
  // Writes a last checkpoint.
  ~Books();
  Books(const Books&) = delete;
  Books& operator=(const Books&) = delete;

  Accounts& accounts() { return accounts_; }
  const ScopeHash& hash() const { return hash_; }
  // The budgets and limits in force: those that it was opened with, or adopted last.
  std::shared_ptr<const Policy> policy() const {
    return policy_.With([](const std::shared_ptr<const Policy>& in_force) { return in_force; });
  }

  // Puts what calls may cost at most into the log, which must be before they are made, and leaves the group
  // empty. Errors: kIo: none of it is in the log, no promise holds, and no call must be made.
  base::Result<> Write(PromiseGroup& group);

  // Held over the row of a request, the settling of its leases and the closing of its promises, so that a
  // checkpoint has all of that or nothing. Short, one at a time on a thread.
  class [[nodiscard]] Settling {
   public:
    explicit Settling(Books& books) NO_THREAD_SAFETY_ANALYSIS;
    ~Settling() NO_THREAD_SAFETY_ANALYSIS;
    Settling(const Settling&) = delete;
    Settling& operator=(const Settling&) = delete;

   private:
    base::Mutex& stripe_;
  };

  // Before a configuration comes into force: budgets that are new are given what the ledger says was spent in
  // their windows. What is under way meanwhile does not count in them. One thread at a time. Errors: kIo: the
  // configuration is not adopted, and may be again.
  base::Result<> Adopt(std::shared_ptr<const Policy> policy);

  // Raises accounts, all or none of them, from the next reservation on; the next checkpoint keeps it over a
  // restart. Errors: kUnavailable: too many accounts.
  base::Result<> SetRaises(std::span<const AccountRaise> raises);

  // A call whose process ended before its row was written: what it may have cost.
  struct Unsettled {
    std::string request_id;
    base::WallTime started;
    std::string team;
    std::string key_id;
    std::string model;  // "provider/model"
    base::Money worst;
  };
  std::vector<Unsettled> ListUnsettled() const;
  // Says what the calls of such a request have cost, all together, in the currency in which it was promised:
  // writes its row (unless it is nothing) and lets go of the rest. Errors: kNotFound: no such request;
  // kInvalid: less than nothing; kIo: the row could not be written, and nothing has changed.
  base::Result<> SettleUnsettled(std::string_view request_id, base::Int128 cost);

  // Writes a checkpoint now; its thread does so by itself, every few seconds where there is something new.
  // Errors: kIo; the last one still stands.
  base::Result<> WriteCheckpoint();

  store::LeaseLog::Counts leases() const { return log_->counts(); }  // for the metrics

 private:
  friend class Promise;
  // More than there are loops: two that meet in one wait for each other for a few microseconds.
  static constexpr std::size_t kStripes = 16;
  struct alignas(64) Stripe {
    base::Mutex mutex;
  };
  class AllStripes;
  struct LeftBehind {
    store::LeftLease lease;
    store::LeaseTicket ticket;  // where it stands now
  };
  // By what it is seen that a checkpoint would say nothing new.
  struct Checkpointed {
    store::JournalPosition position;
    store::LeaseLog::Counts leases;
  };
  using LeftByRequest = std::multimap<std::string, LeftBehind, std::less<>>;

  Books(store::Journal& journal, const base::Clock& clock, store::Disk& disk,
        std::shared_ptr<const Policy> policy, const ScopeHash& hash, BooksOptions options);
  base::Result<> Begin();
  base::Result<> KeepLeft(std::vector<store::LeftLease> left);
  void ApplyLeft(const Policy& policy, const std::set<std::uint64_t>& fresh);
  void Run(const std::stop_token& stop, base::MonoTime begun);
  bool HasNews() const;
  base::Result<> WriteCheckpointLocked();
  void Tell(std::string_view event, const base::Result<>& done, bool& failing) const;
  void TellNote(std::string_view event, std::string_view sentence) const;
  base::Result<> AppendStated(const store::LeaseRecord& lease, base::Int128 cost);
  base::Mutex& StripeOfThread();

  store::Journal& journal_;
  const base::Clock& clock_;
  store::Disk& disk_;
  const ScopeHash hash_;
  const BooksOptions options_;
  const std::filesystem::path checkpoint_path_;
  Accounts accounts_;
  std::unique_ptr<store::LeaseLog> log_;  // never null once begun

  std::array<Stripe, kStripes> stripes_;
  base::Guarded<std::shared_ptr<const Policy>> policy_;
  base::Guarded<LeftByRequest> left_;
  std::atomic<bool> has_changed_{true};  // something beside rows and leases, since the last checkpoint
  base::Guarded<Checkpointed> last_;     // of that checkpoint
  base::Mutex checkpoint_mutex_;         // one checkpoint at a time

  // The thread's.
  bool sync_failing_ = false;
  bool checkpoint_failing_ = false;

  std::jthread thread_;  // last: it uses everything above
};

}  // namespace budget
