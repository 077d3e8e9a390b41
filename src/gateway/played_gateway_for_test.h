#pragma once

// For tests of this room: a client, the gateway's part that a test wants, and providers that do what they are
// told, all on real sockets and one loop whose clock the test moves.

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/check.h"
#include "gateway/record.h"
#include "net/loop_thread_for_test.h"
#include "net/loopback_for_test.h"
#include "upstream/directory.h"

namespace gateway {

inline constexpr std::string_view kGoodAnswer =
    R"({"id":"x","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":3,"completion_tokens":1}})";

// What a provider does with one request.
struct Reply {
  int status = 200;
  std::string body = std::string(kGoodAnswer);
  std::string fields = "content-type: application/json\r\n";
  bool stalls = false;  // until the gateway gives it up
};

// A provider that answers with its replies in their order, the last one again and again.
struct PlayedProvider {
  std::deque<Reply> replies{Reply()};
  std::vector<std::string> heard;  // `METHOD target authorization body`, as they came
  bool stalling = false;
  bool given_up = false;
  std::unique_ptr<net::Server> server;

  net::Task<void> Answer(net::Exchange& exchange) {
    const auto body = co_await exchange.ReadBody();
    if (!body) co_return;
    const net::RequestHead& head = exchange.request();
    heard.push_back(std::string(head.method) + " " + std::string(head.target) + " " +
                    std::string(head.fields.Find("authorization").value_or("")) + " " +
                    std::string(body->view()));
    const Reply reply = replies.front();
    if (replies.size() > 1) replies.pop_front();
    if (reply.stalls) {
      net::Event gone;
      const net::Cancel::Hook hook(exchange.cancel(), [&gone](base::Code) { gone.Notify(); });
      stalling = true;
      if (!exchange.cancel().why()) co_await gone;
      given_up = true;
      co_return;
    }
    [[maybe_unused]] const auto sent = co_await exchange.Reply(reply.status, reply.fields, reply.body);
  }
};

class PlayedGateway : public testing::Test {
 protected:
  ~PlayedGateway() override {
    Shut([] {});
  }

  // Ends everything in order; a second call does nothing. `let_go` runs on the loop when no request is left.
  void Shut(const std::function<void()>& let_go) {
    if (!near_) return;
    thread_.Do([this] { to_near_.reset(); });
    near_->Drain();
    near_->AbortAll();
    thread_.Until([this] { return near_->exchanges() == 0 && near_->connections() == 0; });
    thread_.Do([&] {
      let_go();
      pools_.reset();
    });
    for (auto& [unused, provider] : providers_) {
      provider.server->Drain();
      provider.server->AbortAll();
    }
    thread_.Join();
    near_.reset();
  }

  // Adds a provider to the settings, with these keys. Call before Open.
  PlayedProvider& Add(const std::string& name, std::vector<std::string> keys = {"k"}) {
    PlayedProvider& provider = providers_[name];
    provider.server = net::PlayServer(
        thread_.loops(), [&provider](net::Exchange& exchange) { return provider.Answer(exchange); });
    config::ProviderSettings& written = settings_.providers[name];
    written.base_url = {
        .tls = false, .host = "127.0.0.1", .port = provider.server->local().port, .path = "/v1"};
    for (std::string& key : keys) written.keys.emplace_back(std::move(key));
    return provider;
  }

  // Puts the settings in force behind a server that `handler` plays.
  void Open(net::Server::Handler handler) {
    config::Complete(settings_);
    auto directory = upstream::Directory::Make(
        settings_,
        {.clock = clock_,
         .metrics = metrics_,
         .proxies = proxies_,
         .alarm = [this](std::string_view event, const std::string&) { alarms_.emplace_back(event); }},
        nullptr);
    CHECK(directory.has_value());
    directory_ = std::move(*directory);
    pools_.emplace(thread_.loop(), resolver_);
    near_ = net::PlayServer(thread_.loops(), std::move(handler));
    to_near_.emplace(thread_.loop(), resolver_, net::PoolTo(near_->local()));
    thread_.Start();
  }

  net::Heard Ask(std::string body, std::string fields = "", std::string path = "/v1/chat/completions") {
    return thread_.Await<net::Heard>([&] { return net::AskOnce(*to_near_, "POST", path, fields, body); });
  }
  net::Heard Get(std::string path, std::string fields = "") {
    return thread_.Await<net::Heard>([&] { return net::AskOnce(*to_near_, "GET", path, fields); });
  }
  // Begins to ask; the answer is there when `heard` is.
  void Begin(std::optional<net::Heard>& heard, std::string body, std::string fields = "") {
    thread_.Do([&] { net::Spawn(AskInto(heard, std::move(body), std::move(fields))); });
  }
  net::Heard Await(const std::optional<net::Heard>& heard) {
    thread_.Until([&] { return heard.has_value(); });
    return *heard;
  }

  // Lets time pass and what was to happen by then happen.
  void Pass(std::chrono::nanoseconds step) {
    thread_.Do([&] {
      clock_.Advance(step);
      thread_.loop().timers().Advance();
    });
  }

  base::FakeClock clock_;
  telemetry::Registry registry_;
  upstream::Metrics metrics_{registry_, {}};
  std::unique_ptr<telemetry::LineLog> log_ = telemetry::LineLog::Off();
  Recorder recorder_{clock_, registry_, *log_, nullptr};
  upstream::ProxyRules proxies_;
  config::Settings settings_;
  std::vector<std::string> alarms_;
  net::LoopThread thread_{clock_};
  std::map<std::string, PlayedProvider> providers_;  // servers go before their loops
  net::Resolver resolver_{clock_};
  std::shared_ptr<const upstream::Directory> directory_;
  std::optional<upstream::Pools> pools_;
  std::unique_ptr<net::Server> near_;
  std::optional<net::Pool> to_near_;

 private:
  net::Task<void> AskInto(std::optional<net::Heard>& heard, std::string body, std::string fields) {
    net::Heard got = co_await net::AskOnce(*to_near_, "POST", "/v1/chat/completions", fields, body);
    heard = std::move(got);
  }
};

}  // namespace gateway
