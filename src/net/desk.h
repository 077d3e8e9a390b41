#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/counted.h"
#include "net/loop.h"
#include "net/task.h"

namespace net {

// Does work for loops on a thread of its own, one after the other: what waits for a disk, or takes long, is
// not for event loops. Thread-safe. The loops that ask outlive it, and it outlives whoever asks.
class Desk {
 public:
  // At most `waiting_max` wait or are done at once. `clock` outlives it.
  Desk(const base::Clock& clock, std::size_t waiting_max)
      : waiting_max_(waiting_max), loop_(clock), thread_([this] { loop_.Run(); }) {}
  // Ends after what waits.
  ~Desk() { loop_.StopAfterPosted(); }
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Called on `loop`, which the result comes back to; `work` runs on the desk's thread. None: too many wait,
  // and nothing was done.
  template <class T>
  Task<std::optional<T>> Do(Loop& loop, std::function<T()> work) {
    const base::Counted waiting(waiting_);
    if (waiting.before() >= waiting_max_) co_return std::nullopt;
    struct Job {
      std::function<T()> work;
      std::optional<T> result;
      Event done;
    };
    const auto job = std::make_shared<Job>();
    job->work = std::move(work);
    loop_.Post([job, &loop] {
      job->result.emplace(job->work());
      loop.Post([job] { job->done.Notify(); });
    });
    co_await job->done;
    co_return std::move(job->result);
  }

 private:
  const std::size_t waiting_max_;
  std::atomic<std::size_t> waiting_{0};
  Loop loop_;
  std::jthread thread_;
};

}  // namespace net
