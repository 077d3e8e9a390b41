#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <vector>

#include "base/check.h"
#include "net/poller_internal.h"

namespace net {
namespace {

// One end of a pair of sockets, told by the poller; the other end is the test's.
class Told final : Poller::Client {
 public:
  Told(Poller& poller, std::function<void(unsigned)> on_ready)
      : poller_(poller), on_ready_(std::move(on_ready)) {
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_) == 0);
    CHECK(poller_.Add(ends_[0], *this));
  }
  ~Told() {
    poller_.Remove(ends_[0], *this);
    for (const int end : ends_) close(end);
  }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;

  void SendToIt() const { ASSERT_EQ(send(ends_[1], "x", 1, MSG_NOSIGNAL), 1); }
  void FinishSending() const { shutdown(ends_[1], SHUT_WR); }

 private:
  void OnReady(unsigned events) override { on_ready_(events); }

  Poller& poller_;
  std::function<void(unsigned)> on_ready_;
  int ends_[2] = {-1, -1};
};

class PollerTest : public testing::Test {
 protected:
  // Tells everything that is ready now.
  void Turn() {
    while (poller_.Look()) {
    }
  }

  Poller poller_;
};

TEST_F(PollerTest, ArrivingBytesAreToldOnceEachTime) {
  int readable = 0;
  const Told told(poller_, [&](unsigned events) { readable += (events & EPOLLIN) != 0 ? 1 : 0; });
  Turn();
  EXPECT_EQ(readable, 0);
  told.SendToIt();
  Turn();
  EXPECT_EQ(readable, 1);
  Turn();
  EXPECT_EQ(readable, 1);  // still unread, and not told again
  told.SendToIt();
  Turn();
  EXPECT_EQ(readable, 2);
}

TEST_F(PollerTest, AnEndBehindBytesIsTold) {
  unsigned seen = 0;
  const Told told(poller_, [&](unsigned events) { seen |= events; });
  told.SendToIt();
  told.FinishSending();
  Turn();
  EXPECT_NE(seen & EPOLLIN, 0u);
  EXPECT_NE(seen & EPOLLRDHUP, 0u);
}

TEST_F(PollerTest, WhoGoesWhileOthersAreToldIsNotTold) {
  std::vector<std::unique_ptr<Told>> both(2);
  int told = 0;
  for (std::size_t i = 0; i < both.size(); ++i) {
    both[i] = std::make_unique<Told>(poller_, [&both, &told, i](unsigned) {
      ++told;
      both[1 - i].reset();  // whichever is told first ends the other, in the same batch
    });
  }
  Turn();
  EXPECT_EQ(told, 1);
}

TEST_F(PollerTest, MoreThanABatchAreAllTold) {
  std::vector<std::unique_ptr<Told>> many;
  std::vector<int> readable(200);
  for (int& count : readable) {
    many.push_back(std::make_unique<Told>(
        poller_, [&count](unsigned events) { count += (events & EPOLLIN) != 0 ? 1 : 0; }));
  }
  Turn();
  for (const auto& one : many) one->SendToIt();
  Turn();
  EXPECT_EQ(readable, std::vector<int>(200, 1));
}

}  // namespace
}  // namespace net
