#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/money.h"
#include "budget/denied.h"
#include "budget/lease.h"
#include "budget/terms.h"

namespace budget {

class Line;
class Shards;
class Waiter;
struct SavedAccount;

// What one account is to be raised by. The amount of the demand does not matter.
struct AccountRaise {
  Demand account;
  Raise raise;
};

struct AccountsOptions {
  std::size_t accounts_max = 2'000'000;  // below 200 bytes each, what a rolling window keeps apart
  std::size_t waiting_max = 10'000;      // in all lines together
};

// What is now, and what went wrong since the start.
struct AccountsCounts {
  std::size_t accounts = 0;
  std::size_t waiting = 0;         // in all lines
  std::uint64_t overshot = 0;      // costs above what was reserved that left an account above its limit
  base::Int128 overshot_pico = 0;  // by so much, of whatever currency
  std::uint64_t too_many = 0;      // demands denied for want of accounts
};

// The live sums of every account that anything was spent from in its present window.
//
// Thread-safe: a hash table in many parts, each with a lock of its own that is held for a fraction of a
// microsecond; who needs several takes them in one order, and no lock is common to all. Nothing blocks on a
// disk. Outlives its leases and waiters.
//
// Invariant: settled + reserved <= limit on every account, save where a call cost more than its worst case,
// a reload or the end of a raise lowered the limit, or a restart found calls whose end nobody knows.
//
// A request belongs to the window in which it was reserved, whenever it is settled. A clock that goes back by
// less than a day does not bring a window back; by more than that, the window that it says begins.
class Accounts {
 public:
  static constexpr std::size_t kDemandsMax = 64;  // of one request

  // `clock` outlives it; it tells the time at which a lease is dropped or a waiter goes.
  Accounts(const base::Clock& clock, AccountsOptions options);
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  // Reserves all of it or nothing. An account with a line lets nobody pass. REQUIRES: at most kDemandsMax
  // demands. What `kept` holds, for earlier calls of the same request, does not come back before the request
  // is over: it counts as settled here, so that nobody waits for what it holds itself.
  tl::expected<Lease, Denied> Reserve(std::span<const Demand> demands, base::WallTime now,
                                      std::span<const Lease> kept = {});

  // Reserve, and for what is kBusy a place in the line of the account that is in the way: first come, first
  // served. Who waits already, or was told that it cannot be had, asks for this instead and keeps its place.
  // False: it did not need to wait, or cannot, and Take() says which; `ready` is not called then. True:
  // `ready` will be called, unless the waiter goes before.
  // `kept` stays as it is until the waiter is gone.
  bool Wait(std::span<const Demand> demands, base::WallTime now, Waiter& waiter,
            std::span<const Lease> kept = {});

  // How accounts stand, without making one: what was never spent from is empty. The amounts of the demands do
  // not matter. What `kept` holds counts as settled. REQUIRES: room for as many.
  void Look(std::span<const Demand> demands, base::WallTime now, std::span<AccountView> views,
            std::span<const Lease> kept = {});

  // Adds what a request cost that began at `started`, where that is in the window of `now`: how the sums are
  // made again after a restart. False: some account could not be made (too many).
  bool Apply(std::span<const Demand> demands, base::WallTime started, base::WallTime now);

  // The same for a call whose end nobody knows. It counts as settled, but a checkpoint does not hold it; once
  // its end is known, Resolve takes it back and adds what it cost.
  bool ApplyUnsettled(std::span<const Demand> demands, base::WallTime started, base::WallTime now);
  void Resolve(std::span<const Demand> unsettled, std::span<const Demand> cost, base::WallTime started,
               base::WallTime now);

  // Puts raises in the place of those that the accounts have: all of them, or none where there are too many
  // accounts (false).
  bool SetRaises(std::span<const AccountRaise> raises, base::WallTime now);

  // All accounts of one budget, in no order. `use` is called without any lock; each lock is held while its
  // part of the table is copied, a tenth of a millisecond where there are a million accounts.
  struct Listed {
    std::string value;
    AccountView view;
  };
  void List(const Terms& terms, base::WallTime now, const std::function<void(const Listed&)>& use);

  // What was settled in one budget counts no more; what is reserved stays.
  void ForgetSettled(std::uint64_t rule);

  // Forgets accounts whose window is over and that hold nothing. Takes each lock once.
  void Sweep(base::WallTime now);

  AccountsCounts Counts() const;

  // A consistent copy. StartCut begins it: what is settled from then on is not in it. REQUIRES: no Settle or
  // Apply runs during StartCut. SaveCut then gives the accounts, part by part; `use` is called without any
  // lock.
  void StartCut();
  void SaveCut(const std::function<void(std::span<const SavedAccount>)>& use);
  // One account of an earlier process. False: too many.
  bool Restore(const SavedAccount& saved, const AccountKey& key, const Terms& terms, base::WallTime now);

 private:
  friend class Lease;
  friend class Waiter;

  struct Mishaps {
    std::uint64_t overshot = 0;
    base::Int128 overshot_pico = 0;
    std::uint64_t too_many = 0;
  };

  tl::expected<Lease, Denied> Try(std::span<const Demand> demands, base::WallTime now, Waiter* waiter,
                                  std::span<const Lease> kept);
  static base::Int128 HeldBy(std::span<const Lease> kept, const Account& account);
  std::optional<Denied> Judge(const Demand& demand, base::Int128 amount, const Account* account,
                              base::WallTime now, const Waiter* waiter, std::span<const Lease> kept) const;
  void Finish(const Lease::Hold& hold, base::Int128 cost, base::WallTime now, AccountView* after);
  void Serve(const AccountKey& key, base::WallTime now, bool came_back);
  void ServeLocked(const AccountKey& key, base::WallTime now);
  static void Tell(Waiter& waiter, tl::expected<Lease, Denied> lease);
  void Leave(Waiter& waiter);
  void StepOut(const Waiter& waiter, const AccountKey& key);
  void StopWaiting(const AccountKey& key);
  std::optional<Raise> ReplaceRaise(const AccountRaise& raise, base::WallTime now);
  template <class F>
  bool ForAccounts(std::span<const Demand> demands, base::WallTime started, base::WallTime now, F&& change);

  const base::Clock& clock_;
  const AccountsOptions options_;
  const std::unique_ptr<Shards> shards_;
  const std::unique_ptr<Line> line_;
  base::Guarded<Mishaps> mishaps_;
};

}  // namespace budget
