#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/added_tokens.h"
#include "engine/vocabulary.h"

namespace engine {

// A provider's tokenizer: the same tokens of the same text. Immutable; any thread.
//
// Takes time in proportion to the text, 10 to 100 MB/s (docs/tokens.md), and memory for its longest piece.
class Tokenizer {
 public:
  explicit Tokenizer(Vocabulary vocabulary);

  // Errors: kNotFound: there is no such file; kIo; what Vocabulary::Parse says.
  static base::Result<std::shared_ptr<const Tokenizer>> FromFile(const std::string& path);

  // What is not UTF-8 in `text` is read as U+FFFD (text_form.h).
  std::int64_t Count(std::string_view text) const;
  std::vector<std::uint32_t> Encode(std::string_view text) const;  // the maker's numbers

  // The bytes of the tokens: of all tokens of a text, the text, as it was cut (repaired and composed).
  // A number of no token is left out.
  std::string Decode(std::span<const std::uint32_t> numbers) const;

  // Whether it composes texts (normal form C) before it cuts them.
  bool composes() const { return vocabulary_.composes(); }

 private:
  class Walk;

  Vocabulary vocabulary_;
  NextPiece next_piece_;
  AddedTokens first_;
  AddedTokens later_;
  std::unordered_map<std::uint32_t, std::string> added_texts_;
  std::unordered_map<std::uint32_t, TokenId> ids_;  // by number, where it is not the id itself
};

}  // namespace engine
