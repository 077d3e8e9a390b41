#include "net/task.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/cancel.h"

namespace net {
namespace {

using base::Code;

Task<int> Give(int value) {
  co_return value;
}

Task<int> Add(Task<int> left, Task<int> right) {
  co_return co_await std::move(left) + co_await std::move(right);
}

TEST(TaskTest, StartsWhenItIsAwaitedAndGivesItsValue) {
  bool started = false;
  int sum = 0;
  const auto body = [&]() -> Task<int> {
    started = true;
    co_return 3;
  };
  Task<int> task = body();
  EXPECT_FALSE(started);
  const auto parent = [&]() -> Task<void> { sum = co_await Add(std::move(task), Give(4)); };
  Spawn(parent());
  EXPECT_TRUE(started);
  EXPECT_EQ(sum, 7);
}

TEST(TaskTest, ValueMayBeMoveOnly) {
  std::unique_ptr<int> got;
  const auto child = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  const auto parent = [&]() -> Task<void> { got = co_await child(); };
  Spawn(parent());
  EXPECT_EQ(*got, 5);
}

TEST(TaskTest, MillionChildrenThatNeverWaitDoNotDeepenTheStack) {
  std::int64_t sum = 0;
  std::uintptr_t lowest = UINTPTR_MAX;
  std::uintptr_t highest = 0;
  const auto child = [&](int value) -> Task<int> {
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    lowest = std::min(lowest, here);
    highest = std::max(highest, here);
    co_return value;
  };
  const auto parent = [&]() -> Task<void> {
    for (int i = 0; i < 1'000'000; ++i) sum += co_await child(i);
  };
  Spawn(parent());
  EXPECT_EQ(sum, 499'999'500'000);
  EXPECT_LT(highest - lowest, 4096u);
}

TEST(TaskTest, ChildrenThatWaitDoNotDeepenTheStackEither) {
  Event event;
  int turns = 0;
  std::uintptr_t lowest = UINTPTR_MAX;
  std::uintptr_t highest = 0;
  const auto child = [&]() -> Task<void> {
    co_await event;
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    lowest = std::min(lowest, here);
    highest = std::max(highest, here);
  };
  const auto parent = [&]() -> Task<void> {
    for (; turns < 100'000; ++turns) co_await child();
  };
  Spawn(parent());
  for (int i = 0; i < 100'000; ++i) event.Notify();
  EXPECT_EQ(turns, 100'000);
  EXPECT_LT(highest - lowest, 4096u);
}

TEST(TaskTest, FrameIsGoneWhenTheSpawnedTaskEnds) {
  const auto held = std::make_shared<int>(1);
  Event event;
  const auto waiting = [](std::shared_ptr<int>, Event& until) -> Task<void> { co_await until; };
  Spawn(waiting(held, event));
  EXPECT_EQ(held.use_count(), 2);
  event.Notify();
  EXPECT_EQ(held.use_count(), 1);
}

TEST(TaskTest, TaskThatIsNeverAwaitedLeavesNothing) {
  const auto held = std::make_shared<int>(1);
  {
    const auto idle = [](std::shared_ptr<int> kept) -> Task<int> { co_return *kept; };
    const Task<int> task = idle(held);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(EventTest, NoticeThatComesFirstIsKeptOnce) {
  Event event;
  int passed = 0;
  const auto waiting = [&]() -> Task<void> {
    co_await event;
    ++passed;
    co_await event;
    ++passed;
  };
  event.Notify();
  event.Notify();
  Spawn(waiting());
  EXPECT_EQ(passed, 1);
  event.Notify();
  EXPECT_EQ(passed, 2);
}

// ---- Cancel

TEST(CancelTest, FiresEveryHookOnceWithItsReason) {
  Cancel cancel;
  std::vector<Code> seen;
  const Cancel::Hook first(cancel, [&](Code why) { seen.push_back(why); });
  const Cancel::Hook second(cancel, [&](Code why) { seen.push_back(why); });
  EXPECT_FALSE(cancel.why());
  cancel.Fire(Code::kTimeout);
  cancel.Fire(Code::kCancelled);
  EXPECT_EQ(seen, (std::vector<Code>{Code::kTimeout, Code::kTimeout}));
  EXPECT_EQ(cancel.why(), Code::kTimeout);
}

TEST(CancelTest, WithdrawnHookStaysSilent) {
  Cancel cancel;
  int fired = 0;
  const Cancel::Hook kept(cancel, [&](Code) { ++fired; });
  {
    const Cancel::Hook withdrawn(cancel, [](Code) { FAIL(); });
  }
  const Cancel::Hook last(cancel, [&](Code) { ++fired; });
  cancel.Fire(Code::kCancelled);
  EXPECT_EQ(fired, 2);
}

TEST(CancelTest, CallbackMayWithdrawAnyHook) {
  for (std::size_t victim = 0; victim < 4; ++victim) {
    Cancel cancel;
    std::vector<std::unique_ptr<Cancel::Hook>> hooks(4);
    int fired = 0;
    for (auto& hook : hooks) {
      hook = std::make_unique<Cancel::Hook>(cancel, [&](Code) {
        if (++fired == 1) hooks[victim].reset();
      });
    }
    cancel.Fire(Code::kCancelled);
    EXPECT_EQ(fired, victim == 3 ? 4 : 3);  // the newest hook fires first
  }
}

TEST(CancelTest, CallbackMayEndEverything) {
  auto cancel = std::make_unique<Cancel>();
  std::vector<std::unique_ptr<Cancel::Hook>> hooks(3);
  int fired = 0;
  for (auto& hook : hooks) {
    hook = std::make_unique<Cancel::Hook>(*cancel, [&](Code) {
      ++fired;
      hooks.clear();
      cancel.reset();
    });
  }
  cancel->Fire(Code::kCancelled);
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(cancel, nullptr);
}

}  // namespace
}  // namespace net
