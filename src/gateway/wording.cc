#include "gateway/wording.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "gateway/model_limits.h"
#include "translate/losses.h"
#include "translate/strip.h"

namespace gateway {
namespace {

using chat::Operation;

// Whether a model's thoughts are part of what is asked or of what was said before.
bool Thinks(const translate::Request& form) {
  using Mode = translate::Thinking::Mode;
  if (form.thinking.mode == Mode::kOn || form.thinking.mode == Mode::kAdaptive) return true;
  return std::any_of(form.turns.begin(), form.turns.end(), [](const translate::Turn& turn) {
    return std::any_of(turn.parts.begin(), turn.parts.end(), [](const translate::Part& part) {
      return part.kind == translate::Part::Kind::kReasoning;
    });
  });
}

// In which member a provider wants an output limit that nobody has written yet.
std::string_view OutputMember(Operation operation, chat::Flavour flavour) {
  if (operation == Operation::kResponses) return "max_output_tokens";
  // OpenAI's models that think take no other one.
  const bool openai = operation == Operation::kChat && flavour == chat::Flavour::kOpenai;
  return openai ? "max_completion_tokens" : "max_tokens";
}

}  // namespace

chat::Operation GeneratingOperation(chat::Dialect dialect) {
  switch (dialect) {
    case chat::Dialect::kOpenai:
      return Operation::kChat;
    case chat::Dialect::kResponses:
      return Operation::kResponses;
    case chat::Dialect::kAnthropic:
      return Operation::kMessages;
  }
  return Operation::kChat;
}

void Wording::Splice(const wire::RequestView& request, std::optional<std::string_view> model) {
  said_ = &request;
  options_.model = model;
  options_.force_usage = model && request.stream && !request.include_usage;
  Splice();
}

void Wording::Splice() {
  spliced_.emplace(wire::Splice(*said_, options_));
  count_ = spliced_->Pieces();
  for (std::size_t i = 0; i < count_; ++i) pieces_[i] = spliced_->Piece(i);
}

const wire::RequestView& Wording::said() {
  if (said_ == nullptr) {
    auto reread = wire::ParseRequest(operation_, own_);
    CHECK(reread.has_value());  // a request of our own writing
    reread_ = std::move(*reread);
    said_ = &*reread_;
  }
  return *said_;
}

const wire::RequestExtent& Wording::extent() {
  if (!extent_) extent_.emplace(said());
  return extent_->Get();
}

void Wording::LimitOutput(std::int64_t tokens) {
  said();
  options_.output_limit = tokens;
  options_.output_member = OutputMember(operation_, flavour_);
  Splice();
}

tl::expected<void, translate::Unsayable> Wordings::Find(const config::ModelRef& target,
                                                        const config::ProviderSettings& provider,
                                                        Wording& wording) {
  wording.operation_ = request_.operation;
  wording.flavour_ = config::FlavourOf(provider);
  if (config::Speaks(provider, chat::DialectOf(request_.operation))) {
    SayNatively(target, provider, wording);
    return {};
  }
  return Translate(target, provider, wording);
}

void Wordings::SayNatively(const config::ModelRef& target, const config::ProviderSettings& provider,
                           Wording& wording) {
  const chat::Flavour flavour = config::FlavourOf(provider);
  if (request_.operation == Operation::kMessages && flavour == chat::Flavour::kDeepseek) {
    wording.dropped_ = IgnoredByDeepseek();
  }
  auto stripped = translate::StripForeign(request_.operation, flavour, target.provider, request_.body);
  if (!stripped) return wording.Splice(request_, target.model);
  wording.own_ = std::move(stripped->body);
  for (std::string& name : stripped->dropped) translate::AddName(std::move(name), wording.dropped_);
  auto reread = wire::ParseRequest(request_.operation, wording.own_);
  CHECK(reread.has_value());  // whole elements and members were taken out
  wording.reread_ = std::move(*reread);
  wording.Splice(*wording.reread_, target.model);
}

// DeepSeek's copy of Messages takes any request and ignores much of it without a word; the caller's bytes go
// there as they are, and these are the words.
std::vector<std::string> Wordings::IgnoredByDeepseek() {
  if (!Read()) return {};
  const auto said = translate::WriteRequest(*form_, {.operation = Operation::kMessages,
                                                     .flavour = chat::Flavour::kDeepseek,
                                                     .model = request_.model,
                                                     .drop_unsayable = true});
  return said ? said->dropped : std::vector<std::string>();
}

// Whether the request has a shared form.
bool Wordings::Read() {
  if (!read_) read_.emplace(translate::ReadRequest(request_.operation, request_.body));
  if (*read_) form_ = &**read_;
  return read_->has_value();
}

// The ways to say it there, the one to be tried first in front.
std::vector<Operation> Wordings::WaysOf(const config::ProviderSettings& provider) const {
  std::vector<Operation> ways;
  for (const chat::Dialect dialect : config::EndpointsOf(provider)) {
    const Operation way = GeneratingOperation(dialect);
    if (translate::CanTranslate(request_.operation, way)) ways.push_back(way);
  }
  // Chat keeps a model's thoughts to itself at OpenAI; in Responses they come out, and go back in.
  if (Thinks(*form_)) {
    std::stable_partition(ways.begin(), ways.end(),
                          [](Operation way) { return way == Operation::kResponses; });
  }
  return ways;
}

tl::expected<void, translate::Unsayable> Wordings::Translate(const config::ModelRef& target,
                                                             const config::ProviderSettings& provider,
                                                             Wording& wording) {
  if (!Read()) return tl::unexpected(translate::Unsayable{.field = {}, .detail = read_->error().detail});
  std::optional<translate::SaidRequest> best;
  std::optional<translate::Unsayable> refused;
  for (const Operation way : WaysOf(provider)) {
    auto said = translate::WriteRequest(
        *form_, {.operation = way,
                 .flavour = config::FlavourOf(provider),
                 .model = target.model,
                 .max_output = LimitsOf(settings_, prices_, target, chat::DialectOf(way)).output,
                 .provider = target.provider,
                 .beta = provider.dialect == config::ApiDialect::kDeepSeek,
                 .drop_unsayable = settings_.translation.unsayable == config::Unsayable::kDrop});
    if (!said) {
      if (!refused) refused = std::move(said.error());
      continue;
    }
    if (best && said->dropped.size() >= best->dropped.size()) continue;
    best = std::move(*said);
    wording.operation_ = way;
    if (best->dropped.empty()) break;
  }
  if (!best) {
    CHECK(refused.has_value());  // every provider has an API that generates text
    return tl::unexpected(std::move(*refused));
  }
  wording.translated_ = true;
  wording.beta_ = best->beta;
  wording.own_ = std::move(best->body);
  wording.dropped_ = std::move(best->dropped);
  wording.pieces_[0] = wording.own_;
  wording.count_ = 1;
  return {};
}

}  // namespace gateway
