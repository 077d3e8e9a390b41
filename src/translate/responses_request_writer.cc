#include <array>

#include "translate/allowed_tools_internal.h"
#include "translate/dialects_internal.h"
#include "translate/effort.h"
#include "translate/extras_internal.h"
#include "translate/json_out.h"
#include "translate/responses_input_writer_internal.h"
#include "translate/strict_schema_internal.h"
#include "translate/thinker_internal.h"
#include "translate/tool_names_internal.h"
#include "wire/json_scanner.h"

namespace translate {
namespace {

using chat::Flavour;

using internal::Thinker;

struct RawMember {
  std::string_view Request::*slot;
  std::string_view name;
};

// What all servers of this dialect know.
constexpr RawMember kShared[] = {
    {&Request::temperature_raw, "temperature"},
    {&Request::top_p_raw, "top_p"},
    {&Request::top_logprobs_raw, "top_logprobs"},
    {&Request::metadata_raw, "metadata"},
};

// What OpenAI's own server has no member for, while others that speak its dialect do.
constexpr RawMember kBeyondOpenai[] = {
    {&Request::top_k_raw, "top_k"},
    {&Request::seed_raw, "seed"},
    {&Request::frequency_penalty_raw, "frequency_penalty"},
    {&Request::presence_penalty_raw, "presence_penalty"},
    {&Request::logit_bias_raw, "logit_bias"},
    {&Request::stop_raw, "stop"},
};

class RequestWriter {
 public:
  RequestWriter(const Request& request, const Target& target, std::string& out, Losses& losses)
      : request_(request),
        target_(target),
        json_(out),
        losses_(losses),
        openai_(target.flavour == Flavour::kOpenai),
        thinker_(openai_ ? internal::ThinkerOf(target.model) : Thinker::kIfAsked) {}

  void Write() {
    json_.Open('{').Key("model").Plain(target_.model);
    if (request_.stream) json_.Key("stream").Bool(true);
    internal::InputWriter(request_, target_, json_, losses_).Write();
    if (request_.max_output) json_.Key("max_output_tokens").Number(*request_.max_output);
    WriteSampling();
    WriteReasoning();
    WriteText();
    WriteInclude();
    WriteTools();
    WriteAccount();
    internal::WriteOthers(request_, internal::ExtrasOf(request_, target_), {}, json_, losses_);
    json_.Close('}');
    for (const std::string_view hint : request_.hints) losses_.Ignored(hint);
  }

 private:
  void WriteRaw(std::string_view name, std::string_view raw) {
    if (!raw.empty()) json_.Key(name).Raw(raw);
  }

  void WriteSampling() {
    for (const RawMember& member : kShared) WriteRaw(member.name, request_.*member.slot);
    for (const RawMember& member : kBeyondOpenai) {
      const std::string_view raw = request_.*member.slot;
      if (raw.empty()) continue;
      if (target_.flavour == Flavour::kCompatible) {
        WriteRaw(member.name, raw);
      } else {
        losses_.Cannot(raw, "it has no such setting");
      }
    }
    if (!request_.cache_raw.empty()) losses_.Ignored(request_.cache_raw);
  }

  // The word for how much to think, from whatever says it; empty: the model's own measure.
  JsonText Effort() {
    const Thinking& thinking = request_.thinking;
    if (thinking.mode == Thinking::Mode::kOff || thinking.effort.Is("none")) {
      if (thinker_ == Thinker::kIfAsked) return {"none"};
      if (thinker_ == Thinker::kAtLeastMinimally) return {"minimal"};
      if (thinker_ == Thinker::kNever) return {};
      losses_.Cannot(thinking.mode_raw, "that model always thinks");
      return {"low"};
    }
    if (!thinking.effort.empty()) {
      if (thinking.budget_tokens) losses_.Ignored(thinking.budget_raw);
      return thinking.effort;
    }
    if (thinking.mode == Thinking::Mode::kOn && thinking.budget_tokens) {
      return {EffortOf(*thinking.budget_tokens)};
    }
    return {};
  }

  // How the thoughts are to be told. Who turned thinking on in Messages' words sees them there unless it says
  // otherwise.
  JsonText Summary() const {
    const Thinking& thinking = request_.thinking;
    if (thinking.summary.Is("omitted")) return {};
    if (thinking.summary.Is("summarized")) return {"auto"};
    if (!thinking.summary.empty()) return thinking.summary;
    const bool on = thinking.mode == Thinking::Mode::kOn || thinking.mode == Thinking::Mode::kAdaptive;
    return on && openai_ ? JsonText{"auto"} : JsonText{};
  }

  // Other servers than OpenAI's think as their model does, and show it.
  void NameUnsaidThinking() {
    const Thinking& thinking = request_.thinking;
    const bool on = thinking.mode == Thinking::Mode::kOn || thinking.mode == Thinking::Mode::kAdaptive;
    if (openai_) return;
    if (on) losses_.Ignored(thinking.mode_raw);
    if (!thinking.summary.empty()) losses_.Ignored(thinking.summary.inside);
  }

  void WriteReasoning() {
    const JsonText effort = Effort();
    const JsonText summary = Summary();
    if (effort.empty() && summary.empty()) return NameUnsaidThinking();
    if (thinker_ == Thinker::kNever) {
      const Thinking& thinking = request_.thinking;
      if (thinking.mode == Thinking::Mode::kAdaptive) {
        return internal::NameLeftToTheModel(thinking, losses_);
      }
      for (const std::string_view said : {thinking.mode_raw, thinking.budget_raw, thinking.effort.inside}) {
        if (!said.empty()) return losses_.Cannot(said, "that model does not think");
      }
      return losses_.Cannot(thinking.summary.inside, "that model does not think");
    }
    json_.Key("reasoning").Open('{');
    if (!effort.empty()) json_.Key("effort").Text(effort);
    if (!summary.empty()) json_.Key("summary").Text(summary);
    json_.Close('}');
  }

  void WriteText() {
    const Format& format = request_.format;
    bool with_format = format.kind != Format::Kind::kUnset;
    if (target_.flavour == Flavour::kDeepseek && format.kind == Format::Kind::kJsonSchema) {
      losses_.Cannot(format.raw, "it writes JSON, but not to a schema");
      with_format = false;
    }
    JsonText verbosity = request_.verbosity;
    if (target_.flavour == Flavour::kDeepseek && !verbosity.empty()) {
      losses_.Cannot(verbosity.inside, "it has no such setting");
      verbosity = {};
    }
    if (!with_format && verbosity.empty()) return;
    json_.Key("text").Open('{');
    if (with_format) WriteFormat(format);
    if (!verbosity.empty()) json_.Key("verbosity").Text(verbosity);
    json_.Close('}');
  }

  // Messages takes schemas where a promise to hold to them is asked for that OpenAI refuses with it: without
  // one it tries to.
  bool MayBeStrict(std::string_view schema, std::string_view where) {
    if (!openai_ || request_.operation != chat::Operation::kMessages) return true;
    const bool may = internal::IsStrictSchema(schema);
    if (!may) losses_.Ignored(where);
    return may;
  }

  void WriteFormat(const Format& format) {
    json_.Key("format").Open('{').Key("type");
    if (format.kind == Format::Kind::kText) {
      json_.Text({"text"});
    } else if (format.kind == Format::Kind::kJsonObject) {
      json_.Text({"json_object"});
    } else {
      json_.Text({"json_schema"}).Key("name").Text(format.name.empty() ? JsonText{"answer"} : format.name);
      if (!format.description.empty()) json_.Key("description").Text(format.description);
      json_.Key("schema").Raw(format.schema_raw.empty() ? "{}" : format.schema_raw);
      if (format.strict) {
        json_.Key("strict").Bool(*format.strict && MayBeStrict(format.schema_raw, format.raw));
      }
    }
    json_.Close('}');
  }

  // What the provider has thought is sealed and given out, since nothing is kept there: the caller gives it
  // back. A model that does not think refuses to be asked.
  void WriteInclude() {
    const bool thoughts = openai_ && thinker_ != Thinker::kNever;
    const bool logprobs = !request_.logprobs_raw.empty() && request_.logprobs_raw != "false";
    if (!thoughts && !logprobs) return;
    json_.Key("include").Open('[');
    if (thoughts) json_.Text({"reasoning.encrypted_content"});
    if (logprobs) json_.Text({"message.output_text.logprobs"});
    json_.Close(']');
  }

  bool IsSayable(const Tool& tool) const {
    return tool.kind == Tool::Kind::kFunction ||
           (tool.kind == Tool::Kind::kCustom && target_.flavour != Flavour::kDeepseek);
  }

  void WriteTools() {
    std::size_t sayable = 0;
    for (const Tool& tool : request_.tools) {
      if (!tool.cache_raw.empty()) losses_.Ignored(tool.cache_raw);
      if (IsSayable(tool)) {
        ++sayable;
      } else {
        losses_.Cannot(tool.raw, tool.kind == Tool::Kind::kCustom
                                     ? "its tools take JSON only"
                                     : "such a tool runs at the provider that has it");
      }
    }
    if (sayable > 0) {
      json_.Key("tools").Open('[');
      for (const Tool& tool : request_.tools) {
        if (IsSayable(tool)) WriteTool(tool);
      }
      json_.Close(']');
      if (request_.parallel_tools) json_.Key("parallel_tool_calls").Bool(*request_.parallel_tools);
    } else if (!request_.parallel_raw.empty()) {
      losses_.Ignored(request_.parallel_raw);
    }
    WriteToolChoice(sayable > 0);
  }

  // In the other dialects a tool is only strict when it says so, in this one unless it says otherwise.
  void WriteTool(const Tool& tool) {
    json_.Open('{').Key("type").Plain(tool.kind == Tool::Kind::kCustom ? "custom" : "function");
    json_.Key("name").Text(tool.name);
    if (!tool.description.empty()) json_.Key("description").Text(tool.description);
    if (tool.kind == Tool::Kind::kCustom) {
      if (!tool.grammar_raw.empty()) WriteGrammar(tool.grammar_raw);
    } else {
      json_.Key("parameters");
      json_.Raw(tool.schema_raw.empty() ? R"({"type":"object","properties":{}})" : tool.schema_raw);
      json_.Key("strict").Bool(tool.strict == true && MayBeStrict(tool.schema_raw, tool.strict_raw));
    }
    json_.Close('}');
  }

  // Chat puts the members of a grammar one object deeper.
  void WriteGrammar(std::string_view format) {
    wire::JsonCursor cursor(format);
    std::string_view grammar;
    if (!cursor.EnterObject()) return;
    while (cursor.NextMember()) {
      const bool deeper = cursor.KeyIs("grammar");
      const wire::JsonValue value = cursor.Take();
      if (deeper && value.IsObject()) grammar = value.raw;
    }
    json_.Key("format");
    if (grammar.empty()) {
      json_.Raw(format);
      return;
    }
    json_.Open('{').Key("type").Text({"grammar"});
    wire::JsonCursor inner(grammar);
    inner.EnterObject();
    while (inner.NextMember()) {
      const std::string_view key = inner.Key();
      json_.Key(key).Raw(inner.Take().raw);
    }
    json_.Close('}');
  }

  void WriteAllowed(const internal::AllowedTools& allowed) {
    json_.Key("tool_choice").Open('{').Key("type").Plain("allowed_tools").Key("mode").Text(allowed.mode);
    json_.Key("tools").Open('[');
    for (const internal::AllowedTools::Tool& tool : allowed.tools) {
      json_.Open('{').Key("type").Plain(tool.custom ? "custom" : "function").Key("name");
      json_.Text({internal::ShortToolName(tool.name)});
      json_.Close('}');
    }
    json_.Close(']').Close('}');
  }

  void WriteToolChoice(bool with_tools) {
    const ToolChoice& choice = request_.tool_choice;
    if (choice.kind == ToolChoice::Kind::kUnset) return;
    if (choice.kind == ToolChoice::Kind::kOther) {
      const auto allowed = internal::ReadAllowedTools(request_.operation, choice.raw);
      if (allowed && openai_ && with_tools) return WriteAllowed(*allowed);
      return losses_.Cannot(choice.raw, "only the API it was written for knows such a choice");
    }
    if (!with_tools) return losses_.Ignored(choice.raw);
    if (choice.kind != ToolChoice::Kind::kNamed) {
      json_.Key("tool_choice")
          .Plain(choice.kind == ToolChoice::Kind::kAuto   ? "auto"
                 : choice.kind == ToolChoice::Kind::kNone ? "none"
                                                          : "required");
      return;
    }
    for (const Tool& tool : request_.tools) {
      if (!IsSayable(tool) || !(tool.name == choice.name)) continue;
      json_.Key("tool_choice").Open('{').Key("type");
      json_.Plain(tool.kind == Tool::Kind::kCustom ? "custom" : "function").Key("name").Text(choice.name);
      json_.Close('}');
      return;
    }
    losses_.Cannot(choice.raw, "there is no such tool");
  }

  // For whom, under which terms, and that nothing of it is to be kept.
  void WriteAccount() {
    json_.Key("store").Raw(openai_ && !request_.store_raw.empty() ? request_.store_raw : "false");
    if (!openai_ && request_.store_raw == "true") {
      losses_.Cannot(request_.store_raw, "nothing is kept there");
    }
    WriteTier();
    if (!request_.end_user_raw.empty()) {
      json_.Key(openai_ ? "safety_identifier" : "user").Text(request_.end_user);
    }
    const std::array<RawMember, 2> cache = {{{&Request::cache_key_raw, "prompt_cache_key"},
                                             {&Request::cache_retention_raw, "prompt_cache_retention"}}};
    for (const RawMember& member : cache) {
      const std::string_view raw = request_.*member.slot;
      if (openai_) {
        WriteRaw(member.name, raw);
      } else if (!raw.empty()) {
        losses_.Cannot(raw, "its cache has no such setting");
      }
    }
  }

  void WriteTier() {
    if (request_.service_tier_raw.empty()) return;
    const std::string_view tier = request_.service_tier_raw;
    if (!openai_) return losses_.Cannot(tier, "it has no tiers");
    json_.Key("service_tier");
    if (tier == R"("standard_only")") {
      json_.Text({"default"});
    } else {
      json_.Raw(tier);
    }
  }

  const Request& request_;
  const Target& target_;
  JsonOut json_;
  Losses& losses_;
  const bool openai_;
  const Thinker thinker_;
};

}  // namespace

void WriteResponsesRequest(const Request& request, const Target& target, std::string& out, Losses& losses) {
  RequestWriter(request, target, out, losses).Write();
}

}  // namespace translate
