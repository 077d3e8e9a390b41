#pragma once

// For tests of this room: a provider that requests enter from two loops, under a clock of the test's own.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "upstream/provider.h"

namespace upstream {

// A provider and two loops on threads of their own, under a clock that moves only while both stand still.
class ProviderTest : public testing::Test {
 protected:
  // One request that wants a place.
  struct Visit {
    net::Loop* loop;
    std::string model = "m";
    net::Cancel cancel;
    std::optional<Place> place;
    std::optional<base::Code> error;
  };
  using VisitPtr = std::shared_ptr<Visit>;

  ProviderTest() {
    settings_.keys = {config::Secret("key-a"), config::Secret("key-b")};
    settings_.in_flight_max = 1;
  }

  ~ProviderTest() override {
    for (const VisitPtr& visit : visits_) Cancel(visit);
    for (const VisitPtr& visit : visits_) Leave(visit);
    first_.Stop();
    second_.Stop();
  }

  Provider& provider() {
    if (!provider_) {
      provider_ = std::make_shared<Provider>(
          "p", settings_, routing::RetryPolicy{}, net::PoolOptions{}, clock_, metrics_,
          [this](std::string_view, const std::string& sentence) { alarms_.push_back(sentence); });
    }
    return *provider_;
  }

  void OneKey() { settings_.keys.resize(1); }

  static void Do(net::Loop& loop, const std::function<void()>& work) {
    std::promise<void> done;
    loop.Post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  // Until what was posted, and what that posted, has run.
  void Settle() {
    for (int i = 0; i < 3; ++i) {
      Do(first_, [] {});
      Do(second_, [] {});
    }
  }

  void Advance(std::chrono::nanoseconds step) {
    Do(first_, [&] { clock_.Advance(step); });
    for (net::Loop* loop : {&first_, &second_}) Do(*loop, [&] { loop->timers().Advance(); });
    Settle();
  }

  VisitPtr Enter(net::Loop& loop, std::string model = "m") {
    provider();
    auto visit = std::make_shared<Visit>();
    visit->loop = &loop;
    visit->model = std::move(model);
    visits_.push_back(visit);
    Do(loop, [&] { net::Spawn(Run(visit)); });
    Settle();
    return visit;
  }
  VisitPtr Enter() { return Enter(first_); }
  VisitPtr EnterFor(std::string model) { return Enter(first_, std::move(model)); }

  net::Task<void> Run(VisitPtr visit) {
    auto place = co_await provider_->Enter(visit->model, *visit->loop, visit->cancel);
    if (place) {
      visit->place.emplace(std::move(*place));
    } else {
      visit->error = place.error().code;
    }
  }

  void Leave(const VisitPtr& visit) {
    Do(*visit->loop, [&] { visit->place.reset(); });
    Settle();
  }
  void Cancel(const VisitPtr& visit, base::Code why = base::Code::kCancelled) {
    Do(*visit->loop, [&] { visit->cancel.Fire(why); });
    Settle();
  }
  static bool Waits(const VisitPtr& visit) { return !visit->place && !visit->error; }

  std::int64_t InFlight() { return metrics_.in_flight.With({"p"}).Value(); }
  std::int64_t Waiting() { return metrics_.waiting.With({"p"}).Value(); }

  base::FakeClock clock_;
  net::Loop first_{clock_};
  net::Loop second_{clock_};
  telemetry::Registry registry_;
  Metrics metrics_{registry_, {"p"}};
  config::ProviderSettings settings_;
  std::vector<std::string> alarms_;
  std::shared_ptr<Provider> provider_;
  std::vector<VisitPtr> visits_;
  std::jthread first_thread_{[this] { first_.Run(); }};
  std::jthread second_thread_{[this] { second_.Run(); }};
};

}  // namespace upstream
