#include "budget/sliding_window.h"

#include <gtest/gtest.h>

#include <deque>

#include "base/random.h"

namespace budget {
namespace {

using namespace std::chrono_literals;
using base::MonoTime;

constexpr std::chrono::nanoseconds kMinute = 1min;
constexpr std::size_t kMany = 2'048;

MonoTime At(std::chrono::nanoseconds time) {
  return MonoTime(1h + time);
}

TEST(SlidingWindowTest, WhatCameCountsForTheLengthAndNoLonger) {
  SlidingWindow window;
  window.Add(At(0s), 5, kMinute, kMany);
  window.Add(At(10s), 7, kMinute, kMany);
  window.Expire(At(kMinute - 1ns), kMinute);
  EXPECT_EQ(window.sum(), 12u);
  window.Expire(At(kMinute), kMinute);
  EXPECT_EQ(window.sum(), 7u);
  window.Expire(At(kMinute + 10s), kMinute);
  EXPECT_EQ(window.sum(), 0u);
  EXPECT_TRUE(window.empty());
}

TEST(SlidingWindowTest, ItIsKnownWhenEnoughHasLeft) {
  SlidingWindow window;
  for (int i = 0; i < 4; ++i) window.Add(At(i * 1s), 10, kMinute, kMany);
  EXPECT_EQ(window.FallsIn(39, kMinute), 57s);
  EXPECT_EQ(window.FallsIn(30, kMinute), 57s);
  EXPECT_EQ(window.FallsIn(29, kMinute), 58s);
  EXPECT_EQ(window.FallsIn(0, kMinute), 60s);
}

TEST(SlidingWindowTest, ACorrectionCountsFromWhenItWasAdmitted) {
  SlidingWindow window;
  const auto first = window.Add(At(0s), 100, kMinute, kMany);
  const auto second = window.Add(At(30s), 100, kMinute, kMany);
  window.Correct(first, -90);
  window.Correct(second, 5);
  EXPECT_EQ(window.sum(), 115u);
  window.Expire(At(60s), kMinute);
  EXPECT_EQ(window.sum(), 105u);
  window.Correct(first, 1'000);
  EXPECT_EQ(window.sum(), 105u) << "what has left stays as it was";
}

TEST(SlidingWindowTest, AClockThatGoesBackIsHeldOn) {
  SlidingWindow window;
  window.Expire(At(10s), kMinute);
  window.Add(At(5s), 1, kMinute, kMany);
  window.Expire(At(69s), kMinute);
  EXPECT_EQ(window.sum(), 1u);
  window.Expire(At(70s), kMinute);
  EXPECT_EQ(window.sum(), 0u);
}

// Against a list of everything: exact while little is kept, late by a bounded time and never early when much.
TEST(SlidingWindowTest, CountsLikeAListOfAllThatCame) {
  constexpr std::size_t kRuns = 32;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    base::Random random(seed);
    SlidingWindow window;
    std::deque<std::pair<MonoTime, std::uint64_t>> all;
    MonoTime now = At(0s);
    const auto in_last = [&](std::chrono::nanoseconds length) {
      std::uint64_t sum = 0;
      for (const auto& [at, amount] : all) sum += at + length > now ? amount : 0;
      return sum;
    };
    const std::uint64_t pause = seed % 2 == 0 ? 200'000'000 : 20'000'000'000;
    for (int i = 0; i < 1'500; ++i) {
      now += std::chrono::nanoseconds(random.Below(pause));
      window.Expire(now, kMinute);
      while (!all.empty() && all.front().first + 2 * kMinute <= now) all.pop_front();
      const std::uint64_t exact = in_last(kMinute);
      ASSERT_GE(window.sum(), exact) << "seed " << seed;
      ASSERT_LE(window.sum(), in_last(kMinute + kMinute / (kRuns / 2))) << "seed " << seed;
      if (seed % 2 == 1) {
        ASSERT_EQ(window.sum(), exact) << "seed " << seed;
      }
      ASSERT_LE(window.runs_held(), 4 * (kRuns + 1)) << "seed " << seed;
      const std::uint64_t amount = random.Below(1'000);
      const auto number = window.Add(now, amount, kMinute, kRuns);
      const std::uint64_t kept = random.Below(amount + 1);
      window.Correct(number, static_cast<std::int64_t>(kept) - static_cast<std::int64_t>(amount));
      all.emplace_back(now, kept);
    }
  }
}

}  // namespace
}  // namespace budget
