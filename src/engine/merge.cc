#include "engine/merge.h"

#include <cstddef>

#include "base/check.h"

namespace engine {

std::span<const TokenId> Merger::Tokens(std::string_view piece) {
  tokens_.clear();
  const TokenId first = vocabulary_.LongestOfPiece(piece);
  if (vocabulary_.Bytes(first).size() == piece.size()) {
    tokens_.push_back(first);
  } else {
    Search(piece, first);
  }
  return tokens_;
}

void Merger::Search(std::string_view piece, TokenId first) {
  constexpr std::size_t kBits = 64;
  dead_.assign(piece.size() / kBits + 1, 0);
  std::size_t at = 0;
  TokenId next = first;
  while (at < piece.size()) {
    const std::size_t end = at + vocabulary_.Bytes(next).size();
    const bool dead = (dead_[end / kBits] >> end % kBits & 1) != 0;
    if (!dead && (tokens_.empty() || vocabulary_.MayTouch(tokens_.back(), next))) {
      tokens_.push_back(next);
      at = end;
      if (at < piece.size()) next = vocabulary_.Longest(piece.substr(at));
      continue;
    }
    next = vocabulary_.Shorter(next);
    while (next == Vocabulary::kNone) {
      // Nothing leads on from here: the token before is to be a shorter one.
      CHECK(!tokens_.empty());  // the row that merging makes is found before
      dead_[at / kBits] |= std::uint64_t{1} << at % kBits;
      at -= vocabulary_.Bytes(tokens_.back()).size();
      next = vocabulary_.Shorter(tokens_.back());
      tokens_.pop_back();
    }
  }
}

}  // namespace engine
