#include "gateway/counting_desk.h"

#include <memory>
#include <string>

#include "base/counted.h"
#include "wire/json_scanner.h"
#include "wire/json_string.h"

namespace gateway {
namespace {

// Sums up one body.
class Sum {
 public:
  Sum(const engine::TokenCounter& counter, std::string_view provider, std::string_view model)
      : counter_(counter), provider_(provider), model_(model) {}

  std::optional<std::int64_t> Of(std::string_view body) {
    wire::JsonCursor at(body);
    Value(at);
    // What is between the texts: brackets, commas, numbers.
    tokens_ += static_cast<std::int64_t>(body.size() - text_bytes_);
    return known_ ? std::optional(tokens_) : std::nullopt;
  }

 private:
  void Value(wire::JsonCursor& at) {
    if (!known_) {
      at.Take();
    } else if (at.AtString()) {
      Text(at.Take().Inside());
    } else if (at.EnterArray()) {
      while (at.NextElement()) Value(at);
    } else if (at.EnterObject()) {
      while (at.NextMember()) {
        Text(at.Key());
        Value(at);
      }
    } else {
      at.Take();
    }
  }

  void Text(std::string_view inside) {
    text_bytes_ += inside.size();
    text_.clear();
    wire::AppendUnescaped(text_, inside);
    const auto tokens = counter_.CountWhole(provider_, model_, text_);
    known_ = tokens.has_value();
    tokens_ += tokens.value_or(0) + 1;  // a count is within one of the provider's
  }

  const engine::TokenCounter& counter_;
  const std::string_view provider_;
  const std::string_view model_;
  bool known_ = true;
  std::int64_t tokens_ = 0;
  std::size_t text_bytes_ = 0;
  std::string text_;
};

}  // namespace

CountingDesk::CountingDesk(const base::Clock& clock, const engine::TokenCounter& counter)
    : counter_(counter), loop_(clock), thread_([this] { loop_.Run(); }) {}

CountingDesk::~CountingDesk() {
  loop_.StopAfterPosted();
}

net::Task<std::optional<std::int64_t>> CountingDesk::Count(net::Loop& loop, std::string_view provider,
                                                           std::string_view model,
                                                           const wire::RequestView& request) {
  const base::Counted waiting(waiting_);
  if (waiting.before() >= kWaitingMax) co_return std::nullopt;
  struct Question {
    std::optional<std::int64_t> answer;
    net::Event told;
  };
  const auto question = std::make_shared<Question>();
  loop_.Post([this, question, &loop, provider, model, body = request.body] {
    question->answer = Sum(counter_, provider, model).Of(body);
    loop.Post([question] { question->told.Notify(); });
  });
  co_await question->told;
  co_return question->answer;
}

}  // namespace gateway
