#include "translate/responses_shell_internal.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "translate/openai_tier_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {

namespace {

using wire::JsonCursor;
using wire::JsonValue;

std::string Stem(std::string_view request_id) {
  std::string stem(request_id.starts_with("req_") ? request_id.substr(4) : request_id);
  for (char& c : stem) {
    if (!base::IsAlnum(c) && c != '-') c = '_';
  }
  return stem;
}

std::string_view Or(std::string_view raw, std::string_view absent) {
  return raw.empty() ? absent : raw;
}

void WriteOr(JsonOut& json, JsonText text, std::string_view absent) {
  if (text.empty()) {
    json.Raw(absent);
  } else {
    json.Text(text);
  }
}

// Whether the setting has reached who answers.
bool IsUsed(const Between& between, std::string_view name) {
  return std::none_of(between.dropped.begin(), between.dropped.end(), [name](std::string_view dropped) {
    const bool inside = dropped.size() > name.size() && dropped[name.size()] == '.';
    return dropped.starts_with(name) && (dropped.size() == name.size() || inside);
  });
}

std::string_view Used(const Between& between, std::string_view name, std::string_view raw) {
  return IsUsed(between, name) ? raw : std::string_view();
}
JsonText Used(const Between& between, std::string_view name, JsonText text) {
  return {Used(between, name, text.inside)};
}

void WriteFormat(const Between& between, JsonOut& json) {
  const Request& request = between.request;
  json.Key("text").Open('{').Key("format");
  json.Line(Or(Used(between, "text.format", request.format.raw), R"({"type":"text"})"));
  const JsonText verbosity = Used(between, "text.verbosity", request.verbosity);
  if (!verbosity.empty()) json.Key("verbosity").Text(verbosity);
  json.Close('}');
}

void WriteTools(const Between& between, JsonOut& json) {
  json.Key("tools").Open('[');
  const std::vector<Tool>& tools = between.request.tools;
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const std::string name = "tools[" + std::to_string(i) + "]";
    if (between.dropped.empty() ||
        std::find(between.dropped.begin(), between.dropped.end(), name) == between.dropped.end())
      json.Line(tools[i].raw);
  }
  json.Close(']');
}

// Instructions are the only words of a system that stand in a string of their own.
std::string_view Instructions(const Request& request) {
  if (request.turns.empty() || request.turns.front().role != Role::kSystem) return {};
  const std::string_view raw = request.turns.front().raw;
  return raw.starts_with('"') ? raw : std::string_view();
}

}  // namespace

Shell::Shell(const Between& between) : between_(between), stem_(Stem(between.request_id)), asked_(Asked()) {}

std::string Shell::Asked() const {
  constexpr std::size_t kUsual = 768;  // bytes
  const Request& request = between_.request;
  const auto used = [this](std::string_view name, auto value) { return Used(between_, name, value); };
  std::string asked = " ";
  asked.reserve(kUsual);
  JsonOut json(asked);
  json.Key("background").Bool(false);
  json.Key("instructions").Line(Or(Instructions(request), "null"));
  json.Key("max_output_tokens");
  if (request.max_output) {
    json.Number(*request.max_output);
  } else {
    json.Null();
  }
  json.Key("max_tool_calls").Null().Key("metadata").Line(Or(used("metadata", request.metadata_raw), "{}"));
  json.Key("parallel_tool_calls").Line(Or(used("parallel_tool_calls", request.parallel_raw), "true"));
  json.Key("previous_response_id").Null();
  json.Key("prompt_cache_key").Line(Or(used("prompt_cache_key", request.cache_key_raw), "null"));
  json.Key("reasoning").Open('{').Key("effort");
  WriteOr(json, used("reasoning.effort", request.thinking.effort), "null");
  json.Key("summary");
  WriteOr(json, used("reasoning.summary", request.thinking.summary), "null");
  const std::string_view user = used("safety_identifier", used("user", request.end_user_raw));
  json.Close('}').Key("safety_identifier").Line(Or(user, "null"));
  json.Key("store").Bool(false).Key("temperature");
  json.Line(Or(used("temperature", request.temperature_raw), "1.0"));
  WriteFormat(between_, json);
  json.Key("tool_choice").Line(Or(used("tool_choice", request.tool_choice.raw), R"("auto")"));
  WriteTools(between_, json);
  json.Key("top_logprobs").Line(Or(used("top_logprobs", request.top_logprobs_raw), "0"));
  json.Key("top_p").Line(Or(used("top_p", request.top_p_raw), "1.0")).Key("truncation").Text({"disabled"});
  asked.erase(0, 1);
  return asked;
}

std::string_view Shell::StatusOf(const Told& told) {
  using enum chat::FinishReason;
  if (!told.ended) return "in_progress";
  switch (told.finish.reason) {
    case kLength:
    case kContentFilter:
      return "incomplete";
    case kInsufficientResource:
      return "failed";
    case kNone:
    case kStop:
    case kToolCalls:
      break;
    case kOther:
      return told.finish.cut ? "incomplete" : "completed";
  }
  return "completed";
}

void Shell::Write(const Told& told, std::string_view output, JsonOut& json) const {
  constexpr std::size_t kRest = 512;  // bytes beside what is asked and the output
  json.out().reserve(json.out().size() + kRest + asked_.size() + output.size());
  const std::string_view status = StatusOf(told);
  json.Open('{').Key("id").Plain("resp_" + stem_).Key("object").Text({"response"});
  json.Key("created_at").Number(told.created.value_or(between_.now)).Key("status").Plain(status);
  json.Key("completed_at");
  if (status == "completed") {
    json.Number(between_.now);
  } else {
    json.Null();
  }
  json.Key("error");
  if (status == "failed") {
    json.Open('{').Key("code").Text({"server_error"}).Key("message");
    json.Plain("The provider ran out of capacity before the answer was whole; try again.").Close('}');
  } else {
    json.Null();
  }
  json.Key("incomplete_details");
  if (status == "incomplete") {
    const bool filter = told.finish.reason == chat::FinishReason::kContentFilter;
    json.Open('{').Key("reason").Plain(filter ? "content_filter" : "max_output_tokens").Close('}');
  } else {
    json.Null();
  }
  json.Key("model").Text(told.model).Key("output").Open('[');
  if (!output.empty()) json.Raw(output);
  json.Close(']').Key("service_tier");
  WriteOr(json, OpenaiTier(told.service_tier), "null");
  json.Raw(asked_).Key("usage");
  if (told.usage && told.ended) {
    WriteResponsesUsage(*told.usage, json);
  } else {
    json.Null();
  }
  json.Close('}');
}

std::string Shell::ItemId(std::string_view prefix, std::size_t place) const {
  return std::string(prefix).append(stem_).append("_").append(std::to_string(place));
}

void WriteResponsesUsage(const chat::Usage& usage, JsonOut& json) {
  json.Open('{').Key("input_tokens").Number(usage.TotalInput());
  json.Key("input_tokens_details").Open('{').Key("cached_tokens").Number(usage.cached_input);
  json.Key("cache_write_tokens").Number(usage.cache_write_5m + usage.cache_write_1h);
  if (usage.cache_write_1h > 0) json.Key("cache_write_1h_tokens").Number(usage.cache_write_1h);
  if (usage.input_audio > 0) json.Key("audio_tokens").Number(usage.input_audio);
  if (usage.input_image > 0) json.Key("image_tokens").Number(usage.input_image);
  json.Close('}').Key("output_tokens").Number(usage.TotalOutput());
  json.Key("output_tokens_details").Open('{').Key("reasoning_tokens").Number(usage.reasoning);
  if (usage.output_audio > 0) json.Key("audio_tokens").Number(usage.output_audio);
  if (usage.output_image > 0) json.Key("image_tokens").Number(usage.output_image);
  json.Close('}').Key("total_tokens").Number(usage.TotalInput() + usage.TotalOutput()).Close('}');
}

void WriteContentPart(Part::Kind kind, JsonText text, std::string_view annotations, std::string_view logprobs,
                      JsonOut& json) {
  json.Open('{').Key("type");
  if (kind == Part::Kind::kRefusal) {
    json.Text({"refusal"}).Key("refusal").Text(text).Close('}');
    return;
  }
  json.Text({"output_text"}).Key("annotations").Open('[');
  if (!annotations.empty()) json.Raw(annotations);
  json.Close(']').Key("logprobs").Line(Or(logprobs, "[]")).Key("text").Text(text).Close('}');
}

void OpenMessage(std::string_view id, std::string_view status, JsonOut& json) {
  json.Open('{').Key("id").Plain(id).Key("type").Text({"message"}).Key("status").Plain(status);
  json.Key("role").Text({"assistant"}).Key("content").Open('[');
}

void CloseMessage(JsonOut& json) {
  json.Close(']').Close('}');
}

void WriteThought(std::string_view id, std::string_view status, JsonText text, std::string_view seal,
                  JsonOut& json) {
  json.Open('{').Key("id").Plain(id).Key("type").Text({"reasoning"}).Key("status").Plain(status);
  json.Key("summary").Open('[');
  if (!text.empty()) json.Open('{').Key("type").Text({"summary_text"}).Key("text").Text(text).Close('}');
  json.Close(']');
  if (!seal.empty()) json.Key("encrypted_content").Text({seal});
  json.Close('}');
}

std::string_view CallPrefix(bool custom) {
  return custom ? "ctc_" : "fc_";
}

void WriteCallItem(std::string_view id, std::string_view status, const Part& call, JsonOut& json) {
  json.Open('{').Key("id").Plain(id).Key("type").Plain(call.custom ? "custom_tool_call" : "function_call");
  json.Key("status").Plain(status).Key("call_id").Text(call.id).Key("name").Text(call.name);
  json.Key(call.custom ? "input" : "arguments");
  if (call.input_raw.empty()) {
    json.Text(call.arguments);
  } else {
    json.Plain(call.input_raw);
  }
  json.Close('}');
}

bool WriteAnnotation(std::string_view citation, std::size_t characters, JsonOut& json) {
  JsonValue type;
  JsonValue url;
  JsonValue title;
  std::string_view deeper;  // where chat has the members
  JsonCursor cursor(citation);
  if (!cursor.EnterObject()) return false;
  while (cursor.NextMember()) {
    const bool is_type = cursor.KeyIs("type");
    const bool is_url = cursor.KeyIs("url");
    const bool is_title = cursor.KeyIs("title");
    const bool is_deeper = cursor.KeyIs("url_citation");
    const JsonValue value = cursor.Take();
    if (is_type) type = value;
    if (is_url) url = value;
    if (is_title) title = value;
    if (is_deeper && value.IsObject()) deeper = value.raw;
  }
  if (cursor.Failed() || !type.IsString()) return false;
  if (!deeper.empty()) {
    const std::string_view inside = deeper.substr(1, deeper.size() - 2);
    json.Open('{').Key("type").Text({"url_citation"});
    if (JsonCursor inner(deeper); inner.EnterObject() && inner.NextMember()) json.Line(inside);
    json.Close('}');
    return true;
  }
  for (const std::string_view own :
       {"url_citation", "file_citation", "container_file_citation", "file_path"}) {
    if (!type.TextIs(own)) continue;
    json.Line(citation);
    return true;
  }
  if (!url.IsString()) return false;
  json.Open('{').Key("type").Text({"url_citation"}).Key("start_index").Number(0).Key("end_index");
  json.Number(static_cast<std::int64_t>(characters)).Key("url").Text({url.Inside()}).Key("title");
  json.Text(title.IsString() ? JsonText{title.Inside()} : JsonText{}).Close('}');
  return true;
}

}  // namespace translate::internal
