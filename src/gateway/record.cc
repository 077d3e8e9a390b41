#include "gateway/record.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/json_text.h"

namespace gateway {
namespace {

using base::JsonObject;

using std::chrono::duration_cast;
using std::chrono::microseconds;

std::int64_t Micros(std::chrono::nanoseconds duration) {
  return duration_cast<microseconds>(duration).count();
}

// "provider/model" in `room`, or on the heap when the names are longer than any we know.
class Joined {
 public:
  Joined(std::string_view provider, std::string_view model) {
    const std::size_t size = provider.size() + 1 + model.size();
    if (size > sizeof room_) {
      long_.append(provider).append("/").append(model);
      return;
    }
    char* at = std::copy(provider.begin(), provider.end(), room_);
    *at++ = '/';
    std::copy(model.begin(), model.end(), at);
    short_ = {room_, size};
  }
  std::string_view view() const { return long_.empty() ? short_ : std::string_view(long_); }

 private:
  char room_[100];
  std::string_view short_;
  std::string long_;
};

void AddUsage(JsonObject& line, const chat::Usage& usage) {
  line.OpenObject("usage").Add("input", usage.input).Add("cached_input", usage.cached_input);
  line.Add("output", usage.output).Add("reasoning", usage.reasoning);
  const auto add = [&line](std::string_view key, std::int64_t count) {
    if (count > 0) line.Add(key, count);
  };
  add("cache_write_5m", usage.cache_write_5m);
  add("cache_write_1h", usage.cache_write_1h);
  add("input_audio", usage.input_audio);
  add("input_image", usage.input_image);
  add("output_audio", usage.output_audio);
  add("output_image", usage.output_image);
  if (usage.inconsistent) line.Add("inconsistent", true);
  line.Close();
}

void AddAttempts(JsonObject& line, const base::BlockVector<AttemptNote>& notes) {
  line.OpenArray("attempts");
  for (const AttemptNote& note : notes) {
    line.OpenElement()
        .Add("model", Joined(note.provider, note.model).view())
        .Add("status", note.status)
        .Add("ms", static_cast<std::int64_t>(note.took.count()));
    if (!note.error.empty()) line.Add("error", note.error);
    if (note.usage && !note.untold) AddUsage(line, *note.usage);
    line.Close();
  }
  line.Close();
}

void AddDropped(JsonObject& line, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    list += list.empty() ? '[' : ',';
    base::AppendJsonString(list, name);
  }
  line.AddRaw("dropped", list + ']');
}

void AddCost(JsonObject& line, const RequestRecord& record) {
  if (record.price.version == pricing::kUnknownVersion) line.AddPlain("price", record.price.version);
  const auto add = [&](std::string_view key, const std::optional<base::Int128>& pico) {
    if (pico && !record.price.currency.none()) {
      line.AddPlain(key, base::Print({*pico, record.price.currency}));
    }
  };
  add("cost", record.cost);
  add("saved", record.saved);
}

// A provider may call its model whatever it likes.
constexpr std::size_t kModelBytesMax = 256;

std::uint64_t Unsigned(std::int64_t count) {
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

}  // namespace

Recorder::Recorder(const base::Clock& clock, telemetry::Registry& registry, telemetry::LineLog& log,
                   telemetry::SpanBuffer* spans)
    : clock_(clock),
      log_(log),
      spans_(spans),
      requests_(registry.AddCounter({.name = "sluice_requests_total",
                                     .help = "Requests answered or refused.",
                                     .labels = {"model", "rung", "provider", "status"}})),
      duration_(registry
                    .AddHistogram({.name = "sluice_request_duration_seconds",
                                   .help = "From a request's head to the end of its answer."},
                                  telemetry::RequestBounds())
                    .With({})),
      overhead_(
          registry
              .AddHistogram({.name = "sluice_overhead_seconds",
                             .help = "What Sluice added: duration less waiting for client and provider."},
                            telemetry::OverheadBounds())
              .With({})),
      first_token_(registry
                       .AddHistogram({.name = "sluice_time_to_first_token_seconds",
                                      .help = "From a streamed request's head to its first token."},
                                     telemetry::RequestBounds())
                       .With({})),
      in_flight_(registry.AddGauge({.name = "sluice_requests_in_flight", .help = "Requests being answered."})
                     .With({})),
      unpriced_(
          registry
              .AddCounter({.name = "sluice_requests_unpriced_total",
                           .help = "Answered requests whose price is not known: their cost is in no sum."})
              .With({})) {
  const auto dollars = [&](const char* name, const char* help, base::Int128 Dollars::*which) {
    registry.AddCallback(telemetry::Registry::Kind::kCounter, name, help, [this, which] {
      return static_cast<double>(dollars_.With([&](const Dollars& sums) { return sums.*which; })) /
             base::kPico;
    });
  };
  dollars("sluice_cost_usd_total", "Cost of requests billed in US dollars.", &Dollars::cost);
  dollars("sluice_saved_usd_total", "What the strongest rung would have charged more for them.",
          &Dollars::saved);
  auto& tokens = registry.AddCounter({.name = "sluice_tokens_total",
                                      .help = "Tokens that providers reported.",
                                      .labels = {"kind"},
                                      .initial = {{"input"}, {"cached_input"}, {"output"}, {"reasoning"}}});
  input_tokens_ = &tokens.With({"input"});
  cached_tokens_ = &tokens.With({"cached_input"});
  output_tokens_ = &tokens.With({"output"});
  reasoning_tokens_ = &tokens.With({"reasoning"});
}

void Recorder::Write(const RequestRecord& record) {
  const auto took = clock_.Now() - record.begun;
  Count(record, took);
  Log(record, took);
  if (spans_ != nullptr && record.trace && record.operation) Trace(record);
}

void Recorder::Count(const RequestRecord& record, std::chrono::nanoseconds took) {
  char digits[8];
  const char* end = std::to_chars(digits, digits + sizeof digits, record.status).ptr;
  const std::string_view model = record.rung ? record.model_label : "none";
  const std::string_view rung = record.rung ? Name(*record.rung) : "none";
  const std::string_view provider = record.provider.empty() ? "none" : std::string_view(record.provider);
  requests_.With({model, rung, provider, std::string_view(digits, static_cast<std::size_t>(end - digits))})
      .Add();
  duration_.Observe(took);
  overhead_.Observe(took - record.waited);
  if (record.first_token) first_token_.Observe(*record.first_token - record.begun);
  CountMoney(record);
  if (record.usage) CountTokens(*record.usage);
  for (const AttemptNote& note : record.attempts) {
    if (note.usage) CountTokens(*note.usage);
  }
}

void Recorder::CountMoney(const RequestRecord& record) {
  const bool unknown = record.price.version == pricing::kUnknownVersion;
  if (unknown || (!record.cost && !record.price.currency.none())) unpriced_.Add();
  if (record.price.currency != base::Currency::kUsd || !record.cost) return;
  dollars_.With([&record](Dollars& sums) {
    sums.cost += *record.cost;
    sums.saved += std::max<base::Int128>(record.saved.value_or(0), 0);
  });
}

void Recorder::CountTokens(const chat::Usage& usage) {
  input_tokens_->Add(Unsigned(usage.TotalInput() - usage.cached_input));
  cached_tokens_->Add(Unsigned(usage.cached_input));
  output_tokens_->Add(Unsigned(usage.TotalOutput() - usage.reasoning));
  reasoning_tokens_->Add(Unsigned(usage.reasoning));
}

void Recorder::Log(const RequestRecord& record, std::chrono::nanoseconds took) {
  JsonObject line;
  line.AddPlain("event", "request")
      .AddPlain("at", base::Rfc3339(record.started).view())
      .AddPlain("request_id", record.id)
      .AddPlain("path", record.path)
      .Add("status", record.status);
  const auto add = [&line](std::string_view key, std::string_view value) {
    if (!value.empty()) line.Add(key, value);
  };
  if (!record.error_code.empty()) line.AddPlain("error", record.error_code);
  add("key_id", record.key_id);
  add("org", record.org);
  add("team", record.team);
  add("project", record.project);
  add("asked_model", record.asked_model);
  if (!record.provider.empty()) line.Add("model", Joined(record.provider, record.model).view());
  add("response_model", std::string_view(record.response_model).substr(0, kModelBytesMax));
  if (record.rung) line.AddPlain("rung", Name(*record.rung));
  add("reason", record.reason);
  if (!record.attempts.empty()) AddAttempts(line, record.attempts);
  if (record.operation) line.Add("stream", record.stream);
  if (record.aborted) line.Add("aborted", true);
  if (record.finish != chat::FinishReason::kNone) line.AddPlain("finish_reason", Name(record.finish));
  if (record.usage) AddUsage(line, *record.usage);
  if (!record.dropped.empty()) AddDropped(line, record.dropped);
  if (record.usage_source != chat::UsageSource::kNone &&
      record.usage_source != chat::UsageSource::kProvider) {
    line.AddPlain("usage_source", Name(record.usage_source));
  }
  AddCost(line, record);
  if (!record.reserved.currency.none()) line.Add("reserved", base::Print(record.reserved));
  if (record.lowered_to > 0) line.Add("max_tokens", record.lowered_to);
  line.Add("bytes_in", record.bytes_in).Add("bytes_out", record.bytes_out);
  if (record.text_bytes > 0) line.Add("text_bytes", record.text_bytes);
  if (record.first_token) line.Add("first_token_us", Micros(*record.first_token - record.begun));
  line.Add("took_us", Micros(took)).Add("overhead_us", Micros(took - record.waited));
  if (record.trace) line.Add("trace_id", telemetry::HexOf(record.trace->trace_id));
  log_.Write(line.Finish());
}

void Recorder::Trace(const RequestRecord& record) {
  telemetry::GenAiSpan span;
  span.context = *record.trace;
  span.parent = record.parent_span;
  span.start = record.started;
  span.end = clock_.WallNow();
  span.operation = Name(*record.operation);
  span.provider = record.provider;
  span.request_model = record.asked_model;
  span.response_model = std::string_view(record.response_model).substr(0, kModelBytesMax);
  if (record.usage) {
    const chat::Usage& usage = *record.usage;
    const std::int64_t writes = usage.cache_write_5m + usage.cache_write_1h;
    span.usage = telemetry::SpanUsage{.input = Unsigned(usage.TotalInput() - usage.cached_input - writes),
                                      .cached_input = Unsigned(usage.cached_input),
                                      .cache_write = Unsigned(writes),
                                      .output = Unsigned(usage.TotalOutput() - usage.reasoning),
                                      .reasoning = Unsigned(usage.reasoning)};
  }
  if (record.finish != chat::FinishReason::kNone) span.finish_reasons.emplace_back(Name(record.finish));
  if (record.first_token) span.time_to_first_chunk = *record.first_token - record.begun;
  span.server_address = record.server_address;
  span.server_port = record.server_port;
  span.error_type = record.status >= 400 ? std::to_string(record.status) : std::string(record.error_code);
  if (record.rung) span.attributes.emplace_back("sluice.rung", Name(*record.rung));
  span.attributes.emplace_back("sluice.request_id", record.id);
  spans_->Push(std::move(span));
}

void Recorder::Note(std::string_view event, std::string_view message) {
  JsonObject line;
  line.Add("event", event).Add("at", base::Rfc3339(clock_.WallNow()).view());
  line.Add("message", message);
  log_.Write(line.Finish());
}

}  // namespace gateway
