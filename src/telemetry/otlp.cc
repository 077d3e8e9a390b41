#include "telemetry/otlp.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include "base/json_text.h"

namespace telemetry {
namespace {

// The array of OTLP attributes: [{"key":"a","value":{"stringValue":"b"}},...]. 64-bit integers are strings
// in protobuf's JSON.
class Attributes {
 public:
  void Text(std::string_view key, std::string_view value) {
    if (value.empty()) return;
    Begin(key);
    text_ += "{\"stringValue\":";
    base::AppendJsonString(text_, value);
    text_ += "}}";
  }

  void Integer(std::string_view key, std::uint64_t value) {
    Begin(key);
    text_.append("{\"intValue\":\"").append(std::to_string(value)).append("\"}}");
  }

  void Seconds(std::string_view key, std::chrono::nanoseconds value) {
    char digits[32];
    const double seconds = std::chrono::duration<double>(value).count();
    char* const end = std::to_chars(digits, digits + sizeof digits, seconds).ptr;
    Begin(key);
    text_.append("{\"doubleValue\":").append(digits, static_cast<std::size_t>(end - digits)).append("}}");
  }

  void TextList(std::string_view key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    Begin(key);
    text_ += "{\"arrayValue\":{\"values\":[";
    for (std::size_t i = 0; i < values.size(); ++i) {
      text_ += i > 0 ? ",{\"stringValue\":" : "{\"stringValue\":";
      base::AppendJsonString(text_, values[i]);
      text_.push_back('}');
    }
    text_ += "]}}}";
  }

  std::string Take() { return std::move(text_.append("]")); }

 private:
  void Begin(std::string_view key) {
    if (text_.size() > 1) text_.push_back(',');
    text_ += "{\"key\":";
    base::AppendJsonString(text_, key);
    text_ += ",\"value\":";
  }

  std::string text_ = "[";
};

void AddUsage(Attributes& out, const SpanUsage& usage) {
  out.Integer("gen_ai.usage.input_tokens", usage.input + usage.cached_input + usage.cache_write);
  out.Integer("gen_ai.usage.output_tokens", usage.output + usage.reasoning);
  if (usage.cached_input > 0) out.Integer("gen_ai.usage.cache_read.input_tokens", usage.cached_input);
  if (usage.cache_write > 0) out.Integer("gen_ai.usage.cache_creation.input_tokens", usage.cache_write);
  if (usage.reasoning > 0) out.Integer("gen_ai.usage.reasoning.output_tokens", usage.reasoning);
}

std::string SpanAttributes(const GenAiSpan& span) {
  Attributes out;
  out.Text("gen_ai.operation.name", span.operation);
  out.Text("gen_ai.provider.name", span.provider);
  out.Text("gen_ai.request.model", span.request_model);
  out.Text("gen_ai.response.model", span.response_model);
  if (span.usage) AddUsage(out, *span.usage);
  out.TextList("gen_ai.response.finish_reasons", span.finish_reasons);
  if (span.time_to_first_chunk) {
    out.Seconds("gen_ai.response.time_to_first_chunk", *span.time_to_first_chunk);
  }
  out.Text("server.address", span.server_address);
  if (span.server_port != 0) out.Integer("server.port", span.server_port);
  out.Text("error.type", span.error_type);
  for (const auto& [key, value] : span.attributes) out.Text(key, value);
  return out.Take();
}

std::string UnixNanos(base::WallTime instant) {
  return std::to_string(instant.time_since_epoch().count());
}

std::string EncodeSpan(const GenAiSpan& span) {
  constexpr int kKindClient = 3;
  constexpr int kStatusError = 2;
  base::JsonObject out;
  out.Add("traceId", HexOf(span.context.trace_id)).Add("spanId", HexOf(span.context.span_id));
  if (span.parent) out.Add("parentSpanId", HexOf(*span.parent));
  out.Add("flags", static_cast<int>(span.context.flags));
  out.Add("name", span.request_model.empty() ? span.operation : span.operation + " " + span.request_model);
  out.Add("kind", kKindClient);
  out.Add("startTimeUnixNano", UnixNanos(span.start)).Add("endTimeUnixNano", UnixNanos(span.end));
  out.AddRaw("attributes", SpanAttributes(span));
  if (!span.error_type.empty()) {
    out.AddRaw("status", base::JsonObject().Add("code", kStatusError).Take());
  }
  return out.Take();
}

}  // namespace

std::string EncodeTraces(const OtlpResource& resource, std::span<const GenAiSpan> spans) {
  Attributes about;
  about.Text("service.name", resource.service_name);
  about.Text("service.version", resource.service_version);
  std::string out = "{\"resourceSpans\":[{\"resource\":{\"attributes\":" + about.Take() +
                    "},\"scopeSpans\":[{\"scope\":{\"name\":\"sluice\"},\"spans\":[";
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (i > 0) out.push_back(',');
    out += EncodeSpan(spans[i]);
  }
  return out += "]}]}]}";
}

bool SpanBuffer::Push(GenAiSpan span) {
  const bool kept = spans_.With([&](std::deque<GenAiSpan>& spans) {
    if (spans.size() >= spans_max_) return false;
    spans.push_back(std::move(span));
    return true;
  });
  if (!kept) dropped_.fetch_add(1, std::memory_order_relaxed);
  return kept;
}

std::vector<GenAiSpan> SpanBuffer::TakeBatch(std::size_t count_max) {
  return spans_.With([&](std::deque<GenAiSpan>& spans) {
    const auto end = spans.begin() + static_cast<std::ptrdiff_t>(std::min(count_max, spans.size()));
    std::vector<GenAiSpan> batch(std::make_move_iterator(spans.begin()), std::make_move_iterator(end));
    spans.erase(spans.begin(), end);
    return batch;
  });
}

std::size_t SpanBuffer::Size() const {
  return spans_.With([](const std::deque<GenAiSpan>& spans) { return spans.size(); });
}

}  // namespace telemetry
