#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "chat/endpoint.h"
#include "wire/json_scanner.h"

namespace wire {

inline constexpr std::size_t kRequestKeysMax = 1024;  // top-level members of one request
inline constexpr std::size_t kModelBytesMax = 256;    // of the model's name, which logs and errors repeat

// What Sluice reads of a request body. Views and spans lie in the caller's `body`, which must outlive this.
// A member that is absent and one that is null are both unset.
struct RequestView {
  chat::Operation operation = chat::Operation::kChat;
  std::string_view body;

  std::string model;           // what the string means
  JsonValue model_value;       // where it stands
  bool stream = false;         // never where the operation has none
  bool include_usage = false;  // a stream tells the client its usage: stream_options.include_usage is true,
                               // or the dialect always does
  std::optional<std::int64_t> max_tokens;  // > 0; max_output_tokens of Responses
  std::string_view metadata;               // the raw object; empty when unset or not an object
  std::string_view prompt;                 // the raw messages, prompt or input, whichever the operation has
  bool tools = false;                      // tools or functions is set

  bool background = false;   // Responses only: to be answered later, where somebody fetches it
  std::string user;          // not of Messages; empty when unset or not a string
  std::string service_tier;  // as asked for; empty when unset or not a string

  // Of the OpenAI dialect only.
  std::optional<std::int64_t> max_completion_tokens;  // > 0
  std::int64_t n = 1;                                 // > 0
  std::int64_t best_of = 1;                           // > 0
  std::string user_id;               // DeepSeek's isolation key; empty when unset or not a string
  std::string_view response_format;  // raw; empty when unset

  // Where splicing works. `stream_options` and the limits are set even for null; include_usage_value only if
  // it is written out.
  std::optional<JsonValue> max_tokens_value;
  std::optional<JsonValue> max_completion_tokens_value;
  std::optional<JsonValue> stream_options;
  std::optional<JsonValue> include_usage_value;

  // The tighter of the two output limits.
  std::optional<std::int64_t> OutputLimit() const;
};

// Why a body is refused: a sentence for the caller that names the field and says what to write.
struct RequestFault {
  std::string detail;
  std::string field;  // of the top of the body; empty where it is about the body as a whole
};

// Reads a request body in one pass. Refused are: what is not one well-formed JSON object, a top-level key
// that is there twice (in whatever spelling), more than kRequestKeysMax keys, no model or one whose name is
// longer than kModelBytesMax, and values of the wrong kind in the members that Sluice reads; which these are
// depends on the operation's dialect. Everything else is the provider's business.
tl::expected<RequestView, RequestFault> ParseRequest(chat::Operation operation, std::string_view body);

}  // namespace wire
