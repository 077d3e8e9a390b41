#include "sim/responses_ask.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/json_text.h"
#include "sim/json_find.h"
#include "wire/json_scanner.h"

namespace sim {
namespace {

using wire::JsonCursor;
using wire::JsonValue;

enum class Is : std::uint8_t { kAnything, kBool, kText, kObject, kArray, kWhole, kNumber };

// A member that is known: what it is, and what a response repeats where it is not given.
struct MemberRule {
  std::string_view name;
  Is is = Is::kAnything;
  std::string_view absent{};  // empty: it is not repeated as it is
  std::int64_t least = 0;     // of numbers
  std::int64_t most = 0;
};

constexpr std::int64_t kMany = 1'000'000'000;

constexpr auto kMembers =
    std::to_array<MemberRule>({{"background", Is::kBool, "false"},
                               {"conversation"},
                               {"include", Is::kArray},
                               {"input"},
                               {"instructions", Is::kText, "null"},
                               {"max_output_tokens", Is::kWhole, "null", kOutputTokensMin, kMany},
                               {"max_tool_calls", Is::kWhole, "null", 1, kMany},
                               {"metadata", Is::kObject, "{}"},
                               {"model", Is::kText},
                               {"parallel_tool_calls", Is::kBool, "true"},
                               {"previous_response_id", Is::kText, "null"},
                               {"prompt", Is::kObject},
                               {"prompt_cache_key", Is::kText, "null"},
                               {"reasoning", Is::kObject},
                               {"safety_identifier", Is::kText, "null"},
                               {"service_tier", Is::kText},
                               {"store", Is::kBool, "true"},
                               {"stream", Is::kBool},
                               {"stream_options", Is::kObject},
                               {"temperature", Is::kNumber, "1.0", 0, 2},
                               {"text", Is::kObject},
                               {"tool_choice", Is::kAnything, "\"auto\""},
                               {"tools", Is::kArray, "[]"},
                               {"top_logprobs", Is::kWhole, "0", 0, kTopLogprobsMax},
                               {"top_p", Is::kNumber, "1.0", 0, 1},
                               {"truncation", Is::kText, "\"disabled\""},
                               {"user", Is::kText, "null"},
                               {"access_programs"},
                               {"background_options"},
                               {"context_management"},
                               {"image"},
                               {"moderation"},
                               {"prompt_cache_options"},
                               {"prompt_cache_retention"}});

// Members of chat completions that are called otherwise here.
constexpr auto kMoved = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"messages", "input"},
    {"max_tokens", "max_output_tokens"},
    {"max_completion_tokens", "max_output_tokens"},
    {"response_format", "text.format"},
    {"reasoning_effort", "reasoning.effort"},
    {"verbosity", "text.verbosity"},
    {"functions", "tools"},
    {"function_call", "tool_choice"},
});

template <std::size_t N>
bool IsOneOf(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr auto kHostedTools = std::to_array<std::string_view>(
    {"web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11",
     "file_search", "computer", "computer_use_preview", "code_interpreter", "image_generation", "local_shell",
     "shell", "apply_patch", "mcp", "tool_search", "namespace", "programmatic_tool_calling"});

constexpr auto kIncludable = std::to_array<std::string_view>(
    {"file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
     "message.input_image.image_url", "computer_call_output.output.image_url",
     "code_interpreter_call.outputs", "reasoning.encrypted_content", "message.output_text.logprobs"});

ErrorReply OutOfBounds(const MemberRule& rule, const JsonValue& value, bool below) {
  const std::string kind = rule.is == Is::kWhole ? "integer" : "decimal";
  const std::string name(rule.name);
  const std::string_view code = rule.is == Is::kWhole
                                    ? (below ? "integer_below_min_value" : "integer_above_max_value")
                                    : (below ? "decimal_below_min_value" : "decimal_above_max_value");
  return WrongParameter("Invalid '" + name + "': " + kind + (below ? " below minimum" : " above maximum") +
                            " value. Expected a value " + (below ? ">= " : "<= ") +
                            std::to_string(below ? rule.least : rule.most) + ", but got " +
                            std::string(value.raw) + " instead.",
                        name, code);
}

// What is wrong with the kind of a value that is not null.
std::optional<ErrorReply> Objection(const MemberRule& rule, const JsonValue& value) {
  const std::string name(rule.name);
  switch (rule.is) {
    case Is::kAnything:
      return std::nullopt;
    case Is::kBool:
      return value.Bool() ? std::nullopt : std::optional(WrongType(name, "a boolean"));
    case Is::kText:
      return value.IsString() ? std::nullopt : std::optional(WrongType(name, "a string"));
    case Is::kObject:
      return value.IsObject() ? std::nullopt : std::optional(WrongType(name, "an object"));
    case Is::kArray:
      return value.IsArray() ? std::nullopt : std::optional(WrongType(name, "an array"));
    case Is::kWhole:
      if (!value.Int64()) return WrongType(name, "an integer");
      break;
    case Is::kNumber:
      if (!NumberOf(value)) return WrongType(name, "a decimal");
      break;
  }
  const double number = *NumberOf(value);
  if (number < static_cast<double>(rule.least)) return OutOfBounds(rule, value, true);
  if (number > static_cast<double>(rule.most)) return OutOfBounds(rule, value, false);
  return std::nullopt;
}

// One request while it is read; every step is false once something is wrong.
class Reader {
 public:
  explicit Reader(const ResponsesRules& rules) : rules_(rules) {}

  bool Read(std::string_view body) {
    return ReadMembers(body) && ReadWishes() && ReadTools() && ReadToolChoice() && ReadText() &&
           ReadReasoning() && ReadConversation() && CheckTogether() && (Echo(), true);
  }
  ResponsesAsk& result() { return result_; }
  ErrorReply& problem() { return problem_; }

 private:
  bool Fail(ErrorReply problem) {
    problem_ = std::move(problem);
    return false;
  }

  // Null where it is not given.
  const JsonValue& Of(std::string_view name) const {
    const auto rule = std::find_if(kMembers.begin(), kMembers.end(),
                                   [name](const MemberRule& r) { return r.name == name; });
    return values_[static_cast<std::size_t>(rule - kMembers.begin())];
  }
  std::string TextOf(std::string_view name) const {
    return Of(name).IsString() ? Of(name).Text() : std::string();
  }

  bool ReadMembers(std::string_view body) {
    JsonCursor cursor(body);
    std::string unknown;
    bool object = cursor.EnterObject();
    while (object && cursor.NextMember()) {
      const auto rule = std::find_if(kMembers.begin(), kMembers.end(),
                                     [&cursor](const MemberRule& r) { return cursor.KeyIs(r.name); });
      if (rule == kMembers.end()) {
        if (unknown.empty()) unknown = std::string(cursor.Key());
      } else {
        values_[static_cast<std::size_t>(rule - kMembers.begin())] = cursor.Take();
      }
    }
    if (!cursor.End() || !object) {
      return Fail(WrongParameter("We could not parse the JSON body of your request.", {}, {}));
    }
    if (!unknown.empty()) return FailUnknown(unknown);
    for (std::size_t i = 0; i < kMembers.size(); ++i) {
      if (values_[i].IsNull()) continue;
      if (auto objection = Objection(kMembers[i], values_[i])) return Fail(std::move(*objection));
    }
    if (TextOf("model").empty()) return Fail(MissingParameter("model"));
    ask().model = TextOf("model");
    return true;
  }

  bool FailUnknown(const std::string& name) {
    const auto moved =
        std::find_if(kMoved.begin(), kMoved.end(), [&](const auto& one) { return one.first == name; });
    if (moved == kMoved.end()) {
      return Fail(WrongParameter("Unknown parameter: '" + name + "'.", name, "unknown_parameter"));
    }
    return Fail(WrongParameter("Unsupported parameter: '" + name + "'. In the Responses API, it is called '" +
                                   std::string(moved->second) + "'.",
                               name, "unsupported_parameter"));
  }

  // Members that stand for themselves.
  bool ReadWishes() {
    ask().stream = Of("stream").Bool().value_or(false);
    ask().include_usage = true;
    ask().tokens_max = Of("max_output_tokens").Int64();
    ask().parallel_tools = Of("parallel_tool_calls").Bool().value_or(true);
    ask().user_id = TextOf("user");
    ask().service_tier = TextOf("service_tier");
    ask().top_logprobs = Of("top_logprobs").Int64().value_or(0);
    terms().stored = Of("store").Bool().value_or(true);
    terms().obfuscated = FindBool(Of("stream_options").raw, "include_obfuscation").value_or(true);
    bool good = true;
    std::size_t index = 0;
    ForEachElement(Of("include").raw, [&](const JsonValue& value) {
      const std::string word = value.IsString() ? value.Text() : std::string(value.raw);
      const std::string path = "include[" + std::to_string(index++) + "]";
      good = good && (IsOneOf(word, kIncludable) ||
                      Fail(WrongValue(path, word,
                                      "'reasoning.encrypted_content', 'message.output_text.logprobs' and "
                                      "the outputs of hosted tools")));
      terms().sealed = terms().sealed || word == "reasoning.encrypted_content";
      ask().logprobs = ask().logprobs || word == "message.output_text.logprobs";
    });
    if (!good) return false;
    if (const auto tier = ask().service_tier;
        !tier.empty() &&
        !IsOneOf(tier, std::to_array<std::string_view>({"auto", "default", "flex", "scale", "priority"}))) {
      return Fail(WrongValue("service_tier", tier, "'auto', 'default', 'flex', and 'priority'"));
    }
    if (const std::string way = TextOf("truncation"); !way.empty() && way != "auto" && way != "disabled") {
      return Fail(WrongValue("truncation", way, "'auto' and 'disabled'"));
    }
    if (!Of("background").Bool().value_or(false)) return true;
    return Fail(WrongParameter("Answers in the background are not simulated.", "background",
                               "unsupported_parameter"));
  }

  bool ReadTools() {
    bool good = true;
    std::size_t index = 0;
    ForEachElement(Of("tools").raw, [&](const JsonValue& value) {
      const std::string path = "tools[" + std::to_string(index++) + "]";
      good = good && ReadTool(value, path);
    });
    if (index > 0) ask().tools_raw = Of("tools").raw;
    return good;
  }

  bool ReadTool(const JsonValue& value, const std::string& path) {
    const std::string type = FindText(value.raw, "type");
    if (type.empty()) return Fail(MissingParameter(path + ".type"));
    if (IsOneOf(type, kHostedTools)) return true;
    if (type != "function" && type != "custom") {
      return Fail(WrongValue(path + ".type", type, "'function', 'custom' and the hosted tools"));
    }
    Tool tool{FindText(value.raw, "name"), FindText(value.raw, "description"), {}};
    if (tool.name.empty()) return Fail(MissingParameter(path + ".name"));
    tool.custom = type == "custom";
    const auto parameters = FindMember(value.raw, "parameters");
    if (parameters && !parameters->IsObject()) return Fail(WrongType(path + ".parameters", "an object"));
    if (parameters && !tool.custom) tool.parameters = parameters->raw;
    ask().tools.push_back(std::move(tool));
    return true;
  }

  bool ReadToolChoice() {
    const JsonValue& choice = Of("tool_choice");
    if (choice.IsNull() || choice.TextIs("auto")) return true;
    if (choice.TextIs("none")) ask().tool_choice = ToolChoice::kNone;
    if (choice.TextIs("required")) ask().tool_choice = ToolChoice::kRequired;
    if (ask().tool_choice != ToolChoice::kAuto) return true;
    const std::string type = FindText(choice.raw, "type");
    if (type == "allowed_tools") return ReadAllowedTools(choice.raw);
    if (IsOneOf(type, kHostedTools)) return true;
    if (type != "function" && type != "custom") {
      return Fail(WrongValue("tool_choice", choice.IsString() ? choice.Text() : type,
                             "'none', 'auto', and 'required', or an object that names a tool"));
    }
    ask().tool_choice = ToolChoice::kNamed;
    ask().tool_named = FindText(choice.raw, "name");
    if (ask().tool_named.empty()) return Fail(MissingParameter("tool_choice.name"));
    const bool known = std::any_of(ask().tools.begin(), ask().tools.end(),
                                   [this](const Tool& tool) { return tool.name == ask().tool_named; });
    return known ||
           Fail(WrongParameter("Tool choice '" + ask().tool_named + "' not found in 'tools' parameter.",
                               "tool_choice", {}));
  }

  bool ReadAllowedTools(std::string_view choice) {
    std::vector<std::string> allowed;
    if (const auto tools = FindMember(choice, "tools")) {
      ForEachElement(tools->raw,
                     [&](const JsonValue& tool) { allowed.push_back(FindText(tool.raw, "name")); });
    }
    if (allowed.empty()) return Fail(MissingParameter("tool_choice.tools"));
    if (FindText(choice, "mode") == "required") ask().tool_choice = ToolChoice::kRequired;
    std::erase_if(ask().tools, [&](const Tool& tool) {
      return std::find(allowed.begin(), allowed.end(), tool.name) == allowed.end();
    });
    return true;
  }

  bool ReadText() {
    const auto format = FindMember(Of("text").raw, "format");
    if (!format) return true;
    const std::string type = FindText(format->raw, "type");
    if (type == "json_object") ask().format = Format::kJsonObject;
    if (type == "json_schema") {
      const auto schema = FindMember(format->raw, "schema");
      if (FindText(format->raw, "name").empty()) return Fail(MissingParameter("text.format.name"));
      if (!schema || !schema->IsObject()) return Fail(MissingParameter("text.format.schema"));
      ask().format = Format::kJsonSchema;
      ask().schema = schema->raw;
    }
    return type == "text" || ask().format != Format::kText ||
           Fail(WrongValue("text.format.type", type, "'json_object', 'json_schema', and 'text'"));
  }

  bool ReadReasoning() {
    const std::string_view reasoning = Of("reasoning").raw;
    ask().reasoning_effort = FindText(reasoning, "effort");
    const std::string summary = FindText(reasoning, "summary");
    if (!ask().reasoning_effort.empty() &&
        !IsOneOf(ask().reasoning_effort, std::to_array<std::string_view>(
                                             {"none", "minimal", "low", "medium", "high", "xhigh", "max"}))) {
      return Fail(WrongValue("reasoning.effort", ask().reasoning_effort,
                             "'none', 'minimal', 'low', 'medium', 'high', 'xhigh', and 'max'"));
    }
    if (!summary.empty() && summary != "auto" && summary != "concise" && summary != "detailed") {
      return Fail(WrongValue("reasoning.summary", summary, "'concise', 'detailed', and 'auto'"));
    }
    terms().summarised = !summary.empty();
    return true;
  }

  bool ReadConversation() {
    const std::string previous = TextOf("previous_response_id");
    if (!Of("conversation").IsNull()) {
      return Fail(WrongParameter("Conversation not found: none are simulated.", "conversation", {}, 404));
    }
    if (!Of("prompt").IsNull())
      return Fail(WrongParameter("Prompt not found: none are simulated.", "prompt", {}, 404));
    if (!previous.empty()) {
      auto kept = rules_.find_response(previous);
      if (!kept) {
        return Fail(WrongParameter("Previous response with id '" + previous + "' not found.",
                                   "previous_response_id", "previous_response_not_found"));
      }
      result_.conversation = std::move(*kept);
    }
    ResponsesInput input(rules_.seed, rules_.find_item);
    const bool good = Of("input").IsNull() || (input.Read(Of("input"), result_.conversation) &&
                                               input.CheckCalls(result_.conversation));
    if (!good) return Fail(input.problem());
    if (result_.conversation.empty()) return Fail(MissingParameter("input"));
    Arrange();
    return true;
  }

  // What the answer depends on, from the conversation.
  void Arrange() {
    TokenHashes& tokens = result_.prompt.tokens;
    if (!ask().tools_raw.empty()) AppendMessageTokens(tokens, "tools", ask().tools_raw);
    const std::string instructions = TextOf("instructions");
    if (!instructions.empty()) AppendMessageTokens(tokens, "system", instructions);
    ask().messages.push_back({.role = "system", .text = instructions, .tool_calls = {}});
    for (const auto& item : result_.conversation) {
      tokens.insert(tokens.end(), item->tokens.begin(), item->tokens.end());
      const bool output = item->kind == ResponseItem::Kind::kCallOutput;
      if (item->kind == ResponseItem::Kind::kMessage || output) {
        ask().messages.push_back({.role = output ? "tool" : item->role,
                                  .text = item->text,
                                  .images = item->images,
                                  .tool_calls = {}});
      }
    }
    AppendMarkers(tokens, "assistant", kItemTokens);
  }

  bool CheckTogether() {
    if (ask().format != Format::kJsonObject) return true;
    const bool says_json = std::any_of(
        ask().messages.begin(), ask().messages.end(),
        [](const Message& message) { return base::Lower(message.text).find("json") != std::string::npos; });
    return says_json ||
           Fail(WrongParameter(
               "The input must contain the word 'json' to use 'text.format' of type 'json_object'.", "input",
               {}));
  }

  void Echo() {
    std::string& echo = terms().echo;
    for (std::size_t i = 0; i < kMembers.size(); ++i) {
      if (kMembers[i].absent.empty()) continue;
      echo.append(",\"").append(kMembers[i].name).append("\":");
      echo += values_[i].IsNull() ? kMembers[i].absent : values_[i].raw;
    }
    const auto word = [](const std::string& text) {
      std::string json = "null";
      if (!text.empty()) json.clear(), base::AppendJsonString(json, text);
      return json;
    };
    const auto format = FindMember(Of("text").raw, "format");
    const std::string verbosity = FindText(Of("text").raw, "verbosity");
    echo += ",\"reasoning\":{\"effort\":" + word(ask().reasoning_effort) +
            ",\"summary\":" + word(FindText(Of("reasoning").raw, "summary")) + "},\"text\":{\"format\":";
    echo += format ? format->raw : std::string_view(R"({"type":"text"})");
    echo += ",\"verbosity\":" + word(verbosity.empty() ? "medium" : verbosity) + "}";
  }

  Ask& ask() { return result_.ask; }
  ResponsesTerms& terms() { return result_.terms; }

  const ResponsesRules& rules_;
  std::array<JsonValue, kMembers.size()> values_;
  ResponsesAsk result_;
  ErrorReply problem_;
};

}  // namespace

tl::expected<ResponsesAsk, ErrorReply> ReadResponsesAsk(std::string_view body, const ResponsesRules& rules) {
  Reader reader(rules);
  if (!reader.Read(body)) return tl::unexpected(std::move(reader.problem()));
  return std::move(reader.result());
}

}  // namespace sim
