#pragma once

#include <string>
#include <string_view>

#include "sim/refusals.h"

// Errors in the shape of /messages: {"type":"error","error":{"type":...,"message":...},"request_id":...}. The
// functions are those of refusals.h; `dialect` is Anthropic's or DeepSeek's copy, which has words of its own.

namespace sim::messages {

ErrorReply MissingKey(Dialect dialect);
ErrorReply WrongKey(Dialect dialect);
ErrorReply OutOfBalance(Dialect dialect);
ErrorReply NoSuchModel(std::string_view model);
ErrorReply ErrorOf(Dialect dialect, int status);

// The error's type, which its status decides, with this message.
ErrorReply Make(int status, std::string message);

std::string WriteBody(const ErrorReply& error, std::string_view request_id);

}  // namespace sim::messages
