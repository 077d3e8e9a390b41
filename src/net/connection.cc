#include "net/connection.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "net/connection_internal.h"
#include "net/tcp_info_internal.h"
#include "net/tcp_socket_internal.h"

namespace net {
namespace {

using base::Code;
using base::Fail;
using base::Result;

std::string_view Sentence(Code code) {
  switch (code) {
    case Code::kTimeout:
      return "the time allowed for the connection ran out";
    case Code::kCancelled:
      return "the connection was given up because nobody waits for it";
    case Code::kTooLarge:
      return "more bytes came than the connection may hold unread";
    case Code::kUnavailable:
      return "the connection was closed because the process is going down";
    default:
      return "the connection was closed by the other side";
  }
}

tl::unexpected<base::Error> FailWith(Code code) {
  return Fail(code, std::string(Sentence(code)));
}

}  // namespace

// Waits until the socket is ready for anything; used by the handshake.
class ReadyAwaiter {
 public:
  explicit ReadyAwaiter(Connection::Core& core) : core_(core) {}
  bool await_ready() const { return core_.aborted() || core_.timed_out_; }
  void await_suspend(std::coroutine_handle<> waiter) { core_.handshaker_ = waiter; }
  void await_resume() const {}

 private:
  Connection::Core& core_;
};

Connection::Core::Core(Loop& owner, int socket, const Address& other)
    : loop(owner),
      peer(other),
      socket_(socket),
      receive_timer_(owner.timers(), [this] { ExpireReceive(); }),
      send_timer_(owner.timers(), [this] { Abort(Code::kTimeout); }) {
  if (!loop.io().poller.Add(socket_, *this)) failure_ = Code::kClosed;
}

Connection::Core::~Core() {
  Close();
}

void Connection::Core::OnReady(unsigned events) {
  constexpr unsigned kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  const Reference held(*this);
  if ((events & (EPOLLIN | kEnd)) != 0) readable_ = true;
  if ((events & kEnd) != 0) end_near_ = true;
  if (handshaker_) {
    std::exchange(handshaker_, nullptr).resume();
    return;
  }
  // Either direction of TLS may have to wait for the other.
  if (receiving_ && (readable_ || ssl)) ResumeReceive();
  if (sender_ && (ssl || (events & (EPOLLOUT | kEnd)) != 0)) ResumeSend();
}

// Tells whoever waits that the wait is over. Not at once: whoever ends a wait is often what waits for it.
void Connection::Core::EndWaits() {
  loop.Post([this, held = Reference(*this)] {
    if (receiving_ && (failure_ || timed_out_)) ResumeReceive();
    if (sender_ && failure_) ResumeSend();
    if (handshaker_) std::exchange(handshaker_, nullptr).resume();
  });
}

// ---- receiving

void Connection::Core::Reallocate(std::size_t capacity) {
  std::unique_ptr<char[]> moved(new char[capacity]);
  if (end_ > begin_) std::memcpy(moved.get(), buffer_.get() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  buffer_ = std::move(moved);
  capacity_ = capacity;
}

std::span<char> Connection::Core::MakeRoom() {
  const std::size_t unread = end_ - begin_;
  if (unread == 0) begin_ = end_ = 0;
  if (capacity_ == 0) {
    Reallocate(kBufferMin);
  } else if (filled_ && capacity_ < kBufferUsual) {
    Reallocate(capacity_ * 4);  // the peer is faster than we read
  } else if (unread == capacity_) {
    if (capacity_ == kBufferMax) return {};
    Reallocate(std::min(capacity_ * 2, kBufferMax));
  } else if (unread == 0 && !filled_ && capacity_ > kBufferMin) {
    Reallocate(kBufferMin);  // idle again
  } else if (begin_ > 0 && capacity_ - end_ < capacity_ / 4) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, unread);
    begin_ = 0;
    end_ = unread;
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

bool Connection::Core::ReceiveReady(std::span<char> direct) {
  received_.reset();
  if (failure_ || ended_ || timed_out_) return true;
  if (!receiving_) {
    direct_ = direct;
    StartReceive();
  }
  return !receiving_;
}

void Connection::Core::Receive(std::coroutine_handle<> waiter) {
  CHECK(!receiver_);
  receiver_ = waiter;
  if (receive_timeout.count() > 0) receive_timer_.SetAfter(receive_timeout);
}

Result<std::size_t> Connection::Core::TakeReceived() {
  if (received_) return *std::exchange(received_, std::nullopt);
  if (timed_out_ && !failure_) return FailWith(Code::kTimeout);
  if (failure_) return FailWith(*failure_);
  return std::size_t{0};
}

void Connection::Core::StartReceive() {
  if (!ssl && !readable_) {
    receiving_ = true;  // OnReady goes on
    return;
  }
  if (++received_in_a_row_ > kInARowMax) {
    receiving_ = true;
    loop.Post([this, held = Reference(*this)] {
      if (receiving_) ResumeReceive();
    });
    return;
  }
  const std::span<char> space = direct_.empty() ? MakeRoom() : direct_;
  if (space.empty()) {
    Abort(Code::kTooLarge);
  } else if (ssl) {
    ReceiveTls(space);
  } else {
    ReceivePlain(space);
  }
}

void Connection::Core::ResumeReceive() {
  receiving_ = false;
  received_in_a_row_ = 0;
  if (failure_ || timed_out_) {
    Record(true, 0);
  } else {
    StartReceive();
  }
  Notify();
}

void Connection::Core::ReceivePlain(std::span<char> space) {
  ssize_t count = -1;
  do {
    count = ::recv(socket_, space.data(), space.size(), 0);
  } while (count < 0 && errno == EINTR);
  // Less than there was room for: the socket is empty, and what comes next is told, as is an end behind it.
  if (count >= 0 && static_cast<std::size_t>(count) < space.size() && !end_near_) readable_ = false;
  if (count >= 0) return Record(false, static_cast<std::size_t>(count));
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    readable_ = false;
    receiving_ = true;
  } else {
    Record(errno != EPIPE, 0);  // a reset that follows the peer's own end is reported as a broken pipe
  }
}

void Connection::Core::ReceiveTls(std::span<char> space) {
  const int count = SSL_read(ssl.get(), space.data(), static_cast<int>(space.size()));
  if (count > 0) return Record(false, static_cast<std::size_t>(count));
  const int error = SSL_get_error(ssl.get(), count);
  if (error == SSL_ERROR_ZERO_RETURN) return Record(false, 0);
  if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
    TakeTlsError();  // a reset, or an end without close_notify: nothing after it can be trusted
    return Record(true, 0);
  }
  receiving_ = true;
}

void Connection::Core::Record(bool failed, std::size_t count) {
  receiving_ = false;
  if (failed) {
    if (!failure_ && !timed_out_) failure_ = Code::kClosed;
  } else if (count == 0) {
    ended_ = true;
  } else {
    if (direct_.empty()) {
      filled_ = count == capacity_ - end_;
      end_ += count;
    }
    received_ = count;
  }
  direct_ = {};
}

void Connection::Core::Notify() {
  if (receiving_) return;  // nothing yet
  receive_timer_.Cancel();
  if (receiver_) {
    std::exchange(receiver_, nullptr).resume();
  } else {
    WatchOn();
  }
}

void Connection::Core::SetReceiveTimeout(std::chrono::nanoseconds limit) {
  receive_timeout = limit;
  timed_out_ = false;
}

void Connection::Core::ExpireReceive() {
  timed_out_ = true;
  if (receiving_ || handshaker_) EndWaits();
}

void Connection::Core::WatchOn() {
  while (on_end_ && !receiving_) {
    if (on_bytes_ && end_ > begin_) TellBytes();
    if (!on_end_) return;
    if (overrun() || end_ - begin_ > kBufferUsual) {
      dropped_ += end_ - begin_;
      begin_ = end_ = 0;
    }
    if (failure_ || ended_ || dropped_ > kDroppedMax) {
      std::exchange(on_end_, nullptr)();
      return;  // `this` may be gone
    }
    StartReceive();
  }
}

void Connection::Core::Watch(std::function<void()> on_end) {
  on_end_ = std::move(on_end);
  WatchOn();
}

void Connection::Core::TellBytes() {
  const std::function<void()> on_bytes = on_bytes_;  // what it does may withdraw it
  on_bytes();
  CHECK(!on_end_ || failure_ || begin_ == end_);
}

void Connection::Core::Listen(std::function<void()> on_bytes, std::function<void()> on_end) {
  on_bytes_ = std::move(on_bytes);
  Watch(std::move(on_end));
}

void Connection::Core::Unwatch() {
  on_end_ = nullptr;
  on_bytes_ = nullptr;
}

void Connection::Core::Consume(std::size_t count) {
  CHECK(count <= end_ - begin_);
  begin_ += count;
}

// ---- sending

void Connection::Core::StartSend(std::span<const std::string_view> pieces) {
  CHECK(!sender_);
  pieces_ = pieces;
  first_offset_ = 0;
}

bool Connection::Core::TrySend() {
  while (!pieces_.empty() && !failure_ && !send_over_) {
    if (!(ssl ? SendTls() : SendPlain())) return false;
  }
  return true;
}

// Both return false when the socket takes no more for now.
bool Connection::Core::SendPlain() {
  iovec vectors[64];
  int used = 0;
  for (std::size_t i = 0; i < pieces_.size() && used < 64; ++i) {
    const std::string_view piece = i == 0 ? pieces_[i].substr(first_offset_) : pieces_[i];
    if (!piece.empty()) vectors[used++] = {const_cast<char*>(piece.data()), piece.size()};
  }
  if (used == 0) {
    pieces_ = pieces_.subspan(std::min<std::size_t>(pieces_.size(), 64));
    first_offset_ = 0;
    return true;
  }
  const ssize_t sent = SendPieces(socket_, {vectors, static_cast<std::size_t>(used)});
  if (sent >= 0) {
    plain_sent_ += static_cast<std::uint64_t>(sent);
    SkipSent(static_cast<std::size_t>(sent));
  } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
    return false;
  } else if (errno != EINTR) {
    send_over_ = true;
  }
  return true;
}

bool Connection::Core::SendTls() {
  const std::string_view record = GatherForTls();
  if (record.empty()) {
    pieces_ = {};
    return true;
  }
  const int sent = SSL_write(ssl.get(), record.data(), static_cast<int>(record.size()));
  if (sent > 0) {
    SkipSent(static_cast<std::size_t>(sent));
    return true;
  }
  const int error = SSL_get_error(ssl.get(), sent);
  if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) return false;
  TakeTlsError();
  send_over_ = true;
  return true;
}

// One TLS record's worth: small pieces side by side, a large one in place. After a record that could not be
// sent the same bytes are gathered again, as OpenSSL demands.
std::string_view Connection::Core::GatherForTls() {
  std::array<char, kTlsRecord>& scratch = loop.io().tls_scratch;
  std::size_t filled = 0;
  std::size_t offset = first_offset_;
  for (const std::string_view whole : pieces_) {
    const std::string_view piece = whole.substr(std::exchange(offset, 0));
    if (piece.empty()) continue;  // may be null, which memcpy must not see
    if (filled == 0 && piece.size() >= scratch.size()) return piece.substr(0, scratch.size());
    const std::size_t take = std::min(piece.size(), scratch.size() - filled);
    std::memcpy(scratch.data() + filled, piece.data(), take);
    filled += take;
    if (filled == scratch.size()) break;
  }
  return {scratch.data(), filled};
}

void Connection::Core::SkipSent(std::size_t count) {
  while (!pieces_.empty()) {
    const std::size_t left = pieces_.front().size() - first_offset_;
    if (count < left) {
      first_offset_ += count;
      return;
    }
    count -= left;
    pieces_ = pieces_.subspan(1);
    first_offset_ = 0;
  }
}

void Connection::Core::WaitToSend(std::coroutine_handle<> waiter) {
  sender_ = waiter;  // ResumeSend goes on
  if (send_timeout.count() > 0) send_timer_.SetAfter(send_timeout);
}

void Connection::Core::ResumeSend() {
  const std::pair before(pieces_.size(), first_offset_);
  if (TrySend()) {
    send_timer_.Cancel();
    std::exchange(sender_, nullptr).resume();
  } else if (before != std::pair(pieces_.size(), first_offset_) && send_timeout.count() > 0) {
    send_timer_.SetAfter(send_timeout);  // any progress is a sign of life
  }
}

Result<void> Connection::Core::SendResult() const {
  if (failure_) return FailWith(*failure_);
  if (send_over_) return FailWith(Code::kClosed);
  return {};
}

void Connection::Core::SetSendTimeout(std::chrono::nanoseconds limit) {
  send_timeout = limit;
  if (limit.count() == 0) send_timer_.Cancel();
}

void Connection::Core::StopSending() {
  send_over_ = true;
  send_timer_.Cancel();
  if (sender_) std::exchange(sender_, nullptr).resume();
}

void Connection::Core::ShutdownSend() {
  if (failure_) return;
  if (ssl && SSL_is_init_finished(ssl.get())) {
    SSL_shutdown(ssl.get());
    TakeTlsError();
  }
  ::shutdown(socket_, SHUT_WR);
}

// ---- the rest

void Connection::Core::Abort(Code why) {
  if (failure_) return;
  failure_ = why;
  receive_timer_.Cancel();
  send_timer_.Cancel();
  Close();
  if (receiver_ || sender_ || handshaker_ || on_end_) EndWaits();
}

void Connection::Core::Close() {
  if (socket_ < 0) return;
  acknowledged_at_end_ = TcpBytesAcknowledged(socket_);
  loop.io().poller.Remove(socket_, *this);
  ::close(std::exchange(socket_, -1));
}

void Connection::Core::Reset() {
  if (failure_) return;
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  Abort(Code::kClosed);
}

std::uint64_t Connection::Core::bytes_sent() const {
  return plain_sent_ + (ssl ? BIO_number_written(SSL_get_wbio(ssl.get())) : 0);  // a proxy was asked in plain
}

std::uint64_t Connection::Core::bytes_acknowledged() {
  return socket_ >= 0 ? TcpBytesAcknowledged(socket_) : acknowledged_at_end_;
}

Task<Result<void>> Connection::Core::StartTls(SslPtr session) {
  ssl = std::move(session);
  SSL_set_fd(ssl.get(), socket_);
  if (receive_timeout.count() > 0) receive_timer_.SetAfter(receive_timeout);
  while (!failure_ && !timed_out_) {
    const int done = SSL_do_handshake(ssl.get());
    if (done == 1) {
      receive_timer_.Cancel();
      co_return Result<void>();
    }
    const int error = SSL_get_error(ssl.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      const long verdict = SSL_get_verify_result(ssl.get());
      std::string reason = verdict == X509_V_OK ? TakeTlsError() : X509_verify_cert_error_string(verdict);
      Abort(Code::kUnreachable);
      co_return Fail(Code::kUnreachable, "TLS handshake failed: " + reason);
    }
    ReadyAwaiter ready(*this);
    co_await ready;
  }
  co_return FailWith(failure_.value_or(Code::kTimeout));
}

// ---- Connection

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(core_, other.core_);
  return *this;
}

Connection::~Connection() {
  if (core_ == nullptr) return;
  core_->Unwatch();
  core_->Abort(Code::kCancelled);
  core_->Close();
  core_->Release();
}

std::string_view Connection::Unread() const {
  return core_->Unread();
}
void Connection::Consume(std::size_t count) {
  core_->Consume(count);
}
Connection::Receiving Connection::Receive() {
  return Receiving(*core_, {});
}

Connection::Receiving Connection::ReceiveInto(std::span<char> space) {
  CHECK(!space.empty() && Unread().empty() && !receiving());
  return Receiving(*core_, space);
}

bool Connection::overrun() const {
  return core_->overrun();
}

bool Connection::receiving() const {
  return core_->receiving();
}
void Connection::SetReceiveTimeout(std::chrono::nanoseconds limit) {
  core_->SetReceiveTimeout(limit);
}
void Connection::SetSendTimeout(std::chrono::nanoseconds limit) {
  core_->SetSendTimeout(limit);
}
void Connection::Watch(std::function<void()> on_end) {
  core_->Watch(std::move(on_end));
}
void Connection::Listen(std::function<void()> on_bytes, std::function<void()> on_end) {
  core_->Listen(std::move(on_bytes), std::move(on_end));
}
void Connection::Unwatch() {
  core_->Unwatch();
}
Connection::Sending Connection::Send(std::span<const std::string_view> pieces) {
  return Sending(*core_, pieces);
}
void Connection::StopSending() {
  core_->StopSending();
}
void Connection::ExpireReceive() {
  core_->ExpireReceive();
}
void Connection::Abort(Code why) {
  core_->Abort(why);
}
void Connection::Reset() {
  core_->Reset();
}
bool Connection::aborted() const {
  return core_->aborted();
}
void Connection::ShutdownSend() {
  core_->ShutdownSend();
}
Task<Result<void>> Connection::StartTls(SslPtr ssl) {
  return core_->StartTls(std::move(ssl));
}
bool Connection::tls() const {
  return core_->ssl != nullptr;
}
std::string_view Connection::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  if (core_->ssl) SSL_get0_alpn_selected(core_->ssl.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}
std::uint64_t Connection::bytes_sent() const {
  return core_->bytes_sent();
}
std::uint64_t Connection::bytes_acknowledged() const {
  return core_->bytes_acknowledged();
}
Loop& Connection::loop() const {
  return core_->loop;
}
const Address& Connection::peer() const {
  return core_->peer;
}

bool Connection::Receiving::await_ready() {
  return core_.ReceiveReady(space_);
}
void Connection::Receiving::await_suspend(std::coroutine_handle<> waiter) {
  core_.Receive(waiter);
}
Result<std::size_t> Connection::Receiving::await_resume() {
  return core_.TakeReceived();
}

bool Connection::Sending::await_ready() {
  core_.StartSend(pieces_);
  return core_.TrySend();
}
void Connection::Sending::await_suspend(std::coroutine_handle<> waiter) {
  core_.WaitToSend(waiter);
}
Result<void> Connection::Sending::await_resume() {
  return core_.SendResult();
}

}  // namespace net
