#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "net/address.h"
#include "net/cancel.h"
#include "net/loop.h"
#include "net/task.h"
#include "net/tls.h"

namespace net {

class Resolver;

// One TCP connection, with TLS or without, and the bytes received on it that nobody has consumed yet.
//
// At most one coroutine receives and one sends at a time. The receive buffer starts at 4 KiB, grows to
// 64 KiB while the peer fills it and shrinks again when it is idle; it never grows past kBufferMax. Belongs
// to its loop. Destroying it closes the socket at once.
class Connection {
 public:
  static constexpr std::size_t kBufferMin = 4 * base::KiB;
  static constexpr std::size_t kBufferUsual = 64 * base::KiB;  // what fast peers get
  static constexpr std::size_t kBufferMax = 256 * base::KiB;   // what a large unread head may need
  static constexpr std::size_t kDroppedMax = 8 * base::MiB;    // what a watch throws away
  static constexpr std::size_t kInARowMax = 16;  // receives without a wait before others have their turn

  class Core;

  // A connected, non-blocking socket of the loop; used by connecting and accepting code of this room.
  explicit Connection(Core* core) : core_(core) {}
  Connection(Connection&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  // Bytes received and not consumed. The view is valid until the next Receive or Consume.
  std::string_view Unread() const;
  void Consume(std::size_t count);

  // Waits until the next bytes have been received behind the unread ones and says how many; 0 when the peer
  // has finished sending. Errors: kClosed (reset), kTimeout (the receive timeout passed), kTooLarge (more
  // than kBufferMax unread), or what Abort was given.
  class Receiving {
   public:
    Receiving(const Receiving&) = delete;
    Receiving& operator=(const Receiving&) = delete;
    bool await_ready();
    void await_suspend(std::coroutine_handle<> waiter);
    base::Result<std::size_t> await_resume();

   private:
    friend class Connection;
    Receiving(Core& core, std::span<char> space) : core_(core), space_(space) {}
    Core& core_;
    std::span<char> space_;
  };
  Receiving Receive();

  // The same, into the caller's memory. REQUIRES: nothing is unread, and !receiving().
  Receiving ReceiveInto(std::span<char> space);

  // Whether a receive into the own buffer is under way, left over from a watch; Receive() joins it.
  bool receiving() const;

  // Applies to every later wait of Receive; zero for no limit. After a wait that was longer nothing more is
  // received until this is called again, but an answer that says so can still be sent.
  void SetReceiveTimeout(std::chrono::nanoseconds limit);

  // Ends a receive in progress, and later ones until SetReceiveTimeout, with kTimeout. Sending still works.
  void ExpireReceive();

  // Receives on by itself while nobody waits, so that the end of the connection is noticed: `on_end` is then
  // called once, maybe before Watch returns. Ends with Unwatch. More than kBufferUsual unread is thrown away,
  // because an end behind bytes that nobody takes cannot be seen; more than kDroppedMax counts as an end.
  void Watch(std::function<void()> on_end);
  // Receives on by itself and calls `on_bytes` whenever more is unread, all of which it consumes, until
  // `on_end` is called, as by Watch. Either may call Unwatch; neither may destroy the connection.
  void Listen(std::function<void()> on_bytes, std::function<void()> on_end);
  void Unwatch();

  // Whether received bytes have been thrown away: what is unread is no longer what the peer sent.
  bool overrun() const;

  // Sends all pieces in order, gathered into as few system calls as can be. The pieces must live until the
  // wait is over. Errors: kClosed, kTimeout (the peer took nothing for the send timeout), what Abort was
  // given. After kClosed nothing more can be sent, but what the peer has said can still be received.
  class Sending {
   public:
    Sending(const Sending&) = delete;
    Sending& operator=(const Sending&) = delete;
    bool await_ready();
    void await_suspend(std::coroutine_handle<> waiter);
    base::Result<void> await_resume();

   private:
    friend class Connection;
    Sending(Core& core, std::span<const std::string_view> pieces) : core_(core), pieces_(pieces) {}
    Core& core_;
    std::span<const std::string_view> pieces_;
  };
  Sending Send(std::span<const std::string_view> pieces);

  // Sends nothing more from now on; a send in progress ends with kClosed before this returns.
  void StopSending();
  // How long the peer may take nothing, of every later wait; zero for no limit, also of one in progress.
  void SetSendTimeout(std::chrono::nanoseconds limit);

  // Closes now; waits in progress and later calls fail with `why`.
  void Abort(base::Code why);
  bool aborted() const;

  // Closes now with a reset: the peer loses what it has not read yet. For servers that misbehave on purpose.
  void Reset();

  // Says goodbye where the protocol has a word for it (TLS close_notify) and stops sending.
  void ShutdownSend();

  // Runs the TLS handshake on a connection that has carried nothing yet. Errors: kUnreachable, kTimeout.
  Task<base::Result<void>> StartTls(SslPtr ssl);
  bool tls() const;
  std::string_view protocol() const;  // agreed on in the handshake (ALPN); empty for none

  // Bytes handed to the kernel so far, TLS framing included, and how many of them the peer's kernel has
  // acknowledged; the difference decides whether a peer can have seen a request.
  std::uint64_t bytes_sent() const;
  std::uint64_t bytes_acknowledged() const;

  Loop& loop() const;
  const Address& peer() const;

 private:
  Core* core_;  // counted; pending operations of the system hold it too
};

// Connects to `address` within `timeout`. Errors: kUnreachable, kTimeout, or why `cancel` fired.
Task<base::Result<Connection>> Connect(Loop& loop, const Address& address, std::chrono::nanoseconds timeout,
                                       Cancel& cancel);

// Connects to the first address of a name (or of an IP literal) that answers; they share `timeout`, which the
// resolver's time comes on top of. Errors: the same.
Task<base::Result<Connection>> ConnectToName(Loop& loop, Resolver& resolver, std::string host,
                                             std::uint16_t port, std::chrono::nanoseconds timeout,
                                             Cancel& cancel);

}  // namespace net
