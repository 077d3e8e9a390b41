#pragma once

// For tests of every room that needs a loop: one that runs on a thread of its own.

#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/loop.h"
#include "net/task.h"

namespace net {

class LoopThread {
 public:
  LoopThread() : LoopThread(own_clock_) {}
  explicit LoopThread(const base::Clock& clock) { loops_.push_back(std::make_unique<Loop>(clock)); }
  ~LoopThread() { Join(); }

  void Start() {
    thread_ = std::jthread([this] { loop().Run(); });
  }
  // Ends the loop when what was posted has run, and waits for that. A second call does nothing.
  void Join() {
    if (!thread_.joinable()) return;
    loop().StopAfterPosted();
    thread_.join();
  }

  // Runs `work` on the loop and waits until it has run.
  void Do(std::function<void()> work) {
    std::promise<void> done;
    loop().Post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  // Lets the loop turn until `condition` holds there.
  void Until(const std::function<bool()>& condition) {
    bool holds = false;
    while (!holds) Do([&] { holds = condition(); });
  }

  // Starts the task that `make` returns on the loop and waits for what it produces.
  template <class T>
  T Await(std::function<Task<T>()> make) {
    std::promise<T> result;
    loop().Post([&] { Spawn(Deliver(make, result)); });
    return result.get_future().get();
  }

  Loop& loop() { return *loops_.front(); }
  const std::vector<std::unique_ptr<Loop>>& loops() { return loops_; }

 private:
  template <class T>
  static Task<void> Deliver(const std::function<Task<T>()>& make, std::promise<T>& result) {
    T value = co_await make();
    result.set_value(std::move(value));
  }

  base::SystemClock own_clock_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::jthread thread_;
};

}  // namespace net
