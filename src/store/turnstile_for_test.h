#pragma once

#include <atomic>
#include <functional>
#include <stop_token>

namespace store {

// Lets a test decide when a thread that waits between its rounds makes one: Turn() returns after one whole
// round.
class Turnstile {
 public:
  std::function<bool(std::stop_token)> Wait() {
    return [this](const std::stop_token& stop) {
      arrived_.fetch_add(1);
      arrived_.notify_all();
      const std::stop_callback wake(stop, [this] {
        allowed_.fetch_add(1);
        allowed_.notify_all();
      });
      for (int allowed = allowed_; allowed <= used_; allowed = allowed_) allowed_.wait(allowed);
      ++used_;
      return !stop.stop_requested();
    };
  }
  void Turn() {
    Await(turns_ + 1);
    allowed_.fetch_add(1);
    allowed_.notify_all();
    Await(++turns_ + 1);
  }

 private:
  void Await(int count) {
    for (int arrived = arrived_; arrived < count; arrived = arrived_) arrived_.wait(arrived);
  }
  std::atomic<int> arrived_{0};
  std::atomic<int> allowed_{0};
  int used_ = 0;   // the watch's
  int turns_ = 0;  // the test's
};

}  // namespace store
