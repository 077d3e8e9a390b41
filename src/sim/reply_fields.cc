#include "sim/reply_fields.h"

#include <algorithm>
#include <chrono>

#include "base/encoding.h"
#include "net/header_text.h"

namespace sim {
namespace {

constexpr std::size_t kRequestsAMinute = 4000;
constexpr std::size_t kTokensAMinute = 400'000;

void AddLimit(net::HeaderText& fields, const std::string& of, std::size_t limit, std::size_t used,
              std::string_view reset) {
  const std::string prefix = "anthropic-ratelimit-" + of;
  fields.Add(prefix + "-limit", std::to_string(limit));
  fields.Add(prefix + "-remaining", std::to_string(limit - std::min(limit, used)));
  fields.Add(prefix + "-reset", reset);
}

void AddLimits(net::HeaderText& fields, const ReplyFacts& facts) {
  const bool over = facts.status == 429;
  const auto minute = std::chrono::ceil<std::chrono::minutes>(facts.now).time_since_epoch();
  const base::TimeText time = base::Rfc3339(std::chrono::nanoseconds(minute).count());
  const std::string reset = std::string(time.view().substr(0, 19)) + "Z";
  AddLimit(fields, "requests", kRequestsAMinute, over ? kRequestsAMinute : 1, reset);
  AddLimit(fields, "tokens", kTokensAMinute, facts.prompt_tokens.value_or(0), reset);
}

}  // namespace

std::string WriteReplyFields(const ReplyFacts& facts) {
  net::HeaderText fields;
  fields.Add("content-type", facts.content_type);
  switch (facts.dialect) {
    case Dialect::kOpenai:
    case Dialect::kResponses:
      fields.Add("openai-version", "2020-10-01").Add("x-request-id", facts.request_id);
      break;
    case Dialect::kDeepseek:
    case Dialect::kDeepseekMessages:
      fields.Add("x-deepseek-request-id", facts.request_id).Add("x-request-id", facts.request_id);
      break;
    case Dialect::kAnthropic:
      fields.Add("request-id", facts.request_id).Add("anthropic-organization-id", "org-sim");
      if (facts.prompt_tokens || facts.status == 429) AddLimits(fields, facts);
      break;
  }
  fields.Add("server", "sluice-sim");
  if (facts.content_type == kEventsType) fields.Add("cache-control", "no-cache");
  if (facts.retry_after_seconds) fields.Add("retry-after", std::to_string(*facts.retry_after_seconds));
  if (facts.should_retry) fields.Add("x-should-retry", *facts.should_retry ? "true" : "false");
  return fields.Take();
}

}  // namespace sim
