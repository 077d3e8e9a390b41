#pragma once

// For tests of this room: a provider that a handler plays on the loop that also calls it.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "net/loop_thread_for_test.h"
#include "net/loopback_for_test.h"
#include "upstream/directory.h"
#include "upstream/provider.h"

namespace upstream {

class PlayedProvider : public testing::Test {
 protected:
  PlayedProvider() { settings_.keys = {config::Secret("key-a")}; }
  ~PlayedProvider() override {
    thread_.Do([this] { pools_.reset(); });
    server_->Drain();
    server_->AbortAll();
    thread_.Join();
  }

  // Call once, when settings_ are as they should be.
  void Play(net::Server::Handler handler) {
    server_ = net::PlayServer(thread_.loops(), std::move(handler));
    provider_ = std::make_shared<Provider>(
        "p", settings_, routing::RetryPolicy{}, net::PoolTo(server_->local()), clock_, metrics_,
        [this](std::string_view event, const std::string&) { alarms_.emplace_back(event); });
    pools_.emplace(thread_.loop(), resolver_);
    thread_.Start();
  }

  base::SystemClock clock_;
  telemetry::Registry registry_;
  Metrics metrics_{registry_, {"p"}};
  config::ProviderSettings settings_;
  std::vector<std::string> alarms_;  // what they were about
  net::LoopThread thread_;
  net::Resolver resolver_{clock_};
  std::unique_ptr<net::Server> server_;
  std::shared_ptr<Provider> provider_;
  std::optional<Pools> pools_;
};

}  // namespace upstream
