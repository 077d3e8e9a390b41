#include "gateway/identity_issuers.h"

#include <utility>

#include "gateway/identity_fetch_internal.h"

namespace gateway {

Issuers::Issuers() = default;
Issuers::~Issuers() = default;

base::Result<std::unique_ptr<Issuers>> Issuers::Make(const Parts& parts,
                                                     std::span<const config::OidcSettings> settings) {
  std::unique_ptr<Issuers> made(new Issuers());
  made->loop_ = &parts.loop;
  for (const config::OidcSettings& one : settings) {
    auto fetch = IssuerFetch::Make(parts.loop, parts.resolver, one);
    if (!fetch) {
      return base::Fail(fetch.error().code, "issuer " + one.issuer + ": " + fetch.error().detail);
    }
    made->issuers_.push_back(std::unique_ptr<Issuer>(new Issuer(parts, one, std::move(*fetch))));
  }
  return made;
}

void Issuers::Start() {
  running_ = static_cast<std::ptrdiff_t>(issuers_.size());
  loop_->Post([this] {
    for (const auto& issuer : issuers_) net::Spawn(issuer->Run(ended_));
  });
}

void Issuers::Stop() {
  loop_->Post([this] {
    for (const auto& issuer : issuers_) {
      issuer->stopping_ = true;
      issuer->fetch_->Stop();
      issuer->wake_.Notify();
    }
  });
  for (; running_ > 0; --running_) ended_.acquire();
}

Issuers::Issuer* Issuers::Find(std::string_view name) const {
  for (const auto& issuer : issuers_) {
    if (issuer->settings().issuer == name) return issuer.get();
  }
  return nullptr;
}

Issuers::Issuer::Issuer(const Parts& parts, const config::OidcSettings& settings,
                        std::unique_ptr<IssuerFetch> fetch)
    : settings_(settings), loop_(parts.loop), note_(parts.note), fetch_(std::move(fetch)) {}

bool Issuers::Issuer::MayAsk(base::MonoTime now) const {
  return fetching_.load() || now - last_.load() >= kAgain;
}

net::Task<void> Issuers::Issuer::Ask(net::Loop& loop) {
  const auto told = std::make_shared<net::Event>();
  loop_.Post([this, told, &loop] {
    waiters_.push_back([told, &loop] { loop.Post([told] { told->Notify(); }); });
    if (stopping_ || !MayAsk(loop_.Now())) {
      TellWaiters();
    } else if (!fetching_.load()) {
      wake_.Notify();
    }
  });
  co_await *told;
}

void Issuers::Issuer::TellWaiters() {
  for (const auto& tell : std::exchange(waiters_, {})) tell();
}

net::Task<void> Issuers::Issuer::Run(std::counting_semaphore<>& ended) {
  net::Timer timer(loop_.timers(), [this] { wake_.Notify(); });
  while (!stopping_) {
    fetching_.store(true);
    co_await Fetch();
    last_.store(loop_.clock().Now());
    fetching_.store(false);
    TellWaiters();
    if (stopping_) break;
    timer.SetAfter(failing_ ? std::chrono::nanoseconds(kAgain) : std::chrono::nanoseconds(kRenewal));
    co_await wake_;
  }
  timer.Cancel();
  ended.release();
}

net::Task<void> Issuers::Issuer::Fetch() {
  auto keys = co_await fetch_->Get();
  const bool failed = !keys;
  if (failed && !failing_ && !stopping_ && note_) {
    note_("the keys of " + settings_.issuer +
          " cannot be had, and the last ones stay in force: " + keys.error().detail);
  }
  if (!failed) keys_.Store(std::make_shared<const KeySet>(std::move(*keys)));
  failing_ = failed;
}

}  // namespace gateway
