#include "translate/messages_answering_internal.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "base/json_text.h"
#include "translate/carried.h"
#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

using chat::FinishReason;

constexpr std::string_view kOwnWords[] = {"end_turn",
                                          "max_tokens",
                                          "stop_sequence",
                                          "tool_use",
                                          "pause_turn",
                                          "refusal",
                                          "model_context_window_exceeded"};

FinishReason ReasonOf(JsonText word) {
  if (word.empty()) return FinishReason::kNone;
  if (word.Is("end_turn") || word.Is("stop_sequence")) return FinishReason::kStop;
  if (word.Is("max_tokens") || word.Is("model_context_window_exceeded")) return FinishReason::kLength;
  if (word.Is("tool_use")) return FinishReason::kToolCalls;
  return word.Is("refusal") ? FinishReason::kContentFilter : FinishReason::kOther;
}

std::string_view OwnWord(JsonText word) {
  const auto own = std::find_if(std::begin(kOwnWords), std::end(kOwnWords),
                                [word](std::string_view known) { return word.Is(known); });
  return own == std::end(kOwnWords) ? std::string_view() : *own;
}

std::string_view WordFor(const Finish& finish, bool calls, bool refusal) {
  switch (finish.reason) {
    case FinishReason::kNone:
      return {};
    case FinishReason::kStop:
    case FinishReason::kToolCalls:
      // Some servers call a stop what ends in calls, and the other way round; clients go by the word.
      if (calls) return "tool_use";
      if (refusal) return "refusal";
      return finish.stop_sequence.empty() ? "end_turn" : "stop_sequence";
    case FinishReason::kLength:
    case FinishReason::kInsufficientResource:
      return finish.word.Is("model_context_window_exceeded") ? "model_context_window_exceeded" : "max_tokens";
    case FinishReason::kContentFilter:
      return "refusal";
    case FinishReason::kOther:
      break;
  }
  if (const std::string_view own = OwnWord(finish.word); !own.empty()) return own;
  if (finish.cut) return "max_tokens";
  return calls ? "tool_use" : "end_turn";
}

}  // namespace

Finish ReadMessagesFinish(JsonText word, JsonText sequence) {
  return {.reason = ReasonOf(word), .stop_sequence = sequence, .word = word, .refused = word.Is("refusal")};
}

void NameMessagesFinish(const Finish& finish, Losses& losses) {
  if (finish.reason == FinishReason::kOther && OwnWord(finish.word).empty()) {
    losses.Ignored(finish.word.inside);
  }
}

void WriteMessagesFinish(const Finish& finish, bool calls, bool refusal, JsonOut& json) {
  const std::string_view word = WordFor(finish, calls, refusal);
  json.Key("stop_reason");
  if (word.empty()) {
    json.Null();
  } else {
    json.Plain(word);
  }
  json.Key("stop_sequence");
  if (word == "stop_sequence") {
    json.Text(finish.stop_sequence);
  } else {
    json.Null();
  }
}

void WriteMessagesUsage(const std::optional<chat::Usage>& known, std::string_view service_tier,
                        JsonOut& json) {
  const chat::Usage usage = known.value_or(chat::Usage{});
  json.Key("usage").Open('{');
  json.Key("input_tokens").Number(usage.input + usage.input_audio + usage.input_image);
  json.Key("cache_creation_input_tokens").Number(usage.cache_write_5m + usage.cache_write_1h);
  json.Key("cache_read_input_tokens").Number(usage.cached_input);
  json.Key("cache_creation").Open('{');
  json.Key("ephemeral_5m_input_tokens").Number(usage.cache_write_5m);
  json.Key("ephemeral_1h_input_tokens").Number(usage.cache_write_1h).Close('}');
  json.Key("output_tokens").Number(usage.TotalOutput());
  if (usage.reasoning > 0) {
    json.Key("output_tokens_details").Open('{').Key("thinking_tokens").Number(usage.reasoning).Close('}');
  }
  if (!service_tier.empty()) json.Key("service_tier").Plain(service_tier);
  json.Close('}');
}

std::string_view MessagesTier(JsonText tier) {
  if (tier.Is("default") || tier.Is("standard")) return "standard";
  if (tier.Is("priority")) return "priority";
  return tier.Is("batch") ? "batch" : "";
}

bool ReadUsageExtras(MessagesReading& reading, const wire::JsonValue& usage, JsonText& tier) {
  enum { kTier, kServerTools, kGeo, kSpeed, kIterations, kModelled };
  static constexpr std::string_view kNames[] = {"service_tier",
                                                "server_tool_use",
                                                "inference_geo",
                                                "speed",
                                                "iterations",
                                                "input_tokens",
                                                "output_tokens",
                                                "cache_creation_input_tokens",
                                                "cache_read_input_tokens",
                                                "cache_creation",
                                                "output_tokens_details"};
  if (usage.raw.empty()) return true;
  wire::JsonValue values[std::size(kNames)];
  if (!ReadMembers(reading, usage, kNames, values)) return false;
  if (values[kServerTools].IsObject()) {  // how often each tool of the provider was used
    wire::JsonCursor cursor(values[kServerTools].raw);
    cursor.EnterObject();
    while (cursor.NextMember()) {
      if (const wire::JsonValue count = cursor.Take(); count.raw != "0") reading.Other(count);
    }
  }
  const wire::JsonValue& geo = values[kGeo];
  if (!geo.TextIs("global") && !geo.TextIs("not_available")) reading.Other(geo);
  if (!values[kSpeed].TextIs("standard")) reading.Other(values[kSpeed]);
  return ReadText(reading, values[kTier], tier);
}

bool WriteCallInput(const Part& call, JsonOut& json) {
  if (!call.input_raw.empty()) {
    json.Raw(call.input_raw);
    return true;
  }
  const std::string plain = call.arguments.Plain();
  const std::string_view text = base::TrimBlanks(plain);
  const auto value = wire::ScanJson(text);
  if (!call.custom && text.empty()) {
    json.Open('{').Close('}');
  } else if (!call.custom && value && value->IsObject()) {
    json.Raw(value->raw);
  } else if (!call.custom && value) {
    json.Open('{').Key("arguments").Raw(value->raw).Close('}');
    return false;
  } else {
    json.Open('{').Key("arguments").Text(call.arguments).Close('}');
    return call.custom;
  }
  return true;
}

bool WriteMessagesCitation(std::string_view annotation, JsonOut& json) {
  static constexpr std::string_view kNames[] = {"type", "url", "title", "url_citation"};
  std::vector<std::string_view> others;
  MessagesReading reading{annotation, others};
  wire::JsonValue outer[4];
  wire::JsonValue deeper[4];
  if (!ReadMembers(reading, {annotation, wire::JsonKind::kObject}, kNames, outer)) return false;
  if (outer[0].IsString() && outer[0].Inside().ends_with("_location")) {  // Messages' own
    json.Line(annotation);
    return true;
  }
  // Chat says it one object deeper.
  const bool chat = outer[3].IsObject() && ReadMembers(reading, outer[3], kNames, deeper);
  const wire::JsonValue& url = (chat ? deeper : outer)[1];
  const wire::JsonValue& title = (chat ? deeper : outer)[2];
  if (!outer[0].TextIs("url_citation") || !url.IsString()) return false;
  json.Open('{').Key("type").Plain("web_search_result_location").Key("url").Raw(url.raw).Key("title");
  if (title.IsString()) {
    json.Raw(title.raw);
  } else {
    json.Null();
  }
  json.Key("cited_text").Text({}).Key("encrypted_index").Plain(Seal({}, Mind::kAnthropic)).Close('}');
  return true;
}

void AppendInside(std::string& out, std::string_view text) {
  std::string quoted;
  base::AppendJsonString(quoted, text);
  out.append(quoted, 1, quoted.size() - 2);
}

}  // namespace translate::internal
