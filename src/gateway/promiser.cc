#include "gateway/promiser.h"

#include "base/check.h"

namespace gateway {

Promiser::~Promiser() {
  CHECK(unwritten_.empty() && written_.empty());
}

void Promiser::Add(Writing& writing, std::coroutine_handle<> waiter) {
  if (unwritten_.empty() && written_.empty()) loop_.AtTurnEnd(*this);
  if (!group_.HasRoom()) WriteOut();
  writing.waiter_ = waiter;
  group_.Add(writing.worst_, writing.promise_);
  unwritten_.push_back(&writing);
}

void Promiser::WriteOut() {
  const base::Result<> written = books_.Write(group_);
  if (!written) {
    for (Writing* const writing : unwritten_) writing->written_ = written;
  }
  written_.insert(written_.end(), unwritten_.begin(), unwritten_.end());
  unwritten_.clear();
}

void Promiser::OnTurnEnd() {
  WriteOut();
  // Who goes on may promise something else, which then has the next turn's end.
  resuming_.swap(written_);
  for (const Writing* const writing : resuming_) writing->waiter_.resume();
  resuming_.clear();
}

}  // namespace gateway
