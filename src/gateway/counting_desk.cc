#include "gateway/counting_desk.h"

#include <string>
#include <utility>

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

// Bytes that somebody has counted, while it lives.
class Bytes {
 public:
  Bytes(std::atomic<std::uint64_t>& all, std::uint64_t own)
      : all_(all), own_(own), before_(all.fetch_add(own, std::memory_order_relaxed)) {}
  ~Bytes() { all_.fetch_sub(own_, std::memory_order_relaxed); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  std::uint64_t before() const { return before_; }  // of others

 private:
  std::atomic<std::uint64_t>& all_;
  const std::uint64_t own_;
  const std::uint64_t before_;
};

}  // namespace

net::Task<std::optional<std::int64_t>> CountingDesk::Count(net::Loop& loop, std::string_view provider,
                                                           std::string_view model,
                                                           const wire::RequestView& request) {
  std::optional<std::int64_t> tokens;
  std::function<void()> count = [this, &tokens, provider, model, body = request.body] {
    tokens = Sum(counter_, provider, model).Of(body);
  };
  const bool counted = co_await Do(loop, request.body.size(), std::move(count));
  if (!counted) co_return std::nullopt;
  co_return tokens;
}

net::Task<bool> CountingDesk::Do(net::Loop& loop, std::uint64_t bytes, std::function<void()> count) {
  const Bytes held(waiting_bytes_, bytes);
  if (held.before() > 0 && held.before() + bytes > kWaitingBytesMax) co_return false;
  std::function<bool()> work = [count = std::move(count)] {
    count();
    return true;
  };
  const auto done = co_await desk_.Do(loop, std::move(work));
  co_return done.has_value();
}

}  // namespace gateway
