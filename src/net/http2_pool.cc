// The half of Pool and Call for origins that may speak HTTP/2.

#include <algorithm>
#include <utility>

#include "net/http2_client_internal.h"
#include "net/http_pooled_internal.h"

namespace net {

using base::Code;
using base::Error;
using base::Fail;
using base::Result;

bool Pool::MayShare() const {
  return options_.http2 && options_.origin.tls && loop_.Now() >= http11_until_;
}

std::shared_ptr<Http2Client> Pool::FindShared() {
  for (const std::shared_ptr<Http2Client>& one : shared_) {
    if (const auto asked = one->http11_asked()) {
      http11_until_ = std::max(http11_until_, *asked + options_.http11_for);
    }
  }
  std::erase_if(shared_, [](const std::shared_ptr<Http2Client>& one) { return !one->usable(); });
  const auto found = std::find_if(shared_.begin(), shared_.end(),
                                  [](const std::shared_ptr<Http2Client>& one) { return one->HasRoom(); });
  return found == shared_.end() ? nullptr : *found;
}

std::size_t Pool::shared() const {
  return static_cast<std::size_t>(std::count_if(
      shared_.begin(), shared_.end(), [](const std::shared_ptr<Http2Client>& one) { return one->usable(); }));
}

Task<Result<Pool::Way>> Pool::FindWay(std::chrono::nanoseconds timeout, Cancel& cancel,
                                      std::shared_ptr<SharedFailure>& failure) {
  while (true) {
    Way way;
    way.own = TakeIdle();
    if (!way.own) way.shared = FindShared();
    way.reused = way.own || (way.shared && way.shared->used());
    if (way.own || way.shared) co_return std::move(way);
    if (!opening_ || http11_ || !MayShare()) break;
    if (auto opened = co_await AwaitOpening(timeout, cancel, failure); !opened) {
      co_return Fail(std::move(opened).error());
    }
  }
  const bool first = !std::exchange(opening_, true);
  auto opened = co_await Open(timeout, cancel);
  if (first) opening_ = false;
  Way way;
  if (opened) {
    const bool http2 = (*opened)->connection.protocol() == "h2";
    http11_ = !http2 && (http11_ || MayShare());  // where HTTP/2 was not offered nothing was chosen
    if (!http2) {
      way.own = std::move(*opened);
    } else {
      way.shared = std::make_shared<Http2Client>(loop_, std::move((*opened)->connection), options_);
      way.shared->Start();
      shared_.push_back(way.shared);
    }
  }
  // Whoever gave up says nothing about the origin: one of those that wait tries again.
  std::optional<OpeningFailure> failed;
  if (!opened && !cancel.why()) failed = {opened.error(), std::make_shared<SharedFailure>()};
  if (first && failed) failure = failed->shared;
  if (first) TellWaiters(failed);
  if (!opened) co_return Fail(std::move(opened).error());
  co_return std::move(way);
}

// Errors: what opening the connection failed with, kTimeout, why the cancel fired.
Task<Result<void>> Pool::AwaitOpening(std::chrono::nanoseconds timeout, Cancel& cancel,
                                      std::shared_ptr<SharedFailure>& failure) {
  if (cancel.why()) co_return Fail(*cancel.why(), "given up before connecting");
  Waiter waiter;
  bool late = false;
  const Cancel::Hook hook(cancel, [&waiter](Code) { waiter.told.Notify(); });
  Timer timer(loop_.timers(), [&] {
    late = true;
    waiter.told.Notify();
  });
  timer.SetAfter(timeout);
  waiters_.push_back(&waiter);
  co_await waiter.told;
  std::erase(waiters_, &waiter);
  if (cancel.why()) co_return Fail(*cancel.why(), "given up while connecting");
  if (late) co_return Fail(Code::kTimeout, "no connection within the connect timeout");
  if (!waiter.failure) co_return Result<void>();
  failure = std::move(waiter.failure->shared);
  co_return Fail(std::move(waiter.failure->error));
}

// Those that come back while the others are told wait for their own turn.
void Pool::TellWaiters(const std::optional<OpeningFailure>& failure) {
  for (std::size_t left = waiters_.size(); left > 0 && !waiters_.empty(); --left) {
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->failure = failure;
    waiter->told.Notify();
  }
}

Task<Result<void>> Call::SendShared(std::string_view method, std::span<const std::string_view> message) {
  stream_timer_.emplace(pool_.loop().timers(), [this] { Stop(Code::kTimeout); });
  stream_timer_->SetAt(deadline_);
  for (int repeats = 0;; ++repeats) {
    auto way = co_await pool_.FindWay(timeouts_.connect, opening_, opening_failure_);
    if (!way) co_return Fail(Explain(std::move(way).error()));
    reused_ = way->reused;
    if (stopped_) co_return Fail(Explain({*stopped_, {}}));
    if (way->own) {
      stream_timer_.reset();
      pooled_ = std::move(way->own);
      co_return co_await SendAlone(method, message);
    }
    stream_ = std::make_unique<Http2Call>(std::move(way->shared), timeouts_);
    auto sent = co_await stream_->Send(method, message, head_);
    progress_ = stream_->progress();
    if (sent) co_return sent;
    const bool repeat = repeats < kRepeatsMax && progress_ == Progress::kNotSent && !stopped_ &&
                        sent.error().code == Code::kClosed;
    if (!repeat) co_return Fail(Explain(std::move(sent).error()));
    stream_.reset();
  }
}

std::shared_ptr<SharedFailure> Call::shared_failure() const {
  return stream_ ? stream_->shared_failure() : opening_failure_;
}

}  // namespace net
