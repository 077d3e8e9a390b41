#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/text_classes.h"
#include "engine/tokenizer.h"

namespace engine {

// The text of one answer or one prompt, given as it comes, cut between characters. What is added costs its
// time when it is added, and a few KB are kept of it: a text is counted up to a place where every tokenizer
// begins a new piece whatever stands before (a space after a letter, a comma or full stop after a Chinese
// character). Where none comes for 64 KiB (a picture in base64), it is cut anyway, which may make a token
// more or less.
//
// Belongs to one thread at a time; movable.
class TextTally {
 public:
  static constexpr std::size_t kStepBytes = 4 * 1024;
  static constexpr std::size_t kKeptBytesMax = 64 * 1024;

  TextTally() = default;

  // `tokenizer` may be null: then only classes are counted.
  explicit TextTally(std::shared_ptr<const Tokenizer> tokenizer) : tokenizer_(std::move(tokenizer)) {}

  // Text as people read it, not as JSON escapes it.
  void Add(std::string_view text);

  const TextClasses& classes() const { return classes_; }
  bool counts() const { return tokenizer_ != nullptr; }

  // Tokens of all that was added. REQUIRES: counts().
  std::int64_t Tokens() const { return tokens_ + tokenizer_->Count(kept_); }

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  TextClasses classes_;
  std::string kept_;                  // not counted yet
  std::size_t look_at_ = kStepBytes;  // size of kept_ at which a place to cut is looked for
  std::int64_t tokens_ = 0;
};

// The last place in `text` where every tokenizer begins a new piece, whatever follows; 0 where there is none.
std::size_t LastSafeCut(std::string_view text);

}  // namespace engine
