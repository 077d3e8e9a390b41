#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "store/ledger_row.h"

namespace store {

// Rows from a seed: `Any` with everything that a row can hold, odd values included; `Usual` as a gateway with
// some teams and models has them. A row is valid until the next one.
class RowMaker {
 public:
  explicit RowMaker(std::uint64_t seed) : random_(seed) {}

  const LedgerRow& Any() {
    Begin();
    row_.started = base::WallTime(std::chrono::nanoseconds(static_cast<std::int64_t>(random_.Next())));
    if (Coin()) row_.dispatched = base::WallTime(std::chrono::nanoseconds(Number()));
    if (Coin()) row_.first_token = base::WallTime(std::chrono::nanoseconds(Number()));
    row_.completed = base::WallTime(std::chrono::nanoseconds(Number()));
    for (std::string_view* const text :
         {&row_.key_id, &row_.org, &row_.team, &row_.project, &row_.user, &row_.session, &row_.asked_model,
          &row_.provider, &row_.model, &row_.response_model, &row_.reason, &row_.dropped, &row_.error,
          &row_.service_tier}) {
      *text = Text(40);
    }
    row_.provider_usage = Text(600);
    const std::uint64_t tags = random_.Below(kRowTagsMax + 1);
    for (std::uint64_t i = 0; i < tags; ++i) tags_.emplace_back(Text(20), Text(20));
    row_.tags = tags_;
    row_.operation = static_cast<chat::Operation>(random_.Below(6));
    if (Coin()) row_.said_as = static_cast<chat::Operation>(random_.Below(6));
    row_.rung = static_cast<chat::Rung>(random_.Below(7));
    row_.finish = static_cast<chat::FinishReason>(random_.Below(7));
    row_.usage_source = static_cast<chat::UsageSource>(random_.Below(5));
    row_.stream = Coin();
    row_.aborted = Coin();
    row_.batch = Coin();
    row_.status = static_cast<std::int32_t>(Number());
    row_.usage = AnyUsage();
    row_.price = AnyPrice();
    if (Coin()) row_.saved = Wide();
    const std::uint64_t attempts = random_.Below(kRowAttemptsMax + 1);
    for (std::uint64_t i = 0; i < attempts; ++i) {
      LedgerAttempt& attempt = attempts_.emplace_back();
      attempt.model = Text(30);
      attempt.status = static_cast<std::int32_t>(Number());
      attempt.error = Text(12);
      attempt.ms = static_cast<std::uint32_t>(Number());
      if (Coin()) attempt.usage = AnyUsage();
      attempt.price = AnyPrice();
      if (!attempt.usage) attempt.price.held = {};
      if (attempt.usage && Coin()) {
        attempt.call = LedgerCall{.said_as = static_cast<chat::Operation>(random_.Below(6)),
                                  .dispatched = base::WallTime(std::chrono::nanoseconds(Number())),
                                  .completed = base::WallTime(std::chrono::nanoseconds(Number())),
                                  .service_tier = Text(20)};
      }
    }
    row_.attempts = attempts_;
    return row_;
  }

  // Started at `started`, done a second later.
  const LedgerRow& Usual(base::WallTime started) {
    static constexpr std::string_view kTeams[] = {"support", "search", "billing", "growth", "research"};
    static constexpr std::string_view kModels[] = {"deepseek-flash", "deepseek-v4-pro", "gpt-5-mini"};
    Begin();
    row_.started = started;
    row_.dispatched = started + std::chrono::microseconds(40);
    row_.first_token = started + std::chrono::milliseconds(300);
    row_.completed = started + std::chrono::seconds(1);
    row_.team = kTeams[random_.Below(std::size(kTeams))];
    row_.project = Coin() ? "web" : "mobile";
    row_.key_id = Keep("key_" + std::to_string(random_.Below(20)));
    row_.user = Keep("user-" + std::to_string(random_.Below(1'000)));
    tags_ = {{"app", Coin() ? "checkout" : "help"}, {"env", "prod"}};
    row_.tags = tags_;
    row_.asked_model = "assistant";
    row_.model = kModels[random_.Below(std::size(kModels))];
    row_.provider = row_.model.starts_with("gpt") ? "openai" : "deepseek";
    row_.response_model = row_.model;
    row_.rung = row_.model == "deepseek-flash" ? chat::Rung::kCheap : chat::Rung::kStrong;
    row_.reason = "the default rung";
    row_.stream = Coin();
    row_.status = 200;
    row_.finish = chat::FinishReason::kStop;
    row_.usage.input = static_cast<std::int64_t>(random_.Below(4'000));
    row_.usage.cached_input = static_cast<std::int64_t>(random_.Below(8)) * 128;
    row_.usage.output = static_cast<std::int64_t>(random_.Below(900));
    row_.usage_source = chat::UsageSource::kProvider;
    row_.provider_usage =
        Keep(R"({"prompt_tokens":)" + std::to_string(row_.usage.TotalInput()) + R"(,"completion_tokens":)" +
             std::to_string(row_.usage.output) + R"(,"prompt_tokens_details":{"cached_tokens":)" +
             std::to_string(row_.usage.cached_input) + R"(},"total_tokens":1})");
    row_.price = {
        .version = "2026-09-10-peak-5c1e9a77",
        .phase = "peak",
        .currency = base::Currency::kUsd,
        .cost = row_.usage.input * 150'000 + row_.usage.cached_input * 3'000 + row_.usage.output * 600'000};
    row_.saved = *row_.price.cost * 3;
    attempts_.push_back({.model = Keep(std::string(row_.provider) + "/" + std::string(row_.model)),
                         .status = 200,
                         .error = "",
                         .ms = 900,
                         .usage = std::nullopt,
                         .price = {},
                         .call = {}});
    row_.attempts = attempts_;
    return row_;
  }

 private:
  void Begin() {
    texts_.clear();
    tags_.clear();
    attempts_.clear();
    row_ = {};
    row_.request_id = Keep("req_" + std::to_string(random_.Next()));
  }
  bool Coin() { return random_.Below(2) == 1; }
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::string_view Text(std::size_t size_max) {
    std::string text(random_.Below(size_max + 1), '\0');
    for (char& c : text) c = static_cast<char>(random_.Next());
    return Keep(std::move(text));
  }
  // Of any size, small ones more often.
  std::int64_t Number() { return static_cast<std::int64_t>(random_.Next() >> random_.Below(64)); }
  base::Int128 Wide() {
    const auto high = static_cast<base::Int128>(static_cast<std::int64_t>(random_.Next()));
    return ((high << 63) ^ static_cast<base::Int128>(random_.Next() >> 1)) >> random_.Below(127);
  }
  chat::Usage AnyUsage() {
    chat::Usage usage;
    for (std::size_t i = 0; i < chat::kMeters; ++i) {
      if (random_.Below(3) == 0) usage[static_cast<chat::Meter>(i)] = Number();
    }
    usage.inconsistent = random_.Below(4) == 0;
    return usage;
  }
  LedgerPrice AnyPrice() {
    LedgerPrice price;
    if (random_.Below(4) == 0) return price;
    if (random_.Below(4) == 0) {
      price.version = kUnknownPrice;
      if (Coin()) price.held = {.pico = Wide(), .currency = base::Currency::kUsd};
      return price;
    }
    price.version = Text(30);
    price.phase = Coin() ? "peak" : "";
    price.currency = Coin() ? base::Currency::kUsd : base::Currency::kCny;
    if (Coin()) price.cost = Wide();
    return price;
  }

  base::Random random_;
  std::deque<std::string> texts_;
  std::vector<std::pair<std::string_view, std::string_view>> tags_;
  std::vector<LedgerAttempt> attempts_;
  LedgerRow row_;
};

// Whether two rows say the same.
inline bool SameRow(const LedgerRow& a, const LedgerRow& b) {
  const auto texts = [](const LedgerRow& row) {
    return std::vector<std::string_view>{
        row.request_id, row.key_id,      row.org,          row.team,          row.project,        row.user,
        row.session,    row.asked_model, row.provider,     row.model,         row.response_model, row.reason,
        row.dropped,    row.error,       row.service_tier, row.provider_usage};
  };
  const auto numbers = [](const LedgerRow& row) {
    return std::tuple(row.started, row.dispatched, row.first_token, row.completed, row.operation, row.rung,
                      row.finish, row.said_as, row.usage_source, row.stream, row.aborted, row.batch,
                      row.status);
  };
  return texts(a) == texts(b) && numbers(a) == numbers(b) &&
         std::equal(a.tags.begin(), a.tags.end(), b.tags.begin(), b.tags.end()) && a.usage == b.usage &&
         a.price == b.price && a.saved == b.saved &&
         std::equal(a.attempts.begin(), a.attempts.end(), b.attempts.begin(), b.attempts.end());
}

}  // namespace store
