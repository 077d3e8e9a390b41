#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "gateway/relay.h"
#include "net/loop_thread_for_test.h"
#include "net/loopback_for_test.h"

namespace gateway {

// A client, a gateway that only relays, and a provider, on one loop whose clock the test moves. The provider
// says what the test tells it to.
class RelayTest : public testing::Test {
 protected:
  RelayTest() {
    options_.answer_bytes_max = base::MiB;
    options_.frame_bytes_max = base::MiB;
    options_.commit_after = std::chrono::seconds(5);
    far_ = net::PlayServer(thread_.loops(), [this](net::Exchange& exchange) -> net::Task<void> {
      exchange.StartStream(200, "content-type: text/event-stream\r\n");
      [[maybe_unused]] const auto begun = co_await exchange.FlushHead();
      speaker_ = &exchange;
      co_await silent_;
      speaker_ = nullptr;
    });
    near_ = net::PlayServer(thread_.loops(), [this](net::Exchange& exchange) { return Relayed(exchange); });
    provider_ = std::make_shared<upstream::Provider>("p", config::ProviderSettings(), routing::RetryPolicy{},
                                                     net::PoolTo(far_->local()), clock_, metrics_,
                                                     [](std::string_view, const std::string&) {});
    to_far_ = std::make_shared<net::Pool>(loop(), resolver_, net::PoolTo(far_->local()));
    to_near_ = std::make_shared<net::Pool>(loop(), resolver_, net::PoolTo(near_->local()));
    thread_.Start();
  }
  ~RelayTest() override {
    Do([this] {
      to_far_.reset();
      to_near_.reset();
    });
    for (net::Server* server : {near_.get(), far_.get()}) {
      server->Drain();
      server->AbortAll();
    }
    Until([this] { return near_->connections() + far_->connections() == 0; });
    thread_.Join();
  }

  // Asks, and waits until the provider has begun to answer.
  void Begin() {
    ended_ = false;
    got_.clear();
    status_ = 0;
    record_ = {};
    error_.clear();
    settlement_.emplace(nullptr, nullptr, record_);
    loop().Post([this] { net::Spawn(Ask()); });
    Until([this] { return speaker_ != nullptr; });
  }
  void Say(std::string_view words) {
    Do([this, words] { net::Spawn(Send(words)); });
  }
  // The provider ends its answer; then the client has had all that it gets.
  void Finish() {
    Do([this] {
      net::Spawn(End());
      silent_.Notify();
    });
    Until([this] { return ended_; });
  }
  // One answer from its beginning to its end.
  std::string Pass(std::string_view words) {
    Begin();
    Say(words);
    Finish();
    return got_;
  }
  // The same in two pieces, of which the first has so many bytes.
  void PassCut(std::string_view words, std::size_t first) {
    Begin();
    Say(words.substr(0, first));
    Say(words.substr(first));
    Finish();
  }

  void Do(const std::function<void()>& work) { thread_.Do(work); }
  void Until(const std::function<bool()>& condition) { thread_.Until(condition); }
  // What was to happen by the clock's time happens.
  void Turn() { thread_.loop().timers().Advance(); }
  // As long as a beginning is held back, and a tick of the timers.
  void WaitOut() {
    Do([this] {
      clock_.Advance(options_.commit_after + std::chrono::milliseconds(10));
      Turn();
    });
  }
  // What has been said so far has been heard.
  void Heard(std::string_view words) {
    Until([&] { return got_.ends_with(words); });
  }

  RelayOptions options_;
  base::FakeClock clock_;
  bool whole_ = false;  // the answer is relayed as one that is not a stream
  std::string got_;     // what the client has received of the body
  int status_ = 0;
  routing::Outcome outcome_ = routing::Outcome::kStopped;
  std::string error_;
  RequestRecord record_;
  std::optional<Settlement> settlement_;

 private:
  net::Task<void> Ask() {
    {
      net::Call call(*to_near_, {}, cancel_);
      const std::string_view message[] = {"GET / HTTP/1.1\r\nhost: t\r\n\r\n"};
      const auto sent = co_await call.Send("GET", message);
      while (sent) {
        const auto piece = co_await call.Read();
        if (!piece || piece->empty()) break;
        got_ += *piece;
      }
      if (sent) status_ = call.head().status;
    }
    ended_ = true;
  }
  net::Task<void> Relayed(net::Exchange& exchange) {
    auto place = co_await provider_->Enter("x", loop(), exchange.cancel());
    upstream::Attempt attempt(provider_, to_far_, std::move(*place), exchange.cancel());
    upstream::Request request;
    request.method = "GET";
    request.path = "/";
    outcome_ = co_await attempt.Start(request);
    Relay relay(exchange, attempt, exchange.cancel(), options_, record_, *settlement_);
    if (whole_) {
      outcome_ = co_await relay.PassWhole("");
    } else {
      outcome_ = co_await relay.PassStream("");
    }
    error_ = attempt.error();
    if (!exchange.started()) co_await exchange.Reply(502, "", "");
  }
  net::Task<void> Send(std::string_view words) {
    const std::string_view pieces[] = {words};
    [[maybe_unused]] const auto sent = co_await speaker_->SendChunk(pieces);
  }
  net::Task<void> End() { [[maybe_unused]] const auto ended = co_await speaker_->EndStream(); }
  net::Loop& loop() { return thread_.loop(); }

  telemetry::Registry registry_;
  upstream::Metrics metrics_{registry_, {"p"}};
  net::Cancel cancel_;
  net::LoopThread thread_{clock_};
  net::Resolver resolver_{clock_};
  std::unique_ptr<net::Server> far_;
  std::unique_ptr<net::Server> near_;
  std::shared_ptr<upstream::Provider> provider_;
  std::shared_ptr<net::Pool> to_far_;
  std::shared_ptr<net::Pool> to_near_;
  net::Exchange* speaker_ = nullptr;
  net::Event silent_;
  bool ended_ = false;
};

}  // namespace gateway
