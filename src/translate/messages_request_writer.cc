#include <charconv>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "translate/dialects_internal.h"
#include "translate/extras_internal.h"
#include "translate/messages_writing_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

constexpr std::size_t kDeepseekUserMax = 512;  // characters of a user_id

std::optional<double> Number(std::string_view raw) {
  double value = 0;
  const auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (problem != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

// What is said once, beside the conversation and the tools.
class MembersWriter {
 public:
  MembersWriter(const MessagesWriting& writing, JsonOut& json)
      : writing_(writing), request_(writing.request), losses_(writing.losses), json_(json) {}

  void Write() {
    if (request_.stream) json_.Key("stream").Bool(true);
    Thinking();
    OutputConfig();
    Sampling();
    Stop();
    User();
    ServiceTier();
    if (!request_.cache_raw.empty()) WriteBreakpoint(writing_, request_.cache_raw, json_);
    Unsayable();
  }

 private:
  void Cannot(std::string_view where, std::string_view why = {}) {
    if (!where.empty()) losses_.Cannot(where, why);
  }
  void Ignored(std::string_view where) {
    if (!where.empty()) losses_.Ignored(where);
  }

  void Thinking() {
    using Ask = ThinkingPlan::Ask;
    const ThinkingPlan& plan = writing_.plan;
    if (plan.ask == Ask::kNothing) return;
    json_.Key("thinking").Open('{').Key("type");
    switch (plan.ask) {
      case Ask::kNothing:
      case Ask::kDisabled:
        json_.Plain("disabled");
        break;
      case Ask::kBetweenTools:
        json_.Plain("between_tools");
        break;
      case Ask::kEnabled:
        json_.Plain("enabled");
        if (plan.budget_tokens > 0) json_.Key("budget_tokens").Number(plan.budget_tokens);
        break;
      case Ask::kAdaptive:
        json_.Plain("adaptive");
        break;
    }
    if (!plan.display.empty()) json_.Key("display").Text({plan.display});
    json_.Close('}');
  }

  void OutputConfig() {
    const std::size_t mark = json_.out().size();
    json_.Key("output_config").Open('{');
    const std::size_t empty = json_.out().size();
    if (!writing_.plan.effort.empty()) json_.Key("effort").Text({writing_.plan.effort});
    Format();
    const bool any = json_.out().size() > empty;
    json_.Close('}');
    if (!any) json_.out().resize(mark);
  }

  void Format() {
    const translate::Format& format = request_.format;
    if (format.kind == Format::Kind::kJsonObject) {
      Cannot(format.raw, "JSON is promised there only by a schema");
    }
    if (format.kind != Format::Kind::kJsonSchema) return;
    if (writing_.ToDeepseek()) return Cannot(format.raw, "DeepSeek holds answers to no schema there");
    if (!format.name.empty()) Ignored(format.name.inside);
    json_.Key("format").Open('{').Key("type").Plain("json_schema").Key("schema");
    Schema(format);
    json_.Close('}');
  }

  // What is said of the shape beside its schema is a description of the schema itself.
  void Schema(const translate::Format& format) {
    std::string_view schema = format.schema_raw;
    if (schema.empty()) schema = "{}";
    wire::JsonCursor cursor(schema);
    bool any = false;
    bool described = false;
    if (cursor.EnterObject()) {
      while (!described && cursor.NextMember()) {
        any = true;
        described = cursor.KeyIs("description");
      }
    }
    if (format.description.empty() || described) {
      Ignored(format.description.inside);
      json_.Raw(schema);
      return;
    }
    json_.Open('{').Key("description").Text(format.description);
    if (any) json_.out().append(",").append(schema.substr(1));
    if (!any) json_.Close('}');
  }

  void Sampling() {
    const MessagesModel& model = writing_.model;
    const bool thinks = writing_.plan.Thinks() && model.claude;
    const bool temperature = Temperature(thinks);
    if (const std::string_view raw = request_.top_p_raw; !raw.empty()) {
      const double value = Number(raw).value_or(1);
      if (value != 1 && !model.samples) {
        Cannot(raw, "this model chooses it itself");
      } else if (value < 0.95 && thinks) {
        Cannot(raw, "it is at least 0.95 there while the model thinks");
      } else if (value != 1 && temperature && !model.both_samplings) {
        Cannot(raw, "this model takes one of temperature and top_p");
      } else if (model.samples && (model.both_samplings || !temperature)) {
        json_.Key("top_p").Raw(raw);
      }
    }
    if (const std::string_view raw = request_.top_k_raw; !raw.empty()) {
      if (writing_.ToDeepseek()) {
        Ignored(raw);
      } else if (!model.samples) {
        Cannot(raw, "this model chooses it itself");
      } else if (thinks) {
        Cannot(raw, "it is not for a model that thinks");
      } else {
        json_.Key("top_k").Raw(raw);
      }
    }
  }

  // Whether one was written.
  bool Temperature(bool thinks) {
    const std::string_view raw = request_.temperature_raw;
    if (raw.empty()) return false;
    const double value = Number(raw).value_or(1);
    const MessagesModel& model = writing_.model;
    if (value != 1 && !model.samples) {
      Cannot(raw, "this model chooses it itself");
    } else if (value > 1 && model.claude) {
      Cannot(raw, "it is at most 1 there");
    } else if (value != 1 && thinks) {
      Cannot(raw, "it is 1 there while the model thinks");
    } else if (model.samples) {
      json_.Key("temperature").Raw(raw);
      return true;
    }
    return false;
  }

  void Stop() {
    const std::size_t mark = json_.out().size();
    json_.Key("stop_sequences").Open('[');
    bool any = false;
    for (const JsonText& stop : request_.stop) {
      if (IsBlank(stop)) {
        Cannot(stop.inside.empty() ? request_.stop_raw : stop.inside,
               "a stop sequence there is more than spaces and line ends");
      } else {
        json_.Text(stop);
        any = true;
      }
    }
    json_.Close(']');
    if (!any) json_.out().resize(mark);
  }

  void User() {
    const JsonText user = request_.end_user;
    if (user.empty()) return;
    if (writing_.ToDeepseek()) {
      bool fits = user.inside.size() <= kDeepseekUserMax;
      for (const char c : user.inside) fits &= base::IsAlnum(c) || c == '_' || c == '-';
      if (!fits) {
        return Cannot(request_.end_user_raw, "DeepSeek takes up to 512 letters, digits, _ and - for a user");
      }
    }
    json_.Key("metadata").Open('{').Key("user_id").Text(user).Close('}');
  }

  void ServiceTier() {
    const std::string_view raw = request_.service_tier_raw;
    if (raw.empty()) return;
    const std::string_view word = raw.size() >= 2 ? raw.substr(1, raw.size() - 2) : "";
    if (writing_.ToDeepseek()) {
      Ignored(raw);
    } else if (word == "default" || word == "standard_only") {
      json_.Key("service_tier").Plain("standard_only");
    } else if (word != "auto") {
      Cannot(raw, "capacity there is auto or standard_only");
    }
  }

  void Unsayable() {
    Cannot(request_.seed_raw);
    Cannot(request_.frequency_penalty_raw);
    Cannot(request_.presence_penalty_raw);
    Cannot(request_.logit_bias_raw);
    Cannot(request_.logprobs_raw);
    Cannot(request_.top_logprobs_raw);
    Cannot(request_.verbosity.inside);
    Ignored(request_.metadata_raw);  // a label for logs, which nobody answers differently for
    if (request_.store_raw != "false") Cannot(request_.store_raw, "no answer is stored there");
    // Caches are keyed by what they hold, and last as long as each breakpoint says.
    Ignored(request_.cache_key_raw);
    Ignored(request_.cache_retention_raw);
    WriteOthers(request_, ExtrasOf(request_, writing_.target), {}, json_, losses_);
    for (const std::string_view hint : request_.hints) Ignored(hint);
  }

  const MessagesWriting& writing_;
  const Request& request_;
  Losses& losses_;
  JsonOut& json_;
};

}  // namespace

}  // namespace translate::internal

namespace translate {

void WriteMessagesRequest(const Request& request, const Target& target, std::string& out, Losses& losses) {
  const internal::MessagesModel model = internal::MessagesModelOf(target.flavour, target.model);
  const std::int64_t max_tokens = request.max_output.value_or(target.max_output);
  internal::ThinkingPlan plan = internal::PlanThinking(request, target, model, max_tokens, losses);
  const auto choice = request.tool_choice.kind;
  const bool forced = choice == ToolChoice::Kind::kRequired || choice == ToolChoice::Kind::kNamed;
  if (plan.Thinks() && model.claude && model.forced_tools && forced && !request.tools.empty()) {
    losses.Cannot(
        request.thinking.mode_raw.empty() ? request.thinking.effort.inside : request.thinking.mode_raw,
        "it does not think where a tool is forced");
    plan = {};
  }
  const internal::MessagesWriting writing{request, target, model, plan, losses};
  JsonOut json(out);
  json.Open('{').Key("model").Plain(target.model).Key("max_tokens").Number(max_tokens);
  internal::WriteMessagesTurns(writing, json);
  internal::WriteMessagesTools(writing, json);
  internal::MembersWriter(writing, json).Write();
  json.Close('}');
}

}  // namespace translate
