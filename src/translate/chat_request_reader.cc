#include <algorithm>
#include <unordered_map>

#include "translate/chat_reader_internal.h"
#include "translate/dialects_internal.h"

namespace translate {
namespace {

using internal::ChatReader;
using wire::JsonCursor;
using wire::JsonValue;

// Whether a number is nothing: 0, -0, 0.0, 0e5.
bool IsZero(std::string_view number) {
  number = number.substr(0, number.find_first_of("eE"));
  return !number.empty() && number.find_first_not_of("-0.") == std::string_view::npos;
}

// The members at the top of a body. What is not among them only its own dialect knows.
struct Members {
  JsonValue model, messages, stream, stream_options;
  JsonValue max_tokens, max_completion_tokens;
  JsonValue temperature, top_p, top_k, seed, frequency_penalty, presence_penalty;
  JsonValue logit_bias, logprobs, top_logprobs, stop, n, modalities;
  JsonValue tools, tool_choice, parallel_tool_calls, functions, function_call;
  JsonValue thinking, reasoning_effort, verbosity, response_format;
  JsonValue service_tier, metadata, store, prompt_cache_key, prompt_cache_retention, prompt_cache_options;
  JsonValue user, user_id, safety_identifier, prediction;
};

class RequestReader {
 public:
  explicit RequestReader(std::string_view body)
      : reader_(body, request_.others, request_.kept, &request_.hints) {
    request_.operation = chat::Operation::kChat;
    request_.body = body;
  }

  base::Result<Request> Read() {
    Collect();
    ReadMessages();
    ReadStream();
    ReadSampling();
    ReadTools();
    ReadToolChoice();
    ReadThinking();
    ReadFormat();
    ReadService();
    if (const auto outcome = reader_.Outcome(); !outcome) return base::Fail(outcome.error());
    return std::move(request_);
  }

 private:
  void Collect();
  void ReadMessages();
  void ReadMessage(std::string_view raw);
  void ReadToolMessage(std::string_view raw);
  void ReadFunctionMessage(std::string_view raw);
  void ReadFunctions();
  void ReadStream();
  void ReadSampling();
  void ReadStop();
  void ReadTools();
  void ReadTool(std::string_view raw);
  void ReadToolChoice();
  void ReadThinking();
  void ReadFormat();
  void ReadService();
  void ReadCaching();
  void ReadEndUser();

  Request request_;
  ChatReader reader_;
  Members members_;
  std::unordered_map<std::string_view, std::string_view> called_;  // names of tools by ids of calls
};

void RequestReader::Collect() {
  Members& m = members_;
  reader_.Collect(request_.body, {{"model", &m.model},
                                  {"messages", &m.messages},
                                  {"stream", &m.stream},
                                  {"stream_options", &m.stream_options},
                                  {"max_tokens", &m.max_tokens},
                                  {"max_completion_tokens", &m.max_completion_tokens},
                                  {"temperature", &m.temperature},
                                  {"top_p", &m.top_p},
                                  {"top_k", &m.top_k},
                                  {"seed", &m.seed},
                                  {"frequency_penalty", &m.frequency_penalty},
                                  {"presence_penalty", &m.presence_penalty},
                                  {"logit_bias", &m.logit_bias},
                                  {"logprobs", &m.logprobs},
                                  {"top_logprobs", &m.top_logprobs},
                                  {"stop", &m.stop},
                                  {"n", &m.n},
                                  {"modalities", &m.modalities},
                                  {"tools", &m.tools},
                                  {"tool_choice", &m.tool_choice},
                                  {"parallel_tool_calls", &m.parallel_tool_calls},
                                  {"functions", &m.functions},
                                  {"function_call", &m.function_call},
                                  {"thinking", &m.thinking},
                                  {"reasoning_effort", &m.reasoning_effort},
                                  {"verbosity", &m.verbosity},
                                  {"response_format", &m.response_format},
                                  {"service_tier", &m.service_tier},
                                  {"metadata", &m.metadata},
                                  {"store", &m.store},
                                  {"prompt_cache_key", &m.prompt_cache_key},
                                  {"prompt_cache_retention", &m.prompt_cache_retention},
                                  {"prompt_cache_options", &m.prompt_cache_options},
                                  {"user", &m.user},
                                  {"user_id", &m.user_id},
                                  {"safety_identifier", &m.safety_identifier},
                                  {"prediction", &m.prediction}});
}

void RequestReader::ReadMessages() {
  const JsonValue& messages = members_.messages;
  if (messages.IsNull()) return reader_.Refuse(request_.body, "has no messages");
  if (!reader_.IsArray(messages)) return reader_.Refuse(messages.raw, "must have a message");
  JsonCursor cursor(messages.raw);
  cursor.EnterArray();
  while (cursor.NextElement()) {
    const JsonValue message = cursor.Take();
    if (!message.IsObject()) return reader_.Refuse(message.raw, "must be an object with role and content");
    ReadMessage(message.raw);
  }
}

// The role of a message decides which members it has.
JsonValue RoleOf(std::string_view message) {
  JsonCursor cursor(message);
  if (!cursor.EnterObject()) return {};
  while (cursor.NextMember()) {
    if (cursor.KeyIs("role")) return cursor.Take();
  }
  return {};
}

void RequestReader::ReadMessage(std::string_view raw) {
  const JsonValue role = RoleOf(raw);
  if (role.TextIs("tool")) return ReadToolMessage(raw);
  if (role.TextIs("function")) return ReadFunctionMessage(raw);
  Turn turn;
  turn.raw = raw;
  if (role.TextIs("assistant")) {
    turn.role = Role::kAssistant;
    reader_.ReadAssistant(raw, turn);
    for (const Part& part : turn.parts) {
      if (part.kind == Part::Kind::kToolCall) called_[part.id.inside] = part.name.inside;
    }
    request_.turns.push_back(std::move(turn));
    return;
  }
  if (role.TextIs("system")) {
    turn.role = Role::kSystem;
  } else if (role.TextIs("developer")) {
    turn.role = Role::kDeveloper;
  } else if (!role.TextIs("user")) {
    return reader_.Refuse(role.raw.empty() ? raw : role.raw,
                          "must have one of the roles system, developer, user, assistant, tool");
  }
  JsonValue role_again, content, name, cache;
  reader_.Collect(raw,
                  {{"role", &role_again}, {"content", &content}, {"name", &name}, {"cache_control", &cache}});
  if (content.IsNull()) reader_.Refuse(raw, "has no content");
  reader_.ReadContent(content, true, turn.parts);
  turn.name = reader_.String(name);
  if (!turn.parts.empty() && !cache.IsNull()) turn.parts.back().cache_raw = reader_.Object(cache);
  request_.turns.push_back(std::move(turn));
}

// Older than tools: what answers the function_call right before it has no id to say so.
void RequestReader::ReadFunctionMessage(std::string_view raw) {
  JsonValue role, content, name;
  reader_.Collect(raw, {{"role", &role}, {"content", &content}, {"name", &name}});
  const Part* const call = request_.turns.empty() || request_.turns.back().parts.empty()
                               ? nullptr
                               : &request_.turns.back().parts.back();
  if (call == nullptr || call->kind != Part::Kind::kToolCall || call->name != reader_.String(name)) {
    return reader_.Refuse(raw, "must follow the function_call that it answers");
  }
  Part result;
  result.kind = Part::Kind::kToolResult;
  result.raw = raw;
  result.id = call->id;
  result.name = call->name;
  reader_.ReadContent(content, false, result.inner);
  Turn& turn = request_.turns.emplace_back();
  turn.role = Role::kTool;
  turn.raw = raw;
  turn.parts.push_back(std::move(result));
}

void RequestReader::ReadToolMessage(std::string_view raw) {
  JsonValue role, content, name, id, cache;
  reader_.Collect(raw, {{"role", &role},
                        {"content", &content},
                        {"name", &name},
                        {"tool_call_id", &id},
                        {"cache_control", &cache}});
  Part result;
  result.kind = Part::Kind::kToolResult;
  result.raw = raw;
  result.id = reader_.String(id);
  if (result.id.empty()) reader_.Refuse(raw, "must have a tool_call_id");
  result.name = reader_.String(name);
  if (!result.name.empty()) {  // of the tool: its call has it too
    const auto call = called_.find(result.id.inside);
    if (call == called_.end() || call->second != result.name.inside) reader_.Hint(name);
  }
  result.cache_raw = reader_.Object(cache);
  reader_.ReadContent(content, false, result.inner);
  if (request_.turns.empty() || request_.turns.back().role != Role::kTool) {
    Turn& turn = request_.turns.emplace_back();
    turn.role = Role::kTool;
    turn.raw = raw;
  }
  request_.turns.back().parts.push_back(std::move(result));
}

void RequestReader::ReadStream() {
  request_.stream = reader_.Truth(members_.stream, false);
  if (members_.stream_options.IsNull()) return;
  JsonValue usage, obfuscation;
  reader_.Collect(reader_.Object(members_.stream_options),
                  {{"include_usage", &usage}, {"include_obfuscation", &obfuscation}});
  request_.include_usage = reader_.Truth(usage, false) && request_.stream;
  if (reader_.Truth(obfuscation, false)) reader_.Hint(obfuscation);
}

void RequestReader::ReadSampling() {
  for (const JsonValue& limit : {members_.max_tokens, members_.max_completion_tokens}) {
    if (limit.IsNull()) continue;
    const auto tokens = limit.Int64();
    if (!tokens || *tokens <= 0) return reader_.Refuse(limit.raw, "must be a positive integer");
    request_.max_output = std::min(*tokens, request_.max_output.value_or(*tokens));
  }
  for (const JsonValue& limit : {members_.max_tokens, members_.max_completion_tokens}) {
    if (!limit.IsNull() && limit.Int64() != request_.max_output)
      reader_.Hint(limit);  // the smaller one holds
  }
  request_.temperature_raw = reader_.Number(members_.temperature);
  request_.top_p_raw = reader_.Number(members_.top_p);
  request_.top_k_raw = reader_.Number(members_.top_k);
  request_.seed_raw = reader_.Number(members_.seed);
  const auto unless_zero = [&](const JsonValue& value) {
    const std::string_view number = reader_.Number(value);
    return IsZero(number) ? std::string_view() : number;
  };
  request_.frequency_penalty_raw = unless_zero(members_.frequency_penalty);
  request_.presence_penalty_raw = unless_zero(members_.presence_penalty);
  request_.logit_bias_raw = reader_.Object(members_.logit_bias);
  if (reader_.Truth(members_.logprobs, false)) request_.logprobs_raw = members_.logprobs.raw;
  request_.top_logprobs_raw = unless_zero(members_.top_logprobs);
  if (members_.n.Int64() != 1) reader_.Other(members_.n);
  if (reader_.IsArray(members_.modalities)) {
    JsonCursor cursor(members_.modalities.raw);
    cursor.EnterArray();
    bool more_than_text = false;
    while (cursor.NextElement()) more_than_text |= !cursor.Take().TextIs("text");
    if (more_than_text) reader_.Other(members_.modalities);
  }
  ReadStop();
}

void RequestReader::ReadStop() {
  const JsonValue& stop = members_.stop;
  if (stop.IsString()) {
    request_.stop.push_back({stop.Inside()});
  } else if (reader_.IsArray(stop)) {
    JsonCursor cursor(stop.raw);
    cursor.EnterArray();
    while (cursor.NextElement()) request_.stop.push_back(reader_.String(cursor.Take()));
  }
  if (!request_.stop.empty()) request_.stop_raw = stop.raw;
}

void RequestReader::ReadTools() {
  if (reader_.IsArray(members_.tools)) {
    JsonCursor cursor(members_.tools.raw);
    cursor.EnterArray();
    while (cursor.NextElement()) {
      const JsonValue tool = cursor.Take();
      if (!tool.IsObject()) return reader_.Refuse(tool.raw, "must be an object");
      ReadTool(tool.raw);
    }
  }
  ReadFunctions();
  if (!reader_.Truth(members_.parallel_tool_calls, true)) {
    request_.parallel_tools = false;
    request_.parallel_raw = members_.parallel_tool_calls.raw;
  }
}

// What there was before tools: the same, but one call at a time. Beside tools nobody says which counts.
void RequestReader::ReadFunctions() {
  const bool functions = reader_.IsArray(members_.functions);
  if (!functions || !request_.tools.empty()) {
    if (functions) reader_.Other(members_.functions);
    return reader_.Other(members_.function_call);
  }
  request_.legacy_calls = true;
  request_.parallel_tools = false;
  JsonCursor cursor(members_.functions.raw);
  cursor.EnterArray();
  while (cursor.NextElement()) {
    const JsonValue function = cursor.Take();
    if (!function.IsObject()) return reader_.Refuse(function.raw, "must be an object");
    JsonValue name, description, parameters;
    reader_.Collect(function.raw,
                    {{"name", &name}, {"description", &description}, {"parameters", &parameters}});
    if (!parameters.IsNull() && !parameters.IsObject()) reader_.Refuse(parameters.raw, "must be an object");
    Tool& tool = request_.tools.emplace_back();
    tool.raw = function.raw;
    tool.type = {"function"};
    tool.name = reader_.String(name);
    tool.description = reader_.String(description);
    if (parameters.IsObject()) tool.schema_raw = parameters.raw;
    if (tool.name.empty()) reader_.Refuse(function.raw, "must have a name");
  }
}

void RequestReader::ReadTool(std::string_view raw) {
  const std::size_t others_before = request_.others.size();
  JsonValue type, function, custom, cache;
  reader_.Collect(raw,
                  {{"type", &type}, {"function", &function}, {"custom", &custom}, {"cache_control", &cache}});
  Tool& tool = request_.tools.emplace_back();
  tool.raw = raw;
  tool.type = reader_.String(type);
  tool.cache_raw = reader_.Object(cache);
  JsonValue name, description, parameters, strict, format, inner_cache;
  if (tool.type.Is("custom")) {
    tool.kind = Tool::Kind::kCustom;
    reader_.Other(function);
    reader_.Collect(reader_.Object(custom),
                    {{"name", &name}, {"description", &description}, {"format", &format}});
    tool.grammar_raw = reader_.Object(format);
  } else if (tool.type.Is("function") || (tool.type.empty() && function.IsObject())) {
    reader_.Other(custom);
    reader_.Collect(reader_.Object(function), {{"name", &name},
                                               {"description", &description},
                                               {"parameters", &parameters},
                                               {"strict", &strict},
                                               {"cache_control", &inner_cache}});
    if (!parameters.IsNull() && !parameters.IsObject()) reader_.Refuse(parameters.raw, "must be an object");
    if (parameters.IsObject()) tool.schema_raw = parameters.raw;
    if (reader_.Truth(strict, false)) {
      tool.strict = true;
      tool.strict_raw = strict.raw;
    }
    if (tool.cache_raw.empty()) tool.cache_raw = reader_.Object(inner_cache);
  } else {
    tool.kind = Tool::Kind::kServer;
    request_.others.resize(others_before);
    return;
  }
  tool.name = reader_.String(name);
  tool.description = reader_.String(description);
  if (tool.name.empty()) reader_.Refuse(raw, "must have a name");
}

void RequestReader::ReadToolChoice() {
  const JsonValue& choice = request_.legacy_calls ? members_.function_call : members_.tool_choice;
  ToolChoice& read = request_.tool_choice;
  if (request_.legacy_calls) reader_.Other(members_.tool_choice);
  if (choice.IsNull()) return;
  read.raw = choice.raw;
  read.kind = ToolChoice::Kind::kOther;
  if (choice.TextIs("auto")) read.kind = ToolChoice::Kind::kAuto;
  if (choice.TextIs("none")) read.kind = ToolChoice::Kind::kNone;
  if (choice.TextIs("required")) read.kind = ToolChoice::Kind::kRequired;
  if (!choice.IsObject()) return;
  const std::size_t others_before = request_.others.size();
  JsonValue type, function, custom, name;
  if (request_.legacy_calls) {
    reader_.Collect(choice.raw, {{"name", &name}});
    read.kind = ToolChoice::Kind::kNamed;
    read.name = reader_.String(name);
    if (read.name.empty()) reader_.Refuse(choice.raw, "must name a function");
    return;
  }
  reader_.Collect(choice.raw, {{"type", &type}, {"function", &function}, {"custom", &custom}});
  if (type.TextIs("function") || type.TextIs("custom")) {
    read.kind = ToolChoice::Kind::kNamed;
    read.custom = type.TextIs("custom");
    reader_.Collect(reader_.Object(read.custom ? custom : function), {{"name", &name}});
    read.name = reader_.String(name);
    if (read.name.empty()) reader_.Refuse(choice.raw, "must name a tool");
  } else {
    request_.others.resize(others_before);
  }
}

void RequestReader::ReadThinking() {
  Thinking& thinking = request_.thinking;
  thinking.effort = reader_.String(members_.reasoning_effort);
  if (members_.thinking.IsNull()) return;
  JsonValue type, budget, display;
  reader_.Collect(reader_.Object(members_.thinking),
                  {{"type", &type}, {"budget_tokens", &budget}, {"display", &display}});
  thinking.mode_raw = type.raw;
  thinking.summary = reader_.String(display);
  if (type.TextIs("disabled")) {
    thinking.mode = Thinking::Mode::kOff;
  } else if (type.TextIs("enabled")) {
    thinking.mode = Thinking::Mode::kOn;
  } else if (type.TextIs("adaptive")) {
    thinking.mode = Thinking::Mode::kAdaptive;
  } else {
    reader_.Refuse(members_.thinking.raw, "must have one of the types enabled, disabled, adaptive");
  }
  if (budget.IsNull()) return;
  thinking.budget_tokens = budget.Int64();
  thinking.budget_raw = budget.raw;
  if (thinking.budget_tokens.value_or(0) <= 0) reader_.Refuse(budget.raw, "must be a positive integer");
}

void RequestReader::ReadFormat() {
  request_.verbosity = reader_.String(members_.verbosity);
  if (request_.verbosity.Is("medium")) request_.verbosity = {};
  const JsonValue& value = members_.response_format;
  if (value.IsNull()) return;
  Format& format = request_.format;
  const std::size_t others_before = request_.others.size();
  JsonValue type, schema;
  reader_.Collect(reader_.Object(value), {{"type", &type}, {"json_schema", &schema}});
  if (type.TextIs("text")) return;
  format.raw = value.raw;
  if (type.TextIs("json_object")) {
    format.kind = Format::Kind::kJsonObject;
    return;
  }
  if (!type.TextIs("json_schema")) {
    request_.others.resize(others_before);
    format.raw = {};
    reader_.Other(value);
    return;
  }
  format.kind = Format::Kind::kJsonSchema;
  JsonValue name, description, inner, strict;
  reader_.Collect(reader_.Object(schema),
                  {{"name", &name}, {"description", &description}, {"schema", &inner}, {"strict", &strict}});
  format.name = reader_.String(name);
  format.description = reader_.String(description);
  if (!inner.IsNull() && !inner.IsObject()) reader_.Refuse(inner.raw, "must be an object");
  if (inner.IsObject()) format.schema_raw = inner.raw;
  if (reader_.Truth(strict, false)) format.strict = true;
}

void RequestReader::ReadService() {
  if (!members_.service_tier.TextIs("auto") && !reader_.String(members_.service_tier).empty()) {
    request_.service_tier_raw = members_.service_tier.raw;
  }
  request_.metadata_raw = reader_.Object(members_.metadata);
  if (reader_.Truth(members_.store, false)) request_.store_raw = members_.store.raw;
  reader_.Hint(members_.prediction);  // what is predicted comes sooner, and nothing else changes
  ReadCaching();
  ReadEndUser();
}

void RequestReader::ReadCaching() {
  if (!reader_.String(members_.prompt_cache_key).empty()) {
    request_.cache_key_raw = members_.prompt_cache_key.raw;
  }
  if (!reader_.String(members_.prompt_cache_retention).empty()) {
    request_.cache_retention_raw = members_.prompt_cache_retention.raw;
  }
  if (members_.prompt_cache_options.IsNull()) return;
  JsonValue mode, ttl;
  reader_.Collect(reader_.Object(members_.prompt_cache_options), {{"mode", &mode}, {"ttl", &ttl}});
  if (!mode.TextIs("implicit")) reader_.Hint(mode);
  if (!ttl.TextIs("30m")) reader_.Hint(ttl);
}

// Several members name the user behind the request, each of its own time or provider.
void RequestReader::ReadEndUser() {
  for (const JsonValue& value : {members_.safety_identifier, members_.user_id, members_.user}) {
    const JsonText name = reader_.String(value);
    if (name.empty()) continue;
    if (request_.end_user.empty()) {
      request_.end_user = name;
      request_.end_user_raw = value.raw;
    } else if (request_.end_user != name) {
      reader_.Hint(value);  // the first of them counts
    }
  }
}

}  // namespace

base::Result<Request> ReadChatRequest(std::string_view body) {
  return RequestReader(body).Read();
}

}  // namespace translate
