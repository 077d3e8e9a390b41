#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "base/clock.h"
#include "base/guarded.h"
#include "budget/terms.h"
#include "budget/waiter.h"

namespace budget {

// Who waits for which account, first come first. Guarded by its own lock, which is taken before those of the
// accounts and only near a limit: by who waits, and by who gives back where somebody does.
class Line {
 public:
  base::Mutex& mutex() { return mutex_; }

  std::size_t size() const { return size_; }
  std::uint64_t NextTicket() { return ++tickets_; }

  Waiter* Front(const AccountKey& key) const;
  // Whether somebody waits there who came before the holder of `ticket`.
  bool HasOlder(const AccountKey& key, std::uint64_t ticket) const;
  // Puts it into the line of blocked_by_, behind those who came before. REQUIRES: it has a ticket.
  void Insert(Waiter& waiter, base::MonoTime now);
  // Something has come back to the account, or somebody was served there; and when that was last, or since
  // when somebody waits there.
  void NoteCameBack(const AccountKey& key, base::MonoTime now);
  base::MonoTime LastCameBack(const AccountKey& key) const;
  // REQUIRES: it is in the line of `key`.
  void Remove(const Waiter& waiter, const AccountKey& key);

 private:
  struct Queue {  // never empty
    std::list<Waiter*> waiters;
    base::MonoTime came_back;
  };

  base::Mutex mutex_;
  std::uint64_t tickets_ = 0;
  std::size_t size_ = 0;
  std::unordered_map<AccountKey, Queue, AccountKeyHash> lines_;
};

}  // namespace budget
