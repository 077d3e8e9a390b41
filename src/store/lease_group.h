#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "store/lease_record.h"

namespace store {

// Leases that go into a log together, with one write(2), in the order in which they were added. Keeps its
// room when it is cleared. Not thread-safe.
class LeaseGroup {
 public:
  // Of a segment, which has room for all of it. A group takes more as long as the largest lease would still
  // fit, which usual ones do, hundreds of them.
  static constexpr std::size_t kBytesMax = 48 * base::KiB;

  LeaseGroup();
  ~LeaseGroup();
  LeaseGroup(const LeaseGroup&) = delete;
  LeaseGroup& operator=(const LeaseGroup&) = delete;

  bool empty() const { return payloads_.empty(); }
  // Whether another lease fits whatever is in it. An empty group has room.
  bool HasRoom() const;

  // Encodes the lease. REQUIRES: HasRoom(); at most kLeaseTagsMax tags.
  void Add(const LeaseRecord& lease);
  void Clear();

 private:
  friend class LeaseLog;

  std::unique_ptr<char[]> bytes_;  // records, room for each one's header before its payload
  std::size_t used_ = 0;
  std::vector<std::size_t> payloads_;  // bytes of each
};

}  // namespace store
