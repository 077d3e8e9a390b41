#include "sim/prompt_cache.h"

#include <algorithm>

#include "sim/hash.h"
#include "sim/tokenizer.h"

namespace sim {
namespace {

bool IsBlockEnd(std::size_t tokens) {
  return tokens >= kCacheBlocksFrom && tokens % kCacheBlock == 0;
}

std::size_t CommonPrefix(const TokenHashes& a, const TokenHashes& b) {
  const std::size_t size = std::min(a.size(), b.size());
  return static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(size), b.begin()).first - a.begin());
}

}  // namespace

void AppendTokenHashes(TokenHashes& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = TokenLength(text);
    out.push_back(static_cast<std::uint32_t>(HashBytes(text.substr(0, length), 1)));
    text.remove_prefix(length);
  }
}

void AppendMarkers(TokenHashes& out, std::string_view name, std::size_t count) {
  out.insert(out.end(), count, static_cast<std::uint32_t>(HashBytes(name, 2)));
}

std::size_t PromptCache::Read(CacheRule rule, std::uint64_t domain, const TokenHashes& prompt) {
  const std::size_t common = rule == CacheRule::kUnits ? CommonWithEarlier(domain, prompt) : 0;
  std::size_t hit = 0;
  std::vector<std::uint64_t> persist;
  PrefixHash prefix(domain);
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    prefix.Add(prompt[i]);
    const std::size_t tokens = i + 1;
    if (rule == CacheRule::kBlocks) {
      if (!IsBlockEnd(tokens)) continue;
      if (Touch(prefix.value())) hit = tokens;
      persist.push_back(prefix.value());
    } else if (tokens >= kCacheUnitMin) {
      if (Touch(prefix.value())) hit = tokens;
      if (tokens == prompt.size() || tokens == common || tokens % kCacheUnitInterval == 0) {
        persist.push_back(prefix.value());
      }
    }
  }
  for (const std::uint64_t value : persist) Persist(value);
  if (rule == CacheRule::kUnits) Remember(domain, prompt);
  // The last token is always computed, so that there is something to answer from.
  return hit == prompt.size() && hit > 0 && rule == CacheRule::kBlocks ? hit - kCacheBlock : hit;
}

void PromptCache::Written(CacheRule rule, std::uint64_t domain, const TokenHashes& whole) {
  PrefixHash prefix(domain);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    prefix.Add(whole[i]);
    const bool end = i + 1 == whole.size() && i + 1 >= kCacheUnitMin;
    if (rule == CacheRule::kUnits ? end : IsBlockEnd(i + 1)) Persist(prefix.value());
  }
}

void PromptCache::Clear() {
  recent_.clear();
  prefixes_.clear();
  prompts_.clear();
  prompt_tokens_ = 0;
}

void PromptCache::Persist(std::uint64_t prefix) {
  if (Touch(prefix)) return;
  recent_.push_front(prefix);
  prefixes_.emplace(prefix, recent_.begin());
  if (prefixes_.size() <= limits_.prefixes_max) return;
  prefixes_.erase(recent_.back());
  recent_.pop_back();
}

bool PromptCache::Touch(std::uint64_t prefix) {
  const auto found = prefixes_.find(prefix);
  if (found == prefixes_.end()) return false;
  recent_.splice(recent_.begin(), recent_, found->second);
  return true;
}

std::size_t PromptCache::CommonWithEarlier(std::uint64_t domain, const TokenHashes& prompt) const {
  std::size_t longest = 0;
  for (const Remembered& earlier : prompts_) {
    if (earlier.domain != domain) continue;
    longest = std::max(longest, CommonPrefix(earlier.tokens, prompt));
  }
  return longest;
}

void PromptCache::Remember(std::uint64_t domain, const TokenHashes& prompt) {
  if (prompt.size() < kCacheUnitMin || prompt.size() > limits_.prompt_tokens_max) return;
  prompts_.push_front({domain, prompt});
  prompt_tokens_ += prompt.size();
  while (prompts_.size() > limits_.prompts_max || prompt_tokens_ > limits_.prompt_tokens_max) {
    prompt_tokens_ -= prompts_.back().tokens.size();
    prompts_.pop_back();
  }
}

}  // namespace sim
