#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sim {

// What goes wrong with one answer. As text (a request's x-sim-fault header, or a scenario rule):
// `name` or `name=value`, several separated by `;`.
//
//   status=503; retry_after=2   an error of that status in the provider's own shape
//   should_retry=true|false     the header x-should-retry, which the official clients obey
//   delay=200ms                 nothing is sent before that
//   keepalive=3                 so many signs of life before the answer: empty lines, or SSE comments
//   stall=100                   the body comes at so many bytes a second
//   truncate=40                 the connection ends after so many body bytes
//   reset=before|head|40        the connection is reset: at once, after the head, after so many body bytes
//   length=short|long           content-length is 10 less, or 10 more, than the body
//   garbage / not_json / empty  200 with bytes that are no text / an HTML page / no body at all
//   error_in_200                an error object with status 200
//   error_event=3               a stream: an error event after so many events, then the end
//   no_done                     a stream ends without [DONE], response.completed or message_stop
//   no_usage                    no usage, although asked for
//   insufficient=3              finish_reason insufficient_system_resource after so many tokens; of /messages
//                               an overloaded_error: an event after so many tokens, or the status 529; of
//                               /responses the status `failed`
//   tokens=312                  not a fault: the answer has exactly so many tokens
struct Fault {
  enum class Reset : std::uint8_t { kNo, kBefore, kHead, kBody };
  enum class Length : std::uint8_t { kRight, kShort, kLong };
  enum class Body : std::uint8_t { kAnswer, kGarbage, kNotJson, kEmpty, kError };

  int status = 0;  // 0: the answer's own
  std::optional<std::int64_t> retry_after_seconds;
  std::optional<bool> should_retry;
  std::chrono::nanoseconds delay{0};
  std::int64_t keep_alives = 0;
  std::uint64_t bytes_per_second = 0;  // 0: as fast as it goes
  std::optional<std::uint64_t> truncate_after;
  Reset reset = Reset::kNo;
  std::uint64_t reset_after = 0;  // of kBody
  Length length = Length::kRight;
  Body body = Body::kAnswer;
  std::optional<std::int64_t> error_event_after;  // events
  bool no_done = false;
  bool no_usage = false;
  std::optional<std::int64_t> insufficient_after;  // tokens
  std::optional<std::int64_t> tokens;

  // Whether the answer's bytes themselves must be meddled with.
  bool MeddlesWithBytes() const {
    return bytes_per_second > 0 || truncate_after || reset != Reset::kNo || length != Length::kRight;
  }
};

// Error: kInvalid, with the item that is wrong and what is allowed.
base::Result<Fault> ParseFault(std::string_view text);

// A duration such as 200ms, 1.5s, 2m, 300us; none for anything else, or above a day.
std::optional<std::chrono::nanoseconds> ParseDuration(std::string_view text);

}  // namespace sim
