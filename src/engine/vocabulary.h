#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/byte_trie.h"
#include "engine/pieces.h"

namespace engine {

using TokenId = std::uint32_t;

// A token that stands for a fixed text wherever that occurs: marks of roles, of tools, of the end.
struct AddedToken {
  std::string text;
  std::uint32_t number = 0;
  bool later = false;  // looked for in what the others leave
};

// A byte-level BPE vocabulary as its file has it (docs/tokens.md, byte by byte). Immutable; any thread.
//
// A token of more than one byte is made by merging two that have smaller ids, and merges happen in the order
// of ids, further left before further right. One that merging never makes is called unreachable. Where the
// maker's own numbers are in another order, tokens have those beside their ids.
class Vocabulary {
 public:
  static constexpr std::size_t kFileBytesMax = std::size_t{64} * 1024 * 1024;
  static constexpr std::size_t kTokensMax = std::size_t{1} << 20;
  static constexpr std::size_t kTokenBytesMax = 1'024;
  static constexpr std::size_t kAddedMax = 4'096;

  // Copies what it needs of `file`. Takes a tenth of a second or two for 200,000 tokens.
  // Errors: kInvalid: damaged, not such a file, or of another version; kTooLarge.
  static base::Result<Vocabulary> Parse(std::string_view file);

  Cutting cutting() const { return cutting_; }
  bool composes() const { return composes_; }  // text is brought into normal form C before it is cut
  const std::vector<AddedToken>& added() const { return added_; }

  // Ids are below this; some may be of no token.
  std::size_t size() const { return halves_.size(); }

  // Empty for an id of no token. REQUIRES: id < size().
  std::string_view Bytes(TokenId id) const {
    return std::string_view(bytes_).substr(starts_[id], starts_[id + 1] - starts_[id]);
  }

  // The maker's number of a token. REQUIRES: id < size().
  std::uint32_t Number(TokenId id) const { return numbers_.empty() ? id : numbers_[id]; }

  // The longest reachable token that `text` begins with: always one, for every byte is a token.
  // REQUIRES: text is not empty.
  TokenId Longest(std::string_view text) const;

  // The same of a whole piece; where the vocabulary says so, a piece that is a token is that one, though
  // merging may not reach it.
  TokenId LongestOfPiece(std::string_view piece) const;

  // The next shorter one that `id` begins with; kNone where it is a byte. REQUIRES: reachable.
  TokenId Shorter(TokenId id) const { return shorter_[id]; }
  static constexpr TokenId kNone = ByteTrie::kNone;

  // Whether merging leaves the border between these two, where their bytes stand side by side.
  // REQUIRES: both are reachable.
  bool MayTouch(TokenId left, TokenId right) const;

 private:
  struct Halves {
    TokenId left;
    TokenId right;  // both are the token itself where it is a byte or unreachable
  };

  Vocabulary() = default;
  void Index(const std::vector<bool>& reachable);
  base::Result<std::vector<bool>> SplitAll(const std::vector<std::uint16_t>& lefts);
  TokenId Merged(TokenId left, TokenId right) const;
  std::size_t SlotOf(TokenId left, TokenId right) const;

  Cutting cutting_ = Cutting::kCl100k;
  bool whole_pieces_ = false;
  bool composes_ = false;
  std::vector<AddedToken> added_;
  std::string bytes_;                   // of all tokens, by id
  std::vector<std::uint32_t> starts_;   // where each begins in bytes_; one more than there are ids
  std::vector<std::uint32_t> numbers_;  // empty: they are the ids
  std::vector<Halves> halves_;
  std::vector<TokenId> shorter_;
  ByteTrie trie_;                     // of all tokens: the id, with kUnreachable where it is
  std::vector<std::uint64_t> pairs_;  // open addressing, at most half full: left, right, merged; 0: free
  int pairs_shift_ = 0;
};

}  // namespace engine
