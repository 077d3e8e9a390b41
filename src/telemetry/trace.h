#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace telemetry {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// Where one span stands in a distributed trace (W3C Trace Context, level 1). Neither id is all zero.
struct TraceContext {
  TraceId trace_id{};
  SpanId span_id{};
  std::uint8_t flags = 0;

  bool Sampled() const { return (flags & 1) != 0; }
  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// The value of a `traceparent` header of version 00: exactly 55 characters, lower-case hex, no all-zero id.
// Anything else is not a trace context, and its sender is answered with a new trace.
std::optional<TraceContext> ParseTraceparent(std::string_view header);

std::string FormatTraceparent(const TraceContext& context);

std::string HexOf(const TraceId& id);
std::string HexOf(const SpanId& id);

// Makes ids. One per thread; not thread-safe. Ids are unique, not secret.
class SpanIds {
 public:
  SpanIds();  // seeded by the operating system
  explicit SpanIds(std::uint64_t seed) : random_(seed) {}

  TraceContext NewTrace(bool sampled);
  TraceContext ChildOf(const TraceContext& parent);  // same trace and flags, new span id

 private:
  SpanId NewSpanId();
  base::Random random_;
};

}  // namespace telemetry
