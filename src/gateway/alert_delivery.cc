#include "gateway/alert_delivery.h"

#include <algorithm>
#include <utility>

namespace gateway {

AlertDelivery::AlertDelivery(net::Loop& loop, AlertCourier& courier, AlertDeliveryOptions options)
    : loop_(loop),
      courier_(courier),
      options_(std::move(options)),
      timer_(loop.timers(), [this] { wake_.Notify(); }) {}

void AlertDelivery::Add(Alert alert) {
  if (stopping_) return;
  if (waiting_.size() >= options_.waiting_max) {
    Drop(alert, std::to_string(options_.waiting_max) + " others wait for theirs to be delivered");
    return;
  }
  const base::MonoTime now = loop_.Now();
  waiting_.push_back({std::move(alert), now, now, options_.first_pause});
  Go();
}

std::vector<Alert> AlertDelivery::pending() const {
  std::vector<Alert> alerts;
  if (under_way_ != nullptr) alerts.push_back(*under_way_);
  for (const Waiting& waiting : waiting_) alerts.push_back(waiting.alert);
  return alerts;
}

void AlertDelivery::Go() {
  if (running_) {
    wake_.Notify();
    return;
  }
  running_ = true;
  net::Spawn(Run());
}

net::Task<void> AlertDelivery::Run() {
  while (!stopping_ && !waiting_.empty()) {
    const auto first = std::min_element(waiting_.begin(), waiting_.end(),
                                        [](const Waiting& a, const Waiting& b) { return a.due < b.due; });
    if (first->due > loop_.Now()) {
      timer_.SetAt(first->due);
      co_await wake_;
      timer_.Cancel();
      continue;
    }
    Waiting waiting = std::move(*first);
    waiting_.erase(first);
    under_way_ = &waiting.alert;
    const base::Result<void> outcome = co_await courier_.Deliver(waiting.alert, cancel_);
    under_way_ = nullptr;
    Settle(std::move(waiting), outcome);
  }
  running_ = false;
  ended_.Notify();
}

void AlertDelivery::Settle(Waiting waiting, const base::Result<void>& outcome) {
  if (!outcome && stopping_) {
    waiting_.push_front(std::move(waiting));  // for whoever writes down what is pending
    return;
  }
  if (outcome) {
    if (options_.delivered != nullptr) options_.delivered->Add();
    Changed();
    return;
  }
  const base::MonoTime now = loop_.Now();
  if (outcome.error().code == base::Code::kDenied || now - waiting.since >= options_.give_up_after) {
    Drop(waiting.alert, outcome.error().detail);
    Changed();
    return;
  }
  if (!std::exchange(waiting.told, true)) {
    Note("alert_delayed", waiting.alert,
         "is not delivered yet, and is tried again: " + outcome.error().detail);
  }
  waiting.due = now + waiting.pause;
  waiting.pause = std::min(waiting.pause * 2, options_.longest_pause);
  waiting_.push_back(std::move(waiting));
}

void AlertDelivery::Drop(const Alert& alert, const std::string& why) {
  if (options_.dropped != nullptr) options_.dropped->Add();
  Note("alert_dropped", alert, "was not delivered: " + why);
}

void AlertDelivery::Note(std::string_view event, const Alert& alert, const std::string& sentence) {
  if (!options_.note) return;
  const auto to = config::AlertAddress::Parse(alert.url);
  options_.note(event, "the alert " + alert.id + " to " +
                           (to ? to->PrintShort() : "an address that is none") + " " + sentence);
}

void AlertDelivery::Changed() {
  if (options_.on_change) options_.on_change();
}

net::Task<void> AlertDelivery::Stop() {
  stopping_ = true;
  cancel_.Fire(base::Code::kCancelled);
  wake_.Notify();
  if (running_) co_await ended_;
}

}  // namespace gateway
