#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "net/connection.h"
#include "net/loop_thread_for_test.h"
#include "net/raw_socket_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using base::Code;

// A listener whose queue is full, so that the kernel ignores who knocks.
class FullListener {
 public:
  FullListener() {
    socklen_t size = sizeof address_;
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener_ = Socket();
    CHECK(bind(listener_, reinterpret_cast<const sockaddr*>(&address_), size) == 0);
    CHECK(listen(listener_, 0) == 0);
    CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address_), &size) == 0);
    for (int i = 0; i < 4; ++i) {
      waiting_.push_back(Socket());
      [[maybe_unused]] const int begun =
          connect(waiting_.back(), reinterpret_cast<const sockaddr*>(&address_), size);
    }
  }
  ~FullListener() {
    for (const int fd : waiting_) close(fd);
    close(listener_);
  }

  std::uint16_t port() const { return ntohs(address_.sin_port); }

 private:
  static int Socket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }
  sockaddr_in address_{};
  int listener_ = -1;
  std::vector<int> waiting_;
};

class ConnectTest : public testing::Test {
 protected:
  ConnectTest() { thread_.Start(); }

  Task<void> Run(std::uint16_t port, std::chrono::nanoseconds timeout) {
    const Address address = *ParseAddress("127.0.0.1", port);
    auto connection = co_await Connect(thread_.loop(), address, timeout, cancel_);
    connected_ = connection.has_value();
    if (!connection) error_ = connection.error().code;
    done_ = true;
  }
  void Start(std::uint16_t port, std::chrono::nanoseconds timeout) {
    thread_.Do([&] { Spawn(Run(port, timeout)); });
  }
  void UntilDone() {
    thread_.Until([this] { return done_; });
  }

  LoopThread thread_;
  Cancel cancel_;
  bool connected_ = false;
  bool done_ = false;
  std::optional<Code> error_;
};

TEST_F(ConnectTest, ListenerIsReached) {
  RawListener listener;
  Start(listener.port(), 5s);
  UntilDone();
  EXPECT_TRUE(connected_);
}

TEST_F(ConnectTest, PortWhereNobodyListensIsUnreachable) {
  std::uint16_t port = 0;
  {
    RawListener listener;
    port = listener.port();
  }
  Start(port, 5s);
  UntilDone();
  EXPECT_EQ(error_, Code::kUnreachable);
}

TEST_F(ConnectTest, ServerThatDoesNotAnswerTimesOut) {
  FullListener listener;
  Start(listener.port(), 30ms);
  UntilDone();
  EXPECT_EQ(error_, Code::kTimeout);
}

TEST_F(ConnectTest, CancelEndsConnecting) {
  FullListener listener;
  Start(listener.port(), 60s);
  thread_.Do([this] { cancel_.Fire(Code::kUnavailable); });
  UntilDone();
  EXPECT_EQ(error_, Code::kUnavailable);
}

TEST_F(ConnectTest, CancelThatCameFirstDoesNotConnect) {
  RawListener listener;
  thread_.Do([this] { cancel_.Fire(Code::kCancelled); });
  Start(listener.port(), 5s);
  UntilDone();
  EXPECT_EQ(error_, Code::kCancelled);
}

}  // namespace
}  // namespace net
