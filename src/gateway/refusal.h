#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/dialect.h"

namespace gateway {

// Every case in which Sluice itself says no. Statuses and codes are a public contract.
enum class Refusal : std::uint8_t {
  kInvalidApiKey,
  kModelNotAllowed,
  kNetworkNotAllowed,  // the key may not be used from the caller's address
  kInvalidRequest,
  kModelNotFound,
  kUnknownPath,
  kWrongMethod,
  kBodyTooLarge,
  kHeadTooLarge,
  kTooSlow,  // the request did not arrive in time
  kRateLimited,
  kBudgetExceeded,
  kUpstreamError,
  kDeadlineExceeded,
  kUnavailable,
};

struct RefusalFacts {
  int status;
  std::string_view code;  // stable, for programs
  std::string_view type;  // class of error in the OpenAI dialect
  bool should_retry;      // x-should-retry: official clients obey it
};

RefusalFacts FactsOf(Refusal refusal);

// One refusal as it is sent. What the facts say can be replaced by what a provider said.
struct RefusalText {
  Refusal refusal;
  std::string message;  // one sentence: what is wrong and what to do
  std::string param{};
  std::optional<std::chrono::milliseconds> retry_after{};
  std::optional<int> status{};
  std::optional<bool> should_retry{};
  std::string_view allow{};  // of kWrongMethod: the methods that the path has

  int Status() const { return status.value_or(FactsOf(refusal).status); }
  std::string Fields() const;  // header fields that go with it, content-type included
  // The error body in the caller's dialect; the same as an event of a stream, numbered where events are.
  std::string Body(chat::Dialect dialect, std::string_view request_id) const;
  std::string Event(chat::Dialect dialect, std::string_view request_id, std::int64_t sequence_number) const;
};

// The refusal of what a drain has stopped, or does not begin any more.
RefusalText GoingDown();

// The refusal for a message that never became a request: net says only a status.
Refusal RefusalOf(int status);

}  // namespace gateway
