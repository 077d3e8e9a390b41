#include "sim/refusals.h"

#include "base/json_text.h"
#include "sim/messages_refusals.h"
#include "wire/error_body.h"

namespace sim {
namespace {

ErrorReply Make(int status, const wire::ErrorBody& error) {
  return {.status = status,
          .message = std::string(error.message),
          .type = error.type,
          .code = error.code,
          .param = std::string(error.param)};
}

}  // namespace

ErrorReply InvalidRequest(Dialect dialect, std::string_view message, std::string_view param) {
  if (SpeaksMessages(dialect)) return messages::Make(400, std::string(message));
  return Make(
      400,
      {.message = message, .type = "invalid_request_error", .code = "invalid_request_error", .param = param});
}

ErrorReply MissingKey(Dialect dialect) {
  if (SpeaksMessages(dialect)) return messages::MissingKey(dialect);
  if (dialect == Dialect::kDeepseek) return WrongKey(dialect);
  return Make(401, {.message = "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'.",
                    .type = "invalid_request_error",
                    .code = "invalid_api_key"});
}

ErrorReply WrongKey(Dialect dialect) {
  if (SpeaksMessages(dialect)) return messages::WrongKey(dialect);
  if (dialect == Dialect::kDeepseek) {
    return Make(401, {.message = "Authentication Fails, the api key is invalid",
                      .type = "authentication_error",
                      .code = "invalid_request_error"});
  }
  return Make(
      401,
      {.message = "Incorrect API key provided.", .type = "invalid_request_error", .code = "invalid_api_key"});
}

ErrorReply OutOfBalance(Dialect dialect) {
  if (SpeaksMessages(dialect)) return messages::OutOfBalance(dialect);
  if (dialect == Dialect::kDeepseek) {
    return Make(
        402, {.message = "Insufficient Balance", .type = "unknown_error", .code = "invalid_request_error"});
  }
  return Make(429, {.message = "You exceeded your current quota, please check your plan and billing details.",
                    .type = "insufficient_quota",
                    .code = "insufficient_quota"});
}

ErrorReply TooManyRequests(Dialect dialect, std::string_view model) {
  const std::string message = "Rate limit reached for " + std::string(model) + ": too many requests at once.";
  ErrorReply reply =
      SpeaksMessages(dialect) ? messages::Make(429, message)
      : dialect == Dialect::kDeepseek
          ? Make(429, {.message = message, .type = "rate_limit_error", .code = "rate_limit_reached"})
          : Make(429, {.message = message, .type = "requests", .code = "rate_limit_exceeded"});
  reply.retry_after_seconds = 1;
  return reply;
}

ErrorReply NoSuchModel(Dialect dialect, std::string_view model) {
  if (SpeaksMessages(dialect)) return messages::NoSuchModel(model);
  if (dialect == Dialect::kDeepseek) {
    return Make(
        400,
        {.message = "Model Not Exist", .type = "invalid_request_error", .code = "invalid_request_error"});
  }
  const std::string message =
      "The model '" + std::string(model) + "' does not exist or you do not have access to it.";
  return Make(
      404,
      {.message = message, .type = "invalid_request_error", .code = "model_not_found", .param = "model"});
}

ErrorReply NoSuchPath(Dialect dialect, std::string_view method, std::string_view path) {
  const std::string message = "Unknown request URL: " + std::string(method) + " " + std::string(path) + ".";
  if (SpeaksMessages(dialect)) return messages::Make(404, message);
  return Make(404, {.message = message, .type = "invalid_request_error", .code = "unknown_url"});
}

ErrorReply ErrorOf(Dialect dialect, int status) {
  if (SpeaksMessages(dialect)) return messages::ErrorOf(dialect, status);
  const bool deepseek = dialect == Dialect::kDeepseek;
  switch (status) {
    case 400:
      return InvalidRequest(dialect, "The request is not valid (simulated).", "");
    case 401:
      return WrongKey(dialect);
    case 402:
      return Make(
          402, {.message = "Insufficient Balance", .type = "unknown_error", .code = "invalid_request_error"});
    case 404:
      return Make(404, {.message = "The model does not exist (simulated).",
                        .type = "invalid_request_error",
                        .code = "model_not_found",
                        .param = "model"});
    case 422:
      return Make(422, {.message = "A parameter is not valid (simulated).",
                        .type = "invalid_request_error",
                        .code = "invalid_parameter"});
    case 429: {
      ErrorReply reply = TooManyRequests(dialect, "this model");
      reply.retry_after_seconds.reset();  // the fault says whether there is one
      return reply;
    }
    case 503:
      return Make(503, {.message = "The service is overloaded, please try again later.",
                        .type = deepseek ? "service_unavailable_error" : "server_error",
                        .code = deepseek ? "service_unavailable" : "overloaded"});
    default:
      return Make(status, {.message = "The server had an error while processing your request (simulated).",
                           .type = status >= 500 ? "server_error" : "invalid_request_error",
                           .code = status >= 500 ? "internal_error" : "invalid_request_error"});
  }
}

ErrorReply FailureInStream(Dialect dialect) {
  return ErrorOf(dialect, SpeaksMessages(dialect) ? 529 : 500);
}

std::string WriteErrorBody(Dialect dialect, const ErrorReply& error, std::string_view request_id) {
  if (SpeaksMessages(dialect)) return messages::WriteBody(error, request_id);
  return wire::WriteError(
      chat::Dialect::kOpenai,
      {.message = error.message, .type = error.type, .code = error.code, .param = error.param});
}

std::string WriteErrorEvent(Dialect dialect, const ErrorReply& error, std::string_view request_id,
                            std::size_t events_before) {
  if (dialect == Dialect::kResponses) {
    base::JsonObject event;
    event.Add("type", "error").Add("code", error.type).Add("message", error.message).AddNull("param");
    event.Add("sequence_number", static_cast<std::int64_t>(events_before));
    return "event: error\ndata: " + event.Take() + "\n\n";
  }
  const std::string body = WriteErrorBody(dialect, error, request_id);
  return (SpeaksMessages(dialect) ? "event: error\ndata: " : "data: ") + body + "\n\n";
}

}  // namespace sim
