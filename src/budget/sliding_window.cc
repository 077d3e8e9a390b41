#include "budget/sliding_window.h"

#include <algorithm>

#include "base/check.h"

namespace budget {
namespace {

constexpr std::size_t kSmall = 16;  // runs that are not worth moving

}  // namespace

void SlidingWindow::Expire(base::MonoTime now, std::chrono::nanoseconds length) {
  now_ = std::max(now_, now);
  while (head_ < runs_.size() && runs_[head_].last + length <= now_) {
    sum_ -= runs_[head_].amount;
    ++head_;
  }
  Compact();
}

void SlidingWindow::Compact() {
  const std::size_t left = runs_.size() - head_;
  if (head_ < kSmall || head_ < left) return;
  runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(head_));
  first_ += head_;
  head_ = 0;
  if (runs_.capacity() > kSmall && runs_.capacity() / 4 > runs_.size()) runs_.shrink_to_fit();
}

SlidingWindow::Number SlidingWindow::Add(base::MonoTime now, std::uint64_t amount,
                                         std::chrono::nanoseconds length, std::size_t runs_max) {
  now_ = std::max(now_, now);
  sum_ += amount;
  const std::size_t half = runs_max / 2;
  const bool joins = runs_.size() - head_ >= half &&
                     now_ - newest_since_ < length / static_cast<std::chrono::nanoseconds::rep>(half);
  if (joins) {
    runs_.back().last = now_;
    runs_.back().amount += amount;
  } else {
    runs_.push_back({now_, amount});
    newest_since_ = now_;
  }
  return first_ + runs_.size() - 1;
}

void SlidingWindow::Correct(Number number, std::int64_t by) {
  if (number < first_ + head_) return;
  CHECK(number < first_ + runs_.size());
  Run& run = runs_[number - first_];
  const auto change = static_cast<std::uint64_t>(by);  // taken off modulo 2^64
  CHECK(by >= 0 || run.amount >= 0 - change);
  run.amount += change;
  sum_ += change;
}

std::chrono::nanoseconds SlidingWindow::FallsIn(std::uint64_t most, std::chrono::nanoseconds length) const {
  std::uint64_t left = sum_;
  for (std::size_t i = head_; i < runs_.size(); ++i) {
    left -= runs_[i].amount;
    if (left <= most) return runs_[i].last + length - now_;
  }
  return length;
}

}  // namespace budget
