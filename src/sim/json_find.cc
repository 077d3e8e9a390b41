#include "sim/json_find.h"

#include <charconv>

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

std::optional<double> NumberOf(const wire::JsonValue& value) {
  if (value.kind != wire::JsonKind::kNumber) return std::nullopt;
  double number = 0;
  const auto [end, problem] = std::from_chars(value.raw.data(), value.raw.data() + value.raw.size(), number);
  if (problem != std::errc() || end != value.raw.data() + value.raw.size()) return std::nullopt;
  return number;
}

}  // namespace sim
