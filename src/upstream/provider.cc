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
    std::erase_if(key.models,
                  [now](const Model& one) { return one.aside_until <= now && one.limited_until <= now; });
    ailing = ailing || key.probing || key.aside_until != base::MonoTime{} ||
             key.limited_until != base::MonoTime{} || !key.models.empty();
  }
  ailing_.store(ailing, std::memory_order_relaxed);
}

Provider::Back Provider::BackOf(const Key& key, std::string_view model) {
  Back back{key.aside_until, key.limited_until};
  if (model.empty()) return back;
  for (const Model& one : key.models) {
    if (one.name != model) continue;
    back.aside_until = std::max(back.aside_until, one.aside_until);
    back.limited_until = std::max(back.limited_until, one.limited_until);
  }
  return back;
}

// What the key knows of the model, to be changed; null for a name that is not remembered.
Provider::Model* Provider::Remember(Key& key, std::string_view model) {
  if (model.empty() || model.size() > kModelBytesMax) return nullptr;
  const auto named = [model](const Model& one) { return one.name == model; };
  const auto known = std::find_if(key.models.begin(), key.models.end(), named);
  if (known != key.models.end()) return &*known;
  if (key.models.size() < kModelsMax) return &key.models.emplace_back(Model{.name = std::string(model)});
  const auto over_first =
      std::min_element(key.models.begin(), key.models.end(), [](const Model& one, const Model& other) {
        return std::max(one.aside_until, one.limited_until) <
               std::max(other.aside_until, other.limited_until);
      });
  *over_first = {.name = std::string(model)};
  return &*over_first;
}

// The key with the fewest requests of those that may be used; nullopt when all of these are full.
std::optional<std::size_t> Provider::Pick(const State& state, std::string_view model) const {
  const base::MonoTime now = ailing_.load(std::memory_order_relaxed) ? clock_.Now() : base::MonoTime{};
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < state.keys.size(); ++i) {
    const Key& key = state.keys[i];
    if (key.in_flight >= settings_.in_flight_max || now < BackOf(key, model).both()) continue;
    if (key.probing && key.in_flight > 0) continue;  // its one try is under way
    if (!best || key.in_flight < state.keys[*best].in_flight) best = i;
  }
  return best;
}

bool Provider::AnyUsable(const State& state, std::string_view model) const {
  const base::MonoTime now = clock_.Now();
  return std::any_of(state.keys.begin(), state.keys.end(),
                     [&](const Key& key) { return now >= BackOf(key, model).both(); });
}

bool Provider::NoneAccepted(const State& state, std::string_view model) const {
  const base::MonoTime now = clock_.Now();
  return std::all_of(state.keys.begin(), state.keys.end(),
                     [&](const Key& key) { return now < BackOf(key, model).aside_until; });
}

// Who is in line comes first, but for those that can only use what rests.
std::optional<std::size_t> Provider::TakePlace(State& state, std::string_view model) {
  if (!state.line.empty()) GrantFromLine(state);
  const auto key = Pick(state, model);
  if (key) ++state.keys[*key].in_flight;
  return key;
}

std::optional<Place> Provider::TryEnter(std::string_view model) {
  const auto taken = state_.With([&](State& state) { return TakePlace(state, model); });
  if (!taken) return std::nullopt;
  in_flight_.Add(1);
  return Place(shared_from_this(), *taken);
}

net::Task<Result<Place>> Provider::Enter(std::string_view model, net::Loop& loop, net::Cancel& cancel) {
  if (cancel.why()) co_return Fail(*cancel.why(), "given up before the call");
  std::shared_ptr<Waiter> waiter;
  base::Error refusal{Code::kUnavailable, {}};
  const auto picked = state_.With([&](State& state) -> std::optional<std::size_t> {
    if (const auto key = TakePlace(state, model)) return key;
    if (NoneAccepted(state, {})) {
      refusal = {Code::kDenied, "no key of " + name_ + " is accepted"};
    } else if (NoneAccepted(state, model)) {
      refusal = {Code::kDenied, "no key of " + name_ + " may use this model"};
    } else if (!AnyUsable(state, model)) {
      refusal.detail = "no key of " + name_ + " can be used at present";
    } else if (state.line.size() >= settings_.queue_max) {
      refusal.detail = "the line for " + name_ + " is full";
    } else {
      waiter = std::make_shared<Waiter>(loop, model);
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
  if (refused) co_return Fail(Code::kDenied, "no key of " + name_ + " is accepted for this any more");
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
  for (auto at = state.line.begin(); at != state.line.end() && Pick(state, {});) {
    const auto key = Pick(state, (*at)->model);
    if (!key) {
      ++at;
      continue;
    }
    const std::shared_ptr<Waiter> next = std::move(*at);
    at = state.line.erase(at);
    ++state.keys[*key].in_flight;
    next->granted = key;
    next->loop->Post([next] { Tell(next); });
  }
  WatchForKeys(state);
}

// Those in line for whom no key is accepted any more.
void Provider::RefuseLine(State& state) {
  std::erase_if(state.line, [&](const std::shared_ptr<Waiter>& waiter) {
    if (!NoneAccepted(state, waiter->model)) return false;
    waiter->refused = true;
    waiter->loop->Post([waiter] { Tell(waiter); });
    return true;
  });
}

// A key whose time is over tells nobody, so the first in line looks again at that moment; that of a model
// which nobody in line wants has it look for nothing.
void Provider::WatchForKeys(State& state) const {
  if (state.line.empty()) return;
  const base::MonoTime now = clock_.Now();
  std::optional<base::MonoTime> back;
  for (const Key& key : state.keys) {
    const auto look_at = [&](base::MonoTime end) {
      if (end > now && (!back || end < *back)) back = end;
    };
    look_at(std::max(key.aside_until, key.limited_until));
    for (const Model& one : key.models) look_at(std::max(one.aside_until, one.limited_until));
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
    RefuseLine(state);
    WatchForKeys(state);
    return true;
  });
  if (!news) return;
  const char* meaning = status == 402 ? "its account has no balance" : "it is not accepted";
  alarm_("key_put_aside", "key " + std::to_string(key + 1) + " of provider " + name_ +
                              " is put aside for 5 minutes: " + meaning + " (status " +
                              std::to_string(status) + ")");
}

void Provider::ModelRefused(std::size_t key, std::string_view model) {
  const bool news = state_.With([&](State& state) {
    const base::MonoTime now = clock_.Now();
    Model* const refused = Remember(state.keys[key], model);
    if (refused == nullptr || now < refused->aside_until) return false;
    refused->aside_until = now + kKeyAside;
    NoteHealth(state);
    RefuseLine(state);
    WatchForKeys(state);
    return true;
  });
  if (!news) return;
  alarm_("key_put_aside", "key " + std::to_string(key + 1) + " of provider " + name_ +
                              " is put aside for model " + std::string(model) +
                              " for 5 minutes: it may not use it (status 403)");
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

void Provider::ModelLimited(std::size_t key, std::string_view model,
                            std::optional<milliseconds> retry_after) {
  const milliseconds wait = std::min(retry_after.value_or(kLimitedDefault), kLimitedMax);
  state_.With([&](State& state) {
    const base::MonoTime now = clock_.Now();
    Key& under = state.keys[key];
    Model* const limited = Remember(under, model);
    if (limited == nullptr) return;
    limited->limited_until = std::max(limited->limited_until, now + wait);
    std::size_t count = 0;
    base::MonoTime first = base::MonoTime::max();
    for (const Model& one : under.models) {
      if (one.limited_until <= now) continue;
      ++count;
      first = std::min(first, one.limited_until);
    }
    if (count >= kLimitedModelsMax) under.limited_until = std::max(under.limited_until, first);
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

std::string Provider::Ailment(std::string_view model) {
  if (!ailing_.load(std::memory_order_relaxed)) return {};
  const base::MonoTime now = clock_.Now();
  return state_.With([&](State& state) -> std::string {
    NoteHealth(state);
    if (NoneAccepted(state, {})) return "no key of " + name_ + " is accepted";
    if (NoneAccepted(state, model)) return "no key of " + name_ + " may use this model";
    if (!AnyUsable(state, model)) return name_ + " asked for fewer requests";
    if (now < state.resting_until) return "the last calls to " + name_ + " failed";
    return {};
  });
}

std::optional<milliseconds> Provider::WaitForLimit(std::string_view model) const {
  const base::MonoTime now = clock_.Now();
  return state_.With([&](const State& state) -> std::optional<milliseconds> {
    std::optional<milliseconds> shortest;
    for (const Key& key : state.keys) {
      const Back back = BackOf(key, model);
      if (now < back.aside_until) continue;
      if (now >= back.limited_until) return std::nullopt;
      const auto wait = std::chrono::ceil<milliseconds>(back.limited_until - now);
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
      for (Model& one : key.models) one.aside_until = {};
    }
    state.resting_until = {};
    state.failures = 0;
    NoteHealth(state);
    GrantFromLine(state);
  });
}

}  // namespace upstream
