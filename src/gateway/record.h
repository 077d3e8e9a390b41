#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/block_allocator.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/money.h"
#include "chat/endpoint.h"
#include "chat/finish.h"
#include "chat/rung.h"
#include "chat/usage.h"
#include "pricing/price.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/otlp.h"
#include "telemetry/trace.h"

namespace gateway {

// What something costs. Views are of the prices in force, which the request keeps.
struct Price {
  const pricing::PriceVersion* of = nullptr;  // null: none is known, or nothing was used
  std::string_view version{};  // empty: nothing was used, or nothing is priced; "unknown": no price is known
  std::string_view phase{};
  base::Currency currency{};
  std::optional<base::Int128> cost{};  // pico-units
};

// One try at one candidate.
struct AttemptNote {
  std::string_view provider;
  std::string_view model;
  int status = 0;       // 0: no answer came
  std::string error{};  // one word; empty: it answered
  base::MonoTime begun{};
  std::chrono::milliseconds took{0};
  bool sent = false;                   // bytes of the request have left for the provider
  bool stream = false;                 // its answer comes event by event, or would have
  std::optional<chat::Usage> usage{};  // of an answer that failed all the same; that of the last one is below
  bool untold = false;          // an answer was lost, or given up on: what that used nobody will ever know
  base::WallTime dispatched{};  // this and the next two: what the price of that usage goes by
  base::WallTime completed{};
  std::string service_tier{};
  std::optional<chat::Operation> said_as{};
  Price price{};           // of that usage
  base::Money reserved{};  // for it, as below
};

// All tokens of it, read and answered; of nothing none.
inline std::uint64_t TokensOf(const std::optional<chat::Usage>& usage) {
  const std::int64_t tokens = usage ? usage->TotalInput() + usage->TotalOutput() : 0;
  return tokens > 0 ? static_cast<std::uint64_t>(tokens) : 0;
}

// What is known of one request, filled in step by step and written down once at its end. Never holds text of
// a prompt or an answer, nor a key. Views are of what lives as long as the request: its key, its plan, the
// settings in force, literals.
struct RequestRecord {
  base::BlockString id;
  base::WallTime started{};
  base::WallTime completed{};                // when it was settled, just before the last byte left
  std::optional<base::WallTime> dispatched;  // the call that answered, or the last one
  base::MonoTime begun{};
  std::string_view key_id;
  std::string_view org;
  std::string_view team;
  std::string_view project;
  std::string_view path;  // of a fixed set
  std::optional<chat::Operation> operation;
  std::string_view asked_model;
  std::string_view provider;               // who answered, or was asked last
  std::string_view model;                  // the name it was asked for
  std::optional<chat::Operation> said_as;  // how the provider was asked, where anybody was
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
  bool untold = false;  // of the last call nobody will ever know what it used (AttemptNote::untold)
  // Names of what the request and its answer lost on the way between two dialects, or what the provider
  // ignores: as in x-sluice-dropped, and of a stream what its header could not know. Each once, at most
  // kDroppedNamesMax (translate/losses.h) and a sign for more.
  std::vector<std::string> dropped{};
  chat::UsageSource usage_source = chat::UsageSource::kNone;
  base::BlockString provider_usage;  // verbatim
  base::BlockString service_tier;    // as the provider applied it
  Price price;                       // of `usage`
  std::optional<base::Int128>
      cost;  // of the whole request, failed attempts included, in the price's currency
  std::optional<base::Int128> saved;  // the same; none where it is not known
  base::Money reserved{};  // for the last call, where budgets or a limit of its own hold; else of nothing
  std::int64_t lowered_to = 0;  // its output limit in tokens, where that was lowered; else 0
  std::optional<base::MonoTime> first_token;
  std::chrono::nanoseconds waited{0};  // for the client's body and for providers: not our own time
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t text_bytes = 0;                  // of generated text, as it stands in the answer's JSON
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

  // All that it has used, failed attempts included.
  std::uint64_t TokensUsed() const {
    std::uint64_t tokens = TokensOf(usage);
    for (const AttemptNote& note : attempts) tokens += TokensOf(note.usage);
    return tokens;
  }

  // After a broken answer that did not go to the client: what was read of it is not the next one's.
  void ForgetAnswer() {
    response_model.clear();
    finish = chat::FinishReason::kNone;
    usage.reset();
    dropped.clear();
    provider_usage.clear();
    service_tier.clear();
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
  // Of requests billed in US dollars, in pico-units.
  struct Dollars {
    base::Int128 cost = 0;
    base::Int128 saved = 0;  // a request that cost more than the strongest rung saved nothing
  };

  void Count(const RequestRecord& record, std::chrono::nanoseconds took);
  void CountMoney(const RequestRecord& record);
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
  telemetry::Counter& unpriced_;
  base::Guarded<Dollars> dollars_;
};

}  // namespace gateway
