#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/json_scanner.h"

// Single members of small JSON objects: schemas, tools and scenario files. Views lie in the argument.

namespace sim {

// The member of that name; none if there is none, it is null, or `object` is no object.
std::optional<wire::JsonValue> FindMember(std::string_view object, std::string_view name);

// The member of that name if it is a string; else empty.
std::string FindText(std::string_view object, std::string_view name);
std::optional<std::int64_t> FindInteger(std::string_view object, std::string_view name);
std::optional<bool> FindBool(std::string_view object, std::string_view name);

// The value as a number; none if it is none.
std::optional<double> NumberOf(const wire::JsonValue& value);

// Calls `visit(key, value)` for each member of an object, `visit(value)` for each element of an array. What
// is of another kind has none.
template <class Visit>
void ForEachMember(std::string_view object, Visit&& visit) {
  wire::JsonCursor cursor(object);
  if (!cursor.EnterObject()) return;
  while (cursor.NextMember()) {
    const std::string_view key = cursor.Key();
    visit(key, cursor.Take());
  }
}

template <class Visit>
void ForEachElement(std::string_view array, Visit&& visit) {
  wire::JsonCursor cursor(array);
  if (!cursor.EnterArray()) return;
  while (cursor.NextElement()) visit(cursor.Take());
}

}  // namespace sim
