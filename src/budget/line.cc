#include <algorithm>

#include "base/check.h"
#include "budget/line_internal.h"

namespace budget {

Waiter* Line::Front(const AccountKey& key) const {
  const auto line = lines_.find(key);
  return line == lines_.end() ? nullptr : line->second.waiters.front();
}

bool Line::HasOlder(const AccountKey& key, std::uint64_t ticket) const {
  const Waiter* const front = Front(key);
  return front != nullptr && front->ticket_ < ticket;
}

void Line::Insert(Waiter& waiter, base::MonoTime now) {
  Queue& queue = lines_.try_emplace(waiter.blocked_by_, Queue{.waiters = {}, .came_back = now}).first->second;
  // Nearly always the last.
  auto place = queue.waiters.end();
  while (place != queue.waiters.begin() && (*std::prev(place))->ticket_ > waiter.ticket_) --place;
  queue.waiters.insert(place, &waiter);
  waiter.since_ = now;
  ++size_;
}

void Line::NoteCameBack(const AccountKey& key, base::MonoTime now) {
  if (const auto line = lines_.find(key); line != lines_.end()) line->second.came_back = now;
}

base::MonoTime Line::LastCameBack(const AccountKey& key) const {
  const auto line = lines_.find(key);
  CHECK(line != lines_.end());
  return line->second.came_back;
}

void Line::Remove(const Waiter& waiter, const AccountKey& key) {
  const auto line = lines_.find(key);
  CHECK(line != lines_.end());
  std::list<Waiter*>& waiters = line->second.waiters;
  const auto place = std::find(waiters.begin(), waiters.end(), &waiter);
  CHECK(place != waiters.end());
  waiters.erase(place);
  if (waiters.empty()) lines_.erase(line);
  --size_;
}

}  // namespace budget
