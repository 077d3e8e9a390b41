#include "bench/client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/bytes.h"
#include "bench/process_stats.h"
#include "bench/request_text.h"

namespace bench {
namespace {

constexpr std::size_t kWaitingMax = 1'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kSweepEvery = kSecond / 10;
constexpr std::uint64_t kReconnectAfter = kSecond / 100;

std::uint64_t Nanoseconds(std::chrono::milliseconds span) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(span).count());
}

}  // namespace

struct Client::Connection {
  enum class State { kConnecting, kIdle, kBusy, kDead };
  int fd = -1;
  std::size_t slot = 0;
  State state = State::kConnecting;
  std::string own_request;  // plan: its text differs from request to request
  std::string_view unsent;
  Arrival arrival;
  std::uint64_t scheduled = 0;
  std::uint64_t deadline = 0;
  std::uint64_t first_chunk = 0;
  std::uint64_t last_chunk = 0;
  std::uint64_t chunks = 0;
  bool counts = false;
  HttpReader http;
  SseReader sse;
};

Client::Client(const LoadOptions& options, const base::SystemClock& clock)
    : options_(options),
      clock_(clock),
      meter_(options),
      random_(options.seed),
      closed_loop_(options.mode == LoadOptions::Mode::kClosed),
      interval_ends_with_last_(options.mode == LoadOptions::Mode::kHold ||
                               options.mode == LoadOptions::Mode::kPlan),
      buffer_(256 * base::KiB) {}

Client::~Client() {
  for (const auto& connection : connections_) {
    if (connection) close(connection->fd);
  }
  if (epoll_ >= 0) close(epoll_);
}

std::uint64_t Client::Now() const {
  return static_cast<std::uint64_t>(clock_.Now().time_since_epoch().count());
}

base::Result<LoadResult> Client::Run() {
  if (base::Result<> ready = Prepare(); !ready) return base::Fail(ready.error());
  Loop();
  if (!options_.dump.empty()) {
    std::ofstream file(options_.dump, std::ios::binary | std::ios::trunc);
    file << dump_;
    if (!file.flush()) return base::Fail(base::Code::kIo, "cannot write '" + options_.dump + "'");
  }
  return std::move(result_);
}

base::Result<> Client::Prepare() {
  address_.sin_family = AF_INET;
  address_.sin_port = htons(options_.port);
  const char* host = options_.host == "localhost" ? "127.0.0.1" : options_.host.c_str();
  if (inet_pton(AF_INET, host, &address_.sin_addr) != 1) {
    return base::Fail(base::Code::kInvalid, "'" + options_.host + "' is not an IPv4 address");
  }
  base::Result<Schedule> schedule = Schedule::Make(options_);
  if (!schedule) return base::Fail(schedule.error());
  schedule_ = std::move(*schedule);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return base::Fail(base::Code::kIo, std::string("epoll: ") + std::strerror(errno));
  request_ = RequestText(options_, options_.body_bytes, 0);
  if (options_.pid != 0) result_.rss_before_kb = MemoryOf(options_.pid).rss_kb;
  return {};
}

void Client::Loop() {
  start_ = Now();
  measure_from_ = start_ + (interval_ends_with_last_ ? 0 : Nanoseconds(options_.warmup));
  end_ = interval_ends_with_last_ ? ~std::uint64_t{0} : measure_from_ + Nanoseconds(options_.duration);
  next_sample_ = next_sweep_ = start_;
  if (closed_loop_) {
    const std::uint64_t within = Nanoseconds(options_.stagger);
    for (std::size_t i = 0; i < options_.connections; ++i) {
      openings_.push_back(start_ + (within == 0 ? 0 : random_.Below(within)));
    }
    std::sort(openings_.begin(), openings_.end());
  }
  for (;;) {
    const std::uint64_t now = Now();
    SendDue(now);
    const std::uint64_t wake = Housekeep(now);
    if (Over()) break;
    WaitAndHandle(wake);
  }
  if (!ended_) {
    end_ = Now();
    result_.wall_ns = end_ - measure_from_;
    meter_.End(result_);
  }
}

// Closed loop: what is under way at the end is given its time, so that no stream is cut by us.
bool Client::Over() const {
  if (busy_ > 0) return false;
  if (closed_loop_) return ended_;
  const bool all_sent = !schedule_->Peek() && waiting_.empty();
  return all_sent && (ended_ || interval_ends_with_last_);
}

void Client::WaitAndHandle(std::uint64_t until) {
  const std::uint64_t now = Now();
  const std::uint64_t left = until > now ? until - now : 0;
  const timespec wait{.tv_sec = static_cast<time_t>(left / kSecond),
                      .tv_nsec = static_cast<long>(left % kSecond)};
  std::array<epoll_event, 256> events;
  const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    OnEvent(*static_cast<Connection*>(event.data.ptr), event.events);
  }
  graveyard_.clear();
}

std::uint64_t Client::Housekeep(std::uint64_t now) {
  if (!measuring_ && now >= measure_from_) {
    meter_.Begin();
    measuring_ = true;
    measure_from_ = Now();
    if (!interval_ends_with_last_) end_ = measure_from_ + Nanoseconds(options_.duration);
  }
  if (measuring_ && !ended_ && now >= end_) {
    ended_ = true;
    result_.wall_ns = Now() - measure_from_;
    meter_.End(result_);
  }
  if (now >= next_sample_ && !ended_) {
    meter_.Sample((now - start_) / 1'000'000, result_);
    next_sample_ = now + Nanoseconds(options_.sample);
  }
  if (now >= next_sweep_) {
    Sweep(now);
    next_sweep_ = now + kSweepEvery;
  }
  std::uint64_t wake = next_sweep_;
  if (!ended_) wake = std::min({wake, measuring_ ? end_ : measure_from_, next_sample_});
  if (schedule_->Peek()) wake = std::min(wake, start_ + schedule_->Peek()->at_ns);
  if (!openings_.empty()) wake = std::min(wake, openings_.front());
  return wake;
}

void Client::SendDue(std::uint64_t now) {
  while (!openings_.empty() && openings_.front() <= now) {
    openings_.pop_front();
    if (!ended_) Open(now);
  }
  while (schedule_->Peek() && start_ + schedule_->Peek()->at_ns <= now) {
    const Arrival arrival = schedule_->Take();
    const std::uint64_t scheduled = start_ + arrival.at_ns;
    if (!idle_.empty()) {
      Connection& connection = *idle_.back();
      idle_.pop_back();
      Start(connection, arrival, scheduled, now);
    } else if (waiting_.size() >= kWaitingMax) {
      CountFailure(Failure::kNotSent, Counts(scheduled));
    } else {
      waiting_.push_back(arrival);
      result_.waiting_max = std::max<std::uint64_t>(result_.waiting_max, waiting_.size());
    }
  }
  while (!closed_loop_ && waiting_.size() > connecting_ && open_ < options_.connections_max) {
    const std::size_t before = open_;
    Open(now);
    if (open_ == before) break;
  }
}

void Client::Sweep(std::uint64_t now) {
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    Connection* connection = connections_[i].get();
    if (connection == nullptr || connection->state == Connection::State::kIdle) continue;
    if (now >= connection->deadline) Fail(*connection, Failure::kTimeout, now);
  }
  const std::uint64_t patience = Nanoseconds(options_.timeout);
  while (!waiting_.empty() && now >= start_ + waiting_.front().at_ns + patience) {
    CountFailure(Failure::kNotSent, Counts(start_ + waiting_.front().at_ns));
    waiting_.pop_front();
  }
  graveyard_.clear();
}

void Client::Open(std::uint64_t now) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    CountFailure(Failure::kConnect, true);
    if (closed_loop_) openings_.push_back(now + kReconnectAfter);
    return;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto connection = std::make_unique<Connection>();
  connection->fd = fd;
  connection->deadline = now + Nanoseconds(options_.timeout);
  std::size_t slot = 0;
  while (slot < connections_.size() && connections_[slot]) ++slot;
  if (slot == connections_.size()) connections_.emplace_back();
  connection->slot = slot;
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = connection.get()}};
  connections_[slot] = std::move(connection);
  ++open_;
  ++connecting_;
  ++busy_;
  ++result_.connections_opened;
  const int connected = connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
  if ((connected != 0 && errno != EINPROGRESS) || epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    Fail(*connections_[slot], Failure::kConnect, now);
  }
}

void Client::OnEvent(Connection& connection, std::uint32_t events) {
  if (connection.state == Connection::State::kDead) return;
  if (connection.state == Connection::State::kConnecting) {
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) return Fail(connection, Failure::kConnect, Now());
    if ((events & EPOLLOUT) == 0) return;
    OnConnected(connection);
  } else if ((events & EPOLLOUT) != 0 && !connection.unsent.empty()) {
    Write(connection);
  }
  if (connection.state == Connection::State::kDead) return;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
    OnReadable(connection, (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  }
}

void Client::OnConnected(Connection& connection) {
  --connecting_;
  Next(connection, Now());
}

void Client::Next(Connection& connection, std::uint64_t now) {
  if (connection.state != Connection::State::kIdle) --busy_;
  connection.state = Connection::State::kIdle;
  if (closed_loop_) {
    if (ended_) return;
    Start(connection, Arrival{.answer_chunks = options_.expect_chunks}, now, now);
  } else if (waiting_.empty()) {
    idle_.push_back(&connection);
  } else {
    const Arrival arrival = waiting_.front();
    waiting_.pop_front();
    Start(connection, arrival, start_ + arrival.at_ns, now);
  }
}

bool Client::Counts(std::uint64_t scheduled) const {
  return interval_ends_with_last_ || (scheduled >= measure_from_ && scheduled < end_);
}

void Client::Start(Connection& connection, const Arrival& arrival, std::uint64_t scheduled,
                   std::uint64_t now) {
  connection.state = Connection::State::kBusy;
  ++busy_;
  connection.arrival = arrival;
  connection.scheduled = scheduled;
  connection.deadline = now + Nanoseconds(options_.timeout);
  connection.first_chunk = connection.last_chunk = connection.chunks = 0;
  connection.counts = Counts(scheduled);
  connection.http.Reset();
  connection.sse.Reset();
  if (options_.mode == LoadOptions::Mode::kPlan) {
    connection.own_request = RequestText(options_, arrival.prompt_bytes, arrival.answer_chunks);
    connection.unsent = connection.own_request;
  } else {
    connection.unsent = request_;
  }
  Write(connection);
}

void Client::Write(Connection& connection) {
  while (!connection.unsent.empty()) {
    const ssize_t n = send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (n < 0) {
      if (errno != EAGAIN) Fail(connection, Failure::kClosed, Now());
      return;
    }
    connection.unsent.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Client::OnReadable(Connection& connection, bool hung_up) {
  for (;;) {
    const ssize_t n = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    const std::uint64_t now = Now();
    if (n <= 0) return OnEnd(connection, now);
    OnBytes(connection, {buffer_.data(), static_cast<std::size_t>(n)}, now);
    if (connection.state == Connection::State::kDead) return;
    if (static_cast<std::size_t>(n) < buffer_.size() && !hung_up) return;
  }
}

void Client::OnBytes(Connection& connection, std::string_view bytes, std::uint64_t now) {
  if (connection.state == Connection::State::kIdle) return Close(connection);  // nobody asked
  const std::size_t taken = connection.http.Feed(bytes, [&](std::string_view body) {
    if (InInterval(now)) result_.bytes += body.size();
    if (!options_.stream || connection.http.status() != 200) return;
    connection.sse.Feed(body, [&](std::optional<std::uint64_t> stamp) { OnChunk(connection, stamp, now); });
  });
  if (connection.http.state() == HttpReader::State::kBroken || taken < bytes.size()) {
    return Fail(connection, Failure::kBadHttp, now);
  }
  if (connection.http.state() == HttpReader::State::kComplete) Complete(connection, now);
}

void Client::OnChunk(Connection& connection, std::optional<std::uint64_t> stamp, std::uint64_t now) {
  ++connection.chunks;
  const std::uint64_t lag = stamp && now > *stamp ? now - *stamp : 0;
  if (InInterval(now)) {
    ++result_.chunks;
    if (connection.chunks > 1) result_.gap.Record(now - connection.last_chunk);
    if (stamp) result_.lag.Record(lag);
    if (lag > Nanoseconds(options_.late)) ++result_.chunks_late;
  }
  if (connection.chunks == 1) {
    connection.first_chunk = now;
    if (connection.counts) result_.ttft.Record(now - connection.scheduled);
  }
  connection.last_chunk = now;
}

void Client::OnEnd(Connection& connection, std::uint64_t now) {
  if (connection.state == Connection::State::kIdle) return Close(connection);  // keep-alive ran out
  if (connection.http.End()) {
    Complete(connection, now);
    if (connection.state != Connection::State::kDead) Close(connection);
    return;
  }
  Fail(connection, Failure::kClosed, now);
}

void Client::Complete(Connection& connection, std::uint64_t now) {
  const int status = connection.http.status();
  const std::uint64_t expected = connection.arrival.answer_chunks;
  if (status != 200) {
    if (connection.counts) ++result_.statuses[status];
    return Fail(connection, Failure::kStatus, now);
  }
  if (options_.stream && !connection.sse.Complete()) return Fail(connection, Failure::kBadSse, now);
  const bool wrong_count = options_.stream && expected != 0 && connection.chunks != expected;
  if (wrong_count || connection.http.body_bytes() == 0) return Fail(connection, Failure::kShort, now);
  if (connection.counts) {
    ++result_.completed;
    result_.latency.Record(now - connection.scheduled);
    if (connection.sse.usage_seen()) ++result_.usage_seen;
    Dump(connection, "ok", now);
  }
  if (InInterval(now)) ++result_.in_interval;
  const bool reusable = connection.http.keep_alive() && connection.unsent.empty();
  if (options_.mode == LoadOptions::Mode::kPlan) connection.own_request.clear();
  if (reusable) return Next(connection, now);
  Close(connection);
  if (closed_loop_ && !ended_) openings_.push_back(now);
}

void Client::CountFailure(Failure failure, bool counts) {
  if (counts) ++result_.failures[static_cast<std::size_t>(failure)];
}

void Client::Fail(Connection& connection, Failure failure, std::uint64_t now) {
  const bool connecting = connection.state == Connection::State::kConnecting;
  CountFailure(failure, connecting ? InInterval(now) || !measuring_ : connection.counts);
  if (!connecting && connection.counts) {
    const std::uint64_t expected = connection.arrival.answer_chunks;
    if (options_.stream && expected > connection.chunks) result_.chunks_lost += expected - connection.chunks;
    Dump(connection, Name(failure), now);
  }
  const bool status_only =
      failure == Failure::kStatus && connection.http.keep_alive() && connection.unsent.empty();
  if (status_only && !closed_loop_) return Next(connection, now);
  Close(connection);
  if (closed_loop_ && !ended_) openings_.push_back(now + kReconnectAfter);
  if (!closed_loop_ && connecting && !waiting_.empty()) waiting_.pop_front();  // it has had its chance
}

void Client::Close(Connection& connection) {
  if (connection.state == Connection::State::kConnecting) --connecting_;
  if (connection.state == Connection::State::kIdle) {
    std::erase(idle_, &connection);
  } else {
    --busy_;
  }
  connection.state = Connection::State::kDead;
  close(connection.fd);
  --open_;
  graveyard_.push_back(std::move(connections_[connection.slot]));
}

void Client::Dump(const Connection& connection, std::string_view status, std::uint64_t now) {
  if (options_.dump.empty()) return;
  const std::uint64_t ttft = connection.first_chunk == 0 ? 0 : connection.first_chunk - connection.scheduled;
  dump_ += std::to_string(connection.arrival.index) + ' ';
  dump_.append(status) += ' ' + std::to_string(ttft) + ' ' + std::to_string(now - connection.scheduled) +
                          ' ' + std::to_string(connection.chunks) + '\n';
}

}  // namespace bench
