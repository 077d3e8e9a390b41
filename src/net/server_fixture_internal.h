#pragma once

// For tests of this room: a server on one loop whose handler a test gives, and clients for it.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "net/http_server.h"
#include "net/loop_thread_for_test.h"
#include "net/raw_socket_internal.h"

namespace net {

class ServerFixture : public testing::Test {
 protected:
  ~ServerFixture() override { Shut(); }

  void Serve(Server::Handler handler, const ServerLimits& limits = {},
             std::shared_ptr<const TlsServerContext> tls = nullptr) {
    auto listening = Server::Listen(
        thread_.loops(), {.address = *ParseAddress("127.0.0.1", 0),
                          .limits = limits,
                          .tls = std::move(tls),
                          .make_handler = [handler = std::move(handler)](Loop&) { return handler; },
                          .refuse =
                              [](int status, const base::Error& error) {
                                return Refusal{"x-refused: " + std::to_string(status) + "\r\n", error.detail};
                              }});
    CHECK(listening.has_value());
    server_ = std::move(*listening);
    thread_.Start();
  }

  // Answers with the body of the request.
  static Task<void> Echo(Exchange& exchange) {
    auto body = co_await exchange.ReadBody();
    if (!body) {
      const bool late = body.error().code == base::Code::kTimeout;
      const int status = body.error().code == base::Code::kTooLarge ? 413 : late ? 408 : 400;
      if (body.error().code != base::Code::kClosed) {
        co_await exchange.Reply(status, "", body.error().detail);
      }
      co_return;
    }
    co_await exchange.Reply(200, "x-path: " + std::string(exchange.request().path) + "\r\n", body->view());
  }

  RawSocket Dial(int receive_buffer = 0) {
    return RawSocket::ConnectTo(server_->local().port, receive_buffer);
  }

  RawSocket::Answer Ask(std::string_view bytes) {
    RawSocket client = Dial();
    client.Send(bytes);
    return client.ReadAnswer();
  }

  // Ends everything in order; every coroutine has finished when the loop is gone.
  void Shut() {
    if (!server_) return;
    server_->Drain();
    server_->AbortAll();
    thread_.Until([this] { return server_->connections() == 0; });
    thread_.Join();
  }

  LoopThread thread_;
  std::unique_ptr<Server> server_;
};

// Waits inside a handler until the exchange's cancel fires.
class Cancelled {
 public:
  explicit Cancelled(Cancel& cancel)
      : cancel_(cancel), hook_(cancel, [this](base::Code) { event_.Notify(); }) {}
  Task<base::Code> Wait() {
    if (!cancel_.why()) co_await event_;
    co_return *cancel_.why();
  }

 private:
  Cancel& cancel_;
  Event event_;
  Cancel::Hook hook_;
};

}  // namespace net
