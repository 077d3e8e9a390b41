#include "upstream/provider.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/counted.h"

namespace upstream {
namespace {

using base::Code;
using base::Fail;
using base::Result;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr auto kKeyAside = 5min;
constexpr auto kQuestionEvery = 30s;
constexpr milliseconds kLimitedDefault = 1s;  // a 429 that does not say for how long
constexpr milliseconds kLimitedMax = 1min;
constexpr int kFailuresToRest = 5;
constexpr auto kRestFirst = 5s;
constexpr auto kRestMax = 60s;

std::vector<std::vector<std::string>> AsLabels(const std::vector<std::string>& names) {
  std::vector<std::vector<std::string>> labels;
  for (const std::string& name : names) labels.push_back({name});
  return labels;
}

}  // namespace

Metrics::Metrics(telemetry::Registry& registry, const std::vector<std::string>& providers)
    : in_flight(registry.AddGauge({.name = "sluice_upstream_in_flight",
                                   .help = "Calls to a provider that have begun and not ended.",
                                   .labels = {"provider"},
                                   .initial = AsLabels(providers)})),
      waiting(registry.AddGauge({.name = "sluice_queue_depth",
                                 .help = "Requests in line for a free place at a provider.",
                                 .labels = {"provider"},
                                 .initial = AsLabels(providers)})),
      errors(registry.AddCounter({.name = "sluice_upstream_errors_total",
                                  .help = "Failed calls, by status or by what went wrong.",
                                  .labels = {"provider", "code"}})),
      retries(registry.AddCounter({.name = "sluice_upstream_retries_total",
                                   .help = "Extra calls made because this provider failed.",
                                   .labels = {"provider"},
                                   .initial = AsLabels(providers)})) {}

Place& Place::operator=(Place&& other) noexcept {
  if (this != &other) {
    Release();
    provider_ = std::move(other.provider_);
    key_ = other.key_;
  }
  return *this;
}

void Place::Release() {
  if (const auto provider = std::exchange(provider_, nullptr)) provider->Leave(key_);
}

Provider::Provider(std::string name, config::ProviderSettings settings, routing::RetryPolicy retry,
                   net::PoolOptions pool, const base::Clock& clock, Metrics& metrics, Alarm alarm)
    : name_(std::move(name)),
      settings_(std::move(settings)),
      pool_(std::move(pool)),
      host_header_(pool_.origin.HostHeader()),
      clock_(clock),
      metrics_(metrics),
      in_flight_(metrics.in_flight.With({name_})),
      waiting_(metrics.waiting.With({name_})),
      alarm_(std::move(alarm)),
      retry_policy_(retry),
      retries_(clock, retry) {
  state_.With([&](State& state) { state.keys.resize(std::max<std::size_t>(settings_.keys.size(), 1)); });
}

std::string_view Provider::Secret(std::size_t key) const {
  return key < settings_.keys.size() ? std::string_view(settings_.keys[key].Reveal()) : std::string_view();
}

// ---- places

// Forgets what is over and says in `ailing_` whether anything is left.
void Provider::NoteHealth(State& state) {
  const base::MonoTime now = clock_.Now();
  if (state.resting_until <= now) state.resting_until = {};
  bool ailing = state.failures > 0 || state.resting_until != base::MonoTime{};
  for (Key& key : state.keys) {
    if (key.aside_until <= now) key.aside_until = {};
    if (key.limited_until <= now) key.limited_until = {};
    ailing =
        ailing || key.probing || key.aside_until != base::MonoTime{} || key.limited_until != base::MonoTime{};
  }
  ailing_.store(ailing, std::memory_order_relaxed);
}

// The usable key with the fewest requests; nullopt when all usable ones are full.
std::optional<std::size_t> Provider::Pick(State& state) const {
  const base::MonoTime now = ailing_.load(std::memory_order_relaxed) ? clock_.Now() : base::MonoTime{};
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < state.keys.size(); ++i) {
    Key& key = state.keys[i];
    if (now < key.aside_until || now < key.limited_until || key.in_flight >= settings_.in_flight_max)
      continue;
    if (key.probing && key.in_flight > 0) continue;  // its one try is under way
    if (!best || key.in_flight < state.keys[*best].in_flight) best = i;
  }
  return best;
}

bool Provider::AnyUsable(const State& state) const {
  const base::MonoTime now = clock_.Now();
  return std::any_of(state.keys.begin(), state.keys.end(),
                     [now](const Key& key) { return now >= key.aside_until && now >= key.limited_until; });
}

bool Provider::NoneAccepted(const State& state) const {
  const base::MonoTime now = clock_.Now();
  return std::all_of(state.keys.begin(), state.keys.end(),
                     [now](const Key& key) { return now < key.aside_until; });
}

std::optional<std::size_t> Provider::TakePlace(State& state) const {
  if (!state.line.empty()) return std::nullopt;
  const auto key = Pick(state);
  if (key) ++state.keys[*key].in_flight;
  return key;
}

std::optional<Place> Provider::TryEnter() {
  const auto taken = state_.With([this](State& state) { return TakePlace(state); });
  if (!taken) return std::nullopt;
  in_flight_.Add(1);
  return Place(shared_from_this(), *taken);
}

net::Task<Result<Place>> Provider::Enter(net::Loop& loop, net::Cancel& cancel) {
  if (cancel.why()) co_return Fail(*cancel.why(), "given up before the call");
  std::shared_ptr<Waiter> waiter;
  base::Error refusal{Code::kUnavailable, {}};
  const auto picked = state_.With([&](State& state) -> std::optional<std::size_t> {
    if (const auto key = TakePlace(state)) return key;
    if (NoneAccepted(state)) {
      refusal = {Code::kDenied, "no key of " + name_ + " is accepted"};
    } else if (!AnyUsable(state)) {
      refusal.detail = "no key of " + name_ + " can be used at present";
    } else if (state.line.size() >= settings_.queue_max) {
      refusal.detail = "the line for " + name_ + " is full";
    } else {
      waiter = std::make_shared<Waiter>(loop);
      state.line.push_back(waiter);
      WatchForKeys(state);
    }
    return std::nullopt;
  });
  if (picked) {
    in_flight_.Add(1);
    co_return Place(shared_from_this(), *picked);
  }
  if (!waiter) co_return Fail(refusal);
  co_return co_await WaitInLine(loop, cancel, std::move(waiter));
}

net::Task<Result<Place>> Provider::WaitInLine(net::Loop& loop, net::Cancel& cancel,
                                              std::shared_ptr<Waiter> waiter) {
  std::optional<base::Counted<telemetry::Gauge>> waiting(std::in_place, waiting_);
  const net::Cancel::Hook hook(cancel, [&waiter](Code) { Tell(waiter); });
  net::Timer timer(loop.timers(), [&waiter] { Tell(waiter); });
  net::Timer look_again(loop.timers(), [this] { state_.With([&](State& state) { GrantFromLine(state); }); });
  timer.SetAfter(settings_.queue_timeout);
  waiter->look_again = &look_again;
  co_await waiter->event;
  waiter->look_again = nullptr;
  waiting.reset();
  const auto [granted, refused] = state_.With([&](State& state) {
    // Whoever is first now has to watch in its stead.
    if (std::erase(state.line, waiter) > 0) GrantFromLine(state);
    return std::pair(waiter->granted, waiter->refused);
  });
  if (granted) {
    in_flight_.Add(1);
    Place place(shared_from_this(), *granted);  // passed on at once when nobody wants it any more
    if (!cancel.why()) co_return std::move(place);
  }
  if (cancel.why()) co_return Fail(*cancel.why(), "given up while waiting in line for " + name_);
  if (refused) co_return Fail(Code::kDenied, "no key of " + name_ + " is accepted any more");
  co_return Fail(Code::kTimeout, "no place at " + name_ + " became free in time");
}

void Provider::Tell(const std::shared_ptr<Waiter>& waiter) {
  if (!std::exchange(waiter->told, true)) waiter->event.Notify();
}

void Provider::Leave(std::size_t key) {
  in_flight_.Add(-1);
  state_.With([&](State& state) {
    --state.keys[key].in_flight;
    GrantFromLine(state);
  });
}

void Provider::GrantFromLine(State& state) {
  while (!state.line.empty()) {
    const auto key = Pick(state);
    if (!key) return WatchForKeys(state);
    const std::shared_ptr<Waiter> next = std::move(state.line.front());
    state.line.pop_front();
    ++state.keys[*key].in_flight;
    next->granted = key;
    next->loop->Post([next] { Tell(next); });
  }
}

void Provider::RefuseLine(State& state) {
  for (const std::shared_ptr<Waiter>& waiter : std::exchange(state.line, {})) {
    waiter->refused = true;
    waiter->loop->Post([waiter] { Tell(waiter); });
  }
}

// A key whose time is over tells nobody, so the first in line looks again at that moment.
void Provider::WatchForKeys(State& state) const {
  if (state.line.empty()) return;
  const base::MonoTime now = clock_.Now();
  std::optional<base::MonoTime> back;
  for (const Key& key : state.keys) {
    const base::MonoTime free = std::max(key.aside_until, key.limited_until);
    if (free > now && (!back || free < *back)) back = free;
  }
  const std::shared_ptr<Waiter>& first = state.line.front();
  if (!back || first->looks_again_at == *back) return;
  first->looks_again_at = *back;
  first->loop->Post([first, at = *back] {
    if (first->look_again != nullptr) first->look_again->SetAt(at);
  });
}

// ---- what calls say

void Provider::KeyRefused(std::size_t key, int status) {
  const bool news = state_.With([&](State& state) {
    const base::MonoTime now = clock_.Now();
    Key& refused = state.keys[key];
    if (now < refused.aside_until) return false;  // the other calls that were under way say the same
    refused.aside_until = now + kKeyAside;
    refused.probing = true;
    NoteHealth(state);
    if (NoneAccepted(state)) {
      RefuseLine(state);
    } else {
      WatchForKeys(state);
    }
    return true;
  });
  if (!news) return;
  const char* meaning = status == 402 ? "its account has no balance" : "it is not accepted";
  alarm_("key_put_aside", "key " + std::to_string(key + 1) + " of provider " + name_ +
                              " is put aside for 5 minutes: " + meaning + " (status " +
                              std::to_string(status) + ")");
}

void Provider::KeyLimited(std::size_t key, std::optional<milliseconds> retry_after) {
  const milliseconds wait = std::min(retry_after.value_or(kLimitedDefault), kLimitedMax);
  state_.With([&](State& state) {
    base::MonoTime& until = state.keys[key].limited_until;
    until = std::max(until, clock_.Now() + wait);
    NoteHealth(state);
    WatchForKeys(state);
  });
}

void Provider::CallWorked(std::size_t key) {
  if (!ailing_.load(std::memory_order_relaxed)) return;
  state_.With([&](State& state) {
    state.failures = 0;
    state.resting_until = {};
    NoteHealth(state);
  });
  KeyAccepted(key);
}

void Provider::KeyAccepted(std::size_t key) {
  if (!ailing_.load(std::memory_order_relaxed)) return;
  state_.With([&](State& state) {
    // A call that had begun before the key was refused proves nothing about the key.
    if (!state.keys[key].probing || clock_.Now() < state.keys[key].aside_until) return;
    state.keys[key].probing = false;
    NoteHealth(state);
    GrantFromLine(state);
  });
}

bool Provider::TakeQuestion(std::size_t key) {
  return state_.With([&](State& state) {
    const base::MonoTime now = clock_.Now();
    std::optional<base::MonoTime>& at = state.keys[key].questioned_at;
    if (at && now - *at < kQuestionEvery) return false;
    at = now;
    return true;
  });
}

void Provider::CallFailed() {
  const auto rest = state_.With([&](State& state) -> std::optional<std::chrono::seconds> {
    const base::MonoTime now = clock_.Now();
    if (now < state.resting_until) return std::nullopt;
    ++state.failures;
    std::optional<std::chrono::seconds> pause;
    if (state.failures >= kFailuresToRest) {
      const int doublings = std::min(state.failures - kFailuresToRest, 8);
      pause = std::min<std::chrono::seconds>(kRestFirst * (1 << doublings), kRestMax);
      state.resting_until = now + *pause;
    }
    NoteHealth(state);
    return pause;
  });
  if (rest) {
    alarm_("provider_rests", "provider " + name_ + " is asked last for " + std::to_string(rest->count()) +
                                 " s: its last calls all failed");
  }
}

std::string Provider::Ailment() {
  if (!ailing_.load(std::memory_order_relaxed)) return {};
  const base::MonoTime now = clock_.Now();
  return state_.With([&](State& state) -> std::string {
    NoteHealth(state);
    if (NoneAccepted(state)) return "no key of " + name_ + " is accepted";
    if (!AnyUsable(state)) return name_ + " asked for fewer requests";
    if (now < state.resting_until) return "the last calls to " + name_ + " failed";
    return {};
  });
}

std::optional<milliseconds> Provider::WaitForLimit() const {
  const base::MonoTime now = clock_.Now();
  return state_.With([&](const State& state) {
    std::optional<milliseconds> shortest;
    for (const Key& key : state.keys) {
      if (now < key.aside_until || now >= key.limited_until) continue;
      const auto wait = std::chrono::ceil<milliseconds>(key.limited_until - now);
      if (!shortest || wait < *shortest) shortest = wait;
    }
    return shortest;
  });
}

void Provider::BringBackKeys() {
  state_.With([this](State& state) {
    for (Key& key : state.keys) {
      key.aside_until = {};
      key.probing = false;
    }
    state.resting_until = {};
    state.failures = 0;
    NoteHealth(state);
    GrantFromLine(state);
  });
}

}  // namespace upstream
