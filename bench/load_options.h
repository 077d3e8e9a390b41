#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace bench {

// What bench_load is asked to do, as its flags say it.
struct LoadOptions {
  enum class Mode {
    kClosed,  // `connections` clients, each sends its next request when it has its answer
    kOpen,    // Poisson arrivals at `rate`, whatever the answers do
    kHold,    // `connections` streams, opened evenly over `ramp`, one each, kept to their end
    kPlan,    // arrivals, sizes and answer lengths from a file
  };
  Mode mode = Mode::kClosed;

  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string path = "/v1/chat/completions";
  std::string model = "bench";
  std::string key{};                   // sent as a bearer token; empty: none
  std::vector<std::string> headers{};  // further ones, "name: value"

  std::size_t connections = 32;
  std::size_t connections_max = 4096;  // open modes: no more than this many at once, further arrivals wait
  double rate = 200;                   // per second
  std::chrono::milliseconds duration{4'000};
  std::chrono::milliseconds warmup{1'000};
  std::chrono::milliseconds ramp{3'000};
  std::chrono::milliseconds stagger{0};  // closed: the clients start at random times within this
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds late{100};  // a chunk that comes later than this after it was due is late
  std::chrono::milliseconds sample{1'000};
  std::uint64_t seed = 1;

  bool stream = false;
  bool include_usage = false;
  bool messages = false;            // asks as Anthropic's Messages does
  std::size_t body_bytes = 1'024;   // of the request, about
  std::uint64_t expect_chunks = 0;  // per stream; 0: any number will do
  std::string plan{};               // file of lines "at_us prompt_bytes answer_chunks"
  std::string dump{};  // file that gets one line per request: "index status ttft_ns latency_ns chunks"

  pid_t pid = 0;                    // root of the measured process tree; 0: nobody
  std::vector<pid_t> other_pids{};  // belong to the measurement, so are not foreign load
};

// Errors: kInvalid with the sentence for the user.
base::Result<LoadOptions> ParseLoadOptions(std::span<const char* const> arguments);

extern const char* const kLoadUsage;

}  // namespace bench
