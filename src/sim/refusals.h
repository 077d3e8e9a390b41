#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/dialect.h"

// Errors as each provider words them.

namespace sim {

struct ErrorReply {
  int status = 500;
  std::string message{};
  std::string_view type{};  // a literal
  std::string_view code{};  // a literal; /messages does not say it
  std::string param{};      // the same
  std::optional<std::int64_t> retry_after_seconds{};
};

ErrorReply InvalidRequest(Dialect dialect, std::string_view message, std::string_view param);
ErrorReply MissingKey(Dialect dialect);
ErrorReply WrongKey(Dialect dialect);
ErrorReply OutOfBalance(Dialect dialect);  // DeepSeek 402, OpenAI 429 insufficient_quota, Anthropic 400
ErrorReply TooManyRequests(Dialect dialect, std::string_view model);
ErrorReply NoSuchModel(Dialect dialect, std::string_view model);
ErrorReply NoSuchPath(Dialect dialect, std::string_view method, std::string_view path);

// The provider's usual words for a status code.
ErrorReply ErrorOf(Dialect dialect, int status);

// What a provider that fails in the middle of a stream says.
ErrorReply FailureInStream(Dialect dialect);

// The error as a body, and as an event of a stream, blank line included. An empty request id is left out.
std::string WriteErrorBody(Dialect dialect, const ErrorReply& error, std::string_view request_id);
// `events_before` are those of the stream so far: /responses numbers them.
std::string WriteErrorEvent(Dialect dialect, const ErrorReply& error, std::string_view request_id,
                            std::size_t events_before);

}  // namespace sim
