#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/endpoint.h"
#include "config/settings.h"
#include "pricing/book.h"
#include "translate/form.h"
#include "translate/losses.h"
#include "translate/translate.h"
#include "upstream/attempt.h"
#include "wire/request.h"
#include "wire/request_extent.h"
#include "wire/splice.h"

namespace gateway {

// How a request is said to one candidate: in the caller's own bytes where its provider speaks that dialect,
// translated where it does not. Holds what its pieces are views of, so it stays where it is.
class Wording {
 public:
  Wording() = default;
  Wording(const Wording&) = delete;
  Wording& operator=(const Wording&) = delete;

  chat::Operation operation() const { return operation_; }  // in which it is said
  bool translated() const { return translated_; }
  bool beta() const { return beta_; }  // a translated one, for DeepSeek's /beta
  std::span<const std::string_view> body() const { return {pieces_.data(), count_}; }
  // What was left out, in the caller's words.
  const std::vector<std::string>& dropped() const { return dropped_; }
  // Something beside the body was left out, too: the names of header fields.
  void Lacks(const std::vector<std::string>& fields) {
    for (const std::string& name : fields) translate::AddName(name, dropped_);
  }

  // The request as this provider reads it, and how much it may make it do. Of a translated one it is read
  // now.
  const wire::RequestView& said();
  const wire::RequestExtent& extent();

  // Has it ask for so many tokens of answer at most; the last call counts.
  void LimitOutput(std::int64_t tokens);
  bool limits_output() const { return options_.output_limit.has_value(); }

 private:
  friend class Wordings;
  // `model` is none where the body names it already.
  void Splice(const wire::RequestView& request, std::optional<std::string_view> model);
  void Splice();

  chat::Operation operation_ = chat::Operation::kChat;
  chat::Flavour flavour_ = chat::Flavour::kOpenai;
  bool translated_ = false;
  bool beta_ = false;
  std::string own_;                          // a body that is not the caller's
  std::optional<wire::RequestView> reread_;  // of it, where it is spliced
  const wire::RequestView* said_ = nullptr;  // what is spliced; null: nothing is yet
  std::optional<wire::LazyExtent> extent_;   // of that
  wire::SpliceOptions options_;
  std::optional<wire::SplicedBody> spliced_;
  std::array<std::string_view, upstream::Request::kPiecesMax> pieces_;
  std::size_t count_ = 0;
  std::vector<std::string> dropped_;
};

// The words for one request, candidate by candidate; its shared form is read at most once, and only when
// somebody is asked who does not speak its dialect. Belongs to one thread.
class Wordings {
 public:
  // `prices`, which may be null, knows how much models write at most. All outlive it.
  Wordings(const wire::RequestView& request, const config::Settings& settings,
           const pricing::Book* prices = nullptr)
      : request_(request), settings_(settings), prices_(prices) {}

  // Fills `wording`, which is new, with views of `target`. Of the APIs that a provider offers, one that the
  // request loses nothing in is taken before one that it does. Error: what cannot be said there; without a
  // field's name where the request cannot be read at all. REQUIRES: the provider speaks the request's
  // dialect, or the request generates text (routing::MakePlan names no other).
  tl::expected<void, translate::Unsayable> Find(const config::ModelRef& target,
                                                const config::ProviderSettings& provider, Wording& wording);

  // The caller's request in the shared form. REQUIRES: a translated wording was found.
  const translate::Request& form() const { return *form_; }

 private:
  void SayNatively(const config::ModelRef& target, const config::ProviderSettings& provider,
                   Wording& wording);
  tl::expected<void, translate::Unsayable> Translate(const config::ModelRef& target,
                                                     const config::ProviderSettings& provider,
                                                     Wording& wording);
  bool Read();
  std::vector<std::string> IgnoredByDeepseek();
  std::vector<chat::Operation> WaysOf(const config::ProviderSettings& provider) const;

  const wire::RequestView& request_;
  const config::Settings& settings_;
  const pricing::Book* const prices_;
  std::optional<base::Result<translate::Request>> read_;
  const translate::Request* form_ = nullptr;
};

// The operation by which a dialect generates text.
chat::Operation GeneratingOperation(chat::Dialect dialect);

}  // namespace gateway
