#include "translate/allowed_tools_internal.h"

#include "wire/json_scanner.h"

namespace translate::internal {
namespace {

using wire::JsonCursor;
using wire::JsonValue;

// The member called `name` of an object; null if there is none.
JsonValue Member(const JsonValue& object, std::string_view name) {
  JsonCursor cursor(object.raw);
  JsonValue found;
  if (!object.IsObject() || !cursor.EnterObject()) return found;
  while (cursor.NextMember()) {
    const bool is_it = cursor.KeyIs(name);
    const JsonValue value = cursor.Take();
    if (is_it) found = value;
  }
  return found;
}

}  // namespace

std::optional<AllowedTools> ReadAllowedTools(chat::Operation from, std::string_view choice) {
  const JsonValue whole{choice, wire::JsonKind::kObject};
  const bool chat = from == chat::Operation::kChat;
  if (!choice.starts_with('{') || !Member(whole, "type").TextIs("allowed_tools")) return std::nullopt;
  const JsonValue allowed = chat ? Member(whole, "allowed_tools") : whole;
  const JsonValue mode = Member(allowed, "mode");
  JsonCursor cursor(Member(allowed, "tools").raw);
  if (!mode.IsString() || !cursor.EnterArray()) return std::nullopt;
  AllowedTools read{.mode = {mode.Inside()}};
  while (cursor.NextElement()) {
    const JsonValue tool = cursor.Take();
    const JsonValue type = Member(tool, "type");
    const bool custom = type.TextIs("custom");
    if (!custom && !type.TextIs("function")) return std::nullopt;
    const JsonValue name = Member(chat ? Member(tool, custom ? "custom" : "function") : tool, "name");
    if (!name.IsString()) return std::nullopt;
    read.tools.push_back({.custom = custom, .name = {name.Inside()}});
  }
  return read;
}

}  // namespace translate::internal
