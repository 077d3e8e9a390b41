#include "sim/breakpoint_cache.h"

#include <gtest/gtest.h>

#include <numeric>

namespace sim {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kShort = minutes(5);
constexpr seconds kLong = hours(1);

// A prompt of blocks of these sizes; block i of two prompts is the same if their `from` is.
Prompt Blocks(const std::vector<std::size_t>& sizes, std::uint32_t last_from = 0) {
  Prompt prompt;
  for (std::size_t block = 0; block < sizes.size(); ++block) {
    const bool last = block + 1 == sizes.size();
    const auto from = static_cast<std::uint32_t>(block * 1'000'000) + (last ? last_from * 1000 : 0);
    const std::size_t begin = prompt.tokens.size();
    prompt.tokens.resize(begin + sizes[block]);
    std::iota(prompt.tokens.begin() + static_cast<std::ptrdiff_t>(begin), prompt.tokens.end(), from);
    prompt.block_ends.push_back(prompt.tokens.size());
  }
  return prompt;
}

Prompt Marked(Prompt prompt, std::vector<CacheMark> marks) {
  prompt.marks = std::move(marks);
  return prompt;
}

class BreakpointCacheTest : public testing::Test {
 protected:
  CacheUse Pass(const Prompt& prompt, std::uint64_t domain = 7) {
    return cache_.Pass(domain, prompt, kCacheMarkedMin, clock_.Now());
  }

  base::FakeClock clock_;
  BreakpointCache cache_;
};

TEST_F(BreakpointCacheTest, WhatIsMarkedIsWrittenOnceAndReadAfterwards) {
  const CacheUse first = Pass(Marked(Blocks({1500, 100}, 1), {{0, kShort}}));
  EXPECT_EQ(first.written_5m, 1500u);
  EXPECT_EQ(first.read, 0u);
  const CacheUse second = Pass(Marked(Blocks({1500, 100}, 2), {{0, kShort}}));
  EXPECT_EQ(second.written_5m, 0u);
  EXPECT_EQ(second.read, 1500u);
}

TEST_F(BreakpointCacheTest, APromptWithoutMarksNeitherReadsNorWrites) {
  Pass(Marked(Blocks({1500, 100}), {{0, kShort}}));
  const CacheUse use = Pass(Blocks({1500, 100}));
  EXPECT_EQ(use.read + use.written_5m + use.written_1h, 0u);
}

TEST_F(BreakpointCacheTest, TheShortestPrefixIsKeptAndOneTokenLessIsNot) {
  EXPECT_EQ(Pass(Marked(Blocks({kCacheMarkedMin}), {{0, kShort}})).written_5m, kCacheMarkedMin);
  EXPECT_EQ(Pass(Marked(Blocks({kCacheMarkedMin - 1}, 1), {{0, kShort}})).written_5m, 0u);
  EXPECT_EQ(CacheMarkedMin("claude-haiku-4-5"), kCacheMarkedMinHaiku);
}

TEST_F(BreakpointCacheTest, AConversationThatGrowsReadsWhatTheTurnBeforeWrote) {
  EXPECT_EQ(Pass(Marked(Blocks({1500, 50}), {{1, kShort}})).written_5m, 1550u);
  const CacheUse next = Pass(Marked(Blocks({1500, 50, 40, 60}), {{3, kShort}}));
  EXPECT_EQ(next.read, 1550u);
  EXPECT_EQ(next.written_5m, 100u);
}

TEST_F(BreakpointCacheTest, AHitIsFoundTwentyBlocksUpToTheMarkAndNoFurther) {
  std::vector<std::size_t> sizes{2000};
  Pass(Marked(Blocks(sizes), {{0, kShort}}));
  sizes.resize(20, 1);
  EXPECT_EQ(Pass(Marked(Blocks(sizes), {{19, kShort}})).read, 2000u);
  cache_.Clear();
  Pass(Marked(Blocks({2000}), {{0, kShort}}));
  sizes.resize(21, 1);
  EXPECT_EQ(Pass(Marked(Blocks(sizes), {{20, kShort}})).read, 0u);
}

TEST_F(BreakpointCacheTest, AnHourIsWrittenBeforeFiveMinutes) {
  const CacheUse use = Pass(Marked(Blocks({1100, 200, 300}), {{1, kLong}, {2, kShort}}));
  EXPECT_EQ(use.written_1h, 1300u);
  EXPECT_EQ(use.written_5m, 300u);
}

TEST_F(BreakpointCacheTest, TimeRunsOutAndUseBeginsItAgain) {
  const Prompt prompt = Marked(Blocks({1500}), {{0, kShort}});
  Pass(prompt);
  clock_.Advance(minutes(4));
  EXPECT_EQ(Pass(prompt).read, 1500u);
  clock_.Advance(minutes(4));
  EXPECT_EQ(Pass(prompt).read, 1500u);
  clock_.Advance(minutes(5));
  EXPECT_EQ(Pass(prompt).written_5m, 1500u);
}

TEST_F(BreakpointCacheTest, AnHoursPrefixOutlivesAFiveMinutesOne) {
  const Prompt prompt = Marked(Blocks({1500, 200}), {{0, kLong}, {1, kShort}});
  Pass(prompt);
  clock_.Advance(minutes(30));
  const CacheUse later = Pass(prompt);
  EXPECT_EQ(later.read, 1500u);
  EXPECT_EQ(later.written_5m, 200u);
  EXPECT_EQ(later.written_1h, 0u);
}

TEST_F(BreakpointCacheTest, ModelsDoNotShare) {
  const Prompt prompt = Marked(Blocks({1500}), {{0, kShort}});
  Pass(prompt, 7);
  EXPECT_EQ(Pass(prompt, 8).read, 0u);
}

TEST_F(BreakpointCacheTest, OldPrefixesMakeRoomForNewOnes) {
  BreakpointCache small(1);
  const Prompt one = Marked(Blocks({1500}, 1), {{0, kShort}});
  const Prompt two = Marked(Blocks({1500}, 2), {{0, kShort}});
  small.Pass(7, one, kCacheMarkedMin, clock_.Now());
  EXPECT_EQ(small.Pass(7, one, kCacheMarkedMin, clock_.Now()).read, 1500u);
  small.Pass(7, two, kCacheMarkedMin, clock_.Now());
  EXPECT_EQ(small.Pass(7, one, kCacheMarkedMin, clock_.Now()).read, 0u);
}

}  // namespace
}  // namespace sim
