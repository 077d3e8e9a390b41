#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/vocabulary.h"

namespace engine {

// The tokens of one piece after another. Keeps its room between calls; belongs to one thread, and the
// vocabulary outlives it.
//
// Merging is not run. A row of reachable tokens is what merging makes of their bytes exactly if every two
// neighbours leave their border (Vocabulary::MayTouch), and there is one such row. So it is looked for from
// the left, the longest token first; where nothing fits, the last token was wrong and a shorter one is tried.
// A place that was left once is never come back to, so time grows with the length of the piece, whatever it
// is: a long run of one letter, which merging pair by pair takes quadratic time for, is as fast as any text.
class Merger {
 public:
  explicit Merger(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  // Valid until the next call. REQUIRES: piece is not empty.
  std::span<const TokenId> Tokens(std::string_view piece);

 private:
  void Search(std::string_view piece, TokenId first);

  const Vocabulary& vocabulary_;
  std::vector<TokenId> tokens_;
  std::vector<std::uint64_t> dead_;  // by byte of the piece, one bit: no row leads on from a border here
};

}  // namespace engine
