#include "gateway/identity_issuers.h"

#include <algorithm>
#include <utility>

#include "gateway/identity_fetch_internal.h"

namespace gateway {
namespace {

bool HaveKeysAtOnePlace(const config::OidcSettings& a, const config::OidcSettings& b) {
  return a.issuer == b.issuer && a.jwks_url == b.jwks_url && a.ca_file == b.ca_file;
}

}  // namespace

Issuers::Issuers(const Parts& parts) : parts_(parts) {}
Issuers::~Issuers() = default;
Issuers::Issuer::~Issuer() = default;

base::Result<Issuers::List> Issuers::Make(std::span<const config::OidcSettings> settings) const {
  const auto before = in_force_.Load();
  List made;
  for (const config::OidcSettings& one : settings) {
    const auto known = std::find_if(
        before->begin(), before->end(),
        [&](const std::shared_ptr<Issuer>& issuer) { return HaveKeysAtOnePlace(issuer->settings(), one); });
    if (known != before->end() && (*known)->settings() == one) {
      made.push_back(*known);
      continue;
    }
    auto fetch = IssuerFetch::Make(parts_.loop, parts_.resolver, one);
    if (!fetch) {
      return base::Fail(fetch.error().code, "issuer " + one.issuer + ": " + fetch.error().detail);
    }
    auto keys = known == before->end() ? std::make_shared<const KeySet>() : (*known)->keys().Load();
    made.push_back(std::shared_ptr<Issuer>(new Issuer(parts_, one, std::move(*fetch), std::move(keys))));
  }
  return made;
}

void Issuers::Use(List list) {
  const auto before = in_force_.Load();
  const auto now = std::make_shared<const List>(std::move(list));
  in_force_.Store(now);
  const auto only_in = [](const List& these, const List& those) {
    List only;
    for (const auto& one : these) {
      if (std::find(those.begin(), those.end(), one) == those.end()) only.push_back(one);
    }
    return only;
  };
  List fresh = only_in(*now, *before);
  begun_ += static_cast<std::ptrdiff_t>(fresh.size());
  parts_.loop.Post([this, fresh = std::move(fresh), gone = only_in(*before, *now)] {
    for (const auto& issuer : gone) issuer->Stop();
    for (const auto& issuer : fresh) net::Spawn(Issuer::Run(issuer, ended_));
  });
}

void Issuers::Stop() {
  Use({});
  for (; begun_ > 0; --begun_) ended_.acquire();
}

std::shared_ptr<Issuers::Issuer> Issuers::Find(std::string_view name) const {
  const auto list = in_force_.Load();
  const auto found = std::find_if(list->begin(), list->end(), [&](const std::shared_ptr<Issuer>& issuer) {
    return issuer->settings().issuer == name;
  });
  return found == list->end() ? nullptr : *found;
}

Issuers::Issuer::Issuer(const Parts& parts, const config::OidcSettings& settings,
                        std::unique_ptr<IssuerFetch> fetch, std::shared_ptr<const KeySet> keys)
    : settings_(settings),
      loop_(parts.loop),
      note_(parts.note),
      keys_(std::move(keys)),
      fetch_(std::move(fetch)) {}

bool Issuers::Issuer::MayAsk(base::MonoTime now) const {
  return fetching_.load() || now - last_.load() >= kAgain;
}

net::Task<void> Issuers::Issuer::Ask(net::Loop& loop) {
  const auto told = std::make_shared<net::Event>();
  loop_.Post([this, self = shared_from_this(), told, &loop] {
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

void Issuers::Issuer::Stop() {
  stopping_ = true;
  fetch_->Stop();
  wake_.Notify();
}

net::Task<void> Issuers::Issuer::Run(std::shared_ptr<Issuer> self, std::counting_semaphore<>& ended) {
  Issuer& issuer = *self;
  net::Timer timer(issuer.loop_.timers(), [&issuer] { issuer.wake_.Notify(); });
  while (!issuer.stopping_) {
    issuer.fetching_.store(true);
    co_await issuer.Fetch();
    issuer.last_.store(issuer.loop_.clock().Now());
    issuer.fetching_.store(false);
    issuer.TellWaiters();
    if (issuer.stopping_) break;
    timer.SetAfter(issuer.failing_ ? std::chrono::nanoseconds(kAgain) : std::chrono::nanoseconds(kRenewal));
    co_await issuer.wake_;
  }
  timer.Cancel();
  issuer.fetching_.store(false);
  issuer.TellWaiters();
  issuer.fetch_.reset();
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
