#include "sim/fault.h"

#include <charconv>

#include "base/ascii.h"
#include "base/encoding.h"

namespace sim {
namespace {

using base::Code;
using base::Fail;

constexpr std::uint64_t kCountMax = 1'000'000'000;

std::optional<std::int64_t> ParseCount(std::string_view text) {
  const auto value = base::ParseDecimal(text);
  if (!value || *value > kCountMax) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

bool SetReset(Fault& fault, std::string_view value) {
  if (value.empty() || value == "before") {
    fault.reset = Fault::Reset::kBefore;
  } else if (value == "head") {
    fault.reset = Fault::Reset::kHead;
  } else if (const auto after = ParseCount(value)) {
    fault.reset = Fault::Reset::kBody;
    fault.reset_after = static_cast<std::uint64_t>(*after);
  } else {
    return false;
  }
  return true;
}

// Items whose value is a number; none if `name` is no such item.
std::optional<bool> SetCounted(Fault& fault, std::string_view name, std::string_view value) {
  const auto count = ParseCount(value);
  if (name == "status") {
    if (count && *count >= 200 && *count <= 599) fault.status = static_cast<int>(*count);
    return fault.status != 0;
  }
  if (name == "retry_after") return (fault.retry_after_seconds = count).has_value();
  if (name == "keepalive") return fault.keep_alives = count.value_or(0), count.has_value();
  if (name == "stall") {
    fault.bytes_per_second = static_cast<std::uint64_t>(count.value_or(0));
    return fault.bytes_per_second > 0;
  }
  if (name == "truncate") {
    if (count) fault.truncate_after = static_cast<std::uint64_t>(*count);
    return count.has_value();
  }
  if (name == "error_event") return (fault.error_event_after = count).has_value();
  if (name == "insufficient") {
    fault.insufficient_after = value.empty() ? 0 : count;
    return fault.insufficient_after.has_value();
  }
  if (name == "tokens") return (fault.tokens = count).has_value() && *count > 0 && *count <= 1'000'000;
  return std::nullopt;
}

// Items that are only a name; none if `name` is no such item.
std::optional<bool> SetNamed(Fault& fault, std::string_view name, std::string_view value) {
  if (name == "garbage") {
    fault.body = Fault::Body::kGarbage;
  } else if (name == "not_json") {
    fault.body = Fault::Body::kNotJson;
  } else if (name == "empty") {
    fault.body = Fault::Body::kEmpty;
  } else if (name == "error_in_200") {
    fault.body = Fault::Body::kError;
  } else if (name == "no_done") {
    fault.no_done = true;
  } else if (name == "no_usage") {
    fault.no_usage = true;
  } else {
    return std::nullopt;
  }
  return value.empty();
}

bool SetItem(Fault& fault, std::string_view name, std::string_view value) {
  if (name == "delay") {
    const auto delay = ParseDuration(value);
    fault.delay = delay.value_or(std::chrono::nanoseconds::zero());
    return delay.has_value();
  }
  if (name == "reset") return SetReset(fault, value);
  if (name == "should_retry") {
    fault.should_retry = value == "true";
    return value == "true" || value == "false";
  }
  if (name == "length") {
    fault.length = value == "short" ? Fault::Length::kShort : Fault::Length::kLong;
    return value == "short" || value == "long";
  }
  if (const auto set = SetCounted(fault, name, value)) return *set;
  return SetNamed(fault, name, value).value_or(false);
}

}  // namespace

base::Result<Fault> ParseFault(std::string_view text) {
  Fault fault;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    const std::string_view item = base::TrimBlanks(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    const std::string_view name = base::TrimBlanks(item.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : base::TrimBlanks(item.substr(equals + 1));
    if (SetItem(fault, name, value)) continue;
    return Fail(Code::kInvalid,
                "'" + std::string(item) +
                    "' is no fault: write one of status=CODE, retry_after=SECONDS, "
                    "should_retry=true|false, delay=TIME, "
                    "keepalive=N, stall=BYTES, truncate=BYTES, reset=before|head|BYTES, "
                    "length=short|long, garbage, not_json, empty, error_in_200, error_event=N, "
                    "no_done, no_usage, insufficient=N, tokens=N");
  }
  return fault;
}

std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text) {
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || !(number >= 0)) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double scale = 0;
  if (unit == "us") scale = 1e3;
  if (unit == "ms") scale = 1e6;
  if (unit == "s") scale = 1e9;
  if (unit == "m") scale = 60e9;
  if (unit == "h") scale = 3600e9;
  const double total = number * scale;
  if (scale == 0 || !(total <= 86400e9)) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(total));
}

}  // namespace sim
