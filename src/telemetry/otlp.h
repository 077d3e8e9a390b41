#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "telemetry/trace.h"

namespace telemetry {

// Tokens in disjoint buckets, as a ledger row has them. The encoder adds them up as the GenAI conventions
// ask: gen_ai.usage.input_tokens includes what was read from and written to a cache, output_tokens the
// reasoning.
struct SpanUsage {
  std::uint64_t input = 0;
  std::uint64_t cached_input = 0;
  std::uint64_t cache_write = 0;
  std::uint64_t output = 0;
  std::uint64_t reasoning = 0;
};

// One call of a model. Empty texts and absent values are left out of the export.
struct GenAiSpan {
  TraceContext context{};
  std::optional<SpanId> parent{};
  base::WallTime start{};
  base::WallTime end{};
  std::string operation{};  // "chat", "text_completion", "embeddings"; with request_model it names the span
  std::string provider{};   // "deepseek", "openai", "anthropic"
  std::string request_model{};
  std::string response_model{};
  std::optional<SpanUsage> usage{};  // absent: not known, which is not the same as 0
  std::vector<std::string> finish_reasons{};
  std::optional<std::chrono::nanoseconds> time_to_first_chunk{};
  std::string server_address{};
  std::uint16_t server_port = 0;
  std::string error_type{};                                       // not empty: the span's status is an error
  std::vector<std::pair<std::string, std::string>> attributes{};  // our own, such as sluice.rung
};

struct OtlpResource {
  std::string service_name = "sluice";
  std::string service_version{};
};

// The body of POST /v1/traces (OTLP/HTTP in JSON, an ExportTraceServiceRequest).
std::string EncodeTraces(const OtlpResource& resource, std::span<const GenAiSpan> spans);

// Spans that wait for their export. Thread-safe, never blocks; a full buffer drops the new span and counts.
class SpanBuffer {
 public:
  explicit SpanBuffer(std::size_t spans_max = 8192) : spans_max_(spans_max) {}

  bool Push(GenAiSpan span);                                // false: dropped
  std::vector<GenAiSpan> TakeBatch(std::size_t count_max);  // oldest first
  std::size_t Size() const;
  std::uint64_t Dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  const std::size_t spans_max_;
  base::Guarded<std::deque<GenAiSpan>> spans_;
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace telemetry
