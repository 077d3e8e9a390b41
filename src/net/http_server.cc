#include "net/http_server.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "base/counted.h"
#include "net/connection_internal.h"
#include "net/header_text.h"
#include "net/http2_server_internal.h"
#include "net/http_server_internal.h"
#include "net/tcp_socket_internal.h"

namespace net {
namespace {

using base::Code;
using base::Fail;
using base::Result;
using namespace std::chrono_literals;

constexpr int kBacklog = 4096;
constexpr int kAcceptsInARowMax = 64;        // before others of the loop have their turn
constexpr std::size_t kTurnedAwayMax = 256;  // connections that are being told that there are too many
constexpr std::size_t kLingerBytesMax = 8 * base::MiB;
constexpr auto kLingerIdle = 2s;
constexpr auto kLingerTime = 15s;
constexpr auto kFreshGrace = 1s;     // for the first request of a connection made just before a drain
constexpr auto kAcceptPause = 50ms;  // after the system ran out of descriptors

// What HTTP/2 begins with in clear text, up to where HTTP/1.1 sees a head end (RFC 9113 section 3.4).
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\n";

// Whether a first line of three words does not even claim to be HTTP: whoever sent it could not read an
// answer.
bool IsOtherProtocol(std::string_view head) {
  const std::string_view line = head.substr(0, head.find_first_of("\r\n"));
  const std::size_t last = line.rfind(' ');
  const bool three = last != std::string_view::npos && line.find(' ') < last;
  return three && !base::StartsWithIgnoringCase(line.substr(last + 1), "HTTP/");
}

int StatusOf(const base::Error& error) {
  switch (error.code) {
    case Code::kTooLarge:
      return 431;
    case Code::kTimeout:
      return 408;
    default:
      return 400;
  }
}

}  // namespace

// ---- Server

Server::Server(Options options)
    : options_(std::move(options)),
      limits_(std::make_shared<const ServerLimits>(options_.limits)),
      tls_(options_.tls) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::Listen(std::span<const std::unique_ptr<Loop>> loops,
                                               Options options) {
  CHECK(!loops.empty());
  std::unique_ptr<Server> server(new Server(std::move(options)));
  server->local_ = server->options_.address;
  if (server->local_.port != 0) {
    // Sharing it, a second process of the same user could take a port that is taken without noticing.
    if (const auto alone = ListenOn(server->local_, 1, false); !alone) return Fail(alone.error());
  }
  for (const std::unique_ptr<Loop>& loop : loops) {
    auto listener = ListenOn(server->local_, kBacklog, true);
    if (!listener) return Fail(listener.error());
    server->local_ = BoundTo(listener->get());  // the next loops bind the same port
    auto part = std::make_shared<ServerLoop>(*server, *loop, std::move(*listener));
    loop->Post([part] { part->Start(); });
    server->loops_.push_back(std::move(part));
  }
  return server;
}

void Server::SetLimits(const ServerLimits& limits) {
  limits_.Store(std::make_shared<const ServerLimits>(limits));
}
void Server::SetTls(std::shared_ptr<const TlsServerContext> tls) {
  tls_.Store(std::move(tls));
}

void Server::OnEachLoop(void (ServerLoop::*action)()) {
  for (const auto& part : loops_) {
    part->loop().Post([part, action] { (part.get()->*action)(); });
  }
}

void Server::Drain() {
  OnEachLoop(&ServerLoop::Drain);
}
void Server::GiveUp() {
  OnEachLoop(&ServerLoop::GiveUp);
}
void Server::AbortAll() {
  OnEachLoop(&ServerLoop::AbortAll);
}

// ---- ServerLoop

ServerLoop::Session::Session(ServerLoop& server, Connection& accepted)
    : owner(server), connection(accepted), next(server.sessions_) {
  if (next != nullptr) next->previous = this;
  owner.sessions_ = this;
}

ServerLoop::Session::~Session() {
  if (previous != nullptr) previous->next = next;
  if (next != nullptr) next->previous = previous;
  if (owner.sessions_ == this) owner.sessions_ = next;
  if (owner.walk_ == this) owner.walk_ = next;
}

ServerLoop::ServerLoop(Server& server, Loop& loop, Descriptor listener)
    : server_(server),
      loop_(loop),
      listener_(std::move(listener)),
      handler_(server.options_.make_handler(loop)),
      accept_again_(loop.timers(), [this] { Accept(); }),
      fresh_end_(loop.timers(), [this] { CloseIdle(true); }) {}

ServerLoop::~ServerLoop() {
  StopListening();
}

void ServerLoop::Start() {
  CHECK(loop_.io().poller.Add(listener_.get(), *this));
}

void ServerLoop::StopListening() {
  if (!listener_) return;
  loop_.io().poller.Remove(listener_.get(), *this);
  listener_.Close();
}

void ServerLoop::Accept() {
  for (int taken = 0; taken < kAcceptsInARowMax; ++taken) {
    if (!listener_) return;
    if (AcceptOne()) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EINTR || errno == ECONNABORTED) continue;  // that one has gone again
    accept_again_.SetAfter(kAcceptPause);
    return;
  }
  loop_.Post([self = shared_from_this()] { self->Accept(); });
}

// False when there was none to take; errno tells why.
bool ServerLoop::AcceptOne() {
  Address peer;
  Descriptor socket = AcceptFrom(listener_.get(), peer);
  if (!socket) return false;
  Spawn(Serve(Connection(new Connection::Core(loop_, socket.Release(), peer))));
  return true;
}

Task<void> ServerLoop::Serve(Connection connection) {
  const auto self = shared_from_this();
  const auto limits = server_.limits_.Load();
  const auto tls = server_.tls_.Load();
  connection.SetSendTimeout(limits->write_idle_timeout);
  connection.SetReceiveTimeout(limits->header_timeout);
  Session session(*this, connection);
  std::optional<base::Counted<std::atomic<std::size_t>>> counted(std::in_place, server_.connections_);
  if (TooMany(*limits)) {
    counted.reset();
    co_await TurnAway(connection, tls != nullptr);
    co_return;
  }
  bool ready = true;
  if (tls) {
    auto ssl = tls->NewSession();
    if (ssl) {
      const auto secured = co_await connection.StartTls(std::move(*ssl));
      ready = secured.has_value();
    } else {
      ready = false;
    }
  }
  if (ready && limits->streams_max > 0 && connection.protocol() == "h2") {
    const std::string_view nothing_yet;
    co_await ServeHttp2(session, *limits, nothing_yet);
  } else if (ready) {
    co_await ServeRequests(session, *limits);
  }
  connection.ShutdownSend();
}

// Whoever is being counted is one of them.
bool ServerLoop::TooMany(const ServerLimits& limits) const {
  return server_.connections() + server_.streams_.load(std::memory_order_relaxed) > limits.connections_max;
}

Task<void> ServerLoop::ServeHttp2(Session& session, const ServerLimits& limits, std::string_view received) {
  {
    Http2Server http2(*this, session.connection, limits);
    session.http2 = &http2;
    co_await http2.Run(received);
    session.http2 = nullptr;
  }
  co_await Linger(session.connection);
}

// One connection too many. It is told so, as long as not too many are being told at once; then it is closed.
Task<void> ServerLoop::TurnAway(Connection& connection, bool tls) {
  const base::Error full{Code::kUnavailable, "too many connections are open; try again in a moment"};
  const base::Counted counted(server_.turned_away_);
  if (!tls && counted.before() < kTurnedAwayMax) co_await Refuse(connection, 503, full);
}

Task<void> ServerLoop::ServeRequests(Session& session, const ServerLimits& limits) {
  Connection& connection = session.connection;
  std::string head_text;
  bool keep_alive = true;
  while (keep_alive) {
    const auto size = co_await ReadHead(session, limits);
    if (!size) {
      if (size.error().code != Code::kClosed)
        co_await Refuse(connection, StatusOf(size.error()), size.error());
      co_return;
    }
    if (*size == 0) co_return;
    head_text.assign(connection.Unread().substr(0, *size));
    connection.Consume(*size);
    const auto head = ParseRequestHead(head_text);
    if (!head && head_text == kHttp2Preface && limits.streams_max > 0 && !session.served) {
      co_await ServeHttp2(session, limits, head_text);
      co_return;
    }
    if (!head && !session.served && IsOtherProtocol(head_text)) co_return;
    if (!head) {
      co_await Refuse(connection, StatusOf(head.error()), head.error());
      co_return;
    }
    keep_alive = co_await ServeOne(session, *head, limits);
  }
}

Task<bool> ServerLoop::ServeOne(Session& session, const RequestHead& head, const ServerLimits& limits) {
  bool keep_alive = false;
  bool unread = false;
  {
    const base::Counted counted(server_.exchanges_);
    Exchange exchange(*this, session.connection, head, limits);
    session.exchange = &exchange;
    session.served = true;
    co_await handler_(exchange);
    session.exchange = nullptr;
    const bool overrun = session.connection.overrun();
    keep_alive = exchange.finished() && exchange.keep_alive_ && !draining_ && !overrun;
    unread = exchange.finished() && (overrun || !exchange.body_.done());
  }
  if (unread) co_await Linger(session.connection);
  co_return keep_alive;
}

// Waits for a whole head: bytes of it, 0 when the client has nothing more to say. The first byte may take as
// long as an idle connection is kept, the rest as long as a head may take in all.
Task<Result<std::size_t>> ServerLoop::ReadHead(Session& session, const ServerLimits& limits) {
  Connection& connection = session.connection;
  std::size_t searched = 0;
  std::optional<base::MonoTime> deadline;
  while (true) {
    const std::string_view unread = connection.Unread();
    if (const std::size_t size = FindHeadEnd(unread, searched); size > 0 && size <= limits.head_bytes_max) {
      co_return size;
    } else if (size > 0 || unread.size() > limits.head_bytes_max) {
      co_return Fail(Code::kTooLarge,
                     "the header block is larger than " + std::to_string(limits.head_bytes_max) + " bytes");
    }
    searched = unread.size();
    if (draining_ && unread.empty() && session.served) co_return std::size_t{0};
    if (!unread.empty() && !deadline) deadline = loop_.Now() + limits.header_timeout;
    connection.SetReceiveTimeout(deadline ? std::max<std::chrono::nanoseconds>(*deadline - loop_.Now(), 1ns)
                                          : limits.keep_alive);
    const auto received = co_await connection.Receive();
    if (received && *received > 0) continue;
    const bool idle = connection.Unread().empty();
    if (idle || received) co_return std::size_t{0};  // also a half head and then the end: nobody to tell
    if (received.error().code == Code::kTimeout) {
      co_return Fail(Code::kTimeout, "the request head did not arrive in time");
    }
    co_return Fail(received.error());
  }
}

Task<void> ServerLoop::Refuse(Connection& connection, int status, const base::Error& error) {
  const Refusal refusal = server_.options_.refuse(status, error);
  std::string head = "HTTP/1.1 " + std::to_string(status) + " " + std::string(ReasonPhrase(status)) +
                     "\r\ndate: " + std::string(Date()) + "\r\n" + refusal.fields +
                     "content-length: " + std::to_string(refusal.body.size()) +
                     "\r\nconnection: close\r\n\r\n";
  const std::string_view pieces[] = {head, refusal.body};
  const auto sent = co_await connection.Send(pieces);
  if (sent) co_await Linger(connection);
}

// A socket closed with unread bytes in it is reset, and the reset can overtake the answer. So the rest of
// what the client sends is read for a while and thrown away (RFC 9112 section 9.6).
Task<void> ServerLoop::Linger(Connection& connection) {
  connection.ShutdownSend();
  connection.SetReceiveTimeout(kLingerIdle);
  Timer whole(loop_.timers(), [&connection] { connection.ExpireReceive(); });
  whole.SetAfter(kLingerTime);
  std::size_t dropped = 0;
  while (dropped < kLingerBytesMax) {
    dropped += connection.Unread().size();
    connection.Consume(connection.Unread().size());
    const auto received = co_await connection.Receive();
    if (!received || *received == 0) co_return;
  }
}

void ServerLoop::Drain() {
  if (std::exchange(draining_, true)) return;
  accept_again_.Cancel();
  // Connections that the kernel has already accepted for us would be reset by closing the listener.
  while (AcceptOne()) {
  }
  StopListening();
  CloseIdle(false);
  fresh_end_.SetAfter(kFreshGrace);
}

void ServerLoop::CloseIdle(bool also_fresh) {
  for (Session* session = sessions_; session != nullptr; session = session->next) {
    if (session->http2 != nullptr) {
      session->http2->Drain(also_fresh);
      continue;
    }
    const bool idle = session->exchange == nullptr && session->connection.Unread().empty();
    if (idle && (session->served || also_fresh)) session->connection.Abort(Code::kUnavailable);
  }
}

void ServerLoop::GiveUp() {
  // Firing may end any session at once; one that ends moves the walk on.
  for (Session* session = sessions_; session != nullptr; session = walk_) {
    walk_ = session->next;
    if (session->http2 != nullptr) session->http2->GiveUp();
    if (session->exchange != nullptr) session->exchange->cancel().Fire(Code::kUnavailable);
  }
}

void ServerLoop::AbortAll() {
  for (Session* session = sessions_; session != nullptr; session = session->next) {
    session->connection.Abort(Code::kUnavailable);
  }
}

std::string_view ServerLoop::Date() {
  const auto now = std::chrono::floor<std::chrono::seconds>(loop_.WallNow());
  if (now.time_since_epoch().count() == date_second_) return date_;
  date_second_ = now.time_since_epoch().count();
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{now - day};
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  date_ = text;
  return date_;
}

}  // namespace net
