#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include "net/connection.h"
#include "net/loop_thread_for_test.h"
#include "net/raw_socket_internal.h"

namespace net {
namespace {

using namespace std::chrono_literals;

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() { thread_.Start(); }
  ~ConnectionTest() override {
    thread_.Do([this] { connection_.reset(); });
  }

  Task<bool> Dial() {
    auto opened = co_await Connect(thread_.loop(), *ParseAddress("127.0.0.1", listener_.port()), 5s, cancel_);
    if (opened) connection_.emplace(std::move(*opened));
    co_return opened.has_value();
  }
  RawSocket OpenAndAccept() {
    EXPECT_TRUE(thread_.Await<bool>([this] { return Dial(); }));
    return listener_.Accept();
  }

  // Takes one byte after the other, so that the socket is not empty for a long time.
  Task<void> TakeByteByByte(std::size_t count) {
    std::array<char, 1> one;
    while (taken_ < count) {
      const auto received = co_await connection_->ReceiveInto(one);
      if (!received || *received == 0) co_return;
      ++taken_;
    }
  }

  LoopThread thread_;
  RawListener listener_;
  Cancel cancel_;
  std::optional<Connection> connection_;
  std::size_t taken_ = 0;
};

TEST_F(ConnectionTest, EndlessBytesOfOneConnectionLeaveOthersTheirTurn) {
  constexpr std::size_t kBytes = 10'000;
  RawSocket peer = OpenAndAccept();
  ASSERT_TRUE(peer.Send(std::string(kBytes, 'x')));
  std::optional<std::size_t> taken_before_others;
  thread_.Do([&] {
    thread_.loop().Post([&] { taken_before_others = taken_; });
    Spawn(TakeByteByByte(kBytes));
  });
  thread_.Until([this] { return taken_ == kBytes; });
  // Twice, because the first news of the socket may come between and begins another row.
  EXPECT_LE(taken_before_others, 2 * Connection::kInARowMax);
}

}  // namespace
}  // namespace net
