#include "net/resolver.h"

#include <ares.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <functional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"
#include "base/guarded.h"

namespace net {
namespace {

using base::Code;
using base::Fail;
using base::Result;
using namespace std::chrono_literals;

constexpr std::size_t kNamesMax = 1024;
constexpr std::chrono::seconds kTtlMin = 1s;
constexpr std::chrono::seconds kTtlMax = 5min;
constexpr std::chrono::seconds kFailureTtl = 1s;

using Addresses = std::vector<Address>;  // port 0; the asker puts in his
using Answered = std::function<void(const Result<Addresses>&)>;

Address Loopback(bool v6) {
  Address address;
  address.v6 = v6;
  if (v6) {
    address.bytes[15] = 1;
  } else {
    address.bytes = {127, 0, 0, 1};
  }
  return address;
}

Result<Addresses> ReadAnswer(int status, const ares_addrinfo* info, std::chrono::seconds& ttl) {
  if (status != ARES_SUCCESS || info == nullptr || info->nodes == nullptr) {
    return Fail(Code::kUnreachable, std::string("the name cannot be resolved: ") + ares_strerror(status));
  }
  Addresses addresses;
  ttl = kTtlMax;
  for (const ares_addrinfo_node* node = info->nodes; node != nullptr; node = node->ai_next) {
    Address address;
    address.v6 = node->ai_family == AF_INET6;
    if (address.v6) {
      std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(node->ai_addr)->sin6_addr, 16);
    } else {
      std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(node->ai_addr)->sin_addr, 4);
    }
    addresses.push_back(address);
    ttl = std::clamp(std::chrono::seconds(node->ai_ttl), kTtlMin, ttl);
  }
  return addresses;
}

}  // namespace

// A thread that drives c-ares, and the answers it has had.
class Resolver::Worker {
 public:
  Worker(const base::Clock& clock, ResolverOptions options)
      : clock_(clock), options_(std::move(options)), wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  ~Worker() {
    thread_.request_stop();
    Wake();
    if (thread_.joinable()) thread_.join();
    close(wake_);
  }

  // The remembered answer, or nullopt after `answered` has been put in line for it; `answered` then runs on
  // the worker's thread.
  std::optional<Result<Addresses>> Ask(const std::string& host, Answered answered) {
    return shared_.With([&](Shared& shared) -> std::optional<Result<Addresses>> {
      Name& name = shared.names[host];
      if (name.answer && clock_.Now() < name.good_until) return *name.answer;
      name.waiting.push_back(std::move(answered));
      if (name.waiting.size() == 1) {
        shared.to_ask.push_back(host);
        // The thread exists only in processes that resolve names.
        if (!thread_.joinable()) thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
        Wake();
      }
      return std::nullopt;
    });
  }

 private:
  struct Name {
    std::optional<Result<Addresses>> answer;
    base::MonoTime good_until{};
    std::vector<Answered> waiting;
  };
  struct Shared {
    std::unordered_map<std::string, Name> names;
    std::deque<std::string> to_ask;
  };
  struct Question {
    Worker* worker;
    std::string host;
  };

  void Wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
  }

  void Run(const std::stop_token& stop) {
    ares_channel channel = nullptr;
    ares_options options{};
    options.timeout = static_cast<int>(options_.timeout.count());
    options.tries = options_.tries;
    if (ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS) {
      channel = nullptr;
    }
    if (channel != nullptr && !options_.servers.empty()) {
      ares_set_servers_ports_csv(channel, options_.servers.c_str());
    }
    while (!stop.stop_requested()) {
      AskWaiting(channel);
      Wait(channel);
    }
    if (channel != nullptr) ares_destroy(channel);  // answers what is open with ARES_EDESTRUCTION
  }

  void AskWaiting(ares_channel channel) {
    auto hosts = shared_.With([](Shared& shared) { return std::exchange(shared.to_ask, {}); });
    for (std::string& host : hosts) {
      auto* question = new Question{this, std::move(host)};
      if (channel == nullptr) {
        OnAnswer(question, ARES_ENOTINITIALIZED, 0, nullptr);
        continue;
      }
      ares_addrinfo_hints hints{};
      hints.ai_family = AF_UNSPEC;
      hints.ai_socktype = SOCK_STREAM;
      ares_getaddrinfo(channel, question->host.c_str(), nullptr, &hints, &Worker::OnAnswer, question);
    }
  }

  void Wait(ares_channel channel) {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    std::array<pollfd, ARES_GETSOCK_MAXNUM + 1> polled{};
    polled[0] = {wake_, POLLIN, 0};
    nfds_t count = 1;
    int timeout_ms = -1;
    if (channel != nullptr) {
      const int wanted = ares_getsock(channel, sockets.data(), static_cast<int>(sockets.size()));
      for (unsigned i = 0; i < sockets.size(); ++i) {
        const auto readable = static_cast<unsigned>(wanted) >> i & 1u;
        const auto writable = static_cast<unsigned>(wanted) >> (i + ARES_GETSOCK_MAXNUM) & 1u;
        if (readable == 0 && writable == 0) continue;
        polled[count++] = {sockets[i], static_cast<short>((readable ? POLLIN : 0) | (writable ? POLLOUT : 0)),
                           0};
      }
      timeval due{};
      if (const timeval* next = ares_timeout(channel, nullptr, &due); next != nullptr) {
        timeout_ms = static_cast<int>(next->tv_sec * 1000 + next->tv_usec / 1000 + 1);
      }
    }
    poll(polled.data(), count, timeout_ms);
    std::uint64_t drained = 0;
    [[maybe_unused]] const ssize_t got = read(wake_, &drained, sizeof drained);
    if (channel == nullptr) return;
    for (nfds_t i = 1; i < count; ++i) {
      const bool readable = (polled[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
      const bool writable = (polled[i].revents & POLLOUT) != 0;
      if (readable || writable) {
        ares_process_fd(channel, readable ? polled[i].fd : ARES_SOCKET_BAD,
                        writable ? polled[i].fd : ARES_SOCKET_BAD);
      }
    }
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // timeouts
  }

  static void OnAnswer(void* argument, int status, int, ares_addrinfo* info) {
    const std::unique_ptr<Question> question(static_cast<Question*>(argument));
    std::chrono::seconds ttl = kFailureTtl;
    const Result<Addresses> answer = ReadAnswer(status, info, ttl);
    if (info != nullptr) ares_freeaddrinfo(info);
    question->worker->Publish(question->host, answer, ttl);
  }

  void Publish(const std::string& host, const Result<Addresses>& answer, std::chrono::seconds ttl) {
    const base::MonoTime now = clock_.Now();
    const auto waiting = shared_.With([&](Shared& shared) {
      Name& name = shared.names[host];
      name.answer = answer;
      name.good_until = now + ttl;
      auto tell = std::exchange(name.waiting, {});
      if (shared.names.size() > kNamesMax) {
        std::erase_if(shared.names, [&](const auto& one) {
          return one.second.waiting.empty() && one.second.good_until <= now;
        });
      }
      for (auto one = shared.names.begin(); shared.names.size() > kNamesMax && one != shared.names.end();) {
        one = one->second.waiting.empty() && one->first != host ? shared.names.erase(one) : std::next(one);
      }
      return tell;
    });
    for (const Answered& answered : waiting) answered(answer);
  }

  const base::Clock& clock_;
  const ResolverOptions options_;
  const int wake_;
  base::Guarded<Shared> shared_;
  std::jthread thread_;  // started under the lock of shared_
};

Resolver::Resolver(const base::Clock& clock, ResolverOptions options)
    : worker_(std::make_unique<Worker>(clock, std::move(options))) {}
Resolver::~Resolver() = default;

Task<Result<std::vector<Address>>> Resolver::Resolve(Loop& loop, std::string host, std::uint16_t port,
                                                     Cancel& cancel) {
  if (const auto literal = ParseAddress(host, port)) co_return Addresses{*literal};
  host = base::Lower(host);
  Result<Addresses> answer = Addresses{Loopback(false), Loopback(true)};  // RFC 6761 section 6.3
  if (host != "localhost" && !host.ends_with(".localhost")) {
    // The answer comes on another thread and may come after this coroutine has given up.
    struct Waiting {
      Event event;
      std::optional<Result<Addresses>> answer;
    };
    const auto waiting = std::make_shared<Waiting>();
    auto known = worker_->Ask(host, [&loop, waiting](const Result<Addresses>& addresses) {
      loop.Post([waiting, addresses] {
        waiting->answer = addresses;
        waiting->event.Notify();
      });
    });
    if (!known) {
      const Cancel::Hook hook(cancel, [&waiting](Code) { waiting->event.Notify(); });
      if (!cancel.why()) co_await waiting->event;
      if (!waiting->answer)
        co_return Fail(cancel.why().value_or(Code::kCancelled), "given up while resolving the name");
      known = std::move(waiting->answer);
    }
    answer = std::move(*known);
  }
  if (!answer) co_return Fail(answer.error().code, host + ": " + answer.error().detail);
  for (Address& address : *answer) address.port = port;
  co_return answer;
}

}  // namespace net
