#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace base {

// Where the system keeps its time zones.
inline constexpr std::string_view kZoneDirectory = "/usr/share/zoneinfo";

// How far the clocks of a place are ahead of UTC, and when they change. Cheap to copy, immutable,
// thread-safe. The default is UTC.
class TimeZone {
 public:
  TimeZone() = default;

  // "UTC", "Z", a fixed offset such as "+08:00" (neither needs a zone database), or a name of the zone
  // database such as "Asia/Shanghai", which is read from `directory` (compiled files, RFC 8536).
  // Errors: kInvalid: no such zone, or not the form of a name; kUnavailable: the database itself is missing,
  // with what to install.
  static Result<TimeZone> Find(std::string_view name,
                               const std::string& directory = std::string(kZoneDirectory));

  // A zone from the bytes of a compiled file. Errors: kInvalid.
  static Result<TimeZone> Parse(std::string name, std::string_view bytes);

  const std::string& name() const;  // as it was asked for

  std::chrono::seconds OffsetAt(WallTime at) const;

  // What the clocks there show, as a count since 1970 on them.
  std::chrono::local_time<std::chrono::nanoseconds> ToLocal(WallTime at) const;

  // When they show it. Of a time that they show twice the first, of one that they skip the instant of the
  // change.
  WallTime ToInstant(std::chrono::local_time<std::chrono::nanoseconds> local) const;

 private:
  struct Rules;
  std::chrono::seconds fixed_{0};
  std::shared_ptr<const Rules> rules_;  // null: fixed
  std::string name_ = "UTC";
};

}  // namespace base
