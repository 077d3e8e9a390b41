#include <utility>

#include "translate/caller_internal.h"
#include "translate/dialects_internal.h"
#include "translate/messages_reading_internal.h"

namespace translate::internal {
namespace {

using wire::JsonValue;

// Members of the whole request.
enum : std::size_t {
  kModel,
  kMessages,
  kMaxTokens,
  kSystem,
  kStream,
  kTemperature,
  kTopP,
  kTopK,
  kStopSequences,
  kTools,
  kToolChoice,
  kThinking,
  kOutputConfig,
  kMetadata,
  kServiceTier,
  kCacheControl,
  kSpeed,
  kMcpServers,
  kDiagnostics,
  kContextManagement,
  kRequestMembers,
};
constexpr std::string_view kRequestNames[kRequestMembers] = {
    "model",         "messages", "max_tokens",    "system",         "stream",
    "temperature",   "top_p",    "top_k",         "stop_sequences", "tools",
    "tool_choice",   "thinking", "output_config", "metadata",       "service_tier",
    "cache_control", "speed",    "mcp_servers",   "diagnostics",    "context_management"};

class RequestReader {
 public:
  explicit RequestReader(std::string_view body) : reading_{body, request_.others} {
    request_.operation = chat::Operation::kMessages;
    request_.body = body;
  }

  base::Result<Request> Read() {
    const JsonValue whole{.raw = reading_.body, .kind = wire::JsonKind::kObject};
    JsonValue values[kRequestMembers];
    if (!ReadMembers(reading_, whole, kRequestNames, values) || !ReadSystem(values[kSystem]) ||
        !ReadMessages(whole, values[kMessages]) || !ReadTools(values[kTools]) ||
        !ReadToolChoice(values[kToolChoice]) || !ReadThinking(values[kThinking]) ||
        !ReadOutputConfig(values[kOutputConfig]) || !ReadStop(values[kStopSequences]) ||
        !ReadMetadata(values[kMetadata]) || !ReadPlain(values)) {
      return base::Fail(std::move(*reading_.error));
    }
    return std::move(request_);
  }

 private:
  bool ReadSystem(const JsonValue& system) {
    if (system.raw.empty() || system.IsEmptyArray()) return true;
    Turn& turn = request_.turns.emplace_back();
    turn.role = Role::kSystem;
    turn.raw = system.raw;
    return ReadContent(reading_, system, turn.parts);
  }

  bool ReadMessages(const JsonValue& whole, const JsonValue& messages) {
    if (messages.raw.empty()) return reading_.Fail(whole.raw, "needs messages");
    if (!messages.IsArray()) return reading_.Fail(messages.raw, "must be an array");
    wire::JsonCursor cursor(messages.raw);
    cursor.EnterArray();
    while (cursor.NextElement()) {
      if (!ReadMessage(cursor.Take())) return false;
    }
    return true;
  }

  bool ReadMessage(const JsonValue& message) {
    static constexpr std::string_view kNames[] = {"role", "content"};
    JsonValue values[2];
    if (!ReadMembers(reading_, message, kNames, values)) return false;
    const auto& [role, content] = values;
    Turn turn;
    turn.raw = message.raw;
    if (role.TextIs("assistant")) {
      turn.role = Role::kAssistant;
    } else if (role.TextIs("system")) {
      turn.role = Role::kSystem;
    } else if (!role.TextIs("user")) {
      return reading_.Fail(role.raw.empty() ? message.raw : role.raw,
                           "must have the role user, assistant or system");
    }
    if (content.raw.empty()) return reading_.Fail(message.raw, "needs content");
    if (!ReadContent(reading_, content, turn.parts)) return false;
    AddTurn(std::move(turn));
    return true;
  }

  // What a user's message holds besides results of tools is a turn of the user, before or behind them.
  void AddTurn(Turn turn) {
    std::vector<Turn>& turns = request_.turns;
    const auto is_result = [](const Part& part) { return part.kind == Part::Kind::kToolResult; };
    bool results = false;
    if (turn.role == Role::kUser) {
      for (const Part& part : turn.parts) results |= is_result(part);
    }
    if (!results) {
      turns.push_back(std::move(turn));
      return;
    }
    bool begun = false;  // the last turn is of this message
    for (Part& part : turn.parts) {
      const Role role = is_result(part) ? Role::kTool : Role::kUser;
      const bool goes_on = !turns.empty() && turns.back().role == role && (begun || role == Role::kTool);
      if (!goes_on) {
        turns.emplace_back().role = role;
        turns.back().raw = turn.raw;
      }
      begun = true;
      turns.back().parts.push_back(std::move(part));
    }
  }

  bool ReadTools(const JsonValue& tools) {
    if (tools.raw.empty()) return true;
    if (!tools.IsArray()) return reading_.Fail(tools.raw, "must be an array");
    wire::JsonCursor cursor(tools.raw);
    cursor.EnterArray();
    while (cursor.NextElement()) {
      if (!ReadTool(cursor.Take(), request_.tools.emplace_back())) return false;
    }
    return true;
  }

  bool ReadTool(const JsonValue& value, Tool& tool) {
    enum { kType, kName, kDescription, kSchema, kStrict, kCache, kCallers, kDefer, kEager, kToolMembers };
    static constexpr std::string_view kNames[] = {"type",
                                                  "name",
                                                  "description",
                                                  "input_schema",
                                                  "strict",
                                                  "cache_control",
                                                  "allowed_callers",
                                                  "defer_loading",
                                                  "eager_input_streaming"};
    JsonValue values[kToolMembers];
    tool.raw = value.raw;
    const std::size_t others = request_.others.size();
    if (!ReadMembers(reading_, value, kNames, values) || !ReadText(reading_, values[kType], tool.type)) {
      return false;
    }
    if (!tool.type.empty() && !tool.type.Is("custom")) {
      tool.kind = Tool::Kind::kServer;  // told whole
      request_.others.resize(others);
      return ReadText(reading_, values[kName], tool.name);
    }
    if (!NeedText(reading_, value, "name", values[kName], tool.name) ||
        !ReadText(reading_, values[kDescription], tool.description)) {
      return false;
    }
    if (!values[kSchema].raw.empty() && !values[kSchema].IsObject()) {
      return reading_.Fail(values[kSchema].raw, "must be an object");
    }
    tool.schema_raw = values[kSchema].raw;
    tool.strict = values[kStrict].Bool();
    tool.strict_raw = values[kStrict].raw;
    tool.cache_raw = values[kCache].raw;
    // Called by the model itself and known to it from the start: so it is everywhere else.
    if (!AreDirectCallers(values[kCallers])) reading_.Other(values[kCallers]);
    if (values[kDefer].Bool().value_or(false)) request_.hints.push_back(values[kDefer].raw);
    if (values[kEager].Bool().value_or(false)) request_.hints.push_back(values[kEager].raw);
    return true;
  }

  bool ReadToolChoice(const JsonValue& choice) {
    if (choice.raw.empty()) return true;
    static constexpr std::string_view kNames[] = {"type", "name", "disable_parallel_tool_use"};
    JsonValue values[3];
    if (!ReadMembers(reading_, choice, kNames, values)) return false;
    const auto& [type, name, disable] = values;
    ToolChoice& said = request_.tool_choice;
    said.raw = choice.raw;
    said.kind = ToolChoice::Kind::kOther;
    if (type.TextIs("auto")) said.kind = ToolChoice::Kind::kAuto;
    if (type.TextIs("none")) said.kind = ToolChoice::Kind::kNone;
    if (type.TextIs("any")) said.kind = ToolChoice::Kind::kRequired;
    if (type.TextIs("tool")) {
      said.kind = ToolChoice::Kind::kNamed;
      if (!NeedText(reading_, choice, "name", name, said.name)) return false;
    }
    if (disable.Bool().value_or(false)) {
      request_.parallel_tools = false;
      request_.parallel_raw = disable.raw;
    }
    return true;
  }

  bool ReadThinking(const JsonValue& thinking) {
    if (thinking.raw.empty()) return true;
    static constexpr std::string_view kNames[] = {"type", "budget_tokens", "display"};
    JsonValue values[3];
    if (!ReadMembers(reading_, thinking, kNames, values)) return false;
    const auto& [type, budget, display] = values;
    Thinking& said = request_.thinking;
    said.mode_raw = thinking.raw;
    if (type.TextIs("enabled")) {
      said.mode = Thinking::Mode::kOn;
    } else if (type.TextIs("adaptive")) {
      said.mode = Thinking::Mode::kAdaptive;
    } else if (type.TextIs("disabled") || type.TextIs("between_tools")) {
      said.mode = Thinking::Mode::kOff;
    } else {
      reading_.Other(thinking);
    }
    if (!budget.raw.empty()) {
      said.budget_tokens = budget.Int64();
      said.budget_raw = budget.raw;
      if (said.budget_tokens.value_or(0) <= 0) return reading_.Fail(budget.raw, "must be a positive integer");
    }
    return ReadText(reading_, display, said.summary);
  }

  bool ReadOutputConfig(const JsonValue& config) {
    if (config.raw.empty()) return true;
    static constexpr std::string_view kNames[] = {"effort", "format"};
    JsonValue values[2];
    if (!ReadMembers(reading_, config, kNames, values)) return false;
    const auto& [effort, format] = values;
    if (!ReadText(reading_, effort, request_.thinking.effort)) return false;
    if (format.raw.empty()) return true;
    static constexpr std::string_view kFormatNames[] = {"type", "schema"};
    JsonValue members[2];
    const std::size_t others = request_.others.size();
    if (!ReadMembers(reading_, format, kFormatNames, members)) return false;
    const auto& [type, schema] = members;
    if (!type.TextIs("json_schema")) {
      request_.others.resize(others);
      reading_.Other(format);
      return true;
    }
    if (!schema.IsObject()) return reading_.Fail(format.raw, "needs a schema that is an object");
    request_.format.kind = Format::Kind::kJsonSchema;
    request_.format.schema_raw = schema.raw;
    request_.format.strict = true;
    request_.format.raw = format.raw;
    return true;
  }

  bool ReadStop(const JsonValue& stop) {
    if (stop.raw.empty() || stop.IsEmptyArray()) return true;
    if (!stop.IsArray()) return reading_.Fail(stop.raw, "must be an array of strings");
    wire::JsonCursor cursor(stop.raw);
    cursor.EnterArray();
    while (cursor.NextElement()) {
      if (!ReadText(reading_, cursor.Take(), request_.stop.emplace_back())) return false;
    }
    request_.stop_raw = stop.raw;
    return true;
  }

  bool ReadMetadata(const JsonValue& metadata) {
    if (metadata.raw.empty()) return true;
    static constexpr std::string_view kNames[] = {"user_id"};
    JsonValue values[1];
    if (!ReadMembers(reading_, metadata, kNames, values)) return false;
    request_.end_user_raw = values[0].raw;
    return ReadText(reading_, values[0], request_.end_user);
  }

  bool ReadPlain(const JsonValue (&values)[kRequestMembers]) {
    if (const JsonValue& limit = values[kMaxTokens]; !limit.raw.empty()) {
      const std::optional<std::int64_t> tokens = limit.Int64();
      if (!tokens || *tokens < 0) return reading_.Fail(limit.raw, "must be a whole number");
      if (*tokens > 0) {
        request_.max_output = tokens;
      } else {
        reading_.Other(limit);  // nothing is to be written: only the cache is to be filled
      }
    }
    request_.stream = values[kStream].Bool().value_or(false);
    request_.temperature_raw = values[kTemperature].raw;
    request_.top_p_raw = values[kTopP].raw;
    request_.top_k_raw = values[kTopK].raw;
    request_.cache_raw = values[kCacheControl].raw;
    if (!values[kServiceTier].TextIs("auto")) request_.service_tier_raw = values[kServiceTier].raw;
    // How fast, how much is forgotten of what is long past, what is noted: none of it is part of the
    // question.
    if (!values[kSpeed].TextIs("standard") && !values[kSpeed].raw.empty()) {
      request_.hints.push_back(values[kSpeed].raw);
    }
    for (const auto hint : {kDiagnostics, kContextManagement}) {
      if (!values[hint].raw.empty()) request_.hints.push_back(values[hint].raw);
    }
    if (!values[kMcpServers].IsEmptyArray()) reading_.Other(values[kMcpServers]);
    return true;
  }

  Request request_;
  MessagesReading reading_;
};

}  // namespace

}  // namespace translate::internal

namespace translate {

base::Result<Request> ReadMessagesRequest(std::string_view body) {
  return internal::RequestReader(body).Read();
}

}  // namespace translate
