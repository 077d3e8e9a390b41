#include <algorithm>

#include "base/check.h"
#include "budget/line_internal.h"

namespace budget {

Waiter* Line::Front(const AccountKey& key) const {
  const auto line = lines_.find(key);
  return line == lines_.end() ? nullptr : line->second.front();
}

bool Line::HasOlder(const AccountKey& key, std::uint64_t ticket) const {
  const Waiter* const front = Front(key);
  return front != nullptr && front->ticket_ < ticket;
}

void Line::Insert(Waiter& waiter) {
  std::list<Waiter*>& line = lines_[waiter.blocked_by_];
  // Nearly always the last.
  auto place = line.end();
  while (place != line.begin() && (*std::prev(place))->ticket_ > waiter.ticket_) --place;
  line.insert(place, &waiter);
  ++size_;
}

void Line::Remove(const Waiter& waiter, const AccountKey& key) {
  const auto line = lines_.find(key);
  CHECK(line != lines_.end());
  const auto place = std::find(line->second.begin(), line->second.end(), &waiter);
  CHECK(place != line->second.end());
  line->second.erase(place);
  if (line->second.empty()) lines_.erase(line);
  --size_;
}

}  // namespace budget
