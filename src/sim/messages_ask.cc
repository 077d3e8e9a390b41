#include "sim/messages_ask.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "sim/json_find.h"

namespace sim {
namespace {

using wire::JsonCursor;
using wire::JsonValue;

constexpr std::int64_t kThinkingBudgetMin = 1024;
constexpr std::size_t kStopsMax = 1000;

// The members that matter; null where one is not given.
struct Members {
  JsonValue model, max_tokens, messages, system, tools, tool_choice, thinking, stop_sequences, stream;
  JsonValue temperature, top_k, metadata, output_config, output_format, service_tier, cache_control;
};

struct MemberRule {
  std::string_view name;
  JsonValue Members::*slot = nullptr;  // null: allowed and not looked at
  bool counts = false;                 // allowed when tokens are only counted, too
  bool ended = false;                  // not allowed any more by the version of 2026
};

constexpr auto kMembers = std::to_array<MemberRule>({{"model", &Members::model, true},
                                                     {"max_tokens", &Members::max_tokens},
                                                     {"messages", &Members::messages, true},
                                                     {"system", &Members::system, true},
                                                     {"tools", &Members::tools, true},
                                                     {"tool_choice", &Members::tool_choice, true},
                                                     {"thinking", &Members::thinking, true},
                                                     {"stop_sequences", &Members::stop_sequences},
                                                     {"stream", &Members::stream},
                                                     {"temperature", &Members::temperature, false, true},
                                                     {"top_k", &Members::top_k, false, true},
                                                     {"top_p", nullptr, false, true},
                                                     {"metadata", &Members::metadata},
                                                     {"output_config", &Members::output_config, true},
                                                     {"output_format", &Members::output_format, true},
                                                     {"service_tier", &Members::service_tier},
                                                     {"cache_control", &Members::cache_control, true},
                                                     {"billing_policy", nullptr, true},
                                                     {"compaction", nullptr, true},
                                                     {"container"},
                                                     {"context_management", nullptr, true},
                                                     {"diagnostics"},
                                                     {"fallback_credit_token"},
                                                     {"fallbacks"},
                                                     {"inference_geo"},
                                                     {"mcp_servers", nullptr, true},
                                                     {"speed", nullptr, true},
                                                     {"thread"}});

// One request while it is read; every step is false once something is wrong.
class MessagesReader {
 public:
  explicit MessagesReader(const MessagesRules& rules) : rules_(rules) {}

  bool Read(std::string_view body) {
    return ReadMembers(body) && ReadModel() && ReadLimits() && ReadThinking() && ReadPrompt() &&
           ReadToolChoice() && ReadStops() && ReadRest() && CheckTogether();
  }
  MessagesAsk& result() { return result_; }
  std::string& problem() { return problem_; }

 private:
  bool Anthropics() const { return rules_.dialect == Dialect::kAnthropic; }

  bool Wrong(std::string_view member, std::string_view what) {
    problem_ = std::string(member) + ": " + std::string(what);
    return false;
  }

  bool ReadMembers(std::string_view body) {
    JsonCursor cursor(body);
    if (!cursor.EnterObject()) return Wrong("body", "must be a JSON object");
    std::string extra;
    while (cursor.NextMember()) {
      const auto rule = std::find_if(kMembers.begin(), kMembers.end(),
                                     [&cursor](const MemberRule& r) { return cursor.KeyIs(r.name); });
      const std::string key(cursor.Key());
      const JsonValue value = cursor.Take();
      if (rule == kMembers.end() || (rules_.counting && !rule->counts) || (rules_.of_2026 && rule->ended)) {
        if (extra.empty()) extra = key;
      } else if (rule->slot != nullptr) {
        members_.*(rule->slot) = value;
      }
    }
    if (const auto end = cursor.End(); !end) return Wrong("body", "is no valid JSON: " + end.error().detail);
    if (!extra.empty() && Anthropics()) return Wrong(extra, "Extra inputs are not permitted");
    return true;
  }

  bool ReadModel() {
    if (!members_.model.IsString() || members_.model.IsEmptyString()) return Wrong("model", "Field required");
    ask().model = members_.model.Text();
    if (IsDeepseek(rules_.dialect)) ask().model = DeepseekModelOf(ask().model);
    return true;
  }

  bool ReadLimits() {
    if (!rules_.counting) {
      if (members_.max_tokens.IsNull()) return Wrong("max_tokens", "Field required");
      ask().tokens_max = members_.max_tokens.Int64();
      if (ask().tokens_max.value_or(0) < 1) return Wrong("max_tokens", "must be a whole number from 1");
    }
    const double hottest = Anthropics() ? 1 : 2;
    if (!members_.temperature.IsNull()) {
      const double degree = NumberOf(members_.temperature).value_or(-1);
      if (!(degree >= 0 && degree <= hottest)) {
        return Wrong("temperature", Anthropics() ? "must be from 0 to 1" : "must be from 0 to 2");
      }
    }
    if (!members_.stream.IsNull() && !members_.stream.Bool()) return Wrong("stream", "must be true or false");
    ask().stream = members_.stream.Bool().value_or(false);
    return true;
  }

  bool ReadThinking() {
    if (members_.thinking.IsNull()) return true;
    const std::string type = FindText(members_.thinking.raw, "type");
    between_tools_ = type == "between_tools";
    if (type != "enabled" && type != "adaptive" && type != "disabled" && !between_tools_) {
      return Wrong("thinking.type", "must be `enabled`, `adaptive`, `between_tools` or `disabled`");
    }
    ask().thinking = type == "enabled" || type == "adaptive";
    if (type != "enabled" || !Anthropics()) return true;  // DeepSeek takes no notice of the budget
    fixed_budget_ = true;
    const auto budget = FindInteger(members_.thinking.raw, "budget_tokens");
    if (!budget) return Wrong("thinking.enabled.budget_tokens", "Field required");
    if (*budget < kThinkingBudgetMin) return Wrong("thinking.enabled.budget_tokens", "must be at least 1024");
    if (ask().tokens_max && *ask().tokens_max <= *budget) {
      return Wrong("max_tokens", "must be greater than `thinking.budget_tokens`");
    }
    return true;
  }

  bool ReadPrompt() {
    PromptReader prompt(rules_, ask(), result_.prompt);
    if (members_.messages.IsNull()) return Wrong("messages", "Field required");
    const bool good = (members_.tools.IsNull() || prompt.ReadTools(members_.tools)) &&
                      (members_.system.IsNull() || prompt.ReadSystem(members_.system)) &&
                      prompt.ReadMessages(members_.messages) &&
                      (members_.cache_control.IsNull() || prompt.MarkEnd(members_.cache_control));
    if (!good) {
      problem_ = prompt.problem();
      return false;
    }
    if (between_tools_) ask().thinking = ask().messages.back().role == "tool";
    if (Anthropics() && fixed_budget_ && prompt.LacksThinking()) {
      return Wrong("messages",
                   "with `thinking` enabled, an assistant message whose tools are answered last "
                   "must begin with its `thinking` block");
    }
    return true;
  }

  bool ReadToolChoice() {
    const JsonValue& choice = members_.tool_choice;
    if (choice.IsNull()) return true;
    const std::string type = FindText(choice.raw, "type");
    if (type == "any") {
      ask().tool_choice = ToolChoice::kRequired;
    } else if (type == "tool") {
      ask().tool_choice = ToolChoice::kNamed;
      ask().tool_named = FindText(choice.raw, "name");
    } else if (type == "none") {
      ask().tool_choice = ToolChoice::kNone;
    } else if (type != "auto") {
      return Wrong("tool_choice.type", "must be `auto`, `any`, `tool` or `none`");
    }
    ask().parallel_tools = !FindBool(choice.raw, "disable_parallel_tool_use").value_or(false);
    if (members_.tools.IsNull()) return Wrong("tool_choice", "may only be given with `tools`");
    if (type != "tool") return true;
    const bool known = std::any_of(ask().tools.begin(), ask().tools.end(),
                                   [this](const Tool& tool) { return tool.name == ask().tool_named; });
    return known || Wrong("tool_choice.name", "names a tool that is not in `tools`");
  }

  bool ReadStops() {
    if (members_.stop_sequences.IsNull()) return true;
    if (!members_.stop_sequences.IsArray()) return Wrong("stop_sequences", "must be a list of texts");
    bool good = true;
    ForEachElement(members_.stop_sequences.raw, [&](const JsonValue& stop) {
      const std::string text = stop.IsString() ? stop.Text() : std::string();
      good = good && text.find_first_not_of(" \t\r\n") != std::string::npos && ask().stops.size() < kStopsMax;
      if (good) ask().stops.push_back(text);
    });
    return good || Wrong("stop_sequences", "each must be a text that is not only blanks, at most 1000");
  }

  bool ReadRest() {
    ask().user_id = FindText(members_.metadata.raw, "user_id");
    const JsonValue& tier = members_.service_tier;
    if (Anthropics() && !tier.IsNull() && !tier.TextIs("auto") && !tier.TextIs("standard_only")) {
      return Wrong("service_tier", "must be `auto` or `standard_only`");
    }
    ask().reasoning_effort = FindText(members_.output_config.raw, "effort");
    if (!Anthropics()) return true;  // of output_config, DeepSeek knows the effort only
    const auto format = FindMember(members_.output_config.raw, "format").value_or(members_.output_format);
    if (FindText(format.raw, "type") != "json_schema") return true;
    const auto schema = FindMember(format.raw, "schema");
    if (!schema || !schema->IsObject()) return Wrong("output_config.format.schema", "Field required");
    ask().format = Format::kJsonSchema;
    ask().schema = schema->raw;
    return true;
  }

  bool CheckTogether() {
    if (!Anthropics() || !ask().thinking.value_or(false)) return true;
    if (ask().tool_choice == ToolChoice::kRequired || ask().tool_choice == ToolChoice::kNamed) {
      return Wrong("tool_choice", "thinking may not be enabled when a tool must be used");
    }
    if (!members_.temperature.IsNull() && NumberOf(members_.temperature) != 1.0) {
      return Wrong("temperature", "may only be 1 when thinking is enabled");
    }
    if (!members_.top_k.IsNull()) return Wrong("top_k", "must not be given when thinking is enabled");
    if (!ask().messages.empty() && ask().messages.back().prefix) {
      return Wrong("messages", "must not end with an assistant message when thinking is enabled");
    }
    return true;
  }

  // Which of its own models DeepSeek answers with.
  static std::string DeepseekModelOf(std::string_view model) {
    if (model.starts_with("deepseek")) return std::string(model);
    return model.starts_with("claude-opus") ? "deepseek-v4-pro" : "deepseek-v4-flash";
  }

  Ask& ask() { return result_.ask; }

  const MessagesRules& rules_;
  Members members_;
  MessagesAsk result_;
  bool fixed_budget_ = false;   // thinking of type `enabled`
  bool between_tools_ = false;  // thinking only about what tools said
  std::string problem_;
};

}  // namespace

tl::expected<MessagesAsk, BadRequest> ReadMessagesAsk(std::string_view body, const MessagesRules& rules) {
  MessagesReader reader(rules);
  if (!reader.Read(body)) return tl::unexpected(BadRequest{std::move(reader.problem()), {}});
  return std::move(reader.result());
}

}  // namespace sim
