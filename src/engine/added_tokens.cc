#include "engine/added_tokens.h"

#include <algorithm>

namespace engine {

AddedTokens::AddedTokens(const std::vector<AddedToken>& added, bool later) {
  std::vector<ByteTrie::Entry> entries;
  for (const AddedToken& token : added) {
    if (token.later != later) continue;
    entries.push_back({token.text, token.number});
    begins_[static_cast<unsigned char>(token.text[0])] = true;
    only_begin_ = token.text[0];
  }
  if (std::count(begins_.begin(), begins_.end(), true) != 1) only_begin_.reset();
  trie_ = ByteTrie(std::move(entries));
}

std::size_t AddedTokens::NextBegin(std::string_view text, std::size_t from) const {
  if (only_begin_) return std::min(text.find(*only_begin_, from), text.size());
  while (from < text.size() && !begins_[static_cast<unsigned char>(text[from])]) ++from;
  return from;
}

std::optional<AddedTokens::Place> AddedTokens::Find(std::string_view text) const {
  if (trie_.size() == 0) return std::nullopt;
  for (std::size_t at = NextBegin(text, 0); at < text.size(); at = NextBegin(text, at + 1)) {
    std::optional<Place> longest;
    trie_.Prefixes(text.substr(at), [&](std::size_t bytes, std::uint32_t number) {
      longest = {at, bytes, number};
    });
    if (longest) return longest;
  }
  return std::nullopt;
}

}  // namespace engine
