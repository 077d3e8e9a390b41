#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/estimator.h"
#include "engine/text_classes.h"
#include "engine/tokenizer_shelf.h"

namespace engine {

enum class CountKind : std::uint8_t {
  kCounted,    // by the model's own tokenizer: within one token of the provider's count of the same text
  kEstimated,  // by classes of characters, calibrated on what the provider reported
};

struct TokenCount {
  std::int64_t tokens = 0;
  CountKind kind = CountKind::kEstimated;

  friend bool operator==(const TokenCount&, const TokenCount&) = default;
};

// How many tokens a text is for a provider's model. Thread-safe: what is loaded is immutable and shared, the
// estimator has a lock that is held for about a microsecond, and no call waits for anything or does I/O.
// Nothing fails: a model without a tokenizer of its own is estimated, and so is the first text of a family
// whose file is only being loaded then.
class TokenCounter {
 public:
  // A text beyond this is counted up to here, and the rest estimated by what that came to, so that a text
  // takes about a millisecond of whoever counts it.
  static constexpr std::size_t kCountedBytesMax = 64 * 1024;

  // Without tokenizers: everything is estimated.
  TokenCounter() = default;

  // With those of a folder (tokenizer_shelf.h).
  TokenCounter(std::string folder, TokenizerShelf::Report report);

  // `provider` is its name in the config.
  TokenCount Count(std::string_view provider, std::string_view model, std::string_view text) const;

  // The same by the model's own tokenizer however long the text is: some 10 ms for each MiB, and so not for
  // event loops. None: it has none, or it is only being loaded.
  std::optional<std::int64_t> CountWhole(std::string_view provider, std::string_view model,
                                         std::string_view text) const;

  // Asks for the model's tokenizer, so that it is there when it is needed.
  void Prepare(std::string_view provider, std::string_view model) const;

  // Tokenizers that were not there before may be now.
  void LookAgain() const;

  // What the form of a conversation of that many messages adds (model_family.h says how well that is known).
  static std::int64_t Overhead(std::string_view provider, std::string_view model, std::int64_t messages);

  // No tokenizer of bytes makes more tokens of that text: for a budget's worst case. One for each byte that
  // it sees, which may be more than came: bytes that are not UTF-8 are read as U+FFFD, and some characters
  // are composed into longer ones first.
  static std::int64_t Upper(std::string_view text);

  // What the provider says that a text really was; teaches the estimator.
  void Learn(std::string_view provider, std::string_view model, const TextClasses& text, std::int64_t tokens);

  // How well estimates were, by model; how many tokenizers are loaded.
  std::vector<EstimateAccuracy> Accuracies() const { return estimator_.Accuracies(); }
  std::size_t tokenizers() const { return shelf_ == nullptr ? 0 : shelf_->loaded(); }

 private:
  std::shared_ptr<const Tokenizer> Find(std::string_view provider, std::string_view model) const;

  std::unique_ptr<TokenizerShelf> shelf_;  // null: none
  Estimator estimator_;
};

}  // namespace engine
