#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_allocator.h"
#include "base/buffer.h"
#include "base/guarded.h"
#include "base/result.h"
#include "net/cancel.h"
#include "net/connection.h"
#include "net/http_body.h"
#include "net/http_head.h"
#include "net/loop.h"
#include "net/task.h"
#include "net/tls.h"

namespace net {

// Limits of a listener; each is a setting of the config with the same default.
struct ServerLimits {
  std::size_t head_bytes_max = 64 * base::KiB;
  std::uint64_t body_bytes_max = 64 * base::MiB;
  std::chrono::nanoseconds header_timeout = std::chrono::seconds(15);      // first byte to blank line
  std::chrono::nanoseconds body_idle_timeout = std::chrono::seconds(30);   // between two pieces of a body
  std::chrono::nanoseconds body_timeout = std::chrono::minutes(5);         // for a whole body
  std::chrono::nanoseconds keep_alive = std::chrono::seconds(75);          // idle between two requests
  std::chrono::nanoseconds write_idle_timeout = std::chrono::seconds(60);  // a client that takes nothing
  std::size_t connections_max = 20000;  // an open stream of HTTP/2 counts as one more
  // Of one connection of HTTP/2, at a time; 0: HTTP/2 is not spoken. It is over TLS where the client prefers
  // it and the listener's TLS context offers it, and in clear text where the client begins with its preface.
  std::uint32_t streams_max = 0;
};

class ServerLoop;

// The protocol's side of an exchange whose connection carries several at a time. An exchange of HTTP/1.1 has
// none: it reads and writes its connection itself, and pays one comparison for that there could be one.
class ExchangeStream {
 public:
  // As Exchange::ReadBody.
  virtual Task<base::Result<base::Buffer>> ReadBody(std::optional<base::MonoTime> deadline) = 0;

  // Keeps the head of the answer until the first Send. `fields` is HeaderText without framing fields.
  virtual void Begin(int status, std::string fields) = 0;

  // Sends the head if it has not gone, then the pieces, then the end if `end`; waits while the client does
  // not take them. The pieces must live until the wait is over. Errors: the client is gone, kTimeout.
  virtual Task<base::Result<void>> Send(std::span<const std::string_view> pieces, bool end) = 0;

 protected:
  ~ExchangeStream() = default;
};

// One request and its answer, on the loop of its connection. Exactly one answer is given: Reply, or
// StartStream with chunks and EndStream. When the handler returns without a complete answer the connection
// is closed, so that the client sees that it was cut.
class Exchange {
 public:
  Exchange(ServerLoop& server, Connection& connection, const RequestHead& request, const ServerLimits& limits,
           ExchangeStream* stream = nullptr);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const RequestHead& request() const { return request_; }
  const Address& peer() const { return connection_.peer(); }
  bool tls() const { return connection_.tls(); }
  Loop& loop() const { return connection_.loop(); }
  base::MonoTime received_at() const { return received_at_; }  // when the head was complete

  // Fires kCancelled when the client hangs up (also when it only stops sending, or sends more than 8 MiB
  // behind its request), kUnavailable when a drain ran out of time. A client that sends more than 64 KiB
  // behind its request before it is answered has its connection closed after the answer.
  Cancel& cancel() { return cancel_; }

  // The whole body, waited for as long as the limits allow, and no longer than until `deadline`. Errors with
  // the status to answer: kTooLarge 413, kTimeout 408, kInvalid 400, kClosed (nobody left to answer). From
  // then on a client that hangs up fires cancel().
  Task<base::Result<base::Buffer>> ReadBody(std::optional<base::MonoTime> deadline = std::nullopt);
  // The same in two steps, the first of which costs no coroutine where a small body came with its head: what
  // has come, appended to `body`, and whether that was all; and, if it was not, the rest behind it.
  base::Result<bool> TryReadBody(base::Buffer& body);
  Task<base::Result<void>> ReadRest(base::Buffer& body,
                                    std::optional<base::MonoTime> deadline = std::nullopt);

  // A whole answer in one write. `fields` is HeaderText without framing fields. Errors: the client is gone.
  Task<base::Result<void>> Reply(int status, std::string_view fields, std::string_view body);

  // An answer in pieces of unknown number. The head leaves with the first chunk, or with FlushHead.
  void StartStream(int status, std::string_view fields);
  Task<base::Result<void>> FlushHead();
  // Sends the pieces at once as one chunk; waits while the client does not take them.
  Task<base::Result<void>> SendChunk(std::span<const std::string_view> pieces);
  Task<base::Result<void>> EndStream();

  // The connection is closed after this answer, if it carries no others beside it.
  void CloseAfter() { keep_alive_ = false; }

  // The connection itself, for servers that misbehave on purpose: who sends on it gives no other answer, and
  // it is closed when the handler returns. REQUIRES: HTTP/1.1.
  Connection& connection_for_faults() { return connection_; }

  bool started() const { return started_; }    // a byte of the answer has gone, or is about to
  bool finished() const { return finished_; }  // the answer is complete
  std::uint64_t body_bytes_sent() const { return body_bytes_sent_; }

 private:
  friend class ServerLoop;
  void WatchClient();
  void WriteHead(int status, std::string_view fields);

  // The same on a stream, in http2_exchange.cc.
  void BeginOnStream(int status, std::string_view fields, std::optional<std::size_t> length);
  Task<base::Result<void>> ReplyOnStream(int status, std::string_view fields, std::string_view body);
  Task<base::Result<void>> SendOnStream(std::span<const std::string_view> pieces, bool end);

  ServerLoop& server_;
  Connection& connection_;
  ExchangeStream* const stream_;  // null: HTTP/1.1
  const RequestHead& request_;
  const ServerLimits& limits_;
  BodyReader body_;
  Cancel cancel_;
  base::MonoTime received_at_;
  bool keep_alive_;
  bool chunked_ = false;
  bool started_ = false;
  bool finished_ = false;
  bool head_pending_ = false;
  bool suppress_body_;
  std::uint64_t body_bytes_sent_ = 0;
  base::BlockString head_;                      // of the answer, until it has gone
  char chunk_size_[20];                         // the size line of the chunk being sent
  base::BlockVector<std::string_view> gather_;  // what one write sends
};

// What to send when a message cannot even be handed to the handler: 400, 408, 413, 431 or 503.
struct Refusal {
  std::string fields;  // HeaderText
  std::string body;
};

// One listening address served by several loops, each with a socket of its own (SO_REUSEPORT), so that the
// kernel spreads connections and loops share nothing. Thread-safe; outlives its loops' running.
class Server {
 public:
  using Handler = std::function<Task<void>(Exchange&)>;

  struct Options {
    Address address;
    ServerLimits limits;
    std::shared_ptr<const TlsServerContext> tls;  // null: plain
    // Makes the handler of one loop; called once a loop, before it runs.
    std::function<Handler(Loop&)> make_handler;
    // The body of a refusal, in the dialect of the listener.
    std::function<Refusal(int status, const base::Error&)> refuse;
  };

  // Binds and begins to accept as soon as the loops run. Errors: kIo (port taken, no permission).
  static base::Result<std::unique_ptr<Server>> Listen(std::span<const std::unique_ptr<Loop>> loops,
                                                      Options options);
  ~Server();

  const Address& local() const { return local_; }  // with the port really bound

  // For connections accepted from now on.
  void SetLimits(const ServerLimits& limits);
  void SetTls(std::shared_ptr<const TlsServerContext> tls);

  // Stops listening and closes idle connections, those that have not had a request yet after a second;
  // answers in progress go on and close afterwards.
  void Drain();
  // Fires every exchange's cancel with kUnavailable.
  void GiveUp();
  // Closes everything that is left.
  void AbortAll();

  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }
  std::size_t exchanges() const { return exchanges_.load(std::memory_order_relaxed); }

 private:
  friend class ServerLoop;
  explicit Server(Options options);
  void OnEachLoop(void (ServerLoop::*action)());

  Options options_;
  Address local_;
  base::Snapshot<ServerLimits> limits_;
  base::Snapshot<TlsServerContext> tls_;
  std::vector<std::shared_ptr<ServerLoop>> loops_;
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::size_t> exchanges_{0};
  std::atomic<std::size_t> streams_{0};  // of HTTP/2, being served
  std::atomic<std::size_t> turned_away_{0};
};

}  // namespace net
