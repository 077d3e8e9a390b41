#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "sim/dialect.h"

namespace sim {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kEventsType = "text/event-stream; charset=utf-8";

struct ReplyFacts {
  Dialect dialect = Dialect::kOpenai;
  int status = 200;
  std::string_view content_type = kJsonType;
  std::string_view request_id{};
  std::optional<std::int64_t> retry_after_seconds{};
  std::optional<bool> should_retry{};
  std::optional<std::size_t> prompt_tokens{};  // of a request that counts against limits
  base::WallTime now{};
};

// The header fields that a provider sends with an answer, each with its line end. Anthropic's limits are told
// as if the request were the first of its minute: 4,000 requests, 400,000 tokens.
std::string WriteReplyFields(const ReplyFacts& facts);

}  // namespace sim
