#include "admin/desk.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

#include "net/loop_thread_for_test.h"

namespace admin {
namespace {

TEST(DeskTest, AsManyWaitAsMayAndOneMoreIsTurnedAway) {
  base::SystemClock clock;
  net::LoopThread thread(clock);
  Desk desk(clock);
  thread.Start();
  std::promise<void> open;
  const std::shared_future<void> opened = open.get_future().share();
  std::vector<Reply> replies;
  const auto ask = [&]() -> net::Task<void> {
    std::function<Reply()> work = [opened] {
      opened.wait();
      return Reply{.body = "done"};
    };
    Reply reply = co_await desk.Do(thread.loop(), std::move(work));
    replies.push_back(std::move(reply));
  };
  thread.Do([&] {
    for (std::size_t i = 0; i <= Desk::kWaitingMax; ++i) net::Spawn(ask());
  });
  thread.Until([&] { return replies.size() == 1; });
  EXPECT_EQ(replies.front().status, 503);
  open.set_value();
  thread.Until([&] { return replies.size() == Desk::kWaitingMax + 1; });
  EXPECT_EQ(replies.back().body, "done");
}

}  // namespace
}  // namespace admin
