#include <sys/socket.h>

#include <coroutine>
#include <utility>

#include "net/connection.h"
#include "net/connection_internal.h"
#include "net/endpoint_internal.h"

namespace net {
namespace {

using base::Code;
using base::Fail;

// One connect in progress; closing its socket ends it.
class Connecting {
 public:
  Connecting(Loop& loop, const Address& address, std::chrono::nanoseconds timeout)
      : socket_(loop.io().context.get_executor()),
        endpoint_(ToEndpoint(address)),
        timeout_(timeout),
        timer_(loop.timers(), [this] { GiveUp(Code::kTimeout); }) {}

  void GiveUp(Code why) {
    why_ = why;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    timer_.SetAfter(timeout_);
    socket_.async_connect(endpoint_, [this, waiter](const boost::system::error_code& error) {
      timer_.Cancel();
      error_ = error;
      waiter.resume();
    });
  }
  base::Result<TcpSocket> await_resume() {
    if (why_ == Code::kTimeout) return Fail(Code::kTimeout, "no connection within the connect timeout");
    if (why_) return Fail(*why_, "given up while connecting");
    if (error_) return Fail(Code::kUnreachable, "cannot connect: " + error_.message());
    return std::move(socket_);
  }

 private:
  TcpSocket socket_;
  asio::ip::tcp::endpoint endpoint_;
  std::chrono::nanoseconds timeout_;
  Timer timer_;
  std::optional<Code> why_;
  boost::system::error_code error_;
};

}  // namespace

Task<base::Result<Connection>> Connect(Loop& loop, const Address& address, std::chrono::nanoseconds timeout,
                                       Cancel& cancel) {
  if (cancel.why()) co_return Fail(*cancel.why(), "given up before connecting");
  Connecting connecting(loop, address, timeout);
  const Cancel::Hook hook(cancel, [&connecting](Code why) { connecting.GiveUp(why); });
  auto socket = co_await connecting;
  if (!socket) co_return Fail(std::move(socket).error());
  boost::system::error_code ignored;
  socket->non_blocking(true, ignored);
  socket->set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return Connection(new Connection::Core(loop, socket->release(ignored), address));
}

}  // namespace net
