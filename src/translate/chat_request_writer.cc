#include <algorithm>

#include "base/ascii.h"
#include "translate/allowed_tools_internal.h"
#include "translate/chat_writer_internal.h"
#include "translate/dialects_internal.h"
#include "translate/effort.h"
#include "translate/extras_internal.h"
#include "translate/strict_schema_internal.h"
#include "translate/thinker_internal.h"
#include "translate/tool_names_internal.h"
#include "wire/json_scanner.h"

namespace translate {
namespace {

constexpr std::string_view kTemplateSettings = "chat_template_kwargs";

using chat::Flavour;

using internal::Thinker;

class RequestWriter {
 public:
  RequestWriter(const Request& request, const Target& target, std::string& out, Losses& losses)
      : request_(request),
        target_(target),
        json_(out),
        losses_(losses),
        extras_(internal::ExtrasOf(request, target)),
        thinker_(Openai() ? internal::ThinkerOf(target.model) : Thinker::kIfAsked) {}

  void Write() {
    json_.Open('{').Key("model").Plain(target_.model);
    json_.Key("messages").Open('[');
    internal::ChatMessageWriter(request_, target_, json_, losses_).Write();
    json_.Close(']');
    WriteTools();
    WriteLimits();
    WriteSampling();
    WriteThinking();
    WriteFormat();
    WriteService();
    WriteEndUser();
    internal::WriteOthers(request_, extras_, "it has no such field", json_, losses_);
    for (const std::string_view hint : request_.hints) losses_.Ignored(hint);
    if (request_.stream) {
      json_.Key("stream").Bool(true).Key("stream_options").Open('{');
      json_.Key("include_usage").Bool(true).Close('}');
    }
    json_.Close('}');
  }

 private:
  bool Openai() const { return target_.flavour == Flavour::kOpenai; }
  bool Deepseek() const { return target_.flavour == Flavour::kDeepseek; }
  bool Compatible() const { return !Openai() && !Deepseek(); }

  // Writes `raw` under `name` if it is set and `can`; names it otherwise.
  void Say(std::string_view name, std::string_view raw, bool can, std::string_view why = {}) {
    if (raw.empty()) return;
    if (can) {
      json_.Key(name).Raw(raw);
    } else {
      losses_.Cannot(raw, why.empty() ? "it has no such setting" : why);
    }
  }

  bool MayBeStrict(std::string_view schema, std::string_view where);
  void WriteTools();
  bool WriteTool(const Tool& tool, bool first);
  void WriteGrammar(std::string_view format);
  void WriteToolChoice(bool any_tool);
  void WriteAllowed(const internal::AllowedTools& allowed);
  void WriteLimits();
  void WriteSampling();
  void WriteThinking();
  void WriteNoThinking();
  void WriteTemplateSwitch(bool on);
  void WriteEffort(JsonText effort, std::string_view where);
  void WriteFormat();
  void WriteService();
  void WriteEndUser();

  const Request& request_;
  const Target& target_;
  JsonOut json_;
  Losses& losses_;
  const std::vector<internal::Extra> extras_;
  const Thinker thinker_;
};

// Messages takes schemas where a promise to hold to them is asked for that OpenAI refuses with it: without
// one it tries to.
bool RequestWriter::MayBeStrict(std::string_view schema, std::string_view where) {
  if (!Openai() || request_.operation != chat::Operation::kMessages) return true;
  const bool may = internal::IsStrictSchema(schema);
  if (!may) losses_.Ignored(where);
  return may;
}

void RequestWriter::WriteTools() {
  bool any = false;
  for (const Tool& tool : request_.tools) any |= WriteTool(tool, !any);
  if (any) json_.Close(']');
  WriteToolChoice(any);
  if (!any && !request_.parallel_raw.empty()) losses_.Ignored(request_.parallel_raw);
  if (any && request_.parallel_tools == false) {
    if (Deepseek() && request_.parallel_raw.empty()) {
      // Nobody said so: who calls functions has no word for more than one call.
    } else if (Deepseek()) {
      losses_.Cannot(request_.parallel_raw, "it decides for itself how many tools are called at once");
    } else {
      json_.Key("parallel_tool_calls").Bool(false);
    }
  }
}

bool RequestWriter::WriteTool(const Tool& tool, bool first) {
  if (!tool.cache_raw.empty()) losses_.Ignored(tool.cache_raw);
  if (tool.kind == Tool::Kind::kServer) {
    losses_.Cannot(tool.raw, "the tool runs at the provider that has it");
    return false;
  }
  if (tool.kind == Tool::Kind::kCustom && !Openai()) {
    losses_.Cannot(tool.raw, "it has no custom tools");
    return false;
  }
  if (first) json_.Key("tools").Open('[');
  const std::string_view type = tool.kind == Tool::Kind::kCustom ? "custom" : "function";
  json_.Open('{').Key("type").Plain(type).Key(type).Open('{').Key("name").Text(tool.name);
  if (!tool.description.empty()) json_.Key("description").Text(tool.description);
  if (tool.kind == Tool::Kind::kCustom) {
    WriteGrammar(tool.grammar_raw);
  } else {
    if (!tool.schema_raw.empty()) json_.Key("parameters").Raw(tool.schema_raw);
    if (tool.strict == true && Deepseek() && !IsForBeta(request_, target_)) {
      losses_.Cannot(tool.strict_raw, target_.beta ? "it is strict with all tools of a request or with none"
                                                   : "it follows a schema as well as it can");
    } else if (tool.strict == true && MayBeStrict(tool.schema_raw, tool.strict_raw)) {
      json_.Key("strict").Bool(true);  // false is what all of them do unasked
    }
  }
  json_.Close('}').Close('}');
  return true;
}

// Chat has the grammar in an object of its own where Responses has its members beside the type.
void RequestWriter::WriteGrammar(std::string_view format) {
  if (format.empty()) return;
  json_.Key("format");
  wire::JsonValue type, definition, syntax;
  wire::JsonCursor cursor(format);
  if (request_.operation == chat::Operation::kChat || !cursor.EnterObject()) {
    json_.Raw(format);
    return;
  }
  while (cursor.NextMember()) {
    if (cursor.KeyIs("type")) {
      type = cursor.Take();
    } else if (cursor.KeyIs("definition")) {
      definition = cursor.Take();
    } else if (cursor.KeyIs("syntax")) {
      syntax = cursor.Take();
    }
  }
  if (!type.TextIs("grammar") || definition.IsNull() || syntax.IsNull()) {
    json_.Raw(format);
    return;
  }
  json_.Open('{').Key("type").Plain("grammar").Key("grammar").Open('{');
  json_.Key("definition").Raw(definition.raw).Key("syntax").Raw(syntax.raw).Close('}').Close('}');
}

void RequestWriter::WriteToolChoice(bool any_tool) {
  const ToolChoice& choice = request_.tool_choice;
  using Kind = ToolChoice::Kind;
  if (choice.kind == Kind::kUnset) return;
  if (choice.kind == Kind::kOther && Openai() && any_tool) {
    if (const auto allowed = internal::ReadAllowedTools(request_.operation, choice.raw)) {
      return WriteAllowed(*allowed);
    }
  }
  if (choice.kind == Kind::kOther || (choice.custom && !Openai())) {
    losses_.Cannot(choice.raw, "a choice among tools is named there or left open");
    return;
  }
  if (!any_tool) {
    const bool wants_one = choice.kind == Kind::kRequired || choice.kind == Kind::kNamed;
    if (wants_one) losses_.Cannot(choice.raw, "there is no tool to choose");
    if (!wants_one && !choice.raw.empty()) losses_.Ignored(choice.raw);
    return;
  }
  json_.Key("tool_choice");
  switch (choice.kind) {
    case Kind::kNone:
      json_.Plain("none");
      break;
    case Kind::kRequired:
      json_.Plain("required");
      break;
    case Kind::kNamed: {
      const std::string_view type = choice.custom ? "custom" : "function";
      json_.Open('{').Key("type").Plain(type).Key(type).Open('{');
      json_.Key("name").Text(choice.name).Close('}').Close('}');
      break;
    }
    case Kind::kUnset:
    case Kind::kAuto:
    case Kind::kOther:
      json_.Plain("auto");
      break;
  }
}

void RequestWriter::WriteAllowed(const internal::AllowedTools& allowed) {
  json_.Key("tool_choice").Open('{').Key("type").Plain("allowed_tools").Key("allowed_tools").Open('{');
  json_.Key("mode").Text(allowed.mode).Key("tools").Open('[');
  for (const internal::AllowedTools::Tool& tool : allowed.tools) {
    const std::string_view type = tool.custom ? "custom" : "function";
    json_.Open('{').Key("type").Plain(type).Key(type).Open('{');
    json_.Key("name").Text({internal::ShortToolName(tool.name)});
    json_.Close('}').Close('}');
  }
  json_.Close(']').Close('}').Close('}');
}

void RequestWriter::WriteLimits() {
  constexpr std::size_t kOpenaiStopsMax = 4;
  constexpr std::size_t kDeepseekStopsMax = 16;
  if (request_.max_output) {
    json_.Key(Openai() ? "max_completion_tokens" : "max_tokens").Number(*request_.max_output);
  }
  if (request_.stop.empty()) return;
  std::size_t most = request_.stop.size();
  if (Openai()) most = std::min(most, kOpenaiStopsMax);
  if (Deepseek()) most = std::min(most, kDeepseekStopsMax);
  if (most < request_.stop.size()) losses_.Cannot(request_.stop_raw, "it takes fewer stop sequences");
  json_.Key("stop").Open('[');
  for (std::size_t i = 0; i < most; ++i) json_.Text(request_.stop[i]);
  json_.Close(']');
}

void RequestWriter::WriteSampling() {
  Say("temperature", request_.temperature_raw, true);
  Say("top_p", request_.top_p_raw, true);
  Say("top_k", request_.top_k_raw, Compatible());
  Say("seed", request_.seed_raw, !Deepseek());
  Say("frequency_penalty", request_.frequency_penalty_raw, true);
  Say("presence_penalty", request_.presence_penalty_raw, true);
  Say("logit_bias", request_.logit_bias_raw, !Deepseek());
  if (!request_.logprobs_raw.empty()) {
    json_.Key("logprobs").Bool(true);
    Say("top_logprobs", request_.top_logprobs_raw, true);
  } else if (!request_.top_logprobs_raw.empty()) {
    losses_.Ignored(request_.top_logprobs_raw);  // alternatives to what is not told
  }
}

// OpenAI has words for how much is thought, DeepSeek words and a switch, other servers words and what they
// hand to the template of the model.
void RequestWriter::WriteThinking() {
  const Thinking& thinking = request_.thinking;
  if (!thinking.summary.empty()) {
    if (Openai() && !thinking.summary.Is("omitted")) {
      losses_.Cannot(thinking.summary.inside, "it does not tell what was thought");
    } else {
      losses_.Ignored(thinking.summary.inside);  // thoughts are told as they are, or not at all
    }
  }
  if (thinking.mode == Thinking::Mode::kOff || thinking.effort.Is("none")) return WriteNoThinking();
  if (thinker_ == Thinker::kNever && thinking.mode == Thinking::Mode::kAdaptive) {
    return internal::NameLeftToTheModel(thinking, losses_);
  }
  const bool on = thinking.mode == Thinking::Mode::kOn || thinking.mode == Thinking::Mode::kAdaptive;
  if (Deepseek() && on) {
    json_.Key("thinking").Open('{').Key("type").Plain("enabled").Close('}');
  }
  if (!thinking.effort.empty()) {
    WriteEffort(thinking.effort, thinking.effort.inside);
    if (thinking.budget_tokens) losses_.Ignored(thinking.budget_raw);
  } else if (thinking.budget_tokens) {
    WriteEffort({EffortOf(*thinking.budget_tokens)}, thinking.budget_raw);
  } else if (on && Openai()) {
    WriteEffort({"medium"}, thinking.mode_raw);  // newer models do not think unasked
  } else if (on && !Deepseek()) {
    WriteTemplateSwitch(true);
  }
}

void RequestWriter::WriteNoThinking() {
  const Thinking& thinking = request_.thinking;
  if (!thinking.effort.empty() && !thinking.effort.Is("none")) {
    losses_.Cannot(thinking.effort.inside, "a model that does not think has no effort");
  }
  if (Deepseek()) {
    json_.Key("thinking").Open('{').Key("type").Plain("disabled").Close('}');
  } else if (!Openai()) {
    json_.Key("reasoning_effort").Plain("none");
    WriteTemplateSwitch(false);
  } else if (thinker_ == Thinker::kIfAsked) {
    json_.Key("reasoning_effort").Plain("none");
  } else if (thinker_ == Thinker::kAtLeastMinimally) {
    json_.Key("reasoning_effort").Plain("minimal");
  } else if (thinker_ == Thinker::kAlways) {
    losses_.Cannot(thinking.mode_raw.empty() ? thinking.effort.inside : thinking.mode_raw,
                   "that model always thinks");
  }
}

// What the caller itself hands to the template counts.
void RequestWriter::WriteTemplateSwitch(bool on) {
  const bool said = std::any_of(extras_.begin(), extras_.end(),
                                [](const internal::Extra& extra) { return extra.name == kTemplateSettings; });
  if (!said) {
    json_.Key(kTemplateSettings).Open('{').Key("enable_thinking").Bool(on).Close('}');
  } else if (!request_.thinking.mode_raw.empty()) {
    losses_.Ignored(request_.thinking.mode_raw);
  }
}

void RequestWriter::WriteEffort(JsonText effort, std::string_view where) {
  if (thinker_ == Thinker::kNever) return losses_.Cannot(where, "that model does not think");
  // DeepSeek itself folds the words between its own to their neighbours, but not the least.
  const bool least = Deepseek() && effort.Is("minimal");
  json_.Key("reasoning_effort").Text(least ? JsonText{"low"} : effort);
}

void RequestWriter::WriteFormat() {
  const Format& format = request_.format;
  if (!request_.verbosity.empty()) {
    if (Openai()) {
      json_.Key("verbosity").Text(request_.verbosity);
    } else {
      losses_.Cannot(request_.verbosity.inside, "it has no such setting");
    }
  }
  if (format.kind == Format::Kind::kJsonObject) {
    json_.Key("response_format").Open('{').Key("type").Plain("json_object").Close('}');
  }
  if (format.kind != Format::Kind::kJsonSchema) return;
  if (Deepseek()) {
    losses_.Cannot(format.raw, "it promises JSON, but no schema; ask for json_object and show the schema");
    return;
  }
  json_.Key("response_format").Open('{').Key("type").Plain("json_schema").Key("json_schema").Open('{');
  json_.Key("name").Text(format.name.empty() ? JsonText{"answer"} : format.name);
  if (!format.description.empty()) json_.Key("description").Text(format.description);
  if (!format.schema_raw.empty()) json_.Key("schema").Raw(format.schema_raw);
  if (format.strict == true && MayBeStrict(format.schema_raw, format.raw)) json_.Key("strict").Bool(true);
  json_.Close('}').Close('}');
}

void RequestWriter::WriteService() {
  if (Openai() && request_.service_tier_raw == R"("standard_only")") {
    json_.Key("service_tier").Plain("default");  // Messages' word for the same
  } else {
    Say("service_tier", request_.service_tier_raw, Openai());
  }
  if (Openai()) {
    Say("metadata", request_.metadata_raw, true);
  } else if (!request_.metadata_raw.empty()) {
    losses_.Ignored(request_.metadata_raw);  // a label for logs, which nobody answers differently for
  }
  if (request_.store_raw != "false") Say("store", request_.store_raw, Openai(), "it keeps no answers");
  Say("prompt_cache_retention", request_.cache_retention_raw, Openai());
  if (!request_.cache_raw.empty()) losses_.Ignored(request_.cache_raw);
  if (Openai()) {
    Say("prompt_cache_key", request_.cache_key_raw, true);
  } else if (!request_.cache_key_raw.empty()) {
    losses_.Ignored(request_.cache_key_raw);  // only steers a cache that is another's
  }
}

// Each provider has its own name for the user behind a request, and its own rule for what it may be. One
// that breaks the rule is replaced by its hash: the same user stays the same.
void RequestWriter::WriteEndUser() {
  constexpr std::size_t kIdentifierMax = 128;
  constexpr std::size_t kUserIdMax = 512;
  if (request_.end_user.empty()) return;
  const std::string user = request_.end_user.Plain();
  const bool plain =
      std::all_of(user.begin(), user.end(), [](char c) { return base::IsAlnum(c) || c == '-' || c == '_'; });
  const bool fits = Openai()     ? user.size() <= kIdentifierMax
                    : Deepseek() ? user.size() <= kUserIdMax && plain
                                 : true;
  json_.Key(Openai() ? "safety_identifier" : Deepseek() ? "user_id" : "user");
  if (fits) {
    json_.Text(request_.end_user);
    return;
  }
  json_.Plain(internal::Hashed(user));
}

}  // namespace

bool IsForBeta(const Request& request, const Target& target) {
  if (!target.beta || target.flavour != Flavour::kDeepseek) return false;
  bool any = false;
  for (const Tool& tool : request.tools) {
    if (tool.kind != Tool::Kind::kFunction) continue;
    if (tool.strict != true) return false;
    any = true;
  }
  return any;
}

void WriteChatRequest(const Request& request, const Target& target, std::string& out, Losses& losses) {
  RequestWriter(request, target, out, losses).Write();
}

}  // namespace translate
