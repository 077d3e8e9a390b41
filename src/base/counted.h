#pragma once

#include <atomic>
#include <concepts>

namespace base {

// Holds a counter up by one while it lives, so that no way out of a coroutine forgets to count down. The
// counter is a std::atomic or anything with Add(), such as a gauge; it outlives this. Thread-safe as the
// counter is.
template <class Counter>
class Counted {
 public:
  explicit Counted(Counter& counter) : counter_(counter) { counter.Add(1); }
  ~Counted() { counter_.Add(-1); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  Counter& counter_;
};

template <std::integral T>
class Counted<std::atomic<T>> {
 public:
  explicit Counted(std::atomic<T>& counter)
      : counter_(counter), before_(counter.fetch_add(1, std::memory_order_relaxed)) {}
  ~Counted() { counter_.fetch_sub(1, std::memory_order_relaxed); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  T before() const { return before_; }  // how many others there were

 private:
  std::atomic<T>& counter_;
  const T before_;
};

}  // namespace base
