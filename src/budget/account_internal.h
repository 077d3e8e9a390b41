#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "budget/accounts.h"
#include "budget/denied.h"
#include "budget/saved_account.h"
#include "budget/terms.h"

namespace budget {

// What counts of one stretch of a rolling window.
struct Slot {
  base::Int128 settled = 0;
  base::Int128 reserved = 0;
  base::Int128 unsettled = 0;  // of `settled`, what no checkpoint holds
  base::WallTime start;
};

// What only some accounts have.
struct AccountExtra {
  std::vector<Slot> slots;  // of a rolling window, those in it, in order; at most kSlots and two
  Raise raise;
  base::Int128 carried = 0;                       // from the window before into this one
  base::Int128 left = 0;                          // what that one left, before it is held within carry_most
  base::WallTime before = base::WallTime::max();  // its start; max: nothing is known of it
  base::Int128 unsettled = 0;                     // of a window without slots
};

// One account and its sums. Not thread-safe: guarded by the lock of its part of the table. Of a rolling
// window the sums are those of its slots.
struct Account {
  AccountKey key;
  base::Int128 settled = 0;
  base::Int128 reserved = 0;
  base::WallTime start;  // of the window; nothing was ever counted while it equals `end`
  base::WallTime end;    // of a rolling one when its last slot has left it
  std::unique_ptr<AccountExtra> extra;
  std::string value;
  std::uint32_t holds = 0;    // leases that have something of it, in whatever window
  std::uint32_t waiting = 0;  // in its line
  bool carries = false;       // it was spent from, and what a window leaves goes over into the next one

  // Ends the window that is over and begins the one that `now` is in. Whether it did.
  bool Turn(const Terms& terms, base::WallTime now);

  // The rest expects that it was turned at that `now`.
  base::Int128 Limit(const Terms& terms, base::WallTime now) const;
  AccountView View(const Terms& terms, base::WallTime now) const;
  // When there is room for `amount` on top of what is settled and of `kept`, which is held and counts as
  // settled; WallTime::max(): the amount alone is more than the limit.
  base::WallTime OpensFor(const Terms& terms, base::Int128 amount, base::Int128 kept,
                          base::WallTime now) const;

  // Gives back the start of the window or slot in which it is held.
  base::WallTime Hold(const Terms& terms, base::Int128 amount, base::WallTime now);
  // REQUIRES: it was held so.
  void Release(const Terms& terms, base::WallTime start, base::Int128 amount, base::Int128 cost,
               base::WallTime now);
  // What of it `reserved` still has. REQUIRES: it was held so.
  base::Int128 StillHeld(const Terms& terms, base::WallTime start, base::Int128 amount) const;
  // Adds to what is settled by a request that began at `started`. Of the window before it is taken from what
  // that one left; of an earlier one, nothing is done.
  void Add(const Terms& terms, base::Int128 amount, base::WallTime started, base::WallTime now);
  // The same for what no checkpoint holds. A negative amount takes it back.
  void AddUnsettled(const Terms& terms, base::Int128 amount, base::WallTime started, base::WallTime now);
  void ForgetSettled();

  AccountExtra& Extra();
  // Whether nothing would be lost with it at `now`.
  bool Forgettable(base::WallTime now) const;
  // Whether a checkpoint needs it.
  bool WorthSaving() const;
  SavedAccount Save() const;
  void Restore(const SavedAccount& saved);

 private:
  bool TurnCalendar(const Terms& terms, base::WallTime now);
  void TurnRolling(const Terms& terms, base::WallTime now);
  Slot& SlotFor(const Terms& terms, base::WallTime at);
  void Touch(const Terms& terms, base::WallTime at);
  bool Counts(const Terms& terms, base::WallTime started) const;
  void Settled(const Terms& terms, base::Int128 amount);
  void TakeFromRest(const Terms& terms, base::Int128 amount, base::WallTime started);
};

}  // namespace budget
