#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/http_server.h"
#include "net/loop_internal.h"

namespace net {

class Http2Server;

// The part of a server that lives on one loop.
class ServerLoop final : public std::enable_shared_from_this<ServerLoop>, Poller::Client {
 public:
  ServerLoop(Server& server, Loop& loop, Descriptor listener);
  ~ServerLoop();

  void Start();  // begins to accept; on the loop's thread
  void Drain();  // the three of Server, on the loop's thread
  void GiveUp();
  void AbortAll();

  Loop& loop() { return loop_; }
  bool draining() const { return draining_; }

  // The date header's value, made once a second.
  std::string_view Date();

  // For what serves the streams of one connection.
  Server::Handler& handler() { return handler_; }
  std::atomic<std::size_t>& exchanges() { return server_.exchanges_; }
  std::atomic<std::size_t>& streams() { return server_.streams_; }
  bool TooMany(const ServerLimits& limits) const;  // connections and streams together
  Refusal RefusalFor(int status, const base::Error& error) const {
    return server_.options_.refuse(status, error);
  }

 private:
  // A connection being served, in the list of its loop.
  struct Session {
    Session(ServerLoop& owner, Connection& connection);
    ~Session();
    ServerLoop& owner;
    Connection& connection;
    Exchange* exchange = nullptr;  // null between two requests
    Http2Server* http2 = nullptr;  // null: HTTP/1.1
    bool served = false;           // has had a request
    Session* next;
    Session* previous = nullptr;
  };

  void OnReady(unsigned) override { Accept(); }
  void Accept();
  bool AcceptOne();
  void StopListening();
  void CloseIdle(bool also_fresh);
  Task<void> Serve(Connection connection);
  Task<void> TurnAway(Connection& connection, bool tls);
  Task<void> ServeRequests(Session& session, const ServerLimits& limits);
  Task<bool> ServeOne(Session& session, const RequestHead& head, const ServerLimits& limits);
  Task<base::Result<std::size_t>> ReadHead(Session& session, const ServerLimits& limits);
  Task<void> ServeHttp2(Session& session, const ServerLimits& limits, std::string_view received);
  Task<void> Refuse(Connection& connection, int status, const base::Error& error);
  Task<void> Linger(Connection& connection);

  Server& server_;
  Loop& loop_;
  Descriptor listener_;
  Server::Handler handler_;
  Timer accept_again_;
  Timer fresh_end_;
  Session* sessions_ = nullptr;
  Session* walk_ = nullptr;  // the next one of GiveUp
  bool draining_ = false;
  std::string date_;
  std::int64_t date_second_ = 0;
};

}  // namespace net
