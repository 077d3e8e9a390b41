#pragma once

// For tests of alerts: somebody who takes them, on a loop of a thread, and a log.

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "gateway/record.h"
#include "net/http_server.h"
#include "net/loop_thread_for_test.h"
#include "net/resolver.h"
#include "store/directory_for_test.h"

namespace gateway {

class HookTest : public testing::Test {
 protected:
  HookTest() {
    log_ = *telemetry::LineLog::ToFile(directory_.path() / "log");
    recorder_.emplace(clock_, registry_, *log_, nullptr);
    auto server = net::Server::Listen(thread_.loops(),
                                      {.address = *net::ParseAddress("127.0.0.1", 0),
                                       .limits = {},
                                       .tls = nullptr,
                                       .make_handler = [this](net::Loop&) -> net::Server::Handler {
                                         return [this](net::Exchange& exchange) { return Take(exchange); };
                                       },
                                       .refuse = [](int, const base::Error&) { return net::Refusal{}; }});
    CHECK(server.has_value());
    server_ = std::move(*server);
    thread_.Start();
  }
  // REQUIRES: nobody posts any more.
  void EndServer() {
    server_->Drain();
    server_->AbortAll();
    thread_.Until([this] { return server_->connections() == 0; });
    thread_.Join();
  }

  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_->local().port) + path;
  }

  // On the loop's thread: what came.
  struct Posted {
    std::string target;
    std::string signature;
    std::string body;
  };
  // Waits until so many have come, and gives them.
  std::vector<Posted> Await(std::size_t count) {
    thread_.Until([&] { return posted_.size() >= count; });
    std::vector<Posted> posted;
    thread_.Do([&] { posted = posted_; });
    return posted;
  }

  std::string Log() {
    log_->Flush();
    return store::ReadFile(directory_.path() / "log");
  }

 private:
  net::Task<void> Take(net::Exchange& exchange) {
    const auto body = co_await exchange.ReadBody();
    if (!body) co_return;
    const net::RequestHead& head = exchange.request();
    posted_.push_back({std::string(head.target),
                       std::string(head.fields.Find("x-sluice-signature").value_or("")),
                       std::string(body->view())});
    const int status = statuses_.empty() ? 200 : statuses_.front();
    if (!statuses_.empty()) statuses_.pop_front();
    [[maybe_unused]] const auto sent = co_await exchange.Reply(status, "", "{}");
  }

 protected:
  const store::TemporaryDirectory directory_;
  const base::SystemClock clock_;
  telemetry::Registry registry_;
  std::unique_ptr<telemetry::LineLog> log_;
  std::optional<Recorder> recorder_;
  net::Resolver resolver_{clock_};
  net::LoopThread thread_;
  std::unique_ptr<net::Server> server_;
  std::vector<Posted> posted_;
  std::deque<int> statuses_;  // what is answered, then 200
};

}  // namespace gateway
