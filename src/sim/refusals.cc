#include "sim/refusals.h"

#include "wire/error_body.h"

namespace sim {
namespace {

using chat::Dialect;

ErrorReply Make(int status, const wire::ErrorBody& error) {
  return {status, wire::WriteError(error), std::nullopt};
}

}  // namespace

ErrorReply InvalidRequest(Dialect, std::string_view message, std::string_view param) {
  return Make(
      400,
      {.message = message, .type = "invalid_request_error", .code = "invalid_request_error", .param = param});
}

ErrorReply MissingKey(Dialect dialect) {
  if (dialect == Dialect::kDeepseek) return WrongKey(dialect);
  return Make(401, {.message = "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'.",
                    .type = "invalid_request_error",
                    .code = "invalid_api_key"});
}

ErrorReply WrongKey(Dialect dialect) {
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
      dialect == Dialect::kDeepseek
          ? Make(429, {.message = message, .type = "rate_limit_error", .code = "rate_limit_reached"})
          : Make(429, {.message = message, .type = "requests", .code = "rate_limit_exceeded"});
  reply.retry_after_seconds = 1;
  return reply;
}

ErrorReply NoSuchModel(Dialect dialect, std::string_view model) {
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

ErrorReply NoSuchPath(std::string_view method, std::string_view path) {
  const std::string message = "Unknown request URL: " + std::string(method) + " " + std::string(path) + ".";
  return Make(404, {.message = message, .type = "invalid_request_error", .code = "unknown_url"});
}

ErrorReply ErrorOf(Dialect dialect, int status) {
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

}  // namespace sim
