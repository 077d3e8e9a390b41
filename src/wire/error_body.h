#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chat/dialect.h"
#include "wire/answer_reader.h"

namespace wire {

inline constexpr std::size_t kErrorTextMax = 2048;  // bytes kept of each text of a provider's error

// An error as it is said to a caller. `code` is the stable name of its case.
struct ErrorBody {
  std::string_view message;
  std::string_view type;     // the class of the error in the OpenAI dialect
  std::string_view code;     // empty: null in the OpenAI dialect
  std::string_view param{};  // the field it is about; empty: null
  int status = 500;          // tells the class of the error in the Anthropic dialect
  std::string_view request_id{};
  std::int64_t sequence_number = 0;  // of an event of Responses, which numbers them
};

// OpenAI, Responses too: {"error":{"message":...,"type":...,"param":...,"code":...}}
// Anthropic: {"type":"error","error":{"type":...,"message":...,"code":...},"request_id":...}
std::string WriteError(chat::Dialect dialect, const ErrorBody& error);

// The same as one event of a stream, blank line included; Anthropic's is called `error`. So is that of
// Responses, which says what has gone wrong at its top, as it is documented, and in an object `error`, as
// clients look for it.
std::string WriteErrorEvent(chat::Dialect dialect, const ErrorBody& error);

// The dialect's word for the class of an error: `type` itself in the OpenAI dialect, else by its status.
std::string_view ErrorType(chat::Dialect dialect, int status, std::string_view type);

// What a provider said about its error, each text cut to kErrorTextMax; empty where it said nothing.
struct ProviderError {
  std::string message;
  std::string type;
  std::string code;  // a number is kept as its digits
  std::string param;
};

// Reads a provider's error body: {"error":{...}}, {"error":"text"} or {"message":...}. What is none of these
// (HTML, nothing at all) gives empty texts.
ProviderError ReadProviderError(std::string_view body);
// The same of an error that was found inside an answer; without `param`.
ProviderError ReadProviderError(const ErrorFacts& facts);

// The status that an error inside an answer of status 200 stands for, where its words tell those that matter
// to who decides whether to ask again (429, 503, 529); else 0.
int StatusOf(const ProviderError& error);

}  // namespace wire
