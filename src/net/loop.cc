#include "net/loop.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "net/loop_internal.h"

namespace net {

// ---- Inbox

Inbox::Inbox(Poller& poller) : poller_(poller), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(wake_ && poller_.Add(wake_.get(), *this));
}

Inbox::~Inbox() {
  poller_.Remove(wake_.get(), *this);
  // What goes may put something that then goes as well.
  std::vector<std::function<void()>> left;
  do {
    left.clear();
    state_.With([&](State& state) { left.swap(state.work); });
  } while (!left.empty());
}

void Inbox::Put(std::function<void()> work) {
  const bool wake = state_.With([&](State& state) {
    state.work.push_back(std::move(work));
    return std::exchange(state.asleep, false);
  });
  if (wake) eventfd_write(wake_.get(), 1);
}

bool Inbox::Run() {
  state_.With([&](State& state) {
    running_.swap(state.work);
    state.asleep = running_.empty();
  });
  if (running_.empty()) return false;
  for (std::function<void()>& work : running_) std::exchange(work, nullptr)();
  running_.clear();
  return true;
}

// ---- Alarm

Alarm::Alarm(Poller& poller, std::function<void()> on_time)
    : poller_(poller),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      on_time_(std::move(on_time)) {
  CHECK(timer_ && poller_.Add(timer_.get(), *this));
}

Alarm::~Alarm() {
  poller_.Remove(timer_.get(), *this);
}

void Alarm::SetAfter(std::chrono::nanoseconds delay) {
  delay = std::max(delay, std::chrono::nanoseconds{1});  // 0 would mean never
  const auto seconds = std::chrono::floor<std::chrono::seconds>(delay);
  itimerspec at{};
  at.it_value = {.tv_sec = seconds.count(), .tv_nsec = (delay - seconds).count()};
  CHECK(timerfd_settime(timer_.get(), 0, &at, nullptr) == 0);
}

// ---- Loop

Loop::Loop(const base::Clock& clock)
    : clock_(clock),
      turn_(clock),
      timers_(turn_, [this](base::MonoTime due) { WakeAt(due); }),
      io_(std::make_unique<Io>([this] { OnWake(); })) {}

Loop::~Loop() = default;

void Loop::Run() {
  // OpenSSL writes with write(2), which raises SIGPIPE where the peer has gone.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  while (!stopped_) {
    turn_.NextTurn();
    const bool busy = !at_turn_end_.empty();
    if (io_->inbox.Run() || busy) {
      io_->poller.Look();
    } else {
      io_->poller.Wait();
    }
    EndTurn();
  }
  // What was aborted just before the stop hears of it here, or its coroutine would never end.
  turn_.NextTurn();
  while (io_->inbox.Run() || !at_turn_end_.empty()) EndTurn();
  stopped_ = false;
}

void Loop::EndTurn() {
  ending_.swap(at_turn_end_);
  for (TurnEndWork* work : ending_) work->OnTurnEnd();
  ending_.clear();
}

void Loop::Stop() {
  Post([this] { stopped_ = true; });
}

void Loop::StopAfterPosted() {
  Post([this] { Post([this] { Post([this] { Stop(); }); }); });
}

void Loop::Post(std::function<void()> work) {
  io_->inbox.Put(std::move(work));
}

void Loop::WakeAt(base::MonoTime due) {
  io_->alarm.SetAfter(due - clock_.Now());
}

void Loop::OnWake() {
  timers_.Advance();
  if (const auto due = timers_.NextDue()) WakeAt(*due);
}

}  // namespace net
