#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "chat/dialect.h"

// Errors as each provider words them.

namespace sim {

struct ErrorReply {
  int status = 500;
  std::string body;
  std::optional<std::int64_t> retry_after_seconds;
};

ErrorReply InvalidRequest(chat::Dialect dialect, std::string_view message, std::string_view param);
ErrorReply MissingKey(chat::Dialect dialect);
ErrorReply WrongKey(chat::Dialect dialect);
ErrorReply OutOfBalance(chat::Dialect dialect);  // DeepSeek 402, OpenAI 429 insufficient_quota
ErrorReply TooManyRequests(chat::Dialect dialect, std::string_view model);
ErrorReply NoSuchModel(chat::Dialect dialect, std::string_view model);
ErrorReply NoSuchPath(std::string_view method, std::string_view path);

// The provider's usual words for a status code.
ErrorReply ErrorOf(chat::Dialect dialect, int status);

}  // namespace sim
