#include "sim/prompt_cache.h"

#include <gtest/gtest.h>

#include <numeric>

namespace sim {
namespace {

// `count` tokens that no other `from` begins with.
TokenHashes Tokens(std::uint32_t from, std::size_t count) {
  TokenHashes tokens(count);
  std::iota(tokens.begin(), tokens.end(), from * 1'000'000);
  return tokens;
}

TokenHashes Join(TokenHashes a, const TokenHashes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

constexpr auto kUnits = CacheRule::kUnits;
constexpr auto kBlocks = CacheRule::kBlocks;

TEST(PromptCacheTest, ACommonPrefixIsAHitOnlyForTheThirdRequest) {
  PromptCache cache;
  const TokenHashes a = Tokens(1, 500);
  EXPECT_EQ(cache.Read(kUnits, 7, Join(a, Tokens(2, 100))), 0u);    // A+B
  EXPECT_EQ(cache.Read(kUnits, 7, Join(a, Tokens(3, 100))), 0u);    // A+C misses, and stores A
  EXPECT_EQ(cache.Read(kUnits, 7, Join(a, Tokens(4, 100))), 500u);  // A+D hits A
}

TEST(PromptCacheTest, TheSameInputAgainIsAWholeHit) {
  PromptCache cache;
  const TokenHashes a = Tokens(1, 200);
  EXPECT_EQ(cache.Read(kUnits, 7, a), 0u);
  EXPECT_EQ(cache.Read(kUnits, 7, a), 200u);
}

TEST(PromptCacheTest, TheNextTurnHitsTheEndOfTheOutput) {
  PromptCache cache;
  const TokenHashes turn = Tokens(1, 200);
  const TokenHashes answered = Join(turn, Tokens(2, 90));
  cache.Read(kUnits, 7, turn);
  cache.Written(kUnits, 7, answered);
  EXPECT_EQ(cache.Read(kUnits, 7, Join(answered, Tokens(3, 40))), 290u);
}

TEST(PromptCacheTest, APartOfAUnitIsNoHit) {
  PromptCache cache;
  cache.Read(kUnits, 7, Tokens(1, 200));
  EXPECT_EQ(cache.Read(kUnits, 7, Tokens(1, 199)), 0u);
}

TEST(PromptCacheTest, LongTextsHaveUnitsAtFixedIntervals) {
  PromptCache cache;
  const TokenHashes a = Tokens(1, 10'000);
  cache.Read(kUnits, 7, Join(a, Tokens(2, 10)));
  EXPECT_EQ(cache.Read(kUnits, 7, Join(a, Tokens(3, 10))), 2 * kCacheUnitInterval);
}

TEST(PromptCacheTest, ShorterThanTheSmallestUnitIsNotKept) {
  PromptCache cache;
  const TokenHashes a = Tokens(1, kCacheUnitMin - 1);
  cache.Read(kUnits, 7, a);
  EXPECT_EQ(cache.Read(kUnits, 7, a), 0u);
  const TokenHashes b = Tokens(2, kCacheUnitMin);
  cache.Read(kUnits, 7, b);
  EXPECT_EQ(cache.Read(kUnits, 7, b), kCacheUnitMin);
}

TEST(PromptCacheTest, DomainsDoNotShare) {
  PromptCache cache;
  const TokenHashes a = Tokens(1, 2000);
  cache.Read(kUnits, 7, a);
  EXPECT_EQ(cache.Read(kUnits, 8, a), 0u);
  cache.Read(kBlocks, 9, a);
  EXPECT_EQ(cache.Read(kBlocks, 10, a), 0u);
}

TEST(PromptCacheTest, BlocksCountInStepsOf128From1024) {
  PromptCache cache;
  const TokenHashes a = Tokens(1, 1023);
  cache.Read(kBlocks, 7, a);
  EXPECT_EQ(cache.Read(kBlocks, 7, a), 0u);
  const TokenHashes b = Tokens(2, 1300);
  EXPECT_EQ(cache.Read(kBlocks, 7, Join(b, Tokens(3, 5))), 0u);
  EXPECT_EQ(cache.Read(kBlocks, 7, Join(b, Tokens(4, 5))), 1280u);
}

TEST(PromptCacheTest, OldPrefixesMakeRoomForNewOnes) {
  PromptCache cache({.prefixes_max = 2, .prompts_max = 1, .prompt_tokens_max = 1000});
  cache.Read(kUnits, 7, Tokens(1, 100));
  cache.Read(kUnits, 7, Tokens(2, 100));
  EXPECT_EQ(cache.Read(kUnits, 7, Tokens(1, 100)), 100u);  // used: now the newest
  cache.Read(kUnits, 7, Tokens(3, 100));
  EXPECT_EQ(cache.Read(kUnits, 7, Tokens(1, 100)), 100u);
  EXPECT_EQ(cache.Read(kUnits, 7, Tokens(2, 100)), 0u);
}

}  // namespace
}  // namespace sim
