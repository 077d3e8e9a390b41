#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_allocator.h"
#include "base/clock.h"
#include "chat/endpoint.h"
#include "chat/finish.h"
#include "chat/rung.h"
#include "chat/usage.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/otlp.h"
#include "telemetry/trace.h"

namespace gateway {

// One try at one candidate.
struct AttemptNote {
  std::string_view provider;
  std::string_view model;
  int status = 0;     // 0: no answer came
  std::string error;  // one word; empty: it answered
  std::chrono::milliseconds took{0};
  std::optional<chat::Usage> usage{};  // of an answer that failed all the same; that of the last one is below
};

// What is known of one request, filled in step by step and written down once at its end. Never holds text of
// a prompt or an answer, nor a key. Views are of what lives as long as the request: its key, its plan, the
// settings in force, literals.
struct RequestRecord {
  base::BlockString id;
  base::WallTime started{};
  base::MonoTime begun{};
  std::string_view key_id;
  std::string_view team;
  std::string_view project;
  std::string_view path;  // of a fixed set
  std::optional<chat::Operation> operation;
  std::string_view asked_model;
  std::string_view provider;  // who answered, or was asked last
  std::string_view model;     // the name it was asked for
  base::BlockString response_model;
  std::optional<chat::Rung> rung;
  std::string_view reason;
  base::BlockVector<AttemptNote> attempts;
  bool stream = false;
  bool aborted = false;         // the client went before the end
  int status = 0;               // what the client was answered; 499 when it left before anything was
  std::string_view error_code;  // of a refusal, or of an error inside a stream
  chat::FinishReason finish = chat::FinishReason::kNone;
  std::optional<chat::Usage> usage;
  // Names of what the request and its answer lost on the way between two dialects, or what the provider
  // ignores: as in x-sluice-dropped, and of a stream what its header could not know. Each once, at most
  // kDroppedNamesMax (translate/losses.h) and a sign for more.
  std::vector<std::string> dropped{};
  std::optional<base::MonoTime> first_token;
  std::chrono::nanoseconds waited{0};  // for the client's body and for providers: not our own time
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t text_bytes = 0;                  // of generated text delivered
  std::optional<telemetry::TraceContext> trace;  // of our own span
  std::optional<telemetry::SpanId> parent_span;
  std::string_view model_label = "other";  // of metrics: a name from the settings, never a caller's invention
  std::string_view server_address;
  std::uint16_t server_port = 0;

  // Counts a wait that began at an exact time and ended with a turn of the loop; none, where it was over at
  // once.
  void NoteWait(base::MonoTime since, base::MonoTime until) {
    if (until > since) waited += until - since;
  }

  // After a broken answer that did not go to the client: what was read of it is not the next one's.
  void ForgetAnswer() {
    response_model.clear();
    finish = chat::FinishReason::kNone;
    usage.reset();
    dropped.clear();
    first_token.reset();
    text_bytes = 0;
  }
};

// Counts, logs and traces finished requests. Thread-safe. Metric names are a public contract.
class Recorder {
 public:
  // `spans` may be null: no traces. All outlive the recorder.
  Recorder(const base::Clock& clock, telemetry::Registry& registry, telemetry::LineLog& log,
           telemetry::SpanBuffer* spans);

  void Write(const RequestRecord& record);

  // A line that is no request: {"event": ..., "message": ...}.
  void Note(std::string_view event, std::string_view message);

  bool traces() const { return spans_ != nullptr; }
  telemetry::Gauge& in_flight() { return in_flight_; }

 private:
  void Count(const RequestRecord& record, std::chrono::nanoseconds took);
  void CountTokens(const chat::Usage& usage);
  void Log(const RequestRecord& record, std::chrono::nanoseconds took);
  void Trace(const RequestRecord& record);

  const base::Clock& clock_;
  telemetry::LineLog& log_;
  telemetry::SpanBuffer* spans_;
  telemetry::Family<telemetry::Counter>& requests_;
  telemetry::Histogram& duration_;
  telemetry::Histogram& overhead_;
  telemetry::Histogram& first_token_;
  telemetry::Counter* input_tokens_;
  telemetry::Counter* cached_tokens_;
  telemetry::Counter* output_tokens_;
  telemetry::Counter* reasoning_tokens_;
  telemetry::Gauge& in_flight_;
};

}  // namespace gateway
