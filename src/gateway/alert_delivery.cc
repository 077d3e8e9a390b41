#include "gateway/alert_delivery.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/buffer.h"
#include "base/bytes.h"
#include "net/header_text.h"
#include "net/http_client.h"

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kAnswerMax = 64 * base::KiB;
constexpr net::CallTimeouts kTimeouts = {.connect = 3s, .first_byte = 10s, .idle = 10s, .total = 15s};

bool IsFinal(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 429;
}

}  // namespace

AlertDelivery::AlertDelivery(net::Loop& loop, net::Resolver& resolver, AlertDeliveryOptions options)
    : loop_(loop),
      resolver_(resolver),
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
    const base::Result<Outcome> outcome = co_await Post(waiting.alert);
    under_way_ = nullptr;
    Settle(std::move(waiting), outcome);
  }
  running_ = false;
  ended_.Notify();
}

net::Task<base::Result<AlertDelivery::Outcome>> AlertDelivery::Post(const Alert& alert) {
  const auto url = config::ParseAlertUrl(alert.url);
  if (!url) co_return Outcome::kNever;
  net::PoolOptions options;
  options.origin = {.host = url->host, .port = url->port, .tls = url->tls};
  if (url->tls) {
    auto tls = net::TlsClientContext::Load("");
    if (!tls) co_return base::Fail(std::move(tls).error());
    options.tls = std::move(*tls);
  }
  net::Pool pool(loop_, resolver_, std::move(options));
  net::Call call(pool, kTimeouts, cancel_);
  net::HeaderText fields;
  fields.Add("host", url->Authority()).Add("content-type", "application/json");
  fields.Add("content-length", std::to_string(alert.body.size()));
  if (!alert.signature.empty()) fields.Add("x-sluice-signature", alert.signature);
  const std::string head =
      "POST " + (url->path.empty() ? "/" : url->path) + " HTTP/1.1\r\n" + std::string(fields.view()) + "\r\n";
  const std::string_view message[] = {head, alert.body};
  if (auto sent = co_await call.Send("POST", message); !sent) co_return base::Fail(std::move(sent).error());
  const int status = call.head().status;
  base::Buffer answer;
  [[maybe_unused]] const auto read = co_await call.ReadAll(answer, kAnswerMax);  // nobody looks at it
  if (status < 300) co_return Outcome::kDelivered;
  if (IsFinal(status)) co_return Outcome::kNever;
  co_return base::Fail(base::Code::kUnavailable, "it was answered with status " + std::to_string(status));
}

void AlertDelivery::Settle(Waiting waiting, const base::Result<Outcome>& outcome) {
  if (stopping_) {
    waiting_.push_front(std::move(waiting));  // for whoever writes down what is pending
    return;
  }
  if (outcome && *outcome == Outcome::kDelivered) {
    ++delivered_;
    Changed();
    return;
  }
  if (outcome) {
    Drop(waiting.alert, "it was refused for good");
    Changed();
    return;
  }
  const base::MonoTime now = loop_.Now();
  if (now - waiting.since >= options_.give_up_after) {
    Drop(waiting.alert, outcome.error().detail);
    Changed();
    return;
  }
  waiting.due = now + waiting.pause;
  waiting.pause = std::min(waiting.pause * 2, options_.longest_pause);
  waiting_.push_back(std::move(waiting));
}

void AlertDelivery::Drop(const Alert& alert, const std::string& why) {
  ++dropped_;
  if (options_.note) {
    const auto url = config::ParseAlertUrl(alert.url);
    const std::string to = url ? url->Authority() : "an address that is none";
    options_.note("alert_dropped", "the alert " + alert.id + " to " + to + " was not delivered: " + why);
  }
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
