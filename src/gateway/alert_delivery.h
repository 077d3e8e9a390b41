#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "gateway/alert.h"
#include "gateway/alert_courier.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/task.h"
#include "telemetry/metrics.h"

namespace gateway {

struct AlertDeliveryOptions {
  std::size_t waiting_max = 1'000;                      // alerts; one more is dropped
  std::chrono::nanoseconds first_pause{1'000'000'000};  // before the second attempt; then twice as long each
  std::chrono::nanoseconds longest_pause = std::chrono::minutes(10);
  std::chrono::nanoseconds give_up_after = std::chrono::hours(24);
  // Told why something will never be delivered (alert_dropped), or is not yet (alert_delayed, once for each).
  // May be empty.
  std::function<void(std::string_view event, const std::string& sentence)> note{};
  // Told when something is no longer pending. May be empty.
  std::function<void()> on_change{};
  telemetry::Counter* delivered = nullptr;  // may be null, as the next
  telemetry::Counter* dropped = nullptr;    // given up, refused or one too many
};

// Delivers alerts by one courier, one at a time, those first that came first. What cannot be delivered is
// tried again after a pause that doubles, until a day is over; where the courier says that it will never be
// taken, that ends it at once. Belongs to its loop, whose thread calls everything; the loop and the courier
// outlive it.
class AlertDelivery {
 public:
  AlertDelivery(net::Loop& loop, AlertCourier& courier, AlertDeliveryOptions options);
  AlertDelivery(const AlertDelivery&) = delete;
  AlertDelivery& operator=(const AlertDelivery&) = delete;

  void Add(Alert alert);

  // What is not delivered yet, the one that is on its way included.
  std::vector<Alert> pending() const;

  // Ends what is on its way; nothing more is sent. REQUIRES: awaited before it is destroyed.
  net::Task<void> Stop();

 private:
  struct Waiting {
    Alert alert;
    base::MonoTime since;
    base::MonoTime due;
    std::chrono::nanoseconds pause;
    bool told = false;  // that it is late
  };

  void Go();
  net::Task<void> Run();
  void Settle(Waiting waiting, const base::Result<void>& outcome);
  void Drop(const Alert& alert, const std::string& why);
  void Note(std::string_view event, const Alert& alert, const std::string& sentence);
  void Changed();

  net::Loop& loop_;
  AlertCourier& courier_;
  const AlertDeliveryOptions options_;
  std::deque<Waiting> waiting_;
  bool running_ = false;  // a coroutine looks after them
  bool stopping_ = false;
  const Alert* under_way_ = nullptr;
  net::Event wake_;
  net::Event ended_;
  net::Timer timer_;
  net::Cancel cancel_;  // of the attempt that is on its way
};

}  // namespace gateway
