#include "translate/dialects_internal.h"
#include "translate/responses_item_reader_internal.h"

namespace translate {
namespace {

using internal::Item;
using internal::ItemReader;
using internal::Members;
using wire::JsonCursor;
using wire::JsonValue;

struct RawMember {
  std::string_view name;
  std::string_view Request::*slot;
};

constexpr RawMember kRawMembers[] = {
    {"temperature", &Request::temperature_raw},
    {"top_p", &Request::top_p_raw},
    {"top_logprobs", &Request::top_logprobs_raw},
    {"metadata", &Request::metadata_raw},
    {"prompt_cache_key", &Request::cache_key_raw},
    {"prompt_cache_retention", &Request::cache_retention_raw},
    {"top_k", &Request::top_k_raw},  // of compatible servers
};

// A list or object with nothing in it.
bool IsEmptyContainer(const JsonValue& value) {
  JsonCursor cursor(value.raw);
  if (cursor.EnterObject()) return !cursor.NextMember();
  return value.IsEmptyArray();
}

class RequestReader {
 public:
  explicit RequestReader(std::string_view body)
      : items_(body, request_.others, request_.hints, request_.kept) {
    request_.operation = chat::Operation::kResponses;
    request_.body = body;
  }

  base::Result<Request> Read() {
    if (ReadMembers()) return std::move(request_);
    return base::Fail(items_.error());
  }

 private:
  bool ReadMembers() {
    if (!body_.Read(request_.body, Members::kMaxTop)) return items_.Fail(request_.body, body_.problem());
    body_.Use("model");
    for (const RawMember& member : kRawMembers) {
      const JsonValue value = body_.Use(member.name);
      if (member.slot == &Request::top_logprobs_raw && value.raw == "0") continue;  // none beside each
      if (member.slot == &Request::metadata_raw && IsEmptyContainer(value)) continue;
      if (!value.IsNull()) request_.*member.slot = value.raw;
    }
    return ReadLimits() && ReadSwitches() && ReadUser() && ReadReasoning() && ReadText() && ReadInclude() &&
           ReadHints() && ReadTools() && ReadToolChoice() && ReadInstructions() && ReadInput() &&
           items_.Close(body_);
  }

  bool ReadLimits() {
    const JsonValue limit = body_.Use("max_output_tokens");
    if (limit.IsNull()) return true;
    request_.max_output = limit.Int64();
    if (!request_.max_output || *request_.max_output <= 0) {
      return items_.Fail(limit.raw, "must be a positive integer");
    }
    return true;
  }

  // A member that is true or false; one at `usual` says no more than none at all.
  bool UseSwitch(std::string_view name, bool usual, bool& set, std::string_view& raw) {
    const JsonValue value = body_.Use(name);
    if (value.IsNull()) return true;
    const std::optional<bool> on = value.Bool();
    if (!on) return items_.Fail(value.raw, "must be true or false");
    set = *on;
    if (*on != usual) raw = value.raw;
    return true;
  }

  // That an answer is kept for later, at the provider or by running in the background, is what no translated
  // answer can be; that it is not kept is what it is anyway.
  bool ReadSwitches() {
    bool parallel = true;
    bool store = false;
    bool background = false;
    std::string_view stream_raw;
    std::string_view store_raw;
    std::string_view background_raw;
    if (!UseSwitch("stream", false, request_.stream, stream_raw) ||
        !UseSwitch("parallel_tool_calls", true, parallel, request_.parallel_raw) ||
        !UseSwitch("store", false, store, store_raw) ||
        !UseSwitch("background", false, background, background_raw)) {
      return false;
    }
    if (!parallel) request_.parallel_tools = false;
    if (store) request_.others.push_back(store_raw);
    if (background) request_.others.push_back(background_raw);
    const JsonValue truncation = body_.Use("truncation");
    if (!truncation.IsNull() && !truncation.TextIs("disabled")) request_.others.push_back(truncation.raw);
    const JsonValue tier = body_.Use("service_tier");
    if (!tier.IsNull() && !tier.TextIs("auto")) request_.service_tier_raw = tier.raw;
    const JsonValue management = body_.Use("context_management");
    if (!management.IsNull() && !IsEmptyContainer(management)) request_.others.push_back(management.raw);
    return ReadStreamOptions();
  }

  // A translated stream has no padding against eavesdroppers; asked for or not, none is what it gets.
  bool ReadStreamOptions() {
    const JsonValue options = body_.Use("stream_options");
    if (options.IsNull()) return true;
    if (!items_.Open(options, inner_)) return false;
    const JsonValue obfuscation = inner_.Use("include_obfuscation");
    if (obfuscation.Bool().value_or(false)) request_.hints.push_back(obfuscation.raw);
    return items_.Close(inner_);
  }

  bool ReadUser() {
    const JsonValue identifier = body_.Use("safety_identifier");
    const JsonValue user = body_.Use("user");
    const JsonValue& first = identifier.IsNull() ? user : identifier;
    if (first.IsNull()) return true;
    if (!first.IsString()) return items_.Fail(first.raw, "must be a string");
    request_.end_user = {first.Inside()};
    request_.end_user_raw = first.raw;
    if (!identifier.IsNull() && !user.IsNull() && user.raw != identifier.raw) {
      request_.hints.push_back(user.raw);  // the newer name counts
    }
    return true;
  }

  bool ReadReasoning() {
    const JsonValue reasoning = body_.Use("reasoning");
    if (reasoning.IsNull()) return true;
    JsonText older;
    if (!items_.Open(reasoning, inner_) ||
        !items_.UseText(inner_, "effort", false, request_.thinking.effort) ||
        !items_.UseText(inner_, "summary", false, request_.thinking.summary) ||
        !items_.UseText(inner_, "generate_summary", false, older)) {
      return false;
    }
    if (request_.thinking.summary.empty()) request_.thinking.summary = older;
    if (!request_.thinking.effort.empty()) request_.thinking.mode_raw = inner_.Use("effort").raw;
    const JsonValue context = inner_.Use("context");
    if (!context.IsNull() && !context.TextIs("auto")) request_.others.push_back(context.raw);
    const JsonValue mode = inner_.Use("mode");
    if (!mode.IsNull() && !mode.TextIs("standard")) request_.others.push_back(mode.raw);
    return items_.Close(inner_);
  }

  bool ReadText() {
    const JsonValue text = body_.Use("text");
    if (text.IsNull()) return true;
    if (!items_.Open(text, inner_) || !items_.UseText(inner_, "verbosity", false, request_.verbosity)) {
      return false;
    }
    if (request_.verbosity.Is("medium")) request_.verbosity = {};  // what is unasked
    const JsonValue format = inner_.Use("format");
    return items_.Close(inner_) && (format.IsNull() || ReadFormat(format));
  }

  bool ReadFormat(const JsonValue& value) {
    if (!items_.Open(value, inner_)) return false;
    Format& format = request_.format;
    const JsonValue type = inner_.Use("type");
    if (type.TextIs("text")) {
      format.kind = Format::Kind::kText;
    } else if (type.TextIs("json_object")) {
      format.kind = Format::Kind::kJsonObject;
    } else if (type.TextIs("json_schema")) {
      format.kind = Format::Kind::kJsonSchema;
    } else {
      request_.others.push_back(value.raw);
      return true;
    }
    format.raw = value.raw;
    const JsonValue schema = inner_.Use("schema");
    if (!schema.IsNull() && !schema.IsObject()) return items_.Fail(schema.raw, "must be an object");
    if (schema.IsNull() && format.kind == Format::Kind::kJsonSchema) {
      return items_.Fail(value.raw, "lacks 'schema'");
    }
    format.schema_raw = schema.IsNull() ? std::string_view() : schema.raw;
    format.strict = inner_.Use("strict").Bool();
    return items_.UseText(inner_, "name", format.kind == Format::Kind::kJsonSchema, format.name) &&
           items_.UseText(inner_, "description", false, format.description) && items_.Close(inner_);
  }

  // What an answer may hold beside its texts. Sealed thoughts are always given; the rest of what can be
  // included is what tools that run at the provider have found.
  bool ReadInclude() {
    const JsonValue include = body_.Use("include");
    if (include.IsNull()) return true;
    JsonCursor cursor(include.raw);
    if (!cursor.EnterArray()) return items_.Fail(include.raw, "must be a list");
    while (cursor.NextElement()) {
      const JsonValue what = cursor.Take();
      if (what.TextIs("reasoning.encrypted_content")) continue;
      if (what.TextIs("message.output_text.logprobs")) {
        request_.logprobs_raw = what.raw;
      } else {
        request_.hints.push_back(what.raw);
      }
    }
    return true;
  }

  // How many tools the provider may run is no matter where it has none to run, and what it keeps of a prompt
  // changes no answer.
  bool ReadHints() {
    const JsonValue calls = body_.Use("max_tool_calls");
    if (!calls.IsNull()) request_.hints.push_back(calls.raw);
    const JsonValue options = body_.Use("prompt_cache_options");
    if (options.IsNull()) return true;
    if (!items_.Open(options, inner_)) return false;
    const JsonValue mode = inner_.Use("mode");
    if (!mode.IsNull() && !mode.TextIs("implicit")) request_.hints.push_back(mode.raw);
    const JsonValue ttl = inner_.Use("ttl");
    if (!ttl.IsNull() && !ttl.TextIs("30m")) request_.hints.push_back(ttl.raw);
    return items_.Close(inner_);
  }

  bool ReadTools() {
    const JsonValue tools = body_.Use("tools");
    if (tools.IsNull()) return true;
    JsonCursor cursor(tools.raw);
    if (!cursor.EnterArray()) return items_.Fail(tools.raw, "must be a list");
    while (cursor.NextElement()) {
      if (!ReadTool(cursor.Take(), request_.tools.emplace_back())) return false;
    }
    return true;
  }

  bool ReadTool(const JsonValue& value, Tool& tool) {
    tool.raw = value.raw;
    if (!items_.Open(value, inner_) || !items_.UseText(inner_, "type", true, tool.type)) return false;
    const bool function = tool.type.Is("function");
    if (!function && !tool.type.Is("custom")) {
      tool.kind = Tool::Kind::kServer;
      const JsonValue name = inner_.Use("name");
      if (name.IsString()) tool.name = {name.Inside()};
      return true;
    }
    if (!items_.UseText(inner_, "name", true, tool.name) ||
        !items_.UseText(inner_, "description", false, tool.description)) {
      return false;
    }
    return (function ? ReadFunction(tool) : ReadCustom(tool)) && ReadToolHabits() && items_.Close(inner_);
  }

  bool ReadFunction(Tool& tool) {
    const JsonValue schema = inner_.Use("parameters");
    if (!schema.IsNull() && !schema.IsObject()) return items_.Fail(schema.raw, "must be an object");
    if (!schema.IsNull()) tool.schema_raw = schema.raw;
    const JsonValue strict = inner_.Use("strict");
    if (strict.IsNull()) return true;
    tool.strict = strict.Bool();
    tool.strict_raw = strict.raw;
    return tool.strict || items_.Fail(strict.raw, "must be true or false");
  }

  bool ReadCustom(Tool& tool) {
    tool.kind = Tool::Kind::kCustom;
    const JsonValue format = inner_.Use("format");
    if (format.IsNull()) return true;
    JsonCursor cursor(format.raw);
    if (!cursor.EnterObject()) return items_.Fail(format.raw, "must be an object");
    bool text = false;
    while (cursor.NextMember()) {
      const bool type = cursor.KeyIs("type");
      text |= cursor.Take().TextIs("text") && type;
    }
    if (!text) tool.grammar_raw = format.raw;
    return true;
  }

  // When a tool is told to the model and by whom it may be called: what is usual is left out.
  bool ReadToolHabits() {
    for (const std::string_view name : {"defer_loading", "async"}) {
      const JsonValue value = inner_.Use(name);
      if (!value.IsNull() && value.Bool().value_or(true)) request_.others.push_back(value.raw);
    }
    return true;
  }

  bool ReadToolChoice() {
    const JsonValue value = body_.Use("tool_choice");
    if (value.IsNull()) return true;
    ToolChoice& choice = request_.tool_choice;
    choice.raw = value.raw;
    if (value.IsString()) {
      choice.kind = value.TextIs("auto")       ? ToolChoice::Kind::kAuto
                    : value.TextIs("none")     ? ToolChoice::Kind::kNone
                    : value.TextIs("required") ? ToolChoice::Kind::kRequired
                                               : ToolChoice::Kind::kOther;
      return choice.kind != ToolChoice::Kind::kOther ||
             items_.Fail(value.raw, "is none of auto, none and required");
    }
    if (!items_.Open(value, inner_)) return false;
    const JsonValue type = inner_.Use("type");
    choice.custom = type.TextIs("custom");
    choice.kind = ToolChoice::Kind::kOther;
    if (!choice.custom && !type.TextIs("function")) return true;
    choice.kind = ToolChoice::Kind::kNamed;
    return items_.UseText(inner_, "name", true, choice.name) && items_.Close(inner_);
  }

  bool ReadInstructions() {
    const JsonValue instructions = body_.Use("instructions");
    if (instructions.IsNull()) return true;
    if (!instructions.IsString()) return items_.Fail(instructions.raw, "must be a string");
    Turn& turn = request_.turns.emplace_back();
    turn.role = Role::kSystem;
    turn.raw = instructions.raw;
    return items_.ReadContent(instructions, turn.parts);
  }

  bool ReadInput() {
    const JsonValue input = body_.Use("input");
    if (input.IsNull()) return true;
    if (input.IsString()) {
      Turn& turn = request_.turns.emplace_back();
      turn.raw = input.raw;
      return items_.ReadContent(input, turn.parts);
    }
    JsonCursor cursor(input.raw);
    if (!cursor.EnterArray()) return items_.Fail(input.raw, "must be a string or a list of items");
    request_.turns.reserve(8);
    Item item;
    while (cursor.NextElement()) {
      const JsonValue value = cursor.Take();
      if (!items_.Read(value, item)) return false;
      AddItem(item, value.raw);
    }
    return true;
  }

  // Puts an item where it belongs: what the assistant says, thinks and calls up to the next word of somebody
  // else is one turn, and so are results that follow each other.
  void AddItem(Item& item, std::string_view raw) {
    Role role = Role::kAssistant;
    if (item.kind == Item::Kind::kOther) {
      request_.others.push_back(raw);
      return;
    }
    if (item.kind == Item::Kind::kMessage) role = item.role;
    if (item.kind == Item::Kind::kResult) role = Role::kTool;
    if (item.parts.empty()) return;
    const bool joins = role == Role::kAssistant || role == Role::kTool;
    if (!joins || request_.turns.empty() || request_.turns.back().role != role) {
      Turn& turn = request_.turns.emplace_back();
      turn.role = role;
      turn.raw = raw;
    }
    std::vector<Part>& parts = request_.turns.back().parts;
    for (Part& part : item.parts) {
      if (!part.logprobs_raw.empty()) request_.hints.push_back(part.logprobs_raw);  // nobody weighs it again
      parts.push_back(std::move(part));
    }
  }

  Request request_;
  ItemReader items_;
  Members body_;
  Members inner_;
};

}  // namespace

base::Result<Request> ReadResponsesRequest(std::string_view body) {
  return RequestReader(body).Read();
}

}  // namespace translate
