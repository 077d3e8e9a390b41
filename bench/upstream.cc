// bench_upstream: an OpenAI-compatible chat endpoint that does nothing but answer, fast.
//
// One thread, edge-triggered epoll. It exists so that what is measured is the gateway in front of it: it
// costs a few microseconds per request, keeps time to the microsecond, and stamps every chunk with the
// instant it was due.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "bench/mock_request.h"

namespace bench {
namespace {

constexpr std::size_t kRequestBytesMax = 16 * base::MiB;
constexpr std::size_t kChunksMax = 1'000'000;

std::uint64_t NowNs(const base::SystemClock& clock) {
  return static_cast<std::uint64_t>(clock.Now().time_since_epoch().count());
}

std::string Answer() {
  std::string text =
      "Sluice gates hold back water and let through as much as is wanted. This answer is as long as a short "
      "answer of "
      "a real model, so that a gateway has something to carry, to read the usage from, and to log: ";
  while (text.size() < 400) text += "the quick brown fox jumps over the lazy dog and the water flows on; ";
  std::string body =
      R"({"id":"chatcmpl-bench00000000000000000001","object":"chat.completion","created":1790000000,)"
      R"("model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":)";
  base::AppendJsonString(body, text);
  body +=
      R"(},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":64,"total_tokens":164}})";
  return body;
}

std::string Whole(std::string_view status, std::string_view body) {
  std::string answer = "HTTP/1.1 ";
  answer.append(status).append("\r\ncontent-type: application/json\r\ncontent-length: ");
  answer.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return answer;
}

// `data: ...` as one HTTP chunk.
std::string Frame(std::string_view json) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", json.size() + 8);
  return std::string(size).append("data: ").append(json).append("\n\n\r\n");
}

constexpr std::string_view kChunkHead =
    R"({"id":"chatcmpl-b1","object":"chat.completion.chunk","created":1790000000,"model":"bench","choices":[{"index":0,)";

// The text of one chunk: stands ready but for the stamp, which is written into it before each send.
struct ChunkText {
  explicit ChunkText(std::string_view delta_head) {
    text = Frame(std::string(kChunkHead) + std::string(delta_head) + R"("content":" @0000000000000000"},)" +
                 R"("finish_reason":null}]})");
    stamp_at = text.find('@') + 1;
  }
  void Stamp(std::uint64_t due) {
    for (std::size_t i = 16; i-- > 0; due >>= 4) text[stamp_at + i] = "0123456789abcdef"[due & 15];
  }
  std::string text;
  std::size_t stamp_at = 0;
};

struct Connection {
  int fd;
  std::uint64_t serial;  // tells a timer of this connection from one of an earlier owner of the descriptor
  std::string in{};      // bytes of requests not yet answered
  std::string out{};     // what the socket did not take yet
  std::size_t out_sent = 0;
  bool answering = false;
  bool input_closed = false;
  // The answer in progress.
  bool stream = false;
  bool include_usage = false;
  bool keep_alive = true;
  std::uint64_t chunks = 0;
  std::uint64_t chunks_sent = 0;
  std::uint64_t next_due = 0;  // of the head first, then of the next chunk
  std::uint64_t gap_ns = 0;
  bool head_sent = false;
};

struct Timer {
  std::uint64_t due;
  int fd;
  std::uint64_t serial;
  bool operator>(const Timer& other) const { return due > other.due; }
};

class Server {
 public:
  explicit Server(Knobs defaults) : defaults_(defaults) {}

  bool Listen(const char* host, std::uint16_t port);
  [[noreturn]] void Run();

 private:
  void Accept();
  void Handle(Connection& connection, std::uint32_t events);
  bool ReadAll(Connection& connection, bool hung_up);  // false: the connection is of no more use
  bool Serve(Connection& connection);                  // answers as many requests as are whole
  bool Begin(Connection& connection, const MockRequest& request);
  bool Advance(Connection& connection, std::uint64_t now);  // sends what is due
  bool AdvanceStream(Connection& connection, std::uint64_t now);
  bool Send(Connection& connection, std::string_view bytes);
  bool Flush(Connection& connection);
  void Finish(Connection& connection);
  void Close(Connection& connection);
  std::string Statistics() const;

  base::SystemClock clock_;
  Knobs defaults_;
  int epoll_ = -1;
  int listener_ = -1;
  std::uint64_t serial_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t chunks_ = 0;
  std::uint64_t aborted_ = 0;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<char> buffer_ = std::vector<char>(256 * base::KiB);
  const std::string answer_ = Whole("200 OK", Answer());
  const std::string health_ =
      Whole("200 OK", R"({"object":"list","data":[{"id":"bench","object":"model"}]})");
  const std::string missing_ =
      Whole("404 Not Found", R"({"error":{"message":"unknown path","code":"not_found"}})");
  const std::string stream_head_ =
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
      "transfer-encoding: chunked\r\n\r\n";
  ChunkText first_{R"("delta":{"role":"assistant",)"};
  ChunkText later_{R"("delta":{)"};
  const std::string finish_ = Frame(std::string(kChunkHead) + R"("delta":{},"finish_reason":"stop"}]})");
};

bool Server::Listen(const char* host, std::uint16_t port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return false;
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 4096) != 0)
    return false;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("listening %s:%u\n", host, ntohs(address.sin_port));
  std::fflush(stdout);
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener_}};
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) == 0;
}

void Server::Run() {
  std::array<epoll_event, 512> events;
  for (;;) {
    timespec wait{};
    const timespec* timeout = nullptr;
    if (!timers_.empty()) {
      const std::uint64_t now = NowNs(clock_);
      const std::uint64_t left = timers_.top().due > now ? timers_.top().due - now : 0;
      wait = {.tv_sec = static_cast<time_t>(left / 1'000'000'000),
              .tv_nsec = static_cast<long>(left % 1'000'000'000)};
      timeout = &wait;
    }
    const int count = epoll_pwait2(epoll_, events.data(), events.size(), timeout, nullptr);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == listener_) {
        Accept();
      } else if (const auto it = connections_.find(event.data.fd); it != connections_.end()) {
        Handle(*it->second, event.events);
      }
    }
    while (!timers_.empty() && timers_.top().due <= NowNs(clock_)) {
      const Timer timer = timers_.top();
      timers_.pop();
      const auto it = connections_.find(timer.fd);
      if (it == connections_.end() || it->second->serial != timer.serial) continue;
      Connection& connection = *it->second;
      if (!Advance(connection, NowNs(clock_)) || !Serve(connection)) Close(connection);
    }
  }
}

void Server::Accept() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[fd] = std::make_unique<Connection>(Connection{.fd = fd, .serial = ++serial_});
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.fd = fd}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
}

void Server::Handle(Connection& connection, std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) return Close(connection);
  if (!connection.out.empty()) {
    if (!Flush(connection) || (connection.answering && !Advance(connection, NowNs(clock_))))
      return Close(connection);
  }
  if ((events & (EPOLLIN | EPOLLRDHUP)) != 0 && !ReadAll(connection, (events & EPOLLRDHUP) != 0))
    return Close(connection);
  // A client that hung up does not want the rest of its stream.
  if (connection.input_closed) return Close(connection);
  if (!Serve(connection)) Close(connection);
}

bool Server::ReadAll(Connection& connection, bool hung_up) {
  for (;;) {
    const ssize_t n = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (n == 0) {
      connection.input_closed = true;
      return true;
    }
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    connection.in.append(buffer_.data(), static_cast<std::size_t>(n));
    if (connection.in.size() > kRequestBytesMax) return false;
    // A short read has drained the socket; what comes later is a new edge, a hang-up included.
    if (static_cast<std::size_t>(n) < buffer_.size() && !hung_up) return true;
  }
}

bool Server::Serve(Connection& connection) {
  while (!connection.answering && !connection.in.empty()) {
    MockRequest request;
    const ReadOutcome outcome = ReadRequest(connection.in, defaults_, request);
    if (outcome == ReadOutcome::kBroken) return false;
    if (outcome == ReadOutcome::kIncomplete) return true;
    const bool going_on = Begin(connection, request);
    connection.in.erase(0, request.bytes);
    if (!going_on) return false;
  }
  return true;
}

bool Server::Begin(Connection& connection, const MockRequest& request) {
  connection.keep_alive = request.keep_alive;
  connection.answering = true;
  if (request.kind != MockRequest::Kind::kChat) {
    if (request.kind == MockRequest::Kind::kKnobs) defaults_ = request.knobs;
    const bool known = request.kind != MockRequest::Kind::kUnknown;
    const std::string statistics =
        request.kind == MockRequest::Kind::kStatistics ? Statistics() : std::string();
    if (!Send(connection, !statistics.empty() ? statistics : known ? health_ : missing_)) return false;
    Finish(connection);
    return connection.keep_alive;
  }
  ++requests_;
  connection.stream = request.stream;
  connection.include_usage = request.include_usage;
  connection.chunks = std::min<std::uint64_t>(
      request.knobs.chunks_from_max_tokens ? request.max_tokens : request.knobs.chunks, kChunksMax);
  connection.chunks_sent = 0;
  connection.gap_ns = request.knobs.gap_us * 1'000;
  connection.head_sent = false;
  const std::uint64_t now = NowNs(clock_);
  connection.next_due = now + request.knobs.delay_us * 1'000;
  return Advance(connection, now);
}

bool Server::Advance(Connection& connection, std::uint64_t now) {
  if (!connection.answering) return true;
  if (connection.next_due > now) {
    timers_.push({connection.next_due, connection.fd, connection.serial});
    return true;
  }
  if (connection.stream) return AdvanceStream(connection, now);
  if (!Send(connection, answer_)) return false;
  Finish(connection);
  return connection.keep_alive || !connection.out.empty();
}

bool Server::AdvanceStream(Connection& connection, std::uint64_t now) {
  if (!connection.head_sent) {
    connection.head_sent = true;
    if (!Send(connection, stream_head_)) return false;
  }
  while (connection.chunks_sent < connection.chunks) {
    if (!connection.out.empty()) return true;  // the reader is slow; Flush comes back here
    if (connection.next_due > now) {
      timers_.push({connection.next_due, connection.fd, connection.serial});
      return true;
    }
    if (connection.gap_ns == 0) connection.next_due = NowNs(clock_);
    ChunkText& chunk = connection.chunks_sent == 0 ? first_ : later_;
    chunk.Stamp(connection.next_due);
    if (!Send(connection, chunk.text)) return false;
    ++connection.chunks_sent;
    ++chunks_;
    connection.next_due += connection.gap_ns;
  }
  std::string end = finish_;
  if (connection.include_usage) {
    const std::string count = std::to_string(connection.chunks);
    const std::string total = std::to_string(connection.chunks + 100);
    end += Frame(
        R"({"id":"chatcmpl-b1","object":"chat.completion.chunk","created":1790000000,"model":"bench","choices":[],)"
        R"("usage":{"prompt_tokens":100,"completion_tokens":)" +
        count + R"(,"total_tokens":)" + total + "}}");
  }
  end += "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";
  if (!Send(connection, end)) return false;
  Finish(connection);
  return connection.keep_alive || !connection.out.empty();
}

bool Server::Send(Connection& connection, std::string_view bytes) {
  if (!connection.out.empty()) {
    connection.out += bytes;
    return true;
  }
  const ssize_t n = send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) return false;
  const std::size_t sent = n < 0 ? 0 : static_cast<std::size_t>(n);
  if (sent < bytes.size()) connection.out.assign(bytes.substr(sent));
  return true;
}

bool Server::Flush(Connection& connection) {
  while (connection.out_sent < connection.out.size()) {
    const std::string_view rest = std::string_view(connection.out).substr(connection.out_sent);
    const ssize_t n = send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN;
    connection.out_sent += static_cast<std::size_t>(n);
  }
  connection.out.clear();
  connection.out_sent = 0;
  return connection.answering || connection.keep_alive;
}

void Server::Finish(Connection& connection) {
  connection.answering = false;
}

void Server::Close(Connection& connection) {
  if (connection.answering) ++aborted_;
  const int fd = connection.fd;
  close(fd);
  connections_.erase(fd);
}

std::string Server::Statistics() const {
  base::JsonObject object;
  object.Add("requests", requests_).Add("chunks", chunks_).Add("aborted", aborted_);
  object.Add("connections", static_cast<std::uint64_t>(connections_.size()));
  return Whole("200 OK", object.Take());
}

constexpr const char* kUsage =
    "bench_upstream [--host A] [--port N] [--chunks N|max_tokens] [--gap-us N] [--delay-us N]\n"
    "  Answers every POST .../chat/completions. --chunks: chunks of a streamed answer (64), or as many as "
    "the\n"
    "  request's max_tokens; --gap-us: time between chunks, 0 = at once (0); --delay-us: before the answer "
    "(0).\n"
    "  One request may ask otherwise: header `x-bench: chunks=8,gap_us=1000,delay_us=0` or the same as a "
    "query.\n"
    "  PUT /bench?chunks=8&gap_us=1000 changes the defaults; GET /bench/stats counts; any other GET is "
    "200.\n";

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  std::string host = "127.0.0.1";
  std::uint64_t port = 0;
  bench::Knobs knobs;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view flag = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    bool good = !value.empty();
    if (flag == "--host") {
      host = value;
    } else if (flag == "--port") {
      const auto number = base::ParseDecimal(value);
      good = number && *number < 65'536;
      port = number.value_or(0);
    } else if (flag == "--chunks" || flag == "--gap-us" || flag == "--delay-us") {
      std::string name(flag.substr(2));
      std::replace(name.begin(), name.end(), '-', '_');
      good = good && bench::SetKnob(knobs, name, value);
    } else {
      good = false;
    }
    if (!good) {
      std::fputs(bench::kUsage, stderr);
      return flag == "--help" ? 0 : 2;
    }
  }
  prctl(PR_SET_TIMERSLACK, 1);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  bench::Server server(knobs);
  if (!server.Listen(host.c_str(), static_cast<std::uint16_t>(port))) {
    std::fprintf(stderr, "bench_upstream: cannot listen on %s:%u: %s\n", host.c_str(),
                 static_cast<unsigned>(port), std::strerror(errno));
    return 3;
  }
  server.Run();
}
