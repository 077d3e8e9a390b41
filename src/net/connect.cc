#include <coroutine>
#include <optional>
#include <utility>

#include "net/connection.h"
#include "net/connection_internal.h"
#include "net/resolver.h"
#include "net/tcp_socket_internal.h"

namespace net {
namespace {

using base::Code;
using base::Fail;
using base::Result;

// One connect in progress.
class Connecting final : Poller::Client {
 public:
  Connecting(Loop& loop, const Address& address, std::chrono::nanoseconds timeout)
      : loop_(loop),
        socket_(BeginConnect(address)),
        timeout_(timeout),
        timer_(loop.timers(), [this] { GiveUp(Code::kTimeout); }) {}
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;

  void GiveUp(Code why) {
    if (why_ || !waiter_) return;
    why_ = why;
    StopWaiting();
    loop_.Post([this] { std::exchange(waiter_, nullptr).resume(); });  // whoever gives up may be what waits
  }

  bool await_ready() const { return !socket_; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    if (!loop_.io().poller.Add(socket_->get(), *this)) {
      why_ = Code::kIo;
      return false;
    }
    waiter_ = waiter;
    timer_.SetAfter(timeout_);
    return true;
  }
  Result<Descriptor> await_resume() {
    if (!socket_) return Fail(socket_.error());
    if (why_ == Code::kTimeout) return Fail(Code::kTimeout, "no connection within the connect timeout");
    if (why_) return Fail(*why_, "given up while connecting");
    if (const auto connected = Connected(socket_->get()); !connected) return Fail(connected.error());
    return std::move(*socket_);
  }

 private:
  void OnReady(unsigned) override {
    StopWaiting();
    std::exchange(waiter_, nullptr).resume();
  }
  void StopWaiting() {
    timer_.Cancel();
    loop_.io().poller.Remove(socket_->get(), *this);
  }

  Loop& loop_;
  Result<Descriptor> socket_;
  const std::chrono::nanoseconds timeout_;
  Timer timer_;
  std::coroutine_handle<> waiter_;
  std::optional<Code> why_;
};

}  // namespace

Task<Result<Connection>> Connect(Loop& loop, const Address& address, std::chrono::nanoseconds timeout,
                                 Cancel& cancel) {
  if (cancel.why()) co_return Fail(*cancel.why(), "given up before connecting");
  Connecting connecting(loop, address, timeout);
  const Cancel::Hook hook(cancel, [&connecting](Code why) { connecting.GiveUp(why); });
  auto socket = co_await connecting;
  if (!socket) co_return Fail(std::move(socket).error());
  co_return Connection(new Connection::Core(loop, socket->Release(), address));
}

Task<Result<Connection>> ConnectToName(Loop& loop, Resolver& resolver, std::string host, std::uint16_t port,
                                       std::chrono::nanoseconds timeout, Cancel& cancel) {
  const auto addresses = co_await resolver.Resolve(loop, std::move(host), port, cancel);
  if (!addresses) co_return Fail(addresses.error());
  Result<Connection> connection = Fail(Code::kUnreachable, "no address to connect to");
  for (std::size_t i = 0; i < addresses->size() && !connection && !cancel.why(); ++i) {
    // An address that does not answer leaves time for the ones behind it.
    const auto share = timeout / static_cast<int>(addresses->size() - i);
    connection = co_await Connect(loop, (*addresses)[i], share, cancel);
  }
  co_return connection;
}

}  // namespace net
