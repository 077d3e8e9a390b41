#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/money.h"
#include "chat/endpoint.h"
#include "chat/finish.h"
#include "chat/rung.h"
#include "chat/usage.h"

namespace store {

inline constexpr std::size_t kRowBytesMax = 128 * 1024;  // of one encoded row
inline constexpr std::size_t kRowTextBytesMax = 512;     // of one text, the provider's usage apart
inline constexpr std::size_t kRowProviderUsageBytesMax = 16 * 1024;
inline constexpr std::size_t kRowAttemptsMax = 20;  // as many calls as a request may cause
inline constexpr std::size_t kRowTagsMax = 16;

inline constexpr std::string_view kUnknownPrice = "unknown";  // the version where no price is known

// The version where an operator has said what a lost call cost: there is an amount, and no definition of it.
inline constexpr std::string_view kStatedPrice = "stated";

// What something cost. `version` is empty where no price applies (nothing was used), and "unknown"
// where none is known: then there is no amount.
struct LedgerPrice {
  std::string_view version;
  std::string_view phase;  // "peak", "off-peak"; empty where a price has no phases
  base::Currency currency;
  std::optional<base::Int128> cost;  // pico-units
  base::Money held{};  // of an unknown one the most that its call can have cost, as it was reserved; else,
                       // where nothing was, and in rows of an early Sluice, of no currency

  bool unknown() const { return version == kUnknownPrice; }
  bool stated() const { return version == kStatedPrice; }

  friend bool operator==(const LedgerPrice&, const LedgerPrice&) = default;
};

// The word for an operation in rows and bills; unlike telemetry's, each has its own.
constexpr std::string_view OperationWord(chat::Operation operation) {
  switch (operation) {
    case chat::Operation::kChat:
      return "chat";
    case chat::Operation::kCompletion:
      return "completion";
    case chat::Operation::kEmbedding:
      return "embedding";
    case chat::Operation::kResponses:
      return "responses";
    case chat::Operation::kMessages:
      return "messages";
    case chat::Operation::kCountTokens:
      return "count_tokens";
  }
  return {};
}

// What the price of a failed attempt's usage goes by.
struct LedgerCall {
  chat::Operation said_as = chat::Operation::kChat;  // how the provider was asked
  base::WallTime dispatched;
  base::WallTime completed;
  std::string_view service_tier;  // as in a row

  friend bool operator==(const LedgerCall&, const LedgerCall&) = default;
};

// One call that was made for a request. The last one answered; an earlier one that failed may have its price
// all the same.
struct LedgerAttempt {
  std::string_view model;   // "provider/model"
  std::int32_t status = 0;  // 0: no answer came
  std::string_view error;   // one word; empty: it answered
  std::uint32_t ms = 0;
  std::optional<chat::Usage> usage;  // of a failed one that used tokens all the same
  LedgerPrice price;                 // of that usage
  std::optional<LedgerCall> call{};  // none: no usage, or a row of an early Sluice

  // The sides of the first slash of `model`.
  std::string_view provider() const { return model.substr(0, model.find('/')); }
  std::string_view name() const { return model.substr(std::min(provider().size() + 1, model.size())); }

  // It used something, and nobody knows what: its usage counts nothing.
  bool untold() const { return usage && price.unknown() && usage->CountsNothing(); }
  // Where its usage is from: what failed has what its provider told, or nobody told it.
  chat::UsageSource usage_source() const {
    return untold() ? chat::UsageSource::kNone : chat::UsageSource::kProvider;
  }

  friend bool operator==(const LedgerAttempt&, const LedgerAttempt&) = default;
};

// One request that a rung answered or for which a provider was asked, as the journal keeps it: facts, amounts
// and names, never a prompt or an answer. All views are borrowed: from the request while it is written, from
// the journal's bytes while it is read. Texts longer than their limit are cut when they are written.
struct LedgerRow {
  std::string_view request_id;  // unique; what makes writing a row twice harmless
  base::WallTime started;
  std::optional<base::WallTime> dispatched;  // when the call that answered was sent; prices may depend on it
  std::optional<base::WallTime> first_token;
  base::WallTime completed;

  std::string_view key_id;  // empty: no key was asked for
  std::string_view org;
  std::string_view team;
  std::string_view project;
  std::string_view user;
  std::string_view session;
  std::span<const std::pair<std::string_view, std::string_view>> tags;  // name, value

  chat::Operation operation = chat::Operation::kChat;
  std::string_view asked_model;
  std::string_view provider;
  std::string_view model;                  // the name that the provider was asked for
  std::string_view response_model;         // the name that it answered with
  std::optional<chat::Operation> said_as;  // how it was asked; none: nobody was, or a row of an early Sluice
  chat::Rung rung = chat::Rung::kStrong;
  std::string_view reason;
  std::span<const LedgerAttempt> attempts;
  std::string_view dropped;  // comma list of fields that the translation left out

  bool stream = false;
  bool aborted = false;  // the client went before the end
  std::int32_t status = 0;
  std::string_view error;  // code of a refusal, or of an error inside a stream
  chat::FinishReason finish = chat::FinishReason::kNone;

  chat::Usage usage;  // of the answer; those of failed attempts stand with them
  chat::UsageSource usage_source = chat::UsageSource::kNone;
  std::string_view provider_usage;  // verbatim JSON; of a Messages stream both objects in an array
  std::string_view service_tier;    // as the provider applied it, else as it was asked for
  bool batch = false;

  LedgerPrice price;                  // of `usage`; its cost does not hold those of failed attempts
  std::optional<base::Int128> saved;  // pico-units of the price's currency; none where it is not known

  // The answer used something, and nobody knows what: its usage counts nothing.
  bool untold() const { return price.unknown() && usage_source == chat::UsageSource::kNone; }
};

}  // namespace store
