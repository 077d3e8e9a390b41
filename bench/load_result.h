#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/histogram.h"
#include "bench/load_options.h"

namespace bench {

// Why a request did not get its whole, right answer.
enum class Failure {
  kConnect,  // no connection
  kStatus,   // an answer, but not 200
  kClosed,   // the connection ended before the answer did
  kShort,    // a stream with fewer or more chunks than expected, or a 200 without a body
  kTimeout,
  kBadHttp,  // not HTTP/1.1, or bytes after the answer
  kBadSse,   // a stream without [DONE], with an error event, or not of events
  kNotSent,  // too many were waiting for a connection already
};
inline constexpr std::size_t kFailures = 8;
std::string_view Name(Failure failure);

// What was spent over the measured interval.
struct Usage {
  std::uint64_t cpu_ns = 0;         // of the measured tree
  std::uint64_t own_cpu_ns = 0;     // of this program
  std::int64_t foreign_cpu_ns = 0;  // of everybody who is neither measured nor part of the measurement
};

struct MemorySample {
  std::uint64_t at_ms = 0;
  std::uint64_t rss_kb = 0;
};

// All that one run of the load generator found out. Times in nanoseconds.
struct LoadResult {
  std::uint64_t wall_ns = 0;      // the measured interval
  std::uint64_t completed = 0;    // right answers to requests that count
  std::uint64_t in_interval = 0;  // right answers that came within the interval; CPU is divided by these
  std::uint64_t chunks = 0;       // chunks with text that came within the interval
  std::uint64_t chunks_late = 0;
  std::uint64_t chunks_lost = 0;  // expected but never seen
  std::uint64_t bytes = 0;        // of bodies
  std::uint64_t usage_seen = 0;   // streams whose usage chunk came
  std::array<std::uint64_t, kFailures> failures{};
  std::map<int, std::uint64_t> statuses;  // other than 200
  Histogram latency;                      // scheduled time to last byte
  Histogram ttft;                         // scheduled time to first chunk with text
  Histogram gap;                          // between two chunks of a stream
  Histogram lag;                          // from when the upstream had it due to when it was read
  Usage usage;
  std::vector<MemorySample> memory;
  std::uint64_t rss_before_kb = 0;
  std::uint64_t peak_kb = 0;
  std::uint64_t connections_opened = 0;
  std::uint64_t waiting_max = 0;  // most arrivals that waited for a connection
};

std::string ToJson(const LoadOptions& options, const LoadResult& result);

}  // namespace bench
