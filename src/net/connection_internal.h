#pragma once

#include <optional>
#include <utility>

#include "net/connection.h"
#include "net/loop_internal.h"

namespace net {

// The part of a connection that what is under way keeps alive.
class Connection::Core final : Poller::Client {
 public:
  // `socket` is connected and does not block; the core owns it from here on.
  Core(Loop& loop, int socket, const Address& peer);

  void AddReference() { ++references_; }
  void Release() {
    if (--references_ == 0) delete this;
  }

  // What posted work holds; work that never runs because its loop goes lets go as well.
  class Reference {
   public:
    explicit Reference(Core& core) : core_(core) { core.AddReference(); }
    Reference(const Reference& other) : Reference(other.core_) {}
    Reference& operator=(const Reference&) = delete;
    ~Reference() { core_.Release(); }

   private:
    Core& core_;
  };

  // Receiving.
  bool ReceiveReady(std::span<char> direct);
  void Receive(std::coroutine_handle<> waiter);
  base::Result<std::size_t> TakeReceived();
  std::string_view Unread() const { return {buffer_.get() + begin_, end_ - begin_}; }
  void Consume(std::size_t count);
  void Watch(std::function<void()> on_end);
  void Listen(std::function<void()> on_bytes, std::function<void()> on_end);
  void Unwatch();
  void SetReceiveTimeout(std::chrono::nanoseconds limit);
  void ExpireReceive();

  // Sending.
  void StartSend(std::span<const std::string_view> pieces);
  bool TrySend();  // true when all is sent or the connection failed
  void WaitToSend(std::coroutine_handle<> waiter);
  base::Result<void> SendResult() const;
  void SetSendTimeout(std::chrono::nanoseconds limit);
  void StopSending();
  void ShutdownSend();

  void Abort(base::Code why);
  void Close();  // the socket, whatever failed before
  void Reset();
  bool aborted() const { return failure_.has_value(); }
  bool receiving() const { return receiving_; }
  bool overrun() const { return dropped_ > 0; }

  Task<base::Result<void>> StartTls(SslPtr ssl);
  std::uint64_t bytes_sent() const;
  std::uint64_t bytes_acknowledged();

  Loop& loop;
  const Address peer;
  SslPtr ssl;
  std::chrono::nanoseconds receive_timeout{0};
  std::chrono::nanoseconds send_timeout{0};

 private:
  friend class ReadyAwaiter;

  ~Core();

  void OnReady(unsigned events) override;
  void EndWaits();

  std::span<char> MakeRoom();
  void Reallocate(std::size_t capacity);
  void StartReceive();  // receives at once, or sets receiving_ and goes on when there is something
  void ResumeReceive();
  void TellBytes();
  void WatchOn();  // receives until there is nothing or the end has come
  void ReceivePlain(std::span<char> space);
  void ReceiveTls(std::span<char> space);
  void Record(bool failed, std::size_t count);  // what one receive brought
  void Notify();                                // tells whoever waits or watches
  bool SendPlain();
  bool SendTls();
  void SkipSent(std::size_t count);
  std::string_view GatherForTls();
  void ResumeSend();

  int socket_;  // -1: closed
  int references_ = 1;
  std::optional<base::Code> failure_;

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t dropped_ = 0;  // bytes that a watch has thrown away
  bool filled_ = false;      // the last receive used all room it was given
  bool receiving_ = false;   // a receive waits for bytes
  bool readable_ = true;     // there may be bytes; false: none until OnReady
  bool end_near_ = false;    // the peer's end has been seen, maybe behind bytes
  std::size_t received_in_a_row_ = 0;
  bool ended_ = false;      // the peer has finished sending
  bool timed_out_ = false;  // nothing more is received; sending still works
  std::span<char> direct_;  // where ReceiveInto wants the bytes
  std::optional<std::size_t> received_;
  std::coroutine_handle<> receiver_;
  std::function<void()> on_end_;
  std::function<void()> on_bytes_;
  Timer receive_timer_;

  std::span<const std::string_view> pieces_;  // not yet sent, the first from first_offset_
  std::size_t first_offset_ = 0;
  std::coroutine_handle<> sender_;
  std::coroutine_handle<> handshaker_;
  bool send_over_ = false;  // nothing more can be sent; what has come can still be received
  std::uint64_t plain_sent_ = 0;
  std::uint64_t acknowledged_at_end_ = 0;
  Timer send_timer_;
};

}  // namespace net
