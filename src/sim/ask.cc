#include "sim/ask.h"

#include <algorithm>

#include "sim/json_find.h"
#include "wire/json_scanner.h"

namespace sim {
namespace {

using wire::JsonCursor;
using wire::JsonValue;

// The text of a message's content: a string, or parts of which some are images.
void ReadContent(JsonCursor& cursor, Message& message) {
  if (cursor.AtString()) {
    message.text = cursor.Take().Text();
    return;
  }
  if (!cursor.EnterArray()) {
    cursor.Take();
    return;
  }
  while (cursor.NextElement()) {
    const JsonValue part = cursor.Take();
    const std::string type = FindText(part.raw, "type");
    if (type == "image_url" || type == "input_image") ++message.images;
    if (type != "text") continue;
    if (!message.text.empty()) message.text += '\n';
    message.text += FindText(part.raw, "text");
  }
}

Message ReadMessage(JsonCursor& cursor) {
  Message message;
  if (!cursor.EnterObject()) {
    cursor.Take();
    return message;
  }
  while (cursor.NextMember()) {
    if (cursor.KeyIs("role")) {
      const JsonValue role = cursor.Take();
      if (role.IsString()) message.role = role.Text();
    } else if (cursor.KeyIs("content")) {
      ReadContent(cursor, message);
    } else if (cursor.KeyIs("prefix")) {
      message.prefix = cursor.Take().Bool().value_or(false);
    } else if (cursor.KeyIs("reasoning_content")) {
      message.has_reasoning = !cursor.Take().IsNull();
    } else if (cursor.KeyIs("tool_calls")) {
      const JsonValue calls = cursor.Take();
      if (calls.IsArray()) message.tool_calls = calls.raw;
    }
  }
  return message;
}

// A prompt or an input: a text, texts, token numbers, or lists of them.
bool ReadPrompts(const JsonValue& value, Ask& ask) {
  const auto add = [&ask](std::string text, std::size_t tokens) {
    ask.prompts.push_back(std::move(text));
    ask.prompt_tokens.push_back(tokens);
  };
  if (value.IsString()) {
    add(value.Text(), 0);
    return true;
  }
  if (!value.IsArray()) return false;
  std::size_t numbers = 0;
  bool good = true;
  ForEachElement(value.raw, [&](const JsonValue& element) {
    if (ask.prompts.size() > kInputsMax) return;
    if (element.IsString()) {
      add(element.Text(), 0);
    } else if (element.IsArray()) {
      std::size_t inside = 0;
      ForEachElement(element.raw, [&](const JsonValue&) { ++inside; });
      add(std::string(), inside);
    } else if (element.Int64()) {
      ++numbers;
    } else {
      good = false;
    }
  });
  if (numbers > 0) add(std::string(), numbers);
  return good;
}

void ReadTools(const JsonValue& tools, Ask& ask) {
  ask.tools_raw = tools.raw;
  ForEachElement(tools.raw, [&ask](const JsonValue& tool) {
    const auto function = FindMember(tool.raw, "function");
    if (!function) return;
    Tool read{FindText(function->raw, "name"), FindText(function->raw, "description"), {}};
    if (const auto parameters = FindMember(function->raw, "parameters")) read.parameters = parameters->raw;
    if (!read.name.empty()) ask.tools.push_back(std::move(read));
  });
}

void ReadToolChoice(const JsonValue& value, Ask& ask) {
  if (value.TextIs("none")) ask.tool_choice = ToolChoice::kNone;
  if (value.TextIs("required")) ask.tool_choice = ToolChoice::kRequired;
  const auto function = FindMember(value.raw, "function");
  if (!function) return;
  ask.tool_choice = ToolChoice::kNamed;
  ask.tool_named = FindText(function->raw, "name");
}

void ReadFormat(const JsonValue& value, Ask& ask) {
  const std::string type = FindText(value.raw, "type");
  if (type == "json_object") ask.format = Format::kJsonObject;
  if (type != "json_schema") return;
  ask.format = Format::kJsonSchema;
  if (const auto outer = FindMember(value.raw, "json_schema")) {
    if (const auto schema = FindMember(outer->raw, "schema")) ask.schema = schema->raw;
  }
}

void ReadStops(const JsonValue& value, Ask& ask) {
  const auto add = [&ask](const JsonValue& stop) {
    if (stop.IsString() && !stop.IsEmptyString() && ask.stops.size() < 16) ask.stops.push_back(stop.Text());
  };
  add(value);
  if (value.IsArray()) ForEachElement(value.raw, add);
}

void ReadLogprobs(const JsonValue& value, Ask& ask) {
  if (const auto count = value.Int64()) {  // completions: a number
    ask.logprobs = true;
    ask.top_logprobs = *count;
  } else {
    ask.logprobs = value.Bool().value_or(false);
  }
}

std::string TextOf(const JsonValue& value) {
  return value.IsString() ? value.Text() : std::string();
}

// Members that say how to answer; false for a name that is none of them.
bool ReadSetting(JsonCursor& cursor, Ask& ask) {
  const auto is = [&cursor](std::string_view name) { return cursor.KeyIs(name); };
  if (is("stream")) {
    ask.stream = cursor.Take().Bool().value_or(false);
  } else if (is("stream_options")) {
    ask.include_usage = FindBool(cursor.Take().raw, "include_usage").value_or(false);
  } else if (is("max_tokens") || is("max_completion_tokens")) {
    if (const auto limit = cursor.Take().Int64())
      ask.tokens_max = std::min(ask.tokens_max.value_or(*limit), *limit);
  } else if (is("n")) {
    ask.n = cursor.Take().Int64().value_or(1);
  } else if (is("stop")) {
    ReadStops(cursor.Take(), ask);
  } else if (is("logprobs")) {
    ReadLogprobs(cursor.Take(), ask);
  } else if (is("top_logprobs")) {
    ask.top_logprobs = cursor.Take().Int64().value_or(0);
  } else if (is("echo")) {
    ask.echo = cursor.Take().Bool().value_or(false);
  } else if (is("tool_choice")) {
    ReadToolChoice(cursor.Take(), ask);
  } else if (is("parallel_tool_calls")) {
    ask.parallel_tools = cursor.Take().Bool().value_or(true);
  } else if (is("response_format")) {
    ReadFormat(cursor.Take(), ask);
  } else if (is("thinking")) {
    ask.thinking = FindText(cursor.Take().raw, "type") != "disabled";
  } else if (is("reasoning_effort")) {
    ask.reasoning_effort = TextOf(cursor.Take());
  } else if (is("user_id")) {
    ask.user_id = TextOf(cursor.Take());
  } else if (is("user")) {
    const JsonValue user = cursor.Take();
    if (ask.user_id.empty()) ask.user_id = TextOf(user);
  } else if (is("service_tier")) {
    ask.service_tier = TextOf(cursor.Take());
  } else if (is("dimensions")) {
    ask.dimensions = cursor.Take().Int64().value_or(0);
  } else if (is("encoding_format")) {
    ask.base64 = cursor.Take().TextIs("base64");
  } else {
    return false;
  }
  return true;
}

std::optional<BadRequest> Check(const Ask& ask) {
  if (ask.model.empty()) return BadRequest{"you must provide a model parameter", "model"};
  if (ask.operation == chat::Operation::kChat) {
    if (ask.messages.empty()) return BadRequest{"Missing required parameter: 'messages'.", "messages"};
    for (const Message& message : ask.messages) {
      if (message.role.empty()) return BadRequest{"Every message needs a 'role'.", "messages"};
    }
  } else if (ask.prompts.empty() && ask.operation == chat::Operation::kEmbedding) {
    return BadRequest{"Missing required parameter: 'input'.", "input"};
  }
  if (ask.prompts.size() > kInputsMax) return BadRequest{"Too many inputs: at most 2048.", "input"};
  if (ask.n < 1 || ask.n > kChoicesMax) return BadRequest{"'n' must be from 1 to 128.", "n"};
  if (ask.tokens_max && *ask.tokens_max < 1) {
    return BadRequest{"'max_tokens' must be at least 1.", "max_tokens"};
  }
  if (ask.top_logprobs < 0 || ask.top_logprobs > kTopLogprobsMax) {
    return BadRequest{"'top_logprobs' must be from 0 to 20.", "top_logprobs"};
  }
  if (ask.dimensions < 0 || ask.dimensions > kDimensionsMax) {
    return BadRequest{"'dimensions' must be from 1 to 4096.", "dimensions"};
  }
  return std::nullopt;
}

}  // namespace

std::string_view Ask::LastOf(std::string_view role) const {
  for (auto it = messages.rbegin(); it != messages.rend(); ++it) {
    if (it->role == role) return it->text;
  }
  return {};
}

tl::expected<Ask, BadRequest> ReadAsk(chat::Operation operation, std::string_view body) {
  Ask ask;
  ask.operation = operation;
  JsonCursor cursor(body);
  if (cursor.EnterObject()) {
    while (cursor.NextMember()) {
      if (cursor.KeyIs("model")) {
        ask.model = TextOf(cursor.Take());
      } else if (cursor.KeyIs("messages") && cursor.EnterArray()) {
        while (cursor.NextElement()) ask.messages.push_back(ReadMessage(cursor));
      } else if (cursor.KeyIs("prompt") || cursor.KeyIs("input")) {
        const std::string param(cursor.Key());
        if (!ReadPrompts(cursor.Take(), ask)) {
          return tl::unexpected(
              BadRequest{"'" + param + "' must be a text or a list of texts or tokens.", param});
        }
      } else if (cursor.KeyIs("suffix")) {
        const JsonValue suffix = cursor.Take();
        ask.has_suffix = suffix.IsString();
        ask.suffix = TextOf(suffix);
      } else if (cursor.KeyIs("tools")) {
        ReadTools(cursor.Take(), ask);
      } else {
        ReadSetting(cursor, ask);
      }
    }
  } else {
    return tl::unexpected(BadRequest{"We could not parse the JSON body of your request.", ""});
  }
  if (auto end = cursor.End(); !end) {
    return tl::unexpected(
        BadRequest{"We could not parse the JSON body of your request: " + end.error().detail, ""});
  }
  if (auto bad = Check(ask)) return tl::unexpected(std::move(*bad));
  return ask;
}

}  // namespace sim
