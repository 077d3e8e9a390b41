#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_allocator.h"
#include "base/buffer.h"
#include "base/result.h"
#include "net/cancel.h"
#include "net/connection.h"
#include "net/http_body.h"
#include "net/http_head.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
#include "net/tls.h"

namespace net {

// Where a server is: requests of one origin may share connections.
struct Origin {
  std::string host;  // a name or an IP literal without brackets
  std::uint16_t port = 0;
  bool tls = false;

  std::string HostHeader() const;  // with the port where it is not the scheme's own
  friend bool operator==(const Origin&, const Origin&) = default;
};

// An HTTP proxy that is asked to CONNECT through to the origin.
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization;  // value of proxy-authorization, empty for none
};

struct PoolOptions {
  Origin origin;
  std::optional<Proxy> proxy;
  std::shared_ptr<const TlsClientContext> tls;  // needed when origin.tls
  std::size_t idle_max = 512;
  std::chrono::nanoseconds idle_close = std::chrono::seconds(60);
  std::size_t head_bytes_max = 64 * base::KiB;
  bool http2 = false;                                               // over TLS, where the server chooses it
  std::chrono::nanoseconds ping_after = std::chrono::seconds(15);   // of silence on an idle HTTP/2 connection
  std::chrono::nanoseconds ping_timeout = std::chrono::seconds(5);  // without an answer it is closed
  std::chrono::nanoseconds http11_for = std::chrono::minutes(10);   // for a server that asks for HTTP/1.1
};

struct CallTimeouts {
  std::chrono::nanoseconds connect = std::chrono::seconds(3);       // name, TCP, proxy and TLS together
  std::chrono::nanoseconds first_byte = std::chrono::seconds(120);  // request sent to head of the answer
  std::chrono::nanoseconds idle = std::chrono::seconds(60);         // between two receives of the answer
  std::chrono::nanoseconds total = std::chrono::minutes(15);        // the whole call
};

// Which of them ran out, as errors tell it.
inline constexpr std::string_view kNoAnswerBegan = "no answer began within the first-byte timeout";
inline constexpr std::string_view kRequestNotTaken =
    "no more of the request was taken within the idle timeout";
inline constexpr std::string_view kAnswerStalled = "no more of the answer came within the idle timeout";

class Http2Call;
class Http2Client;

// One failure that several calls may share: of the connection that carried them, or of opening it. Whoever
// acts on failures notes here what has been done on behalf of all of them. Belongs to the loop of the calls.
struct SharedFailure {
  bool counted = false;  // against the server's health
  bool charged = false;  // to a budget of extra calls
};

// Connections to one origin from one loop, kept alive between calls. Idle ones are watched, so that one
// that the server closed is gone at once. Where the server chooses HTTP/2, calls share connections; while it
// is not known what it chooses, or a connection for sharing is being opened, calls wait for that one instead
// of opening one each. A server that asks for HTTP/1.1 instead is not offered HTTP/2 for `http11_for`.
// Belongs to its loop; outlives its calls.
class Pool {
 public:
  Pool(Loop& loop, Resolver& resolver, PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  const PoolOptions& options() const { return options_; }
  Loop& loop() const { return loop_; }
  std::size_t idle() const { return idle_.size(); }
  std::size_t shared() const;  // connections of HTTP/2 that take calls

 private:
  friend class Call;
  struct Pooled;

  std::unique_ptr<Pooled> TakeIdle();
  void Give(std::unique_ptr<Pooled> pooled);
  void Drop(Pooled* pooled);
  Task<base::Result<std::unique_ptr<Pooled>>> Open(std::chrono::nanoseconds timeout, Cancel& cancel);
  Task<base::Result<Connection>> OpenTransport(std::chrono::nanoseconds timeout, Cancel& cancel);
  Task<base::Result<void>> OpenTunnel(Connection& connection);

  // What a call goes over; in http2_pool.cc.
  struct Way {
    std::unique_ptr<Pooled> own;          // HTTP/1.1
    std::shared_ptr<Http2Client> shared;  // HTTP/2
    bool reused = false;
  };
  struct OpeningFailure {
    base::Error error;
    std::shared_ptr<SharedFailure> shared;
  };
  struct Waiter {
    Event told;
    std::optional<OpeningFailure> failure;
  };
  bool MayShare() const;
  // `failure` is set where others fail with the same error.
  Task<base::Result<Way>> FindWay(std::chrono::nanoseconds timeout, Cancel& cancel,
                                  std::shared_ptr<SharedFailure>& failure);
  Task<base::Result<void>> AwaitOpening(std::chrono::nanoseconds timeout, Cancel& cancel,
                                        std::shared_ptr<SharedFailure>& failure);
  std::shared_ptr<Http2Client> FindShared();
  void TellWaiters(const std::optional<OpeningFailure>& failure);

  Loop& loop_;
  Resolver& resolver_;
  const PoolOptions options_;
  std::vector<std::unique_ptr<Pooled>> idle_;  // the most recently used last
  SslSessionPtr ticket_;                       // resumes the next TLS session
  std::vector<std::shared_ptr<Http2Client>> shared_;
  std::deque<Waiter*> waiters_;    // for the connection that is being opened
  bool opening_ = false;           // one that may become shared
  bool http11_ = false;            // what the server chose last
  base::MonoTime http11_until_{};  // HTTP/2 is not offered, because the server asked for that
};

// One request to an origin and its answer.
//
//   Call call(pool, timeouts, cancel);
//   if (auto sent = co_await call.Send("POST", message); !sent) ...   // call.progress() says how far it got
//   while (...) { auto piece = co_await call.Read(); ... }            // empty at the end
//
// Dropping it before the answer's end closes the connection, afterwards the connection goes back to the
// pool. When `cancel` fires, whatever is waited for fails with its reason at once.
class Call {
 public:
  Call(Pool& pool, const CallTimeouts& timeouts, Cancel& cancel);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // How far the request got, for deciding whether it may be sent again.
  enum class Progress : unsigned char {
    kNotSent,    // the server cannot have acted on it
    kSent,       // it may have
    kAnswering,  // bytes of an answer have come
  };
  Progress progress() const { return progress_; }

  static constexpr int kRepeatsMax = 3;

  // Sends head and body (`message`, a complete request) and waits for the head of the answer. A kept-alive
  // connection that turns out to have been closed is replaced once, and only if the server ended it before
  // any byte of the request reached it; over HTTP/2 what the server says it has not acted on is sent again
  // over another connection, kRepeatsMax times, in HTTP/1.1 where it asks for that. A server may answer
  // before it has read all: a refusal, or an answer after which it closes, ends the sending; beside a good
  // answer the rest is sent on, and the connection is used again only if all of it was when the call ends.
  // Therefore `message`, the pieces and their bytes, must live as long as the call. Errors: kUnreachable,
  // kTimeout, kClosed, kInvalid, kTooLarge, why the cancel fired.
  Task<base::Result<void>> Send(std::string_view method, std::span<const std::string_view> message);

  // REQUIRES: Send succeeded. Valid as long as the call.
  const ResponseHead& head() const { return head_; }

  // The body; see BodyReader.
  base::Result<std::optional<std::string_view>> TryRead();
  Task<base::Result<std::string_view>> Read();
  base::Result<bool> TryReadAll(base::Buffer& out, std::uint64_t bytes_max);
  Task<base::Result<void>> ReadAll(base::Buffer& out, std::uint64_t bytes_max);
  bool done() const;

  // How long a later Read waits for the next bytes. Otherwise it is the idle timeout, and longer while the
  // request is still being sent and taken. REQUIRES: Send succeeded.
  void SetPatience(std::chrono::nanoseconds limit);

  bool reused() const { return reused_; }  // the request went over a connection that had carried others

  // After a failure: the one that this call shares with others; null where it is this call's alone. A
  // connection of HTTP/2 that ends, refuses what it has not begun (GOAWAY) or stays silent until it has
  // answered a ping, fails once, however many calls it carried.
  std::shared_ptr<SharedFailure> shared_failure() const;

 private:
  friend class Pool;
  // The sending of a request. One that the socket does not take at once goes on by itself.
  struct Upload {
    Upload(Connection& connection, std::span<const std::string_view> message)
        : sending(connection.Send(message)) {}
    Connection::Sending sending;
    std::optional<Timer> late;     // once all is sent: ends the wait for an answer
    std::optional<bool> sent;      // how it ended: whether all was sent
    std::uint64_t bytes_seen = 0;  // of the connection, when progress was last looked for
  };

  Task<base::Result<void>> SendShared(std::string_view method, std::span<const std::string_view> message);
  Task<base::Result<void>> SendAlone(std::string_view method, std::span<const std::string_view> message);
  Task<base::Result<void>> SendOnce(std::string_view method, std::span<const std::string_view> message);
  Task<base::Result<void>> ReadHeadWhileSending(std::string_view method);
  Task<base::Result<void>> ReadHead(std::string_view method, std::optional<base::MonoTime> deadline);
  Task<base::Result<void>> Connect();
  void NoteSent(bool whole);
  void NoteFailure();
  void Stop(base::Code why);
  base::Error Explain(base::Error error) const;
  bool WaitsOn(const base::Error& error);
  bool uploading() const { return upload_ && !upload_->sent; }

  Pool& pool_;
  const CallTimeouts timeouts_;
  Cancel& cancel_;
  Cancel opening_;  // ends what is done before there is a connection
  Cancel::Hook hook_;
  base::MonoTime deadline_{};  // of the whole call
  std::unique_ptr<Pool::Pooled> pooled_;
  std::unique_ptr<Http2Call> stream_;  // null: HTTP/1.1
  std::optional<Timer> stream_timer_;  // of the whole call, where it has no connection of its own
  std::shared_ptr<SharedFailure> opening_failure_;
  base::BlockString head_text_;
  ResponseHead head_;
  std::optional<Upload> upload_;  // empty once the socket has taken a request at once
  std::optional<BodyReader> body_;
  std::optional<base::Code> stopped_;  // why this call was stopped from outside
  Progress progress_ = Progress::kNotSent;
  std::uint64_t sent_before_ = 0;  // bytes on the connection when this request began
  bool reused_ = false;
  bool patience_set_ = false;
  bool server_finished_ = false;  // it ended its side in an orderly way before it answered
};

}  // namespace net
