#include "sim/breakpoint_cache.h"

#include <algorithm>

#include "sim/hash.h"

namespace sim {
namespace {

// A hash of the prompt up to the end of each block.
std::vector<std::uint64_t> PrefixHashes(std::uint64_t domain, const Prompt& prompt) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(prompt.block_ends.size());
  PrefixHash prefix(domain);
  std::size_t at = 0;
  for (const std::size_t end : prompt.block_ends) {
    while (at < end) prefix.Add(prompt.tokens[at++]);
    hashes.push_back(prefix.value());
  }
  return hashes;
}

}  // namespace

std::size_t CacheMarkedMin(std::string_view model) {
  return model.find("haiku") == std::string_view::npos ? kCacheMarkedMin : kCacheMarkedMinHaiku;
}

CacheUse BreakpointCache::Pass(std::uint64_t domain, const Prompt& prompt, std::size_t prefix_min,
                               base::MonoTime now) {
  CacheUse use;
  if (prompt.marks.empty()) return use;
  const std::vector<std::uint64_t> hashes = PrefixHashes(domain, prompt);
  for (auto mark = prompt.marks.rbegin(); mark != prompt.marks.rend() && use.read == 0; ++mark) {
    for (std::size_t back = 0; back < kCacheLookBack && back <= mark->block && use.read == 0; ++back) {
      const std::size_t block = mark->block - back;
      if (prompt.block_ends[block] < prefix_min) break;
      if (Touch(hashes[block], now)) use.read = prompt.block_ends[block];
    }
  }
  std::size_t end_1h = use.read;
  std::size_t end = use.read;
  for (const CacheMark& mark : prompt.marks) {
    const std::size_t tokens = prompt.block_ends[mark.block];
    if (tokens < prefix_min) continue;
    Keep(hashes[mark.block], mark.kept, now);
    end = std::max(end, tokens);
    if (mark.kept >= std::chrono::hours(1)) end_1h = std::max(end_1h, tokens);
  }
  use.written_1h = end_1h - use.read;
  use.written_5m = end - end_1h;
  return use;
}

bool BreakpointCache::Touch(std::uint64_t prefix, base::MonoTime now) {
  const auto found = prefixes_.find(prefix);
  if (found == prefixes_.end()) return false;
  if (found->second.until <= now) {
    recent_.erase(found->second.place);
    prefixes_.erase(found);
    return false;
  }
  found->second.until = now + found->second.kept;
  recent_.splice(recent_.begin(), recent_, found->second.place);
  return true;
}

void BreakpointCache::Keep(std::uint64_t prefix, std::chrono::seconds kept, base::MonoTime now) {
  if (Touch(prefix, now)) {
    Kept& known = prefixes_.find(prefix)->second;
    known.kept = std::max(known.kept, kept);
    known.until = std::max(known.until, now + kept);
    return;
  }
  recent_.push_front(prefix);
  prefixes_.emplace(prefix, Kept{kept, now + kept, recent_.begin()});
  if (prefixes_.size() <= prefixes_max_) return;
  prefixes_.erase(recent_.back());
  recent_.pop_back();
}

void BreakpointCache::Clear() {
  recent_.clear();
  prefixes_.clear();
}

}  // namespace sim
