#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace sim {

inline constexpr std::size_t kCacheUnitMin = 64;         // DeepSeek: shorter prefixes are not kept
inline constexpr std::size_t kCacheUnitInterval = 4096;  // DeepSeek: and one each so many tokens
inline constexpr std::size_t kCacheBlocksFrom = 1024;    // OpenAI: shortest cached prefix
inline constexpr std::size_t kCacheBlock = 128;          // OpenAI: steps above it

// A prompt as the cache sees it: one hash for each token.
using TokenHashes = std::vector<std::uint32_t>;
void AppendTokenHashes(TokenHashes& out, std::string_view text);
void AppendMarkers(TokenHashes& out, std::string_view name, std::size_t count);  // tokens that are no text

// A hash of the first k tokens of a prompt, for growing k.
class PrefixHash {
 public:
  explicit PrefixHash(std::uint64_t domain) : hash_(domain) {}
  void Add(std::uint32_t token) { hash_ = (hash_ ^ token) * 0x9fb21c651e98df25u, hash_ ^= hash_ >> 31; }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_;
};

enum class CacheRule : std::uint8_t {
  kUnits,   // DeepSeek: a hit is the longest persisted unit that is wholly a prefix of the prompt
  kBlocks,  // OpenAI: the longest known prefix in steps of 128 tokens, from 1,024
};

// Which prompt prefixes a provider still has. Bounded: least recently used prefixes and prompts go first.
// Not thread-safe.
//
// Units (DeepSeek): a request persists the end of its input, the end of its output, every 4,096th token, and
// the prefix it has in common with an earlier prompt. So A+B then A+C misses, stores A, and A+D hits A.
class PromptCache {
 public:
  struct Limits {
    std::size_t prefixes_max = 200'000;
    std::size_t prompts_max = 64;               // whose common prefixes are looked for
    std::size_t prompt_tokens_max = 2'000'000;  // of all of them together
  };
  PromptCache() : PromptCache(Limits{}) {}
  explicit PromptCache(const Limits& limits) : limits_(limits) {}

  // How many tokens of `prompt` are hits; then remembers the prompt. Prompts of different `domain`s (model
  // and user_id) never share.
  std::size_t Read(CacheRule rule, std::uint64_t domain, const TokenHashes& prompt);

  // Remembers the end of an output: `whole` is the prompt with the answer behind it.
  void Written(CacheRule rule, std::uint64_t domain, const TokenHashes& whole);

  void Clear();

 private:
  struct Remembered {
    std::uint64_t domain;
    TokenHashes tokens;
  };

  void Persist(std::uint64_t prefix);
  bool Touch(std::uint64_t prefix);  // whether it is there; then it is used now
  std::size_t CommonWithEarlier(std::uint64_t domain, const TokenHashes& prompt) const;
  void Remember(std::uint64_t domain, const TokenHashes& prompt);

  const Limits limits_;
  std::list<std::uint64_t> recent_;  // prefixes, the last used first
  std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> prefixes_;
  std::list<Remembered> prompts_;  // the newest first
  std::size_t prompt_tokens_ = 0;
};

}  // namespace sim
