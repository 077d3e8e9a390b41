#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "base/check.h"
#include "base/guarded.h"
#include "base/thread_annotations.h"

namespace budget {

// Holds the locks of the parts of a table that some demands need, each once and in the order in which they
// lie in memory, so that nobody waits in a circle. `lock_of` gives the lock for a demand's key. REQUIRES: the
// locks lie in one array; at most kMost demands.
template <std::size_t kMost>
class OrderedLocks {
 public:
  template <class Demand, class LockOf>
  OrderedLocks(std::span<const Demand> demands, LockOf&& lock_of) NO_THREAD_SAFETY_ANALYSIS {
    CHECK(demands.size() <= kMost);
    for (const Demand& demand : demands) locks_[count_++] = &lock_of(demand.key);
    const auto end = locks_.begin() + static_cast<std::ptrdiff_t>(count_);
    std::sort(locks_.begin(), end);
    count_ = static_cast<std::size_t>(std::unique(locks_.begin(), end) - locks_.begin());
    for (std::size_t i = 0; i < count_; ++i) locks_[i]->Lock();
  }
  ~OrderedLocks() NO_THREAD_SAFETY_ANALYSIS {
    for (std::size_t i = count_; i-- > 0;) locks_[i]->Unlock();
  }
  OrderedLocks(const OrderedLocks&) = delete;
  OrderedLocks& operator=(const OrderedLocks&) = delete;

 private:
  std::array<base::Mutex*, kMost> locks_;
  std::size_t count_ = 0;
};

}  // namespace budget
