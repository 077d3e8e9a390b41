#include "gateway/refusal.h"

#include "net/header_text.h"
#include "wire/error_body.h"

namespace gateway {
namespace {

wire::ErrorBody Facts(const RefusalText& text, std::string_view request_id) {
  const RefusalFacts facts = FactsOf(text.refusal);
  return {.message = text.message,
          .type = facts.type,
          .code = facts.code,
          .param = text.param,
          .status = text.Status(),
          .request_id = request_id};
}

}  // namespace

RefusalFacts FactsOf(Refusal refusal) {
  constexpr std::string_view kInvalid = "invalid_request_error";
  switch (refusal) {
    case Refusal::kInvalidApiKey:
      return {401, "invalid_api_key", "authentication_error", false};
    case Refusal::kModelNotAllowed:
      return {403, "model_not_allowed", "permission_error", false};
    case Refusal::kNetworkNotAllowed:
      return {403, "network_not_allowed", "permission_error", false};
    case Refusal::kInvalidRequest:
      return {400, "invalid_request", kInvalid, false};
    case Refusal::kModelNotFound:
      return {404, "model_not_found", kInvalid, false};
    case Refusal::kUnknownPath:
      return {404, "not_found", kInvalid, false};
    case Refusal::kWrongMethod:
      return {405, "method_not_allowed", kInvalid, false};
    case Refusal::kBodyTooLarge:
      return {413, "too_large", kInvalid, false};
    case Refusal::kHeadTooLarge:
      return {431, "too_large", kInvalid, false};
    case Refusal::kTooSlow:
      return {408, "request_timeout", kInvalid, true};
    case Refusal::kRateLimited:
      return {429, "rate_limited", "rate_limit_error", true};
    case Refusal::kBudgetExceeded:
      return {429, "budget_exceeded", "budget_error", false};
    case Refusal::kUpstreamError:
      return {502, "upstream_error", "upstream_error", true};
    case Refusal::kDeadlineExceeded:
      return {504, "deadline_exceeded", "timeout_error", false};
    case Refusal::kUnavailable:
      return {503, "unavailable", "unavailable_error", true};
  }
  return {500, "internal", "internal_error", false};
}

RefusalText GoingDown() {
  return {.refusal = Refusal::kUnavailable,
          .message = "the gateway is going down; ask again",
          .retry_after = std::chrono::seconds(1)};
}

Refusal RefusalOf(int status) {
  switch (status) {
    case 408:
      return Refusal::kTooSlow;
    case 413:
      return Refusal::kBodyTooLarge;
    case 431:
      return Refusal::kHeadTooLarge;
    case 503:
      return Refusal::kUnavailable;
    default:
      return Refusal::kInvalidRequest;
  }
}

std::string RefusalText::Fields() const {
  net::HeaderText fields;
  fields.Add("content-type", "application/json");
  fields.Add("x-should-retry", should_retry.value_or(FactsOf(refusal).should_retry) ? "true" : "false");
  if (!allow.empty()) fields.Add("allow", allow);
  if (retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*retry_after).count();
    fields.Add("retry-after", std::to_string(seconds < 1 ? 1 : seconds));
  }
  return std::string(fields.view());
}

std::string RefusalText::Body(chat::Dialect dialect, std::string_view request_id) const {
  return wire::WriteError(dialect, Facts(*this, request_id));
}

std::string RefusalText::Event(chat::Dialect dialect, std::string_view request_id,
                               std::int64_t sequence_number) const {
  wire::ErrorBody error = Facts(*this, request_id);
  error.sequence_number = sequence_number;
  return wire::WriteErrorEvent(dialect, error);
}

}  // namespace gateway
