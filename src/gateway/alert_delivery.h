#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/alert.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"

namespace gateway {

struct AlertDeliveryOptions {
  std::size_t waiting_max = 1'000;                      // alerts; one more is dropped
  std::chrono::nanoseconds first_pause{1'000'000'000};  // before the second attempt; then twice as long each
  std::chrono::nanoseconds longest_pause = std::chrono::minutes(10);
  std::chrono::nanoseconds give_up_after = std::chrono::hours(24);
  // Told of what will never be delivered, and why. May be empty.
  std::function<void(std::string_view event, const std::string& sentence)> note{};
  // Told when something is no longer pending. May be empty.
  std::function<void()> on_change{};
};

// Posts alerts to their addresses, one at a time, those first that came first. What cannot be delivered is
// tried again after a pause that doubles, until a day is over; an answer that says that it never will (4xx
// other than 408 and 429) ends it at once. Belongs to its loop, whose thread calls everything; the loop and
// the resolver outlive it.
class AlertDelivery {
 public:
  AlertDelivery(net::Loop& loop, net::Resolver& resolver, AlertDeliveryOptions options);
  AlertDelivery(const AlertDelivery&) = delete;
  AlertDelivery& operator=(const AlertDelivery&) = delete;

  void Add(Alert alert);

  // What is not delivered yet, the one that is on its way included.
  std::vector<Alert> pending() const;
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t dropped() const { return dropped_; }  // given up, refused or one too many

  // Ends what is on its way; nothing more is sent. REQUIRES: awaited before it is destroyed.
  net::Task<void> Stop();

 private:
  struct Waiting {
    Alert alert;
    base::MonoTime since;
    base::MonoTime due;
    std::chrono::nanoseconds pause;
  };
  enum class Outcome { kDelivered, kLater, kNever };

  void Go();
  net::Task<void> Run();
  net::Task<base::Result<Outcome>> Post(const Alert& alert);
  void Settle(Waiting waiting, const base::Result<Outcome>& outcome);
  void Drop(const Alert& alert, const std::string& why);
  void Changed();

  net::Loop& loop_;
  net::Resolver& resolver_;
  const AlertDeliveryOptions options_;
  std::deque<Waiting> waiting_;
  std::uint64_t delivered_ = 0;
  std::uint64_t dropped_ = 0;
  bool running_ = false;  // a coroutine looks after them
  bool stopping_ = false;
  const Alert* under_way_ = nullptr;
  net::Event wake_;
  net::Event ended_;
  net::Timer timer_;
  net::Cancel cancel_;  // of the attempt that is on its way
};

}  // namespace gateway
