#include "net/http_client.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <coroutine>
#include <functional>
#include <utility>

#include "base/check.h"
#include "net/http2_client_internal.h"
#include "net/http_pooled_internal.h"

namespace net {
namespace {

using base::Code;
using base::Error;
using base::Fail;
using base::Result;
using namespace std::chrono_literals;

constexpr int kInterimMax = 8;  // 1xx answers before the real one

// What is left of a send that the socket did not take at once.
class Remaining {
 public:
  explicit Remaining(Connection::Sending& sending) : sending_(sending) {}
  Remaining(const Remaining&) = delete;
  Remaining& operator=(const Remaining&) = delete;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { sending_.await_suspend(waiter); }
  Result<void> await_resume() { return sending_.await_resume(); }

 private:
  Connection::Sending& sending_;
};

Task<void> SendRest(Connection::Sending& sending, std::function<void(Result<void>)> on_end) {
  Remaining remaining(sending);
  auto sent = co_await remaining;
  on_end(std::move(sent));
}

}  // namespace

std::string Origin::HostHeader() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (tls ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

// ---- Pool

Pool::Pool(Loop& loop, Resolver& resolver, PoolOptions options)
    : loop_(loop), resolver_(resolver), options_(std::move(options)) {
  CHECK(!options_.origin.tls || options_.tls);
}

Pool::~Pool() {
  for (const std::shared_ptr<Http2Client>& one : shared_) one->Close();
}

std::unique_ptr<Pool::Pooled> Pool::TakeIdle() {
  while (!idle_.empty()) {
    std::unique_ptr<Pooled> pooled = std::move(idle_.back());
    idle_.pop_back();
    pooled->idle_timer.Cancel();
    pooled->connection.Unwatch();
    // Bytes that nobody asked for make the next answer's beginning unsure.
    const Connection& connection = pooled->connection;
    if (!connection.aborted() && !connection.overrun() && connection.Unread().empty()) return pooled;
  }
  return nullptr;
}

void Pool::Give(std::unique_ptr<Pooled> pooled) {
  if (idle_.size() >= options_.idle_max || !pooled->connection.Unread().empty()) return;
  Pooled* const raw = pooled.get();
  idle_.push_back(std::move(pooled));
  raw->idle_timer.SetAfter(options_.idle_close);
  raw->connection.Watch([this, raw] { Drop(raw); });
}

void Pool::Drop(Pooled* pooled) {
  std::erase_if(idle_, [pooled](const std::unique_ptr<Pooled>& one) { return one.get() == pooled; });
}

Task<Result<std::unique_ptr<Pool::Pooled>>> Pool::Open(std::chrono::nanoseconds timeout, Cancel& outer) {
  // Name, TCP, proxy and TLS share one deadline; whoever waits is told through one cancel.
  Cancel cancel;
  const Cancel::Hook hook(outer, [&cancel](Code why) { cancel.Fire(why); });
  if (outer.why()) co_return Fail(*outer.why(), "given up before connecting");
  Timer timer(loop_.timers(), [&cancel] { cancel.Fire(Code::kTimeout); });
  timer.SetAfter(timeout);
  auto connection = co_await OpenTransport(timeout, cancel);
  if (!connection) {
    if (cancel.why() == Code::kTimeout)
      co_return Fail(Code::kTimeout, "no connection within the connect timeout");
    co_return Fail(std::move(connection).error());
  }
  co_return std::make_unique<Pooled>(*this, std::move(*connection));
}

Task<Result<Connection>> Pool::OpenTransport(std::chrono::nanoseconds timeout, Cancel& cancel) {
  const Origin& origin = options_.origin;
  const std::string& host = options_.proxy ? options_.proxy->host : origin.host;
  const std::uint16_t port = options_.proxy ? options_.proxy->port : origin.port;
  auto connection = co_await ConnectToName(loop_, resolver_, host, port, timeout, cancel);
  if (!connection && options_.proxy) {
    co_return Fail(connection.error().code, "the proxy cannot be reached: " + connection.error().detail);
  }
  if (!connection) co_return connection;

  const Cancel::Hook hook(cancel, [&connection](Code why) { connection->Abort(why); });
  if (options_.proxy) {
    if (auto tunnel = co_await OpenTunnel(*connection); !tunnel) co_return Fail(tunnel.error());
  }
  if (origin.tls) {
    auto ssl = options_.tls->NewSession(origin.host, ticket_.get(), &ticket_,
                                        MayShare() ? Alpn::kHttp2OrHttp11 : Alpn::kHttp11);
    if (!ssl) co_return Fail(std::move(ssl).error());
    if (auto secured = co_await connection->StartTls(std::move(*ssl)); !secured)
      co_return Fail(secured.error());
  }
  co_return std::move(connection);
}

// Asks the proxy for a tunnel (RFC 9110 section 9.3.6).
Task<Result<void>> Pool::OpenTunnel(Connection& connection) {
  const Origin& origin = options_.origin;
  const std::string bracketed =
      origin.host.find(':') == std::string::npos ? origin.host : "[" + origin.host + "]";
  const std::string target = bracketed + ":" + std::to_string(origin.port);
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nhost: " + target + "\r\n";
  if (!options_.proxy->authorization.empty()) {
    request += "proxy-authorization: " + options_.proxy->authorization + "\r\n";
  }
  request += "\r\n";
  const std::string_view pieces[] = {request};
  if (auto sent = co_await connection.Send(pieces); !sent) co_return Fail(sent.error());
  std::size_t searched = 0;
  while (true) {
    const std::string_view unread = connection.Unread();
    if (const std::size_t size = FindHeadEnd(unread, searched); size > 0) {
      const std::string text(unread.substr(0, size));
      connection.Consume(size);
      const auto head = ParseResponseHead(text, "CONNECT");
      if (!head || head->status / 100 != 2) {
        co_return Fail(Code::kUnreachable, "the proxy refused the tunnel" +
                                               (head ? " with status " + std::to_string(head->status) : ""));
      }
      // What comes before TLS would later pass for the server's answer.
      if (!connection.Unread().empty()) {
        co_return Fail(Code::kUnreachable, "the proxy sent bytes of its own into the tunnel");
      }
      co_return Result<void>();
    }
    searched = unread.size();
    if (searched > options_.head_bytes_max)
      co_return Fail(Code::kUnreachable, "the proxy's answer is too large");
    const auto received = co_await connection.Receive();
    if (!received) co_return Fail(received.error());
    if (*received == 0) co_return Fail(Code::kUnreachable, "the proxy closed the connection");
  }
}

// ---- Call

Call::Call(Pool& pool, const CallTimeouts& timeouts, Cancel& cancel)
    : pool_(pool), timeouts_(timeouts), cancel_(cancel), hook_(cancel, [this](Code why) { Stop(why); }) {}

Call::~Call() {
  if (uploading()) pooled_->connection.StopSending();  // before the bytes go that it sends
  if (!pooled_ || !done() || !head_.keep_alive || stopped_) return;
  pooled_->call_timer.Cancel();
  pooled_->call = nullptr;
  pool_.Give(std::move(pooled_));
}

void Call::Stop(Code why) {
  if (!stopped_) stopped_ = why;
  if (stream_) {
    stream_->Stop(why);  // may end the call at once
  } else if (pooled_) {
    pooled_->connection.Abort(why);
  } else {
    opening_.Fire(why);  // may end the call at once: nothing of it is touched afterwards
  }
}

// A wait that Stop ended failed because of it, whatever the socket said. One that ended by itself is told by
// the timeout that ended it.
Error Call::Explain(Error error) const {
  if (!stopped_ && pooled_ && error.code == Code::kTimeout) {
    if (pooled_->connection.aborted()) return {Code::kTimeout, std::string(kRequestNotTaken)};
    return {Code::kTimeout, std::string(body_ ? kAnswerStalled : kNoAnswerBegan)};
  }
  if (!stopped_) return error;
  if (*stopped_ == Code::kTimeout) return {Code::kTimeout, "the time allowed for the whole call ran out"};
  return {*stopped_, "given up while waiting for the provider"};
}

Task<Result<void>> Call::Send(std::string_view method, std::span<const std::string_view> message) {
  CHECK(!pooled_ && !body_ && !stream_);
  if (cancel_.why()) co_return Fail(*cancel_.why(), "given up before the call");
  deadline_ = pool_.loop().Now() + timeouts_.total;
  if (pool_.MayShare()) co_return co_await SendShared(method, message);
  pooled_ = pool_.TakeIdle();
  reused_ = pooled_ != nullptr;
  co_return co_await SendAlone(method, message);
}

bool Call::done() const {
  return stream_ ? stream_->done() : body_ && body_->done();
}

Task<Result<void>> Call::SendAlone(std::string_view method, std::span<const std::string_view> message) {
  auto sent = co_await SendOnce(method, message);
  if (!sent && reused_ && progress_ == Progress::kNotSent && sent.error().code == Code::kClosed &&
      !stopped_) {
    pooled_.reset();
    reused_ = false;
    server_finished_ = false;
    sent = co_await SendOnce(method, message);
  }
  if (!sent) co_return Fail(Explain(std::move(sent).error()));
  co_return Result<void>();
}

Task<Result<void>> Call::SendOnce(std::string_view method, std::span<const std::string_view> message) {
  if (!pooled_) {
    if (auto connected = co_await Connect(); !connected) co_return connected;
  }
  pooled_->call = this;
  pooled_->call_timer.SetAt(deadline_);
  Connection& connection = pooled_->connection;
  sent_before_ = connection.bytes_sent();
  connection.SetSendTimeout(timeouts_.idle);
  Result<void> answered;
  upload_.emplace(connection, message);
  if (upload_->sending.await_ready()) {
    const auto sent = upload_->sending.await_resume();
    upload_.reset();
    answered = sent;
    if (sent || connection.bytes_sent() > sent_before_) {
      answered = co_await ReadHead(method, pool_.loop().Now() + timeouts_.first_byte);
    }
    NoteSent(sent.has_value());
  } else {
    answered = co_await ReadHeadWhileSending(method);
  }
  if (!answered) NoteFailure();
  co_return answered;
}

Task<Result<void>> Call::Connect() {
  Timer late(pool_.loop().timers(), [this] { Stop(Code::kTimeout); });
  late.SetAt(deadline_);
  auto opened = co_await pool_.Open(timeouts_.connect, opening_);
  if (!opened) co_return Fail(std::move(opened).error());
  pooled_ = std::move(*opened);
  if (stopped_) co_return Fail(*stopped_, "given up while connecting");
  co_return Result<void>();
}

// A server may answer, and even close, before it has read a large request; whoever only sends would lose that
// answer (RFC 9112 section 9.5). Beside a good answer the sending goes on.
Task<Result<void>> Call::ReadHeadWhileSending(std::string_view method) {
  Connection& connection = pooled_->connection;
  upload_->late.emplace(pool_.loop().timers(), [&connection] { connection.ExpireReceive(); });
  Spawn(SendRest(upload_->sending, [this](Result<void> sent) {
    upload_->sent = sent.has_value();
    if (!body_) {
      upload_->late->SetAfter(timeouts_.first_byte);
    } else if (!sent) {
      head_.keep_alive = false;
    }
  }));
  auto answered = co_await ReadHead(method, std::nullopt);
  upload_->late->Cancel();
  if (upload_->sent) NoteSent(*upload_->sent);
  const bool wants_the_rest = answered && head_.status < 300 && head_.keep_alive;
  if (wants_the_rest) {
    connection.SetSendTimeout(0ns);  // an answer that comes is not given up because no more is taken
    upload_->bytes_seen = connection.bytes_sent();
  } else if (uploading()) {
    connection.StopSending();
  }
  if (!uploading() && !*upload_->sent) head_.keep_alive = false;  // the server still waits for the rest
  co_return answered;
}

// What the server can have seen. It cannot have acted on bytes that never left, nor on bytes that the segment
// with its own end (FIN) does not acknowledge: it had finished before they came. A reset proves nothing: it
// can overtake an acknowledgement that was still to be sent.
void Call::NoteFailure() {
  if (progress_ == Progress::kAnswering) return;
  const Connection& connection = pooled_->connection;
  const bool never_left = connection.bytes_sent() <= sent_before_;
  const bool too_late = server_finished_ && connection.bytes_acknowledged() <= sent_before_;
  progress_ = never_left || too_late ? Progress::kNotSent : Progress::kSent;
}

// A reset that the sending has run into makes the end of what was received look orderly.
void Call::NoteSent(bool whole) {
  if (whole) return;
  server_finished_ = false;
  head_.keep_alive = false;
}

// Without a deadline the caller sees to it that the wait ends.
Task<Result<void>> Call::ReadHead(std::string_view method, std::optional<base::MonoTime> deadline) {
  Connection& connection = pooled_->connection;
  std::size_t searched = 0;
  int interim = 0;
  while (true) {
    const std::string_view unread = connection.Unread();
    if (!unread.empty()) progress_ = Progress::kAnswering;
    const std::size_t size = FindHeadEnd(unread, searched);
    if (size > pool_.options().head_bytes_max ||
        (size == 0 && unread.size() > pool_.options().head_bytes_max)) {
      co_return Fail(Code::kTooLarge, "the head of the answer is too large");
    }
    if (size > 0) {
      head_text_.assign(unread.substr(0, size));
      connection.Consume(size);
      auto head = ParseResponseHead(head_text_, method);
      if (!head) co_return Fail(Code::kInvalid, "the answer is not HTTP: " + head.error().detail);
      searched = 0;
      if (head->status < 200 && head->status != 101 && ++interim <= kInterimMax) continue;
      if (head->status < 200) co_return Fail(Code::kInvalid, "the server never came to a final answer");
      head_ = std::move(*head);
      body_.emplace(connection, head_.body);
      connection.SetReceiveTimeout(timeouts_.idle);
      co_return Result<void>();
    }
    searched = unread.size();
    connection.SetReceiveTimeout(
        deadline ? std::max<std::chrono::nanoseconds>(*deadline - pool_.loop().Now(), 1ns) : 0ns);
    const auto received = co_await connection.Receive();
    if (!received) co_return Fail(received.error());
    if (*received > 0) continue;
    server_finished_ = true;
    co_return Fail(Code::kClosed, "the connection was closed before an answer came");
  }
}

Result<std::optional<std::string_view>> Call::TryRead() {
  if (stream_) return stream_->TryRead();
  return body_->TryRead();
}

void Call::SetPatience(std::chrono::nanoseconds limit) {
  if (stream_) return stream_->SetPatience(limit);
  patience_set_ = true;
  pooled_->connection.SetReceiveTimeout(limit);
}

// A server that still takes the request may have nothing to say yet.
bool Call::WaitsOn(const Error& error) {
  const Connection& connection = pooled_->connection;
  if (error.code != Code::kTimeout || patience_set_ || !uploading() || connection.aborted()) return false;
  if (std::exchange(upload_->bytes_seen, connection.bytes_sent()) == connection.bytes_sent()) return false;
  pooled_->connection.SetReceiveTimeout(timeouts_.idle);
  return true;
}

Task<Result<std::string_view>> Call::Read() {
  while (!stream_) {
    auto piece = co_await body_->Read();
    if (piece) co_return piece;
    if (!WaitsOn(piece.error())) co_return Fail(Explain(std::move(piece).error()));
  }
  auto piece = co_await stream_->Read();
  if (!piece) co_return Fail(Explain(std::move(piece).error()));
  co_return piece;
}

Result<bool> Call::TryReadAll(base::Buffer& out, std::uint64_t bytes_max) {
  return stream_ ? stream_->TryReadAll(out, bytes_max) : body_->TryReadAll(out, bytes_max);
}

Task<Result<void>> Call::ReadAll(base::Buffer& out, std::uint64_t bytes_max) {
  while (!stream_) {
    auto read = co_await body_->ReadAll(out, bytes_max);
    if (read) co_return Result<void>();
    if (!WaitsOn(read.error())) co_return Fail(Explain(std::move(read).error()));
  }
  auto read = co_await stream_->ReadAll(out, bytes_max);
  if (!read) co_return Fail(Explain(std::move(read).error()));
  co_return read;
}

}  // namespace net
