#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

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
  void Insert(Waiter& waiter);
  // REQUIRES: it is in the line of `key`.
  void Remove(const Waiter& waiter, const AccountKey& key);

 private:
  base::Mutex mutex_;
  std::uint64_t tickets_ = 0;
  std::size_t size_ = 0;
  std::unordered_map<AccountKey, std::list<Waiter*>, AccountKeyHash> lines_;  // none is empty
};

}  // namespace budget
