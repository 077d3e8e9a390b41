#include "engine/token_counter.h"

#include "engine/model_family.h"

namespace engine {

void TextTally::Add(std::string_view text) {
  classes_.Add(text);
}

TextTally TokenCounter::Begin(std::string_view provider, std::string_view model) const {
  return TextTally(provider, model);
}

TokenCount TokenCounter::Count(const TextTally& tally) const {
  return {estimator_.Estimate(tally.provider_, tally.model_, tally.classes_), CountKind::kEstimated};
}

TokenCount TokenCounter::Count(std::string_view provider, std::string_view model,
                               std::string_view text) const {
  TextClasses classes;
  classes.Add(text);
  return {estimator_.Estimate(provider, model, classes), CountKind::kEstimated};
}

std::int64_t TokenCounter::Overhead(std::string_view provider, std::string_view model,
                                    std::int64_t messages) const {
  return PromptOverhead(FamilyOf(provider, model), messages);
}

std::int64_t TokenCounter::Upper(std::string_view text) {
  constexpr std::int64_t kGrowth =
      3;  // U+FFFD has three bytes, and no composition is longer than three times
  std::int64_t bytes = 0;
  for (const char c : text) bytes += static_cast<unsigned char>(c) < 0x80 ? 1 : kGrowth;
  return bytes;
}

void TokenCounter::Learn(std::string_view provider, std::string_view model, const TextClasses& text,
                         std::int64_t tokens) {
  estimator_.Learn(provider, model, text, tokens);
}

}  // namespace engine
