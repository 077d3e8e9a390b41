#include "engine/token_counter.h"

#include <cmath>
#include <utility>

#include "base/utf8.h"
#include "engine/model_family.h"
#include "engine/safe_cut.h"
#include "engine/text_form.h"

namespace engine {
namespace {

TextClasses ClassesOf(std::string_view text) {
  TextClasses classes;
  classes.Add(text);
  return classes;
}

}  // namespace

TokenCounter::TokenCounter(std::string folder, TokenizerShelf::Report report)
    : shelf_(std::make_unique<TokenizerShelf>(std::move(folder), std::move(report))) {}

std::shared_ptr<const Tokenizer> TokenCounter::Find(std::string_view provider, std::string_view model) const {
  if (shelf_ == nullptr) return nullptr;
  const auto family = FamilyOf(provider, model);
  return family ? shelf_->Get(*family) : nullptr;
}

TokenCount TokenCounter::Count(std::string_view provider, std::string_view model,
                               std::string_view text) const {
  const auto tokenizer = Find(provider, model);
  if (tokenizer == nullptr)
    return {estimator_.Estimate(provider, model, ClassesOf(text)), CountKind::kEstimated};
  if (text.size() <= kCountedBytesMax) return {tokenizer->Count(text), CountKind::kCounted};
  std::string_view begin = text.substr(0, kCountedBytesMax);
  if (const std::size_t cut = LastSafeCut(begin); cut != 0) begin = begin.substr(0, cut);
  const auto counted = static_cast<double>(tokenizer->Count(begin));
  const auto of_begin = static_cast<double>(estimator_.Estimate(provider, model, ClassesOf(begin)));
  const auto of_all = static_cast<double>(estimator_.Estimate(provider, model, ClassesOf(text)));
  return {std::llround(counted * of_all / of_begin), CountKind::kEstimated};
}

std::optional<std::int64_t> TokenCounter::CountWhole(std::string_view provider, std::string_view model,
                                                     std::string_view text) const {
  const auto tokenizer = Find(provider, model);
  if (tokenizer == nullptr) return std::nullopt;
  std::int64_t tokens = 0;
  while (text.size() > kCountedBytesMax) {
    std::string_view begin = text.substr(0, kCountedBytesMax);
    const std::size_t cut = LastSafeCut(begin);
    begin = cut != 0 ? begin.substr(0, cut) : base::CutUtf8(text, kCountedBytesMax);
    tokens += tokenizer->Count(begin);
    text.remove_prefix(begin.size());
  }
  return tokens + tokenizer->Count(text);
}

void TokenCounter::Prepare(std::string_view provider, std::string_view model) const {
  static_cast<void>(Find(provider, model));
}

void TokenCounter::LookAgain() const {
  if (shelf_ != nullptr) shelf_->LookAgain();
}

std::int64_t TokenCounter::Overhead(std::string_view provider, std::string_view model,
                                    std::int64_t messages) {
  return PromptOverhead(FamilyOf(provider, model), messages);
}

std::int64_t TokenCounter::Upper(std::string_view text) {
  if (base::IsAscii(text) || (base::IsUtf8(text) && !MayNeedNfc(text)))
    return static_cast<std::int64_t>(text.size());
  // U+FFFD has three bytes, and normal form C makes no text longer than three times.
  constexpr std::int64_t kGrowth = 3;
  std::int64_t bytes = 0;
  for (const char c : text) bytes += static_cast<unsigned char>(c) < 0x80 ? 1 : kGrowth;
  return bytes;
}

void TokenCounter::Learn(std::string_view provider, std::string_view model, const TextClasses& text,
                         std::int64_t tokens) {
  estimator_.Learn(provider, model, text, tokens);
}

}  // namespace engine
