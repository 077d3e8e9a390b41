#include "sim/messages_refusals.h"

#include <utility>

#include "base/json_text.h"

namespace sim::messages {
namespace {

std::string_view TypeOf(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 402:
      return "billing_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 409:
      return "conflict_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    case 529:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

}  // namespace

ErrorReply Make(int status, std::string message) {
  return {.status = status, .message = std::move(message), .type = TypeOf(status)};
}

ErrorReply MissingKey(Dialect dialect) {
  return IsDeepseek(dialect) ? messages::WrongKey(dialect) : Make(401, "x-api-key header is required");
}

ErrorReply WrongKey(Dialect dialect) {
  return Make(401,
              IsDeepseek(dialect) ? "Authentication Fails, the api key is invalid" : "invalid x-api-key");
}

ErrorReply OutOfBalance(Dialect dialect) {
  if (IsDeepseek(dialect)) return Make(402, "Insufficient Balance");
  return Make(400, "Your credit balance is too low to access the API.");
}

ErrorReply NoSuchModel(std::string_view model) {
  return Make(404, "model: " + std::string(model));
}

ErrorReply ErrorOf(Dialect dialect, int status) {
  switch (status) {
    case 400:
      return Make(status, "The request is not valid (simulated).");
    case 401:
      return messages::WrongKey(dialect);
    case 402:
      return Make(status, IsDeepseek(dialect) ? "Insufficient Balance" : "Payment is required (simulated).");
    case 403:
      return Make(status, "The key has no permission for this (simulated).");
    case 404:
      return Make(status, "The model does not exist (simulated).");
    case 413:
      return Make(status, "The request exceeds the maximum size.");
    case 429:
      return Make(status, "The rate limit is exceeded (simulated).");
    case 504:
      return Make(status, "The request took too long (simulated).");
    case 529:
      return Make(status, "Overloaded");
    default:
      return Make(status, status >= 500 ? "Internal server error" : "The request is not valid (simulated).");
  }
}

std::string WriteBody(const ErrorReply& error, std::string_view request_id) {
  base::JsonObject json;
  json.Add("type", "error");
  json.OpenObject("error").Add("type", error.type).Add("message", error.message).Close();
  if (!request_id.empty()) json.Add("request_id", request_id);
  return json.Take();
}

}  // namespace sim::messages
