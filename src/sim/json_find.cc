#include "sim/json_find.h"

namespace sim {

std::optional<wire::JsonValue> FindMember(std::string_view object, std::string_view name) {
  std::optional<wire::JsonValue> found;
  wire::JsonCursor cursor(object);
  if (!cursor.EnterObject()) return found;
  while (cursor.NextMember()) {
    const bool here = cursor.KeyIs(name);
    const wire::JsonValue value = cursor.Take();
    if (here && !value.IsNull()) found = value;
  }
  return found;
}

std::string FindText(std::string_view object, std::string_view name) {
  const auto value = FindMember(object, name);
  return value && value->IsString() ? value->Text() : std::string();
}

std::optional<std::int64_t> FindInteger(std::string_view object, std::string_view name) {
  const auto value = FindMember(object, name);
  return value ? value->Int64() : std::nullopt;
}

std::optional<bool> FindBool(std::string_view object, std::string_view name) {
  const auto value = FindMember(object, name);
  return value ? value->Bool() : std::nullopt;
}

}  // namespace sim
