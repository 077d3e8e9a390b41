#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/estimator.h"
#include "engine/text_classes.h"

namespace engine {

enum class CountKind : std::uint8_t {
  kCounted,    // by the model's own tokenizer: within one token of the provider's count of the same text
  kEstimated,  // by classes of characters, calibrated on what the provider reported
};

struct TokenCount {
  std::int64_t tokens = 0;
  CountKind kind = CountKind::kEstimated;
};

// The text of one answer or one prompt, given as it comes. Belongs to one thread at a time.
class TextTally {
 public:
  // Text as people read it, not as JSON escapes it, cut between characters.
  void Add(std::string_view text);

  const TextClasses& classes() const { return classes_; }

 private:
  friend class TokenCounter;

  TextTally(std::string_view provider, std::string_view model) : provider_(provider), model_(model) {}

  std::string provider_;
  std::string model_;
  TextClasses classes_;
};

// How many tokens a text is for a provider's model. Thread-safe: what is loaded is immutable and shared, the
// estimator has a lock that is held for about a microsecond, and no call waits for anything or does I/O.
// Nothing fails: a model without a tokenizer of its own is estimated.
class TokenCounter {
 public:
  // `provider` is its name in the config.
  TokenCount Count(std::string_view provider, std::string_view model, std::string_view text) const;

  // The same for a text that comes in pieces: what is added costs its time when it is added.
  TextTally Begin(std::string_view provider, std::string_view model) const;
  TokenCount Count(const TextTally& tally) const;

  // What the form of a conversation of that many messages adds (model_family.h says how well that is known).
  std::int64_t Overhead(std::string_view provider, std::string_view model, std::int64_t messages) const;

  // No tokenizer makes more tokens of that text: for a budget's worst case. One for each byte that the
  // tokenizer sees, which may be more than came: bytes that are not UTF-8 are read as U+FFFD, and a few
  // characters are composed into longer ones first.
  static std::int64_t Upper(std::string_view text);

  // What the provider says that a text really was; teaches the estimator.
  void Learn(std::string_view provider, std::string_view model, const TextClasses& text, std::int64_t tokens);

  std::vector<EstimateAccuracy> Accuracies() const { return estimator_.Accuracies(); }

 private:
  Estimator estimator_;
};

}  // namespace engine
