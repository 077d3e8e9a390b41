#pragma once

#include <algorithm>
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
// which keys, and which models under them, are put aside or rest, and whether it fails at present.
// Thread-safe. Loops make their own connection pools from pool_options().
//
// A key remembers at most kModelsMax models; of more, those whose time is over first are forgotten, which
// costs a call that is refused once more. A name longer than kModelBytesMax is not remembered.
class Provider : public std::enable_shared_from_this<Provider> {
 public:
  // Told when a key is put aside (`key_put_aside`), for all models or for one, or the provider is left alone
  // (`provider_rests`), with a sentence that names a key by its number, never by its value.
  using Alarm = std::function<void(std::string_view event, const std::string& sentence)>;

  static constexpr std::size_t kModelsMax = 32;
  static constexpr std::size_t kModelBytesMax = 256;
  static constexpr std::size_t kLimitedModelsMax = 3;  // limited at the same time, and the key rests

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

  // A place for a call to `model` under the key with the fewest requests of those that may use it, where one
  // is free and nobody waits in line for it. Here and below an empty `model` is none: only what holds for all
  // calls under a key counts.
  std::optional<Place> TryEnter(std::string_view model);
  // Takes a place as TryEnter does, or waits in line for one, first come first served; who can only use what
  // rests is passed by those behind. Errors: kDenied (every key was refused, or refused for this model),
  // kUnavailable (those that were not are limited; the line is full), kTimeout (queue_timeout), why `cancel`
  // fired. The caller keeps the provider meanwhile; `model` is read before the first suspension.
  net::Task<base::Result<Place>> Enter(std::string_view model, net::Loop& loop, net::Cancel& cancel);

  // What a call's outcome says about its key, about the model under that key, and about the provider. A key
  // rests, too, when kLimitedModelsMax of its models are limited: until the first of these comes back.
  void KeyRefused(std::size_t key, int status);                // 401, 402; 403 where it is about the key
  void ModelRefused(std::size_t key, std::string_view model);  // 403
  void KeyLimited(std::size_t key,
                  std::optional<std::chrono::milliseconds> retry_after);  // 429 about the key
  void ModelLimited(std::size_t key, std::string_view model,
                    std::optional<std::chrono::milliseconds> retry_after);  // 429
  void CallWorked(std::size_t key);
  void KeyAccepted(std::size_t key);  // any status but a refusal: its probe is over
  // Whether it is time to ask if a key is accepted at all: true at most every kQuestionEvery for each key.
  bool TakeQuestion(std::size_t key);
  void CallFailed();  // unreachable, timed out, 5xx, broken

  // Why it should not be asked for `model` now; empty when it may be.
  std::string Ailment(std::string_view model);
  // How long until a key that is only limited may be used for `model` again; nullopt if one may be used now,
  // or if none is only limited.
  std::optional<std::chrono::milliseconds> WaitForLimit(std::string_view model) const;
  void BringBackKeys();  // after a reload

  routing::RetryBudget& retries() { return retries_; }
  Metrics& metrics() { return metrics_; }
  ModelList& model_list() { return model_list_; }

 private:
  friend class Place;
  // One model under a key.
  struct Model {
    std::string name;
    base::MonoTime aside_until{};    // refused under this key
    base::MonoTime limited_until{};  // 429
  };
  struct Key {
    std::uint64_t in_flight = 0;
    base::MonoTime aside_until{};    // refused by the provider
    base::MonoTime limited_until{};  // it said 429
    bool probing = false;            // the one try after having been put aside
    std::optional<base::MonoTime> questioned_at{};
    std::vector<Model> models;  // those that are put aside or limited
  };
  // When a key may be used for a model, as far as is known; in the past where it may be now.
  struct Back {
    base::MonoTime aside_until{};
    base::MonoTime limited_until{};
    base::MonoTime both() const { return std::max(aside_until, limited_until); }
  };
  // Somebody in line. Its own loop has `event`, `told` and `look_again`; the rest is under the lock.
  struct Waiter {
    Waiter(net::Loop& its_loop, std::string_view its_model) : loop(&its_loop), model(its_model) {}
    net::Loop* const loop;
    const std::string model;
    net::Event event;
    bool told = false;                   // the event has been notified
    net::Timer* look_again = nullptr;    // while it waits: looks whether a key has come back
    std::optional<std::size_t> granted;  // the key of its place
    bool refused = false;                // no key is accepted for its model any more
    base::MonoTime looks_again_at{};
  };
  struct State {
    std::vector<Key> keys;
    std::deque<std::shared_ptr<Waiter>> line;
    int failures = 0;  // in a row; those that come in while it rests are not counted
    base::MonoTime resting_until{};
  };

  void NoteHealth(State& state);
  static Back BackOf(const Key& key, std::string_view model);
  static Model* Remember(Key& key, std::string_view model);
  std::optional<std::size_t> Pick(const State& state, std::string_view model) const;
  std::optional<std::size_t> TakePlace(State& state, std::string_view model);
  bool AnyUsable(const State& state, std::string_view model) const;
  bool NoneAccepted(const State& state, std::string_view model) const;
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
