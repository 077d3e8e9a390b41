#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "sim/prompt_cache.h"

namespace sim {

inline constexpr std::size_t kCacheMarksMax = 4;  // of one request
inline constexpr std::size_t kCacheLookBack =
    20;  // blocks up to a mark, its own the first, that may be a hit
inline constexpr std::size_t kCacheMarkedMin = 1024;  // shorter prefixes are not kept
inline constexpr std::size_t kCacheMarkedMinHaiku = 2048;

// A cache_control: the prompt up to the end of this block shall be kept so long.
struct CacheMark {
  std::size_t block = 0;
  std::chrono::seconds kept = std::chrono::minutes(5);  // or an hour
};

// A prompt in blocks: tool definitions, system texts, parts of messages.
struct Prompt {
  TokenHashes tokens;
  std::vector<std::size_t> block_ends;  // tokens up to the end of each block, rising
  std::vector<CacheMark> marks;         // in the order of their blocks
};

// How the tokens of one prompt are billed; what is in none of these is plain input.
struct CacheUse {
  std::size_t read = 0;
  std::size_t written_5m = 0;
  std::size_t written_1h = 0;
};

// The shortest prefix that a model keeps.
std::size_t CacheMarkedMin(std::string_view model);

// The prefixes that callers asked to be kept. A hit is the longest kept prefix that ends with one of the 20
// blocks up to a mark; a hit is kept for its time again. Behind the hit, everything up to the last mark of an
// hour is written for an hour, and what is left up to the last mark for five minutes. Bounded: the least
// recently used go first. Not thread-safe.
class BreakpointCache {
 public:
  static constexpr std::size_t kPrefixesMax = 200'000;
  explicit BreakpointCache(std::size_t prefixes_max = kPrefixesMax) : prefixes_max_(prefixes_max) {}

  // Prompts of different `domain`s (models) never share.
  CacheUse Pass(std::uint64_t domain, const Prompt& prompt, std::size_t prefix_min, base::MonoTime now);

  void Clear();

 private:
  struct Kept {
    std::chrono::seconds kept;
    base::MonoTime until;
    std::list<std::uint64_t>::iterator place;
  };

  bool Touch(std::uint64_t prefix, base::MonoTime now);  // whether it is there; then its time begins again
  void Keep(std::uint64_t prefix, std::chrono::seconds kept, base::MonoTime now);

  const std::size_t prefixes_max_;
  std::list<std::uint64_t> recent_;  // prefixes, the last used first
  std::unordered_map<std::uint64_t, Kept> prefixes_;
};

}  // namespace sim
