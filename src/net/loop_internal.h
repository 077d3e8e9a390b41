#pragma once

// What a loop is made of. Only sources of this room include it.

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "net/loop.h"
#include "net/poller_internal.h"

namespace net {

// Work that any thread leaves for a loop, which it wakes. Thread-safe but for Run.
class Inbox final : Poller::Client {
 public:
  explicit Inbox(Poller& poller);
  ~Inbox();  // what has not run goes without

  void Put(std::function<void()> work);

  // On the loop's thread, before each wait: runs what has been put, not what that puts. False when there was
  // nothing: from then on the next Put ends the wait.
  bool Run();

 private:
  struct State {
    std::vector<std::function<void()>> work;
    bool asleep = false;  // the loop waits, or is about to
  };

  void OnReady(unsigned) override {}  // that the wait is over is all

  Poller& poller_;
  const Descriptor wake_;  // an eventfd. Being edge-triggered it need not be read
  base::Guarded<State> state_;
  std::vector<std::function<void()>> running_;
};

// Ends a loop's wait at one time. Unlike a limit of each wait it costs nothing while that time stays.
class Alarm final : Poller::Client {
 public:
  Alarm(Poller& poller, std::function<void()> on_time);
  ~Alarm();

  void SetAfter(std::chrono::nanoseconds delay);  // instead of the time before; none or less: at once

 private:
  void OnReady(unsigned) override { on_time_(); }

  Poller& poller_;
  const Descriptor timer_;  // a timerfd, which need not be read either
  const std::function<void()> on_time_;
};

inline constexpr std::size_t kTlsRecord = 16 * 1024;  // plaintext bytes of the largest record, RFC 8446

struct Loop::Io {
  explicit Io(std::function<void()> on_time) : alarm(poller, std::move(on_time)), inbox(poller) {}
  Poller poller;
  Alarm alarm;
  Inbox inbox;                               // last: what goes with it may still leave the poller
  std::array<char, kTlsRecord> tls_scratch;  // small pieces are put side by side here before encryption
};

}  // namespace net
