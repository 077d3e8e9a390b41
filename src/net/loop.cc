#include "net/loop.h"

#include <signal.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/loop_internal.h"

namespace net {

Loop::Loop(const base::Clock& clock)
    : clock_(clock),
      turn_(clock),
      timers_(turn_, [this](base::MonoTime due) { WakeAt(due); }),
      io_(std::make_unique<Io>()) {}

Loop::~Loop() = default;

void Loop::Run() {
  // OpenSSL writes with write(2), which raises SIGPIPE where the peer has gone.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  const auto work = asio::make_work_guard(io_->context);
  do {
    turn_.NextTurn();
  } while (io_->context.run_one() > 0);
  // What was aborted just before the stop hears of it here, or its coroutine would never end.
  turn_.NextTurn();
  io_->context.restart();
  io_->context.poll();
}

void Loop::Stop() {
  io_->context.stop();
}

void Loop::StopAfterPosted() {
  Post([this] { Post([this] { Post([this] { Stop(); }); }); });
}

void Loop::Post(std::function<void()> work) {
  asio::post(io_->context, std::move(work));
}

void Loop::WakeAt(base::MonoTime due) {
  const auto delay = std::max(due - clock_.Now(), std::chrono::nanoseconds{0});
  io_->wake.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(delay));
  io_->wake.async_wait([this](const boost::system::error_code& error) {
    if (!error) OnWake();
  });
}

void Loop::OnWake() {
  timers_.Advance();
  if (const auto due = timers_.NextDue()) WakeAt(*due);
}

}  // namespace net
