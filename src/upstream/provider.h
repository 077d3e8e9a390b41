#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "config/settings.h"
#include "net/cancel.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "routing/retry.h"
#include "telemetry/metrics.h"
#include "upstream/model_list.h"

namespace upstream {

// The metrics of this room; one per process. Names are a public contract.
struct Metrics {
  explicit Metrics(telemetry::Registry& registry, const std::vector<std::string>& providers);
  telemetry::Family<telemetry::Gauge>& in_flight;  // {provider}
  telemetry::Family<telemetry::Gauge>& waiting;    // {provider}
  telemetry::Family<telemetry::Counter>& errors;   // {provider,code}
  telemetry::Family<telemetry::Counter>& retries;  // {provider}: extra calls that its failures caused
};

class Provider;

// A place in flight under one key of a provider; gives it back when dropped. Movable.
class Place {
 public:
  Place() = default;
  Place(std::shared_ptr<Provider> provider, std::size_t key) : provider_(std::move(provider)), key_(key) {}
  Place(Place&& other) noexcept : provider_(std::move(other.provider_)), key_(other.key_) {}
  Place& operator=(Place&& other) noexcept;
  ~Place() { Release(); }

  std::size_t key() const { return key_; }

 private:
  void Release();
  std::shared_ptr<Provider> provider_;
  std::size_t key_ = 0;
};

// One configured provider, for all loops: how many requests each key has in flight, who waits for a place,
// which keys are put aside and whether it fails at present. Thread-safe. Loops make their own connection
// pools from pool_options().
class Provider : public std::enable_shared_from_this<Provider> {
 public:
  // Told when a key is put aside (`key_put_aside`) or the provider is left alone (`provider_rests`), with a
  // sentence that names a key by its number, never by its value.
  using Alarm = std::function<void(std::string_view event, const std::string& sentence)>;

  // `clock` is also that of the loops that enter.
  Provider(std::string name, config::ProviderSettings settings, routing::RetryPolicy retry,
           net::PoolOptions pool, const base::Clock& clock, Metrics& metrics, Alarm alarm);

  const std::string& name() const { return name_; }
  const config::ProviderSettings& settings() const { return settings_; }
  const routing::RetryPolicy& retry_policy() const { return retry_policy_; }
  const net::PoolOptions& pool_options() const { return pool_; }
  const std::string& host_header() const { return host_header_; }  // of its requests
  // The secret of key number `key`; empty for a provider that needs none.
  std::string_view Secret(std::size_t key) const;

  // A place under the key with the fewest requests, where one is free and nobody waits in line for it.
  std::optional<Place> TryEnter();
  // Takes a place as TryEnter does, or waits in line for one, first come first served.
  // Errors: kDenied (every key was refused), kUnavailable (those that were not are limited; the line is
  // full), kTimeout (queue_timeout), why `cancel` fired. The caller keeps the provider meanwhile.
  net::Task<base::Result<Place>> Enter(net::Loop& loop, net::Cancel& cancel);

  // What a call's outcome says about its key and about the provider.
  void KeyRefused(std::size_t key, int status);                                            // 401, 402, 403
  void KeyLimited(std::size_t key, std::optional<std::chrono::milliseconds> retry_after);  // 429
  void CallWorked(std::size_t key);
  void KeyAccepted(std::size_t key);  // any status but a refusal: its probe is over
  // Whether it is time to ask if a key is accepted at all: true at most every kQuestionEvery for each key.
  bool TakeQuestion(std::size_t key);
  void CallFailed();  // unreachable, timed out, 5xx, broken

  // Why it should not be asked now; empty when it may be.
  std::string Ailment();
  // How long until a key that is only limited may be used again; nullopt if none is.
  std::optional<std::chrono::milliseconds> WaitForLimit() const;
  void BringBackKeys();  // after a reload

  routing::RetryBudget& retries() { return retries_; }
  Metrics& metrics() { return metrics_; }
  ModelList& model_list() { return model_list_; }

 private:
  friend class Place;
  struct Key {
    std::uint64_t in_flight = 0;
    base::MonoTime aside_until{};    // refused by the provider
    base::MonoTime limited_until{};  // it said 429
    bool probing = false;            // the one try after having been put aside
    std::optional<base::MonoTime> questioned_at{};
  };
  // Somebody in line. Its own loop has `event`, `told` and `look_again`; the rest is under the lock.
  struct Waiter {
    explicit Waiter(net::Loop& its_loop) : loop(&its_loop) {}
    net::Loop* const loop;
    net::Event event;
    bool told = false;                   // the event has been notified
    net::Timer* look_again = nullptr;    // while it waits: looks whether a key has come back
    std::optional<std::size_t> granted;  // the key of its place
    bool refused = false;                // no key is accepted any more
    base::MonoTime looks_again_at{};
  };
  struct State {
    std::vector<Key> keys;
    std::deque<std::shared_ptr<Waiter>> line;
    int failures = 0;  // in a row; those that come in while it rests are not counted
    base::MonoTime resting_until{};
  };

  void NoteHealth(State& state);
  std::optional<std::size_t> Pick(State& state) const;
  std::optional<std::size_t> TakePlace(State& state) const;
  bool AnyUsable(const State& state) const;
  bool NoneAccepted(const State& state) const;
  net::Task<base::Result<Place>> WaitInLine(net::Loop& loop, net::Cancel& cancel,
                                            std::shared_ptr<Waiter> waiter);
  void Leave(std::size_t key);
  void GrantFromLine(State& state);
  void RefuseLine(State& state);
  void WatchForKeys(State& state) const;
  static void Tell(const std::shared_ptr<Waiter>& waiter);

  const std::string name_;
  const config::ProviderSettings settings_;
  const net::PoolOptions pool_;
  const std::string host_header_;
  const base::Clock& clock_;
  Metrics& metrics_;
  telemetry::Gauge& in_flight_;
  telemetry::Gauge& waiting_;
  const Alarm alarm_;
  const routing::RetryPolicy retry_policy_;
  routing::RetryBudget retries_;
  // Whether anything of State is not as it should be: a key is put aside, limited or being tried again, or
  // the last calls failed. Written under the lock; a call that finds it false needs no lock to know that all
  // is well, and one that races with the first failure is as good as one that came a moment earlier.
  std::atomic<bool> ailing_{false};
  ModelList model_list_;
  base::Guarded<State> state_;
};

}  // namespace upstream
