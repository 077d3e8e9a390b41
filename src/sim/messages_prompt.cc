#include "sim/messages_prompt.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "sim/json_find.h"
#include "sim/signature.h"

namespace sim {
namespace {

using wire::JsonValue;

constexpr std::size_t kMessagesMax = 100'000;
constexpr std::size_t kToolNameMax = 128;  // bytes
constexpr std::size_t kCallsMax = 1000;    // of one message

constexpr std::string_view kNotPermitted = "Extra inputs are not permitted";

// Blocks of tools that the provider runs itself, and others that are only counted.
bool IsOnlyCounted(std::string_view type) {
  static constexpr auto kTypes =
      std::to_array<std::string_view>({"search_result", "redacted_thinking", "server_tool_use",
                                       "mcp_tool_use", "container_upload", "tool_reference", "compaction"});
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end() || type.ends_with("_tool_result");
}

bool Cites(std::string_view text_block) {
  const auto citations = FindMember(text_block, "citations");
  return citations && !citations->IsEmptyArray();
}

bool SomeTextCites(std::string_view search_result) {
  bool cites = false;
  const auto content = FindMember(search_result, "content");
  if (content) ForEachElement(content->raw, [&](const JsonValue& text) { cites = cites || Cites(text.raw); });
  return cites;
}

bool IsToolName(std::string_view name) {
  return !name.empty() && name.size() <= kToolNameMax && std::all_of(name.begin(), name.end(), [](char c) {
    return base::IsAlnum(c) || c == '_' || c == '-';
  });
}

std::string At(const std::string& path, std::size_t index) {
  return path + "." + std::to_string(index);
}

}  // namespace

bool PromptReader::Wrong(const std::string& path, std::string_view what) {
  if (problem_.empty()) problem_ = path + ": " + std::string(what);
  return false;
}

bool PromptReader::Mark(std::string_view cache_control, const std::string& path) {
  if (IsDeepseek(rules_.dialect)) return true;
  CacheMark mark{.block = prompt_.block_ends.size() - 1};
  const auto ttl = FindMember(cache_control, "ttl");
  if (FindText(cache_control, "type") != "ephemeral") return Wrong(path, "the only type is `ephemeral`");
  if (ttl && ttl->TextIs("1h")) {
    mark.kept = std::chrono::hours(1);
  } else if (ttl && !ttl->TextIs("5m")) {
    return Wrong(path, "`ttl` must be `5m` or `1h`");
  }
  if (!prompt_.marks.empty() && prompt_.marks.back().kept < mark.kept) {
    return Wrong(path, "a `ttl` of `1h` must not come after one of `5m`");
  }
  prompt_.marks.push_back(mark);
  if (prompt_.marks.size() <= kCacheMarksMax) return true;
  return Wrong(path, "at most 4 blocks may have `cache_control`");
}

bool PromptReader::MarkEnd(const JsonValue& cache_control) {
  if (prompt_.block_ends.empty()) return true;
  const std::size_t last = prompt_.block_ends.size() - 1;
  if (!prompt_.marks.empty() && prompt_.marks.back().block == last) return true;
  return Mark(cache_control.raw, "cache_control");
}

bool PromptReader::EndBlock(std::string_view block, const std::string& path) {
  prompt_.block_ends.push_back(prompt_.tokens.size());
  const auto cache_control = FindMember(block, "cache_control");
  return !cache_control || Mark(cache_control->raw, path + ".cache_control");
}

void PromptReader::AppendMembers(std::string_view object) {
  ForEachMember(object, [this](std::string_view key, const JsonValue& value) {
    if (key == "cache_control") return;
    AppendTokenHashes(prompt_.tokens, key);
    AppendTokenHashes(prompt_.tokens, value.IsString() ? value.Text() : std::string(value.raw));
  });
}

bool PromptReader::ReadTools(const JsonValue& tools) {
  if (!tools.IsArray()) return Wrong("tools", "must be a list");
  std::unordered_set<std::string> names;
  std::size_t index = 0;
  ForEachElement(tools.raw, [&](const JsonValue& tool) {
    const std::string path = At("tools", index++);
    if (!problem_.empty()) return;
    const std::string type = FindText(tool.raw, "type");
    const auto schema = FindMember(tool.raw, "input_schema");
    Tool read{FindText(tool.raw, "name"), FindText(tool.raw, "description"), {}};
    if (type.empty() || type == "custom") {
      if (!IsToolName(read.name)) Wrong(path + ".name", "1 to 128 letters, digits, `_` or `-`");
      if (!schema || !schema->IsObject()) Wrong(path + ".input_schema", "Field required");
    }
    if (!read.name.empty() && !names.insert(read.name).second) {
      Wrong("tools", "Tool names must be unique.");
    }
    AppendMarkers(prompt_.tokens, "tool", kBlockTokens);
    AppendMembers(tool.raw);
    EndBlock(tool.raw, path);
    if (!schema) return;
    read.parameters = schema->raw;
    ask_.tools.push_back(std::move(read));
  });
  return problem_.empty();
}

bool PromptReader::ReadSystem(const JsonValue& system) {
  Content content{.role = "system"};
  AppendMarkers(prompt_.tokens, "system", kBlockTokens);
  if (!ReadContent(system, "system", content)) return false;
  ask_.messages.push_back({.role = "system", .text = std::move(content.text), .tool_calls = {}});
  return true;
}

bool PromptReader::ReadMessages(const JsonValue& messages) {
  if (!messages.IsArray()) return Wrong("messages", "must be a list");
  std::size_t count = 0;
  ForEachElement(messages.raw, [&count](const JsonValue&) { ++count; });
  if (count == 0) return Wrong("messages", "at least one message is required");
  if (count > kMessagesMax) return Wrong("messages", "at most 100000 messages are allowed");
  std::size_t index = 0;
  ForEachElement(messages.raw, [&](const JsonValue& message) {
    if (problem_.empty()) ReadMessage(message, index, index + 1 == count);
    ++index;
  });
  if (!problem_.empty()) return false;
  if (!open_calls_.empty()) return PairTools({.role = "user"}, At("messages", count));
  AppendMarkers(prompt_.tokens, "assistant", kBlockTokens);
  return true;
}

bool PromptReader::ReadMessage(const JsonValue& message, std::size_t index, bool last) {
  const std::string path = At("messages", index);
  const std::string role = FindText(message.raw, "role");
  const bool assistant = role == "assistant";
  if (role != "user" && !assistant && role != "system") {
    return Wrong(path + ".role", "must be `user` or `assistant`");
  }
  const auto body = FindMember(message.raw, "content");
  if (!body) return Wrong(path + ".content", "Field required");
  AppendMarkers(prompt_.tokens, role, kBlockTokens);
  Content content{.role = role};
  if (!ReadContent(*body, path + ".content", content)) return false;
  if (content.blocks == 0 && !(assistant && last)) return Wrong(path, "the content must not be empty");
  if (assistant && last && content.text.ends_with(' ')) {
    return Wrong(path, "the last assistant content must not end with a blank");
  }
  if (role != "system" && !PairTools(content, path)) return false;
  last_has_results_ = last && !content.results.empty();
  if (assistant) last_begins_with_thinking_ = content.begins_with_thinking;
  if (role == "user" && content.text.empty() && content.images == 0 && !content.results.empty()) return true;
  ask_.messages.push_back({.role = role,
                           .text = std::move(content.text),
                           .images = content.images,
                           .prefix = assistant && last,
                           .has_reasoning = content.has_thinking,
                           .tool_calls = {}});
  return true;
}

// Every tool use is answered in the next message, and nothing else is.
bool PromptReader::PairTools(const Content& content, const std::string& path) {
  for (const std::string& call : open_calls_) {
    if (std::find(content.results.begin(), content.results.end(), call) != content.results.end()) continue;
    return Wrong(path, "`tool_use` id `" + call + "` of the message before has no `tool_result` here");
  }
  for (const std::string& result : content.results) {
    if (std::find(open_calls_.begin(), open_calls_.end(), result) != open_calls_.end()) continue;
    return Wrong(path, "`tool_result` for `" + result + "`, which is no `tool_use` of the message before");
  }
  open_calls_ = content.calls;
  return true;
}

bool PromptReader::ReadContent(const JsonValue& content, const std::string& path, Content& into) {
  if (content.IsString()) {
    if (content.IsEmptyString()) return true;
    return ReadText(content.Text(), path, into) && EndBlock({}, path);
  }
  if (!content.IsArray()) return Wrong(path, "must be a text or a list of blocks");
  std::size_t index = 0;
  ForEachElement(content.raw, [&](const JsonValue& block) {
    const std::string at = At(path, index++);
    if (problem_.empty() && ReadBlock(block, at, into)) EndBlock(block.raw, at);
  });
  return problem_.empty();
}

bool PromptReader::ReadBlock(const JsonValue& block, const std::string& path, Content& into) {
  const std::string type = FindText(block.raw, "type");
  if (type == "text") {
    if (rules_.of_2026 && into.role == "user" && Cites(block.raw)) {
      return Wrong(path + ".citations", kNotPermitted);
    }
    return ReadText(FindText(block.raw, "text"), path, into);
  }
  if (into.role == "system") return Wrong(path + ".type", "must be `text`");
  if (into.in_document && type != "image") return Wrong(path + ".type", "must be `text` or `image`");
  if (type == "document" && rules_.of_2026 && into.role == "assistant") {
    return Wrong(path + ".type", "`document` is not allowed in `assistant` messages");
  }
  if (type == "document") return ReadDocument(block.raw, path, into);
  if (type == "image") {
    const auto source = FindMember(block.raw, "source");
    if (!source || !source->IsObject()) return Wrong(path + ".source", "Field required");
    AppendMarkers(prompt_.tokens, source->raw, kMessagesImageTokens);
    ++into.images, ++into.blocks;
    return true;
  }
  if (type == "tool_result" && !into.in_result) return ReadToolResult(block.raw, path, into);
  if (into.role == "assistant") {
    if (type == "thinking") return ReadThinking(block.raw, path, into);
    if (type == "tool_use") return ReadToolUse(block.raw, path, into);
  }
  if (rules_.of_2026 && into.role == "user" && type == "search_result" && SomeTextCites(block.raw)) {
    return Wrong(path + ".content", "a text must not have `citations`");
  }
  if (!IsOnlyCounted(type)) return Wrong(path + ".type", "`" + type + "` is not allowed here");
  into.begins_with_thinking = into.begins_with_thinking || (into.blocks == 0 && type == "redacted_thinking");
  ++into.blocks;
  AppendMembers(block.raw);
  return true;
}

bool PromptReader::ReadText(std::string_view text, const std::string& path, Content& into) {
  if (text.empty()) return Wrong(path, "text content blocks must not be empty");
  ++into.blocks;
  AppendTokenHashes(prompt_.tokens, text);
  if (!into.text.empty()) into.text += '\n';
  into.text += text;
  return true;
}

bool PromptReader::ReadDocument(std::string_view block, const std::string& path, Content& into) {
  const auto source = FindMember(block, "source");
  if (!source || !source->IsObject()) return Wrong(path + ".source", "Field required");
  AppendTokenHashes(prompt_.tokens, FindText(block, "title"));
  AppendTokenHashes(prompt_.tokens, FindText(block, "context"));
  ++into.blocks;
  const std::string type = FindText(source->raw, "type");
  if (type == "text") {
    AppendTokenHashes(prompt_.tokens, FindText(source->raw, "data"));
  } else if (type == "content") {
    const auto content = FindMember(source->raw, "content");
    Content inside{.role = "user", .in_document = true};
    if (!content) return Wrong(path + ".source.content", "Field required");
    return ReadContent(*content, path + ".source.content", inside);
  } else {
    AppendMarkers(prompt_.tokens, source->raw, kFileTokens);
  }
  return true;
}

bool PromptReader::ReadThinking(std::string_view block, const std::string& path, Content& into) {
  const std::string thinking = FindText(block, "thinking");
  if (rules_.dialect == Dialect::kAnthropic) {
    if (FindMember(block, "cache_control")) return Wrong(path, "thinking cannot have `cache_control`");
    if (FindText(block, "signature") != SignThinking(rules_.seed, thinking)) {
      return Wrong(path, "Invalid `signature` in `thinking` block");
    }
  }
  into.has_thinking = true;
  into.begins_with_thinking = into.begins_with_thinking || into.blocks == 0;
  ++into.blocks;
  AppendTokenHashes(prompt_.tokens, thinking);
  return true;
}

bool PromptReader::ReadToolUse(std::string_view block, const std::string& path, Content& into) {
  const auto input = FindMember(block, "input");
  std::string id = FindText(block, "id");
  const std::string name = FindText(block, "name");
  if (id.empty()) return Wrong(path + ".id", "Field required");
  if (name.empty()) return Wrong(path + ".name", "Field required");
  if (!input || !input->IsObject()) return Wrong(path + ".input", "must be an object");
  ++into.blocks;
  AppendMarkers(prompt_.tokens, "tool_use", kBlockTokens);
  AppendTokenHashes(prompt_.tokens, name);
  AppendTokenHashes(prompt_.tokens, input->raw);
  if (std::find(into.calls.begin(), into.calls.end(), id) != into.calls.end()) {
    return Wrong(path, "`tool_use` ids must be unique");
  }
  into.calls.push_back(std::move(id));
  return into.calls.size() <= kCallsMax || Wrong(path, "at most 1000 `tool_use` blocks in a message");
}

bool PromptReader::ReadToolResult(std::string_view block, const std::string& path, Content& into) {
  if (into.role != "user") return Wrong(path, "`tool_result` is only allowed in `user` messages");
  std::string id = FindText(block, "tool_use_id");
  if (id.empty()) return Wrong(path + ".tool_use_id", "Field required");
  const bool failed = FindBool(block, "is_error").value_or(false);
  AppendMarkers(prompt_.tokens, failed ? "tool_error" : "tool_result", kBlockTokens);
  Content inside{.role = "user", .in_result = true};
  if (const auto content = FindMember(block, "content")) {
    if (!ReadContent(*content, path + ".content", inside)) return false;
  }
  ++into.blocks;
  into.results.push_back(std::move(id));
  if (into.results.size() > kCallsMax) return Wrong(path, "at most 1000 `tool_result` blocks in a message");
  ask_.messages.push_back({.role = "tool",
                           .text = std::move(inside.text),
                           .images = inside.images,
                           .is_error = failed,
                           .tool_calls = {}});
  return true;
}

}  // namespace sim
