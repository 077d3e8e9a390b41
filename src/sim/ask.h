#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/endpoint.h"

namespace sim {

// Most of each that one request may ask for.
inline constexpr std::int64_t kChoicesMax = 128;
inline constexpr std::int64_t kTopLogprobsMax = 20;
inline constexpr std::int64_t kAnswerTokensMax = 1'000'000;
inline constexpr std::size_t kInputsMax = 2048;
inline constexpr std::int64_t kDimensionsMax = 4096;

struct Message {
  std::string role;
  std::string text;  // all text parts joined
  std::size_t images = 0;
  bool prefix = false;          // DeepSeek: this assistant message is to be continued
  bool has_reasoning = false;   // carries reasoning_content
  bool is_error = false;        // a tool's result: it failed
  std::string_view tool_calls;  // raw; empty for none
};

struct Tool {
  std::string name;
  std::string description;
  std::string_view parameters;  // raw JSON schema; empty for none
  bool custom = false;          // takes a text instead of JSON
};

enum class ToolChoice : std::uint8_t { kAuto, kNone, kRequired, kNamed };
enum class Format : std::uint8_t { kText, kJsonObject, kJsonSchema };

// What one request asks for, as far as the simulator acts on it. Views lie in the body.
struct Ask {
  chat::Operation operation = chat::Operation::kChat;
  std::string model;
  std::vector<Message> messages;           // chat
  std::vector<std::string> prompts;        // completions: prompt; embeddings: input
  std::vector<std::size_t> prompt_tokens;  // beside prompts: tokens given as numbers, 0 for a text
  std::string suffix;                      // completions: what the middle is to be filled before
  bool has_suffix = false;
  bool stream = false;
  bool include_usage = false;
  std::optional<std::int64_t> tokens_max;
  std::int64_t n = 1;
  std::vector<std::string> stops;
  bool logprobs = false;
  std::int64_t top_logprobs = 0;
  bool echo = false;
  std::vector<Tool> tools;
  std::string_view tools_raw;
  ToolChoice tool_choice = ToolChoice::kAuto;
  std::string tool_named;
  bool parallel_tools = true;
  Format format = Format::kText;
  std::string_view schema;  // raw; of kJsonSchema
  std::optional<bool> thinking;
  std::string reasoning_effort;
  std::string user_id;  // user_id, else user
  std::string service_tier;
  std::int64_t dimensions = 0;  // embeddings; 0: the model's own
  bool base64 = false;          // embeddings as base64 of little-endian floats

  // The text of the last message of that role; empty if there is none.
  std::string_view LastOf(std::string_view role) const;
};

// What is wrong with a request, as a provider says it.
struct BadRequest {
  std::string message;
  std::string param;
};

// Reads a request body of any operation.
tl::expected<Ask, BadRequest> ReadAsk(chat::Operation operation, std::string_view body);

}  // namespace sim
