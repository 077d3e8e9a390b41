#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bench {

// How bench_upstream answers.
struct Knobs {
  std::uint64_t chunks = 64;            // of a streamed answer, each its own write
  bool chunks_from_max_tokens = false;  // instead: as many as the request's max_tokens
  std::uint64_t gap_us = 0;             // between the times at which two chunks are due; 0 = at once
  std::uint64_t delay_us = 0;           // before the answer begins
};

// Sets one knob from its name and value ("gap_us", "1000"; "chunks", "max_tokens"). False when there is no
// such knob or the value does not fit it; the knobs are then as before.
bool SetKnob(Knobs& knobs, std::string_view name, std::string_view value);

// What bench_upstream needs to know of one request.
struct MockRequest {
  enum class Kind { kChat, kKnobs, kStatistics, kHealth, kUnknown };
  Kind kind = Kind::kUnknown;
  Knobs knobs;  // the defaults, as changed by the query and the x-bench header
  bool stream = false;
  bool include_usage = false;
  bool keep_alive = true;
  std::uint64_t max_tokens = 0;
  std::size_t bytes = 0;  // the whole request, body included
};

enum class ReadOutcome { kComplete, kIncomplete, kBroken };

// Reads the first request in `bytes`. `request` is set only for kComplete.
ReadOutcome ReadRequest(std::string_view bytes, const Knobs& defaults, MockRequest& request);

}  // namespace bench
