#include "net/desk.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/loop_thread_for_test.h"

namespace net {
namespace {

class DeskTest : public testing::Test {
 protected:
  DeskTest() { thread_.Start(); }

  std::optional<std::string> Do(const std::function<std::string()>& work) {
    return thread_.Await<std::optional<std::string>>(
        [this, work] { return desk_.Do<std::string>(thread_.loop(), work); });
  }

  const base::SystemClock clock_;
  LoopThread thread_;
  Desk desk_{clock_, 2};
};

TEST_F(DeskTest, WorkIsDoneOnAnotherThreadThanTheLoops) {
  std::thread::id worker;
  std::thread::id asker;
  thread_.Do([&] { asker = std::this_thread::get_id(); });
  EXPECT_EQ(Do([&]() -> std::string {
              worker = std::this_thread::get_id();
              return "done";
            }),
            "done");
  EXPECT_NE(worker, asker);
  EXPECT_NE(worker, std::this_thread::get_id());
}

TEST_F(DeskTest, OneMoreThanMayWaitIsTurnedAwayAndWhatWaitsIsDoneInOrder) {
  std::promise<void> open;
  const std::shared_future<void> opened = open.get_future().share();
  std::vector<std::optional<std::string>> results;  // of the loop
  const auto ask = [&](std::string name) -> Task<void> {
    std::function<std::string()> work = [opened, name = std::move(name)] {
      opened.wait();
      return name;
    };
    auto result = co_await desk_.Do(thread_.loop(), std::move(work));
    results.push_back(std::move(result));
  };
  thread_.Do([&] {
    for (const char* name : {"a", "b", "c"}) Spawn(ask(name));
  });
  thread_.Until([&] { return results.size() == 1; });
  EXPECT_EQ(results.front(), std::nullopt);
  open.set_value();
  thread_.Until([&] { return results.size() == 3; });
  EXPECT_EQ(results[1], "a");
  EXPECT_EQ(results[2], "b");
  EXPECT_EQ(Do([] { return std::string("again"); }), "again");
}

}  // namespace
}  // namespace net
