#include "engine/vocabulary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "engine/vocabulary_file_internal.h"

namespace engine {
namespace {

using base::Code;
using base::Fail;
using base::Result;

constexpr int kIdBits = 21;
constexpr std::uint64_t kIdMask = (std::uint64_t{1} << kIdBits) - 1;
constexpr std::uint32_t kUnreachable = 0x80000000;
static_assert(Vocabulary::kTokensMax <= kIdMask && Vocabulary::kTokensMax < kUnreachable);

std::uint64_t PairKey(TokenId left, TokenId right) {
  return std::uint64_t{left} << kIdBits | right;
}

Result<void> CheckBytes(const std::vector<std::string_view>& tokens, std::vector<bool>& reachable,
                        TokenId& last) {
  std::array<bool, 256> seen{};
  for (TokenId id = 0; id < tokens.size(); ++id) {
    if (tokens[id].size() != 1) continue;
    seen[static_cast<unsigned char>(tokens[id][0])] = true;
    reachable[id] = true;
    last = id;
  }
  const bool all = std::all_of(seen.begin(), seen.end(), [](bool one) { return one; });
  return all ? Result<void>() : Fail(Code::kInvalid, "a byte has no token");
}

}  // namespace

Result<Vocabulary> Vocabulary::Parse(std::string_view file) {
  auto read = ReadVocabularyFile(file);
  if (!read) return Fail(std::move(read).error());
  Vocabulary made;
  made.cutting_ = static_cast<Cutting>(read->cutting);
  made.whole_pieces_ = read->whole_pieces;
  made.composes_ = read->composes;
  made.added_ = std::move(read->added);
  made.bytes_ = std::move(read->bytes);
  made.starts_ = std::move(read->starts);
  made.numbers_ = std::move(read->numbers);
  made.halves_.resize(read->lefts.size());
  auto reachable = made.SplitAll(read->lefts);
  if (!reachable) return Fail(std::move(reachable).error());
  made.Index(*reachable);
  return made;
}

// Fills halves_ and pairs_, and tells which tokens are reachable.
Result<std::vector<bool>> Vocabulary::SplitAll(const std::vector<std::uint16_t>& lefts) {
  std::vector<std::string_view> tokens(size());
  std::vector<ByteTrie::Entry> entries;
  for (TokenId id = 0; id < size(); ++id) {
    tokens[id] = Bytes(id);
    halves_[id] = {id, id};
    if (!tokens[id].empty()) entries.push_back({tokens[id], id});
  }
  const std::size_t count = entries.size();
  const ByteTrie ids(std::move(entries));
  if (ids.size() != count) return Fail(Code::kInvalid, "two tokens are the same bytes");
  std::vector<bool> reachable(size());
  TokenId last_byte = 0;
  if (auto checked = CheckBytes(tokens, reachable, last_byte); !checked) return Fail(checked.error());

  pairs_.resize(std::bit_ceil(2 * size()));
  pairs_shift_ = 64 - std::countr_zero(pairs_.size());
  for (TokenId id = 0; id < size(); ++id) {
    if (lefts[id] == 0) continue;
    if (lefts[id] >= tokens[id].size()) return Fail(Code::kInvalid, "a token is shorter than its left half");
    const TokenId left = ids.Find(tokens[id].substr(0, lefts[id]));
    const TokenId right = ids.Find(tokens[id].substr(lefts[id]));
    const bool earlier = left < id && right < id && reachable[left] && reachable[right] && id > last_byte;
    if (!earlier) return Fail(Code::kInvalid, "a token is merged of what is not there yet");
    if (!MayTouch(left, right)) return Fail(Code::kInvalid, "a token's halves never stand side by side");
    reachable[id] = true;
    halves_[id] = {left, right};
    std::size_t slot = SlotOf(left, right);
    while (pairs_[slot] != 0) slot = (slot + 1) & (pairs_.size() - 1);
    pairs_[slot] = PairKey(left, right) << kIdBits | id;
  }
  return reachable;
}

void Vocabulary::Index(const std::vector<bool>& reachable) {
  std::vector<ByteTrie::Entry> entries;
  for (TokenId id = 0; id < size(); ++id) {
    if (!Bytes(id).empty()) entries.push_back({Bytes(id), reachable[id] ? id : id | kUnreachable});
  }
  trie_ = ByteTrie(std::move(entries));
  shorter_.assign(size(), kNone);
  for (TokenId id = 0; id < size(); ++id) {
    if (!reachable[id]) continue;
    trie_.Prefixes(Bytes(id), [&](std::size_t, std::uint32_t value) {
      if (value < kUnreachable && value != id) shorter_[id] = value;
    });
  }
}

TokenId Vocabulary::Longest(std::string_view text) const {
  TokenId longest = kNone;
  trie_.Prefixes(text, [&](std::size_t, std::uint32_t value) {
    if (value < kUnreachable) longest = value;
  });
  return longest;
}

TokenId Vocabulary::LongestOfPiece(std::string_view piece) const {
  if (!whole_pieces_) return Longest(piece);
  TokenId longest = kNone;
  trie_.Prefixes(piece, [&](std::size_t length, std::uint32_t value) {
    if (value < kUnreachable || length == piece.size()) longest = value & ~kUnreachable;
  });
  return longest;
}

// Merging is run backwards from the moment where both tokens are whole. At each step the border is between
// the last part of the left one and the first part of the right one; had these two a merge of their own that
// was due before the next one within either, it would have been made.
bool Vocabulary::MayTouch(TokenId left, TokenId right) const {
  TokenId due = kNone;
  while (true) {
    if (Merged(left, right) < due) return false;
    if (left > right) {
      due = left;
      left = halves_[left].right;
      if (left == due) return true;  // two bytes are left
    } else {
      const TokenId undone = right;
      right = halves_[right].left;
      if (right == undone) return true;
      due = undone + 1;  // of two equal merges the one further left is made first
    }
  }
}

std::size_t Vocabulary::SlotOf(TokenId left, TokenId right) const {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  return static_cast<std::size_t>(PairKey(left, right) * kOdd >> pairs_shift_);
}

TokenId Vocabulary::Merged(TokenId left, TokenId right) const {
  const std::uint64_t key = PairKey(left, right);
  for (std::size_t slot = SlotOf(left, right); pairs_[slot] != 0; slot = (slot + 1) & (pairs_.size() - 1)) {
    if (pairs_[slot] >> kIdBits == key) return static_cast<TokenId>(pairs_[slot] & kIdMask);
  }
  return kNone;
}

}  // namespace engine
